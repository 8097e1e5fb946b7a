"""What may become of a return, what each choice recovers, and how long China lets it in free of duty."""

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from warehouses.errors import WarehouseError
from warehouses.facts import Fact, in_force, read_rows
from warehouses.states import Steps

DISPOSITIONS = (
    "restock",
    "relabel",
    "transfer",
    "return_to_china",
    "reexport_with_exports",
    "refurbish",
    "destroy",
)
TO_CHINA = ("return_to_china", "reexport_with_exports")
GRADES = ("A", "B", "C", "D")
"""As new, to be repacked, damaged, scrap."""
RETURN_STATES = (
    "requested", "label_issued", "in_transit", "received", "graded", "disposition_chosen", "closed", "cancelled",
)  # fmt: skip
RETURN_REASONS = (
    "unwanted", "wrong_item", "damaged", "defective", "not_as_described", "late", "undeliverable", "other",
)  # fmt: skip
APPROVALS = ("not_needed", "waiting", "approved", "vetoed")
RETURN_STEPS: Steps = {
    "issue_label": (("requested",), "label_issued"),
    "depart": (("label_issued",), "in_transit"),
    "receive": (
        ("requested", "label_issued", "in_transit", "received", "graded", "disposition_chosen"), "received",
    ),
    "cancel": (("requested", "label_issued"), "cancelled"),
}  # fmt: skip
"""Step → the states it starts from, and the state it leads to; after the first receipt its items lead it."""
ITEM_STATES = ("expected", "missing", "received", "graded", "chosen", "travelling", "done")
"""Of pieces that are alike: announced or never come; lying in the returns place; decided on; gone where they go."""
ITEM_STEPS: Steps = {
    "receive": (("expected", "missing"), "received"),
    "miss": (("expected",), "missing"),
    "grade": (("received", "graded"), "graded"),
    "choose": (("graded", "chosen"), "chosen"),
    "veto": (("chosen",), "graded"),
    "leave": (("chosen",), "travelling"),
    "arrive": (("travelling",), "graded"),
    "finish": (("chosen",), "done"),
}
MOVING = ("transfer", "return_to_china", "reexport_with_exports")
"""Dispositions of goods that leave the warehouse."""
WITHOUT_APPROVAL = ("restock",)
"""What needs nobody's word even where a contract asks for the exporter's."""


def state_of(items: Collection[str]) -> str:
    """Return the state of a return whose goods have come, from those of its items (any of ITEM_STATES)."""
    left = set(items) - {"done", "missing", "expected"}
    if not left:
        return "received" if "expected" in items else "closed"
    if "received" in left:
        return "received"
    return "graded" if "graded" in left else "disposition_chosen"


def approval_for(disposition: str, *, asks: bool) -> str:
    """Return the approval a choice begins with; `asks`: the exporter's contract wants its word."""
    return "waiting" if asks and disposition not in WITHOUT_APPROVAL else "not_needed"


@dataclass(frozen=True, slots=True)
class ReturnedGoods:
    """One return as graded. `traits` are its goods class and what else rules speak of (`battery`, `food`).

    `exported_on` and `customs_mode` (0110, 1210, 9610, 9710, 9810) are of the export; None where unknown.
    """

    grade: str
    value_minor: int
    traits: frozenset[str] = frozenset()
    exported_on: date | None = None
    customs_mode: str | None = None


@dataclass(frozen=True, slots=True)
class DispositionOption:
    """One choice. `reason_code` says why it is refused or, if allowed, what to know.

    Allowed: `allowed`; on the way to China also `relief_lapsed` (arrives after the deadline) or `no_relief`
    (no policy covers the export), both of which mean that duty and tax are due.
    """

    disposition: str
    allowed: bool
    reason_code: str
    recovered_value_minor: int
    handling_minor: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    disposition: str
    grade: str
    recovered_permille: int
    refused_because: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class _TraitRule:
    disposition: str
    trait: str
    grade: str
    refused_because: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class _ReliefPolicy:
    months: int
    customs_modes: frozenset[str]
    excluded_traits: frozenset[str]
    fact: Fact


@dataclass(frozen=True, slots=True)
class _HandlingFee:
    work: str
    up_to_g: int | None
    fee_minor: int
    currency: str
    fact: Fact


@cache
def _outcomes() -> tuple[_Outcome, ...]:
    return tuple(
        _Outcome(
            row["disposition"],
            row["grade"],
            int(row["recovered_permille"] or 0),
            row["refused_because"],
            Fact.read(row),
        )
        for row in read_rows("dispositions.csv")
    )


