"""The form in which goods are announced: what was typed, what it asks for, and what is wrong with it by field."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import request

from app.errors import FieldError
from app.models import Asn
from app.schemas.inbound import MOST_LINES
from app.web import addresses, inbound_labels
from app.web.quote_form import WHOLE, whole
from warehouses.stock import NEVER

FIELDS = {
    "exporter": "", "warehouse": "", "reference": "", "expected_on": "", "booking_id": "", "container": "",
    "container_type": "", "pallets": "", "customs_status": "free",
}  # fmt: skip
"""Name → what the field says at first."""
LINE = {"sku": "", "quantity": "", "cartons": "", "batch": "", "expires_on": "", "condition": "A"}
"""The fields of a line; in the form each has the number of its line behind it, from 0."""
COUNTS = ("quantity", "cartons", "pallets")


@dataclass(slots=True)
class AsnForm:
    """The form as typed; `errors` are words by the name of the field."""

    values: dict[str, str] = field(default_factory=lambda: dict(FIELDS))
    lines: list[dict[str, str]] = field(default_factory=lambda: [dict(LINE)])
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> "AsnForm":
        """As it is shown first; the address may fill in fields."""
        return cls({name: addresses.text(name) or default for name, default in FIELDS.items()})

    @classmethod
    def of(cls, asn: Asn) -> "AsnForm":
        """As a draft says."""
        values = {
            "exporter": asn.owner.reference,
            "warehouse": asn.warehouse.location.code,
            "reference": asn.reference,
            "expected_on": asn.expected_on.isoformat(),
            "booking_id": asn.booking.public_id if asn.booking else "",
            "container": asn.container or "",
            "container_type": asn.container_type or "",
            "pallets": str(asn.pallets or ""),
            "customs_status": asn.customs_status,
        }
        lines = [
            {
                "sku": line.sku.code,
                "quantity": str(line.expected),
                "cartons": str(line.cartons or ""),
                "batch": line.batch,
                "expires_on": "" if line.expires_on == NEVER else line.expires_on.isoformat(),
                "condition": line.condition,
            }
            for line in asn.lines
        ]
        return cls(values, lines)

    @classmethod
    def read(cls) -> "AsnForm":
        """From the request."""
        values = {name: request.form.get(name, "").strip() for name in FIELDS}
        numbers = sorted({int(number) for number in _line_numbers()})[:MOST_LINES]
        lines = [
            {name: request.form.get(f"{name}-{number}", "").strip() for name in LINE} for number in numbers
        ]
        return cls(values, lines or [dict(LINE)])

    def change_lines(self, wish: str) -> None:
        """Do what a button of the lines says: `add`, or `remove-2`."""
        verb, _, number = wish.partition("-")
        if verb == "add" and len(self.lines) < MOST_LINES:
            self.lines.append(dict(LINE))
        elif verb == "remove" and WHOLE.fullmatch(number) and int(number) < len(self.lines) > 1:
            del self.lines[int(number)]

    def asked(self, *left_out: str) -> dict[str, Any]:
        """As the API would be asked; what is empty is not given."""
        head = {
            name: _given(name, text) for name, text in self.values.items() if text and name not in left_out
        }
        lines = [
            {name: _given(name, text) for name, text in line.items() if text}
            for line in self.lines
            if line["sku"] or line["quantity"]
        ]
        return head | {"lines": lines}

    def refuse(self, faults: Iterable[FieldError]) -> None:
        """Keep what is wrong beside the fields that are at fault."""
        given = [at for at, line in enumerate(self.lines) if line["sku"] or line["quantity"]]
        for one in faults:
            first, *rest = one.field.split(".")
            in_line = first == "lines" and len(rest) > 1
            name = f"{rest[1]}-{given[int(rest[0])]}" if in_line else "sku-0" if first == "lines" else first
            self.errors.setdefault(name, inbound_labels.fault(one))


def _line_numbers() -> Iterable[str]:
    for name in request.form:
        start, _, number = name.partition("-")
        if start == "sku" and WHOLE.fullmatch(number):
            yield number


def _given(name: str, text: str) -> Any:  # noqa: ANN401 (a number, or the text as it is)
    return whole(text) if name in COUNTS else text
