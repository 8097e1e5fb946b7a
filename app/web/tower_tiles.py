"""The figures of the control tower: each with what it was before, and the list that it counts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from app.models import Plan
from app.queries import tower
from app.queries.departures import count_departures
from app.queries.exceptions import Exceptions
from app.web import formats

if TYPE_CHECKING:
    from app.web.tower import TowerFilter

KEPT = 50
_weights: OrderedDict[tuple[int, int], int] = OrderedDict()
"""Grams that a version of a plan assigns: they are added up once."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure. `trend` are its points over time, drawn beside `before`, which says the last one in words."""

    key: str
    label: str
    value: str
    note: str
    href: str
    icon: str
    tone: str = "plain"
    trend: tuple[float, ...] = ()


def tiles(
    session: Session, moment: datetime, chosen: TowerFilter, wrong: Exceptions, *, planner: bool
) -> list[Tile]:
    """All of them, for somebody who may see plans or not."""
    found = [*_departures(session, moment, chosen)]
    if planner:
        found += _plans(session)
        found.append(_holds(chosen, wrong))
    return [*found, *_goods(session, moment, chosen)]


def _departures(session: Session, moment: datetime, chosen: TowerFilter) -> list[Tile]:
    where, closing = chosen.board(moment), chosen.board(moment, cutoffs=True)
    count = count_departures(session, where)
    begin, end = where.departs_from or moment, where.departs_before or moment
    earlier = replace(where, departs_from=begin - (end - begin), departs_before=begin, statuses=())
    before = count_departures(session, earlier)
    soon = count_departures(session, closing)
    passed = replace(
        closing, cutoff_from=moment - tower.SOON, cutoff_before=moment, statuses=(), departs_from=None
    )
    days = {"first": chosen.first, "last": chosen.last}
    return [
        Tile(
            "departures", gettext("Departures ahead"), formats.number(count),
            gettext("%(count)s in as many days before", count=formats.number(before)),
            url_for("departures.board", **_given(chosen.lane | days)), "calendar",
        ),
        Tile(
            "cutoffs", gettext("Cut-offs in 24 h"), formats.number(soon),
            gettext("%(count)s in the last 24 h", count=formats.number(count_departures(session, passed))),
            url_for("departures.board", **_given(chosen.lane | {"cutoffs": 1})), "clock",
            "warn" if soon else "plain",
        ),
    ]  # fmt: skip


def _plans(session: Session) -> list[Tile]:
    """What the last plan says, and the plans before it."""
    last = tower.last_plans(session)
    if not last:
        note = gettext("none yet: start a run")
        return [Tile("plan", gettext("Last plan"), "–", note, url_for("runs.index"), "coin")]
    plan, earlier = last[0], last[1] if len(last) > 1 else None
    left = [one.items - one.assigned for one in last]
    return [
        Tile(
            "unassigned", gettext("Unassigned"), formats.number(left[0]),
            _before(formats.number(left[1]) if earlier else None),
            url_for("plans.unassigned", public_id=plan.public_id), "alert-triangle",
            "warn" if left[0] else "good", _points(left),
        ),
        Tile(
            "on_time", gettext("On time"), _share(plan), _before(_share(earlier) if earlier else None),
            url_for("plans.show", public_id=plan.public_id), "target",
            trend=_points([one.on_time / one.assigned if one.assigned else 0.0 for one in last]),
        ),
        Tile(
            "late", gettext("Late in the plan"), formats.number(plan.assigned - plan.on_time),
            _before(formats.number(earlier.assigned - earlier.on_time) if earlier else None),
            url_for("plans.parcels", public_id=plan.public_id, late=1), "clock",
            trend=_points([one.assigned - one.on_time for one in last]),
        ),
        _cost(session, plan, earlier),
    ]  # fmt: skip


def _cost(session: Session, plan: Plan, earlier: Plan | None) -> Tile:
    grams = _grams(session, [plan, *([earlier] if earlier else [])])
    value = _per_kg(plan, grams.get(plan.id, 0))
    return Tile(
        "cost", gettext("Cost per kg"), value or "–",
        _before(_per_kg(earlier, grams.get(earlier.id, 0)) if earlier else None),
        url_for("plans.show", public_id=plan.public_id), "coin",
    )  # fmt: skip


def _grams(session: Session, plans: Sequence[Plan]) -> dict[int, int]:
    wanted = [one.id for one in plans if (one.id, one.version) not in _weights]
    new = tower.assigned_weights(session, wanted)
    for one in plans:
        if one.id in wanted:
            _weights[one.id, one.version] = new.get(one.id, 0)
    found = {one.id: _weights[one.id, one.version] for one in plans}
    while len(_weights) > KEPT:
        _weights.popitem(last=False)
    return found


def _per_kg(plan: Plan, grams: int) -> str | None:
    return formats.money(plan.objective * 1000 / grams, plan.currency) if grams else None


def _share(plan: Plan) -> str:
    return formats.share(plan.on_time / plan.assigned, 1) if plan.assigned else "–"


def _holds(chosen: TowerFilter, wrong: Exceptions) -> Tile:
    count = wrong.of_kind("hold_expiring")
    aside = sum(row.kind == "hold_expiring" for row in wrong.snoozed)
    return Tile(
        "holds", gettext("Holds ending in 2 h"), formats.number(count),
        gettext("%(count)s put aside", count=aside) if aside else gettext("space given back after that"),
        url_for("tower_exceptions.index", **_given(chosen.lane | {"kind": "hold_expiring"})), "lock-open",
        "warn" if count else "plain",
    )  # fmt: skip


def _goods(session: Session, moment: datetime, chosen: TowerFilter) -> list[Tile]:
    held = tower.count_customs_holds(session, chosen.scope)
    near = tower.count_near_relief(session, chosen.scope, moment.date())
    pool = {"origin": chosen.origin, "destination": chosen.destination, "exporter": chosen.client}
    return [
        Tile(
            "customs", gettext("Customs holds"), formats.number(held),
            ngettext("parcel held by customs", "parcels held by customs", held),
            url_for("parcels.pool", **_given(pool | {"status": "customs_hold"})), "ban",
            "warn" if held else "plain",
        ),
        Tile(
            "relief", gettext("Relief ends in 30 d"), formats.number(near),
            ngettext("return near its deadline", "returns near their deadline", near),
            url_for("returns.index", **_given({"status": "open", "near": 1, "exporter": chosen.client})),
            "truck-return", "warn" if near else "plain",
        ),
    ]  # fmt: skip


def _before(value: str | None) -> str:
    return gettext("before: %(value)s", value=value) if value else gettext("nothing to compare with")


def _points(values: Sequence[float]) -> tuple[float, ...]:
    """From the oldest to the newest."""
    return tuple(reversed([float(value) for value in values]))


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
