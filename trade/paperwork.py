"""Which papers a shipment needs by mode, customs and goods, and whether each is there, missing or late."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from trade.facts import Fact, in_force, read_rows
from trade.goods import GoodsClass

KINDS = ("parcels", "waybill", "values", "document", "received")
"""What shows that a paper is there: parcels to print it of, a waybill number, values declared for every line, a
through document in force; or that somebody has received it."""
PRESENT, MISSING, LATE = "present", "missing", "late"
EVERY = "*"
FAMILIES = ("battery", "cargo_aircraft_only")


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of paper and what it is needed for. Empty sets need it whatever the mode, the customs or the goods."""

    code: str
    kind: str
    from_whom: str
    """`house`: printed here; `exporter`: sent in."""
    modes: frozenset[str]
    customs_modes: frozenset[str]
    goods: str
    """Empty: all; else one of FAMILIES."""
    cutoffs: tuple[str, ...]
    """DCSA codes of the cut-off it is late after, the first that a departure has."""
    fact: Fact


@cache
def _all_papers() -> tuple[Paper, ...]:
    return tuple(
        Paper(
            code=row["code"],
            kind=row["kind"],
            from_whom=row["from_whom"],
            modes=_named(row["modes"]),
            customs_modes=_named(row["customs_modes"]),
            goods="" if row["goods"] == EVERY else row["goods"],
            cutoffs=tuple(row["cutoffs"].split()),
            fact=Fact.read(row),
        )
        for row in read_rows("papers.csv")
    )


def _named(text: str) -> frozenset[str]:
    return frozenset() if text == EVERY else frozenset(text.split())


def papers(on: date) -> dict[str, Paper]:
    """Return every kind of paper in force on one day, by code."""
    return {row.code: row for row in in_force(_all_papers(), on)}


def papers_needed(
    on: date, modes: Collection[str], customs_mode: str | None, goods: Collection[GoodsClass]
) -> list[Paper]:
    """Return the papers that goods need which travel by these modes under this customs mode, in file order.

    A customs mode that is not known yet asks for none of the papers that only some modes need.
    """
    return [
        paper
        for paper in papers(on).values()
        if (not paper.modes or paper.modes & set(modes))
        and (not paper.customs_modes or customs_mode in paper.customs_modes)
        and (not paper.goods or any(_is(one, paper.goods) for one in goods))
    ]


def _is(goods: GoodsClass, family: str) -> bool:
    return goods.is_battery if family == "battery" else goods.cargo_aircraft_only


def paper_state(*, there: bool, due_at: datetime | None, now: datetime) -> str:
    """Return PRESENT, MISSING, or LATE once it is missing at its cut-off."""
    if there:
        return PRESENT
    return LATE if due_at is not None and due_at <= now else MISSING
