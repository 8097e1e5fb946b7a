"""The figures of the control tower: each with what it was before, and the list that it counts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from app.models import Plan
from app.queries import tower
from app.queries import tower_trends as trends
from app.queries.daily_figures import DAYS, Noted, history
from app.queries.exceptions import Exceptions
from app.queries.exceptions_rows import Scope
from app.queries.parcels import count_pool
from app.web import formats, languages

if TYPE_CHECKING:
    from app.web.tower import TowerFilter

KEPT = 50
_weights: OrderedDict[tuple[int, int], int] = OrderedDict()
"""Grams that a version of a plan assigns: they are added up once."""
WEIGHED = 100_000
"""Parcels of plans that are added up for one page, beside those of the last two plans."""
Points = tuple[float | None, ...]
"""A figure over time, from the oldest on; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure. `trend` are its points over time, drawn below `note`, which says in words what it was before."""

    key: str
    label: str
    value: str
    note: str
    href: str
    icon: str
    tone: str = "plain"
    trend: Points = ()


def tiles(
    session: Session, moment: datetime, chosen: TowerFilter, wrong: Exceptions, last: Sequence[Plan] | None
) -> list[Tile]:
    """All of them; `last` are the newest plans, None for somebody who may see none."""
    noted = history(session, moment)
    found = [*_departures(session, moment, chosen)]
    if last is not None:
        found += _plans(session, last)
        found.append(_holds(moment, chosen, wrong, noted["holds"]))
    return [*found, *_goods(session, moment, chosen, noted), _pool(session, moment, noted["pool"])]


def _departures(session: Session, moment: datetime, chosen: TowerFilter) -> list[Tile]:
    where = chosen.board(moment)
    begin, end = where.departs_from or moment, where.departs_before or moment
    ahead = trends.departures_over_time(session, where, begin, end)
    soon = trends.cutoffs_over_time(session, chosen.board(moment, cutoffs=True), moment, tower.SOON)
    days = {"first": chosen.first, "last": chosen.last}
    return [
        Tile(
            "departures", gettext("Departures ahead"), formats.number(ahead[-1]),
            gettext("%(count)s in as many days before", count=formats.number(ahead[0])),
            url_for("departures.board", **_given(chosen.lane | days)), "calendar", trend=_line(ahead),
        ),
        Tile(
            "cutoffs", gettext("Cut-offs in 24 h"), formats.number(soon[-1]),
            gettext("%(count)s in the last 24 h", count=formats.number(soon[-2])),
            url_for("departures.board", **_given(chosen.lane | {"cutoffs": 1})), "clock",
            "warn" if soon[-1] else "plain", _line(soon),
        ),
    ]  # fmt: skip


def _plans(session: Session, last: Sequence[Plan]) -> list[Tile]:
    """What the last plan says, and the plans before it."""
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
        _cost(session, last),
    ]  # fmt: skip


def _cost(session: Session, last: Sequence[Plan]) -> Tile:
    plans = _weighed(last)
    grams = _grams(session, plans)
    costs = [one.objective * 1000 / grams[one.id] if grams[one.id] else None for one in plans]
    texts = [formats.money(cost, last[0].currency) if cost is not None else None for cost in costs]
    return Tile(
        "cost", gettext("Cost per kg"), texts[0] or "–", _before(texts[1] if len(texts) > 1 else None),
        url_for("plans.show", public_id=last[0].public_id), "coin", trend=tuple(reversed(costs)),
    )  # fmt: skip


def _weighed(last: Sequence[Plan]) -> list[Plan]:
    """The last plan and the one before, and so many more as can be weighed at once; all of one currency."""
    found: list[Plan] = []
    parcels = 0
    for plan in last:
        parcels += 0 if (plan.id, plan.version) in _weights else plan.items
        if plan.currency != last[0].currency or (len(found) >= 2 and parcels > WEIGHED):
            break
        found.append(plan)
    return found


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


def _share(plan: Plan) -> str:
    return formats.share(plan.on_time / plan.assigned, 1) if plan.assigned else "–"


def _holds(moment: datetime, chosen: TowerFilter, wrong: Exceptions, noted: Noted) -> Tile:
    count = wrong.of_kind("hold_expiring")
    aside = sum(row.kind == "hold_expiring" for row in wrong.snoozed)
    note = gettext("%(count)s put aside", count=aside) if aside else gettext("space given back after that")
    words, trend = _daily(moment, chosen, count, noted)
    return Tile(
        "holds", gettext("Holds ending in 2 h"), formats.number(count), _both(note, words),
        url_for("tower_exceptions.index", **_given(chosen.lane | {"kind": "hold_expiring"})), "lock-open",
        "warn" if count else "plain", trend,
    )  # fmt: skip


def _goods(session: Session, moment: datetime, chosen: TowerFilter, noted: Mapping[str, Noted]) -> list[Tile]:
    held = tower.count_customs_holds(session, chosen.scope)
    near = tower.count_near_relief(session, chosen.scope, moment.date())
    pool = {"origin": chosen.origin, "destination": chosen.destination, "exporter": chosen.client}
    held_words, held_trend = _daily(moment, chosen, held, noted["customs"])
    near_words, near_trend = _daily(moment, chosen, near, noted["relief"])
    return [
        Tile(
            "customs", gettext("Customs holds"), formats.number(held),
            _both(ngettext("parcel held by customs", "parcels held by customs", held), held_words),
            url_for("parcels.pool", **_given(pool | {"status": "customs_hold"})), "ban",
            "warn" if held else "plain", held_trend,
        ),
        Tile(
            "relief", gettext("Relief ends in 30 d"), formats.number(near),
            _both(ngettext("return near its deadline", "returns near their deadline", near), near_words),
            url_for("returns.index", **_given({"status": "open", "near": 1, "exporter": chosen.client})),
            "truck-return", "warn" if near else "plain", near_trend,
        ),
    ]  # fmt: skip


def _pool(session: Session, moment: datetime, noted: Noted) -> Tile:
    pool = count_pool(session)
    words, trend = _daily(moment, None, pool.parcels, noted)
    goods = f"{formats.kg(pool.weight_g)} · {formats.m3(pool.volume_cm3)}"
    return Tile(
        "pool", gettext("Parcels in the pool"), formats.number(pool.parcels), _both(goods, words),
        url_for("parcels.pool"), "packages", trend=trend,
    )  # fmt: skip


def _daily(
    moment: datetime, chosen: TowerFilter | None, value: int, noted: Noted
) -> tuple[str | None, Points]:
    """How far a figure is from the last day before today, in words, and its points over the last days.

    What is noted is of the whole operation: a filter has no past.
    """
    zone = languages.zone()
    today = moment.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    was = {at.astimezone(zone).date(): number for at, number in noted.items()}
    known = [day for day in days if day in was]
    if not known or (chosen is not None and chosen.scope != Scope()):
        return None, ()
    last = known[-1]
    when = gettext("yesterday") if last == days[-1] else formats.day(last)
    points = [float(was[day]) if day in was else None for day in days]
    return _change(value - was[last], when), (*points, float(value))


def _change(by: int, when: str) -> str:
    if not by:
        return gettext("the same as %(day)s", day=when)
    if by > 0:
        return gettext("up %(count)s since %(day)s", count=formats.number(by), day=when)
    return gettext("down %(count)s since %(day)s", count=formats.number(-by), day=when)


def _both(note: str, words: str | None) -> str:
    return f"{note} · {words}" if words else note


def _before(value: str | None) -> str:
    return gettext("before: %(value)s", value=value) if value else gettext("nothing to compare with")


def _points(values: Sequence[float]) -> Points:
    """From the oldest to the newest, of what is listed the other way round."""
    return _line(list(reversed(values)))


def _line(values: Sequence[float]) -> Points:
    return tuple(float(value) for value in values)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
