"""Value-added work: relabel, kit, photo, repack. Work consumes stock and produces stock."""

from warehouses.states import Steps

WORK_KINDS = ("relabel", "kit", "photo", "repack")
WORK_ROLES = ("consume", "produce")
WORK_STATES = ("draft", "released", "done", "cancelled")
WORK_STEPS: Steps = {
    "release": (("draft",), "released"),
    "finish": (("released",), "done"),
    "cancel": (("draft", "released"), "cancelled"),
}
"""Step → the states it starts from, and the state it leads to."""
