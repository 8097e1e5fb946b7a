"""What may happen to announced goods, in which order."""

from warehouses.states import Steps

ASN_STATES = (
    "draft", "announced", "in_transit", "arrived", "receiving", "received_partial", "received", "putaway_done",
    "cancelled",
)  # fmt: skip
ASN_STEPS: Steps = {
    "announce": (("draft",), "announced"),
    "depart": (("announced",), "in_transit"),
    "arrive": (("announced", "in_transit"), "arrived"),
    "receive": (("arrived", "receiving", "received_partial"), "receiving"),
    "close_partial": (("receiving",), "received_partial"),
    "close": (("arrived", "receiving", "received_partial"), "received"),
    "put_away": (("received",), "putaway_done"),
    "cancel": (("draft", "announced", "in_transit"), "cancelled"),
}
"""Step → the states it starts from, and the state it leads to."""
