"""What stands in the way of a declared parcel: documents that do not match, its HS code, limits, later changes."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date

from trade.customs_modes import ModeRule, customs_words
from trade.rebates import rebate_ends, rebate_rate

ERROR, WARNING = "error", "warning"
OK, MISSING, DIFFERS, NOT_NEEDED = "ok", "missing", "differs", "not_needed"
DOCUMENTS = ("order", "receipt", "waybill")
TOLERANCE_PERCENT = 1
"""So far may a payment differ from the value of its order: fees, rounding of the platform."""
FULL_DIGITS = 10
LONGEST_ORDER, LONGEST_VOYAGE = 60, 32
"""As much as a message holds; a number cut short is another number."""
HS_CODES = frozenset({"hs_missing", "hs_short", "rebate_none", "rebate_changes"})
"""What is wrong with the HS code, or with what it earns."""
MATCH_CODES = frozenset({"order_missing", "receipt_missing", "receipt_differs", "waybill_missing"})
LEFT, MONTH = "left", "month"
"""What differs that no value of its own says: it is booked no more, or leaves in another month."""


@dataclass(frozen=True, slots=True)
class DeclaredParcel:
    """A parcel as its list declares it; amounts in minor units. `paid_minor` is None: no payment is noted."""

    order_number: str
    waybill_number: str | None
    value_minor: int
    currency: str
    value_cny_minor: int | None
    hs_code: str | None
    name: str
    country: str
    net_g: int | None
    paid_minor: int | None = None
    paid_currency: str | None = None
    departure_number: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that stands in the way (error) or should be looked at (warning)."""

    code: str
    severity: str


@dataclass(frozen=True, slots=True)
class Booked:
    """What the declaration of a parcel says that booking and pool say as well."""

    mode: str | None
    port_id: int | None
    transport_mode: str | None
    departs_on: date | None
    departure_number: str | None
    waybill_number: str | None
    value_minor: int
    currency: str
    gross_g: int
    country: str


def match_documents(parcel: DeclaredParcel, rule: ModeRule) -> dict[str, str]:
    """Return for order, receipt and waybill whether each is OK, MISSING, DIFFERS, or NOT_NEEDED under the mode."""
    states = {
        "order": OK if parcel.order_number else MISSING,
        "receipt": _receipt_state(parcel),
        "waybill": OK if parcel.waybill_number else MISSING,
    }
    return {name: state if name in rule.documents else NOT_NEEDED for name, state in states.items()}


def _receipt_state(parcel: DeclaredParcel) -> str:
    if parcel.paid_minor is None:
        return MISSING
    apart = abs(parcel.paid_minor - parcel.value_minor)
    close = apart * 100 <= parcel.value_minor * TOLERANCE_PERCENT
    return OK if close and parcel.paid_currency == parcel.currency else DIFFERS


def check_parcel(parcel: DeclaredParcel, rule: ModeRule, channel: str, flag: str, on: date) -> list[Check]:
    """Return what is wrong with one parcel on a list of this channel and statistics flag, errors first."""
    found = [
        Check(f"{name}_{state}", ERROR)
        for name, state in match_documents(parcel, rule).items()
        if state in (MISSING, DIFFERS)
    ]
    found += _hs_checks(parcel, rule, flag, on)
    found += [Check(code, ERROR) for code in _faults(parcel, rule, channel, flag)]
    if flag == "A" and channel == "ceb":
        found.append(Check("conditions", WARNING))
    if not parcel.name:
        found.append(Check("name_missing", WARNING))
    return sorted(found, key=lambda one: one.severity)


def _hs_checks(parcel: DeclaredParcel, rule: ModeRule, flag: str, on: date) -> Iterator[Check]:
    if not parcel.hs_code:
        yield Check("hs_missing", ERROR)
        return
    needed = (rule.simple_digits or FULL_DIGITS) if flag == "A" else FULL_DIGITS
    if len(parcel.hs_code) < needed:
        yield Check("hs_short", ERROR)
    if flag == "A":
        return
    rate = rebate_rate(parcel.hs_code, on)
    if rate is not None and rate.percent == 0:
        yield Check("rebate_none", WARNING)
    elif rebate_ends(parcel.hs_code, on) is not None:
        yield Check("rebate_changes", WARNING)


def _faults(parcel: DeclaredParcel, rule: ModeRule, channel: str, flag: str) -> Iterator[str]:
    value = parcel.value_cny_minor
    if parcel.value_minor <= 0:
        yield "value_missing"
    if value is None:
        yield "rate_missing"
    elif channel == "ceb" and rule.channel(value, flag) != "ceb":
        yield "over_list_limit"
    elif flag == "A" and rule.most_simple_minor is not None and value > rule.most_simple_minor:
        yield "over_simple_limit"
    if flag == "A" and rule.simple_digits is None:
        yield "not_simplified"
    if len(parcel.order_number) > LONGEST_ORDER or len(parcel.departure_number or "") > LONGEST_VOYAGE:
        yield "number_long"
    if parcel.net_g is None:
        yield "net_missing"
    if parcel.country not in customs_words("country") or parcel.currency not in customs_words("currency"):
        yield "word_missing"


def differences(declared: Booked, booked: Booked | None) -> list[str]:
    """Return the names of what differs from the parcel as it is booked now; [`left`] if it is booked no more.

    A day of exit in another month is `month` as well: that is another list's.
    """
    if booked is None:
        return [LEFT]
    names = [
        field.name for field in fields(Booked) if getattr(declared, field.name) != getattr(booked, field.name)
    ]
    return [*names, MONTH] if _month(declared.departs_on) != _month(booked.departs_on) else names


def _month(day: date | None) -> date | None:
    return day and day.replace(day=1)