@cache
def _trait_rules() -> tuple[_TraitRule, ...]:
    return tuple(
        _TraitRule(row["disposition"], row["trait"], row["grade"], row["refused_because"], Fact.read(row))
        for row in read_rows("disposition_traits.csv")
    )


@cache
def _relief_policies() -> tuple[_ReliefPolicy, ...]:
    return tuple(
        _ReliefPolicy(
            int(row["months"]),
            frozenset(row["customs_modes"].split()),
            frozenset(row["excluded_traits"].split()),
            Fact.read(row),
        )
        for row in read_rows("duty_relief.csv")
    )


@cache
def _handling_fees() -> tuple[_HandlingFee, ...]:
    return tuple(
        _HandlingFee(
            row["work"],
            int(row["up_to_g"]) if row["up_to_g"] else None,
            int(row["fee_minor"]),
            row["currency"],
            Fact.read(row),
        )
        for row in read_rows("handling_fees.csv")
    )


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day where it has no such day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def relief_deadline(goods: ReturnedGoods) -> date | None:
    """Return the last day on which the goods enter China free of duty; None if no policy covers the export.

    The policy is the one in force on the export date, for the customs modes and goods it names.
    """
    if goods.exported_on is None:
        return None
    for policy in in_force(_relief_policies(), goods.exported_on):
        if goods.customs_mode in policy.customs_modes and not goods.traits & policy.excluded_traits:
            return add_months(goods.exported_on, policy.months)
    return None


def work_fees(on: date) -> dict[str, int]:
    """Return what the work of each disposition of one piece costs, in US cents, without receiving it.

    Raises WarehouseError `handling_fee_missing` on days without a list.
    """
    work = {fee.work: fee.fee_minor for fee in in_force(_handling_fees(), on) if fee.work in DISPOSITIONS}
    if not work:
        raise WarehouseError("handling_fee_missing", "on", f"there is no list of handling fees for {on}")
    return work


def handling_fees(weight_g: int, on: date) -> dict[str, int]:
    """Return what each disposition of one piece costs, receiving included, in US cents (published and example rows).

    Raises WarehouseError `handling_fee_missing` on days without a list.
    """
    fees = in_force(_handling_fees(), on)
    received = [
        fee.fee_minor
        for fee in fees
        if fee.work == "receive" and (fee.up_to_g is None or weight_g <= fee.up_to_g)
    ]
    if not received:
        raise WarehouseError("handling_fee_missing", "on", f"there is no list of handling fees for {on}")
    work = work_fees(on)
    return {disposition: min(received) + work[disposition] for disposition in DISPOSITIONS}


def disposition_options(
    goods: ReturnedGoods, handling_minor: Mapping[str, int], on: date, reaches_china_on: date | None = None
) -> list[DispositionOption]:
    """Return all seven dispositions in the order of DISPOSITIONS, each allowed or refused with its reason.

    `handling_minor` gives the cost of each in the currency of the goods' value. `reaches_china_on` is compared
    with the relief deadline; None stands for `on`. Recovered value is rounded down: an estimate never promises more.
    Raises WarehouseError `grade_unknown`, or `dispositions_missing` on days without rules.
    """
    if goods.grade not in GRADES:
        raise WarehouseError("grade_unknown", "grade", f"the grade is one of {', '.join(GRADES)}")
    outcomes = {row.disposition: row for row in in_force(_outcomes(), on) if row.grade == goods.grade}
    if not outcomes:
        raise WarehouseError("dispositions_missing", "on", f"there are no disposition rules for {on}")
    relief = _relief_reason(goods, reaches_china_on or on)
    return [
        _option(goods, outcomes[disposition], handling_minor[disposition], on, relief)
        for disposition in DISPOSITIONS
    ]


def _relief_reason(goods: ReturnedGoods, arrival: date) -> str:
    deadline = relief_deadline(goods)
    if deadline is None:
        return "no_relief"
    return "allowed" if arrival <= deadline else "relief_lapsed"


def _option(
    goods: ReturnedGoods, outcome: _Outcome, handling_minor: int, on: date, relief: str
) -> DispositionOption:
    refused = outcome.refused_because or _refused_for_traits(goods, outcome.disposition, on)
    if refused:
        return DispositionOption(outcome.disposition, False, refused, 0, handling_minor)
    reason = relief if outcome.disposition in TO_CHINA else "allowed"
    recovered = goods.value_minor * outcome.recovered_permille // 1000
    return DispositionOption(outcome.disposition, True, reason, recovered, handling_minor)


def _refused_for_traits(goods: ReturnedGoods, disposition: str, on: date) -> str:
    for rule in in_force(_trait_rules(), on):
        if rule.disposition == disposition and rule.trait in goods.traits and rule.grade in ("", goods.grade):
            return rule.refused_because
    return ""
