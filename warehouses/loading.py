"""Building handling units: what may be loaded together, how heavy, and what their numbers look like."""

from warehouses.states import Steps

UNIT_KINDS = ("bag", "pallet", "uld", "container")
LOAD_STATES = ("open", "sealed", "loaded", "departed", "unpacked", "cancelled")
LOAD_STEPS: Steps = {
    "seal": (("open",), "sealed"),
    "unseal": (("sealed",), "open"),
    "load": (("sealed",), "loaded"),
    "depart": (("loaded",), "departed"),
    "unpack": (("sealed", "departed", "loaded"), "unpacked"),
    "cancel": (("open",), "cancelled"),
}
"""Step → the states it starts from, and the state it leads to."""
