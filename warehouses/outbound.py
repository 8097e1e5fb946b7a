"""What may happen to an order that leaves a warehouse, in which order, and what its address must have."""

from collections.abc import Mapping

from warehouses.states import Steps

ORDER_STATES = (
    "draft", "confirming", "confirmed", "picking", "picked", "packing", "packed", "handed_over", "delivering",
    "delivered", "waiting_seller", "voiding", "void",
)  # fmt: skip
WAVE_STATES = ("open", "picking", "done", "cancelled")
ORDER_STEPS: Steps = {
    "confirm": (("draft", "waiting_seller"), "confirming"),
    "allocate": (("confirming", "waiting_seller"), "confirmed"),
    "wait": (("confirming", "confirmed", "picking"), "waiting_seller"),
    "pick": (("confirmed", "picking"), "picking"),
    "picked": (("picking",), "picked"),
    "pack": (("picked", "packing"), "packing"),
    "packed": (("packing",), "packed"),
    "unpack": (("packing", "packed"), "packing"),
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
WAVE_STEPS: Steps = {
    "pick": (("open", "picking"), "picking"),
    "finish": (("open", "picking"), "done"),
    "cancel": (("open",), "cancelled"),
}
"""The same of waves."""
CHANGEABLE = ("draft", "waiting_seller")
"""States in which the owner may change an order."""
VOIDABLE = ORDER_STEPS["void"][0]
"""States in which it can be made void; after it was handed over only a return helps."""
LEFT = ("handed_over", "delivering", "delivered")
"""States in which the goods are out of the house."""
WITHOUT_POSTAL_CODE = frozenset({"AE", "HK", "QA"})
"""Countries in whose addresses there is none."""


def missing_members(consignee: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a consignee's address lacks before anything can be sent there, by name of the member."""
    lacking = [name for name in ("address_line1", "city", "country_code") if not consignee.get(name)]
    if not consignee.get("person_name") and not consignee.get("company_name"):
        lacking.insert(0, "person_name")
    if not consignee.get("postal_code") and consignee.get("country_code") not in WITHOUT_POSTAL_CODE:
        lacking.append("postal_code")
    return tuple(lacking)
