"""Cycle counts: what may happen to a count, and which differences are counted again."""

from warehouses.states import Steps

COUNT_STATES = ("open", "recount", "counted", "approved", "cancelled")
COUNT_STEPS: Steps = {
    "differ": (("open",), "recount"),
    "count": (("open", "recount"), "counted"),
    "approve": (("counted",), "approved"),
    "reopen": (("counted",), "recount"),
    "cancel": (("open", "recount", "counted"), "cancelled"),
}
"""Step → the states it starts from, and the state it leads to."""
