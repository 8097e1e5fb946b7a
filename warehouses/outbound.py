"""What may happen to an order that leaves a warehouse, in which order."""

from warehouses.states import Steps

ORDER_STATES = (
    "draft", "confirming", "confirmed", "picking", "picked", "packing", "packed", "handed_over", "delivering",
    "delivered", "waiting_seller", "voiding", "void",
)  # fmt: skip
WAVE_STATES = ("open", "picking", "done", "cancelled")
ORDER_STEPS: Steps = {
    "confirm": (("draft", "waiting_seller"), "confirming"),
    "allocate": (("confirming", "waiting_seller"), "confirmed"),
    "wait": (("confirming", "confirmed"), "waiting_seller"),
    "pick": (("confirmed", "picking"), "picking"),
    "picked": (("picking",), "picked"),
    "pack": (("picked", "packing"), "packing"),
    "packed": (("packing",), "packed"),
    "hand_over": (("packed",), "handed_over"),
    "on_the_way": (("handed_over",), "delivering"),
    "deliver": (("handed_over", "delivering"), "delivered"),
    "void": (
        ("draft", "confirming", "confirmed", "waiting_seller", "picking", "picked", "packing", "packed"),
        "voiding",
    ),
    "voided": (("voiding",), "void"),
}
"""Step → the states it starts from, and the state it leads to."""
