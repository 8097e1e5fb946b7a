"""What must hold of units and what is in them at every moment, each as one query that finds its violations."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.models import LoadContent, LoadUnit, Parcel, ParcelMeasure
from app.usecases.loading.sealing import digest_of
from warehouses.loading import CLOSED_STATES, HOLDS

Rows = Iterator[tuple[str, str]]
GONE = ("unpacked", "cancelled")


def units_are_the_sum_of_what_is_in_them(session: Session, now: datetime) -> Rows:
    """What a unit says it holds is what was counted into it; of an unpacked one, what it came with."""
    del now
    counts = or_(
        LoadContent.taken_at.is_(None), and_(LoadUnit.status == "unpacked", LoadContent.way_out == "unpacked")
    )
    sums = [
        func.coalesce(func.sum(case((counts, column), else_=0)), 0)
        for column in (LoadContent.weight_g, LoadContent.volume_cm3)
    ]
    query = (
        select(LoadUnit.public_id, LoadUnit.net_g, LoadUnit.net_cm3, *sums)
        .outerjoin(LoadContent, LoadContent.unit_id == LoadUnit.id)
        .group_by(LoadUnit.id, LoadUnit.public_id, LoadUnit.net_g, LoadUnit.net_cm3)
        .having((sums[0] != LoadUnit.net_g) | (sums[1] != LoadUnit.net_cm3))
    )
    for unit, says_g, says_cm3, is_g, is_cm3 in session.execute(query):
        yield unit, f"says {says_g} g and {says_cm3} cm3, its contents {is_g} g and {is_cm3} cm3"


def units_within_their_limits(session: Session, now: datetime) -> Rows:
    """No unit, small or large, holds more than it takes."""
    del now
    unit = LoadUnit
    wrong = (unit.net_g > unit.max_g) | (unit.net_cm3 > unit.max_cm3) | (unit.net_g < 0) | (unit.net_cm3 < 0)
    for row in session.scalars(select(unit).where(wrong)):
        yield row.public_id, f"{row.net_g} g of {row.max_g}, {row.net_cm3} cm3 of {row.max_cm3}"


def parcels_are_in_one_unit(session: Session, now: datetime) -> Rows:
    """A parcel is in the unit it names, in no other, and in none where it names none."""
    del now
    rows = (
        select(LoadContent.parcel_id, func.count().label("rows"), func.min(LoadContent.unit_id).label("unit"))
        .where(LoadContent.taken_at.is_(None), LoadContent.parcel_id.is_not(None))
        .group_by(LoadContent.parcel_id)
        .subquery()
    )
    wrong = (rows.c.rows > 1) | (func.coalesce(rows.c.unit, 0) != func.coalesce(Parcel.load_unit_id, 0))
    for joined in (
        select(Parcel.public_id, rows.c.rows).join(rows, rows.c.parcel_id == Parcel.id).where(wrong),
        select(Parcel.public_id, rows.c.rows)
        .outerjoin(rows, rows.c.parcel_id == Parcel.id)
        .where(Parcel.load_unit_id.is_not(None), rows.c.rows.is_(None)),
    ):
        for parcel, count in session.execute(joined):
            yield (
                parcel,
                f"is in {count or 0} units, and names another" if count != 1 else "names another unit",
            )


def smaller_units_stand_in_their_parent(session: Session, now: datetime) -> Rows:
    """A unit is counted in the one it names, with its tare and all that is in it, and in no other."""
    del now
    parent, row = aliased(LoadUnit), LoadContent
    query = (
        select(LoadUnit, parent.kind, row.unit_id, row.weight_g, row.volume_cm3)
        .outerjoin(parent, parent.id == LoadUnit.parent_id)
        .outerjoin(row, and_(row.child_id == LoadUnit.id, row.taken_at.is_(None)))
        .where(or_(LoadUnit.parent_id.is_not(None), row.id.is_not(None)))
    )
    for unit, kind, counted_in, weight_g, volume_cm3 in session.execute(query):
        if counted_in != unit.parent_id:
            yield unit.public_id, f"stands in unit {unit.parent_id} and is counted in unit {counted_in}"
        elif kind is None or unit.kind not in HOLDS[kind]:
            yield unit.public_id, f"a {unit.kind} stands in a {kind}"
        elif (weight_g, volume_cm3) != (unit.tare_g + unit.net_g, unit.net_cm3):
            yield unit.public_id, f"is counted with {weight_g} g, and weighs {unit.tare_g + unit.net_g} g"


def sealed_units_are_as_they_were_sealed(session: Session, now: datetime) -> Rows:
    """What is in a closed unit is what it was sealed with, and every smaller unit in it is closed."""
    del now
    closed = session.scalars(select(LoadUnit).where(LoadUnit.status.in_(CLOSED_STATES))).all()
    for start in range(0, len(closed), 500):
        some = closed[start : start + 500]
        rows: dict[int, list[LoadContent]] = {one.id: [] for one in some}
        inside = LoadContent.unit_id.in_(rows), LoadContent.taken_at.is_(None)
        for row in session.scalars(select(LoadContent).where(*inside)):
            rows[row.unit_id].append(row)
        for unit in some:
            if unit.content_sha256 != digest_of(unit, rows[unit.id]):
                yield unit.public_id, "holds something else than it was sealed with"
    child = aliased(LoadUnit)
    open_inside = select(child.public_id, LoadUnit.number).join(LoadUnit, LoadUnit.id == child.parent_id)
    open_inside = open_inside.where(LoadUnit.status.in_(CLOSED_STATES), child.status == "open")
    for child_id, number in session.execute(open_inside):
        yield child_id, f"is open, and stands in {number}, which is closed"


def over_units_are_empty(session: Session, now: datetime) -> Rows:
    """Nothing is in a unit that was unpacked or given up."""
    del now
    query = (
        select(LoadUnit.public_id, func.count())
        .join(LoadContent, LoadContent.unit_id == LoadUnit.id)
        .where(LoadUnit.status.in_(GONE), LoadContent.taken_at.is_(None))
        .group_by(LoadUnit.public_id)
    )
    for unit, count in session.execute(query):
        yield unit, f"is over, and {count} things are in it"


def parcels_have_one_latest_measure(session: Session, now: datetime) -> Rows:
    """Of several measures of a parcel one counts, the last that was made."""
    del now
    latest = func.sum(case((ParcelMeasure.latest, 1), else_=0))
    last = func.max(case((ParcelMeasure.latest, ParcelMeasure.id), else_=0))
    query = (
        select(Parcel.public_id, latest)
        .join(ParcelMeasure, ParcelMeasure.parcel_id == Parcel.id)
        .group_by(Parcel.public_id)
        .having((latest != 1) | (last != func.max(ParcelMeasure.id)))
    )
    for parcel, count in session.execute(query):
        yield parcel, f"{count} of its measures count, or not the last one"


INVARIANTS: tuple[Callable[[Session, datetime], Rows], ...] = (
    units_are_the_sum_of_what_is_in_them,
    units_within_their_limits,
    parcels_are_in_one_unit,
    smaller_units_stand_in_their_parent,
    sealed_units_are_as_they_were_sealed,
    over_units_are_empty,
    parcels_have_one_latest_measure,
)
