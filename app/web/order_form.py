"""The forms of an order and of a promise: what was typed, and what the API would be asked with it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from app.web.quote_form import whole
from warehouses.stock import CONDITIONS

CONSIGNEE = (
    "person_name", "company_name", "address_line1", "address_line2", "postal_code", "city", "state_code",
    "country_code", "phone",
)  # fmt: skip
FIELDS = ("warehouse", "exporter", "reference", "service", "ship_by", *CONSIGNEE)
LINE_FIELDS = ("sku", "quantity", "condition")
FEWEST_LINES, MOST_LINES = 3, 50
"""Lines that are shown at least; empty ones are left out."""


def typed() -> dict[str, str]:
    """The fields of the form, from the form or, where it is opened with some filled in, from the address."""
    given = request.form if request.method == "POST" else request.args
    values = {
        name: given.get(name, "").strip()[:200] for name in (*FIELDS, "deliver_by", "currency", "split")
    }
    for number in range(MOST_LINES):
        for name in LINE_FIELDS:
            if text := given.get(f"{name}-{number}", "").strip()[:64]:
                values[f"{name}-{number}"] = text
    return values


def line_numbers(values: dict[str, str]) -> range:
    """Numbers of the lines to show: those filled in, and room for more."""
    filled = [int(name.partition("-")[2]) for name in values if name.startswith("sku-")]
    return range(min(MOST_LINES, max([FEWEST_LINES - 2, *filled]) + 2))


def lines(values: dict[str, str], *, plain: bool = False) -> list[dict[str, Any]]:
    """The lines as the API takes them, each where something was typed; `plain`: without a condition."""
    found = []
    for number in line_numbers(values):
        sku, quantity = values.get(f"sku-{number}"), values.get(f"quantity-{number}")
        if sku or quantity:
            condition = values.get(f"condition-{number}") or CONDITIONS[0]
            more = {} if plain else {"condition": condition}
            found.append({"sku": sku or "", "quantity": whole(quantity or ""), **more})
    return found


def numbers_of(values: dict[str, str]) -> list[int]:
    """Which lines of the form those of `lines` are."""
    return [n for n in line_numbers(values) if values.get(f"sku-{n}") or values.get(f"quantity-{n}")]


def consignee(values: dict[str, str]) -> dict[str, str]:
    """The members of the address that were filled in."""
    members = {name: values[name] for name in CONSIGNEE if values[name]}
    if "country_code" in members:
        members["country_code"] = members["country_code"].upper()
    return members


def asked(values: dict[str, str], zone: ZoneInfo, *, confirm: bool) -> dict[str, Any]:
    """An order as `NewOutboundOrder` takes it."""
    return {
        "warehouse": values["warehouse"], "exporter": values["exporter"] or None,
        "reference": values["reference"], "service": values["service"],
        "ship_by": instant(values["ship_by"], zone), "consignee": consignee(values), "lines": lines(values),
        "confirm": confirm,
    }  # fmt: skip


def question(values: dict[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """A promise as `PromiseRequest` takes it."""
    return {
        "exporter": values["exporter"] or None, "lines": lines(values, plain=True),
        "destination": {
            "country_code": values["country_code"].upper(), "postal_code": values["postal_code"],
        },
        "deliver_by": instant(values["deliver_by"], zone), "currency": (values["currency"] or "EUR").upper(),
        "split": bool(values["split"]),
    }  # fmt: skip


def instant(text: str, zone: ZoneInfo) -> str | None:
    """A local time as typed, on the wire; what is none stays as it is, for the shape to refuse."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat()
    except ValueError:
        return text


def named(errors: dict[str, str], numbers: list[int]) -> dict[str, str]:
    """Errors by the fields of the form: lines.0.sku is the first line that was filled in."""
    found = {}
    for field, words in errors.items():
        first, *rest = field.split(".")
        if first == "lines" and len(rest) == 2 and rest[0].isdecimal():
            found[f"{rest[1]}-{numbers[int(rest[0])]}"] = words
        else:
            found[rest[-1] if first in ("consignee", "destination") and rest else first] = words
    return found
