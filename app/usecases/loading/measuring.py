"""Weigh and measure a parcel at a place; where it differs from what was declared, somebody must decide."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models import Parcel, ParcelMeasure
from app.usecases import auditing
from app.usecases.loading.finding import Hand, check_same, find_parcel, work_place
from trade.weight import box_volume_cm3
from warehouses.measuring import Size, variance

Sides = tuple[int, int, int]
"""Length, width and height in mm."""


def measure_parcel(
    session: Session,
    actor: Actor,
    now: datetime,
    place: str,
    hand: Hand,
    weight_g: int,
    sides: Sides | None = None,
) -> ParcelMeasure:
    """Keep what the scale says of a parcel; it `varies` where it differs by more than the rule of the day allows.

    The parcel and its booking stay as they are: amending is a person's decision. The same scan is kept once.
    Raises NotFound, ScanReused.
    """
    warehouse = work_place(session, actor, place)
    parcel = find_parcel(session, hand.text, lock=True)
    earlier = _same_scan(session, parcel, hand, weight_g, sides)
    if earlier is not None:
        return earlier
    length, width, height = sides or (None, None, None)
    volume_cm3 = box_volume_cm3(*sides) if sides else parcel.volume_cm3
    declared, measured = Size(parcel.weight_g, parcel.volume_cm3), Size(weight_g, volume_cm3)
    session.execute(update(ParcelMeasure).where(ParcelMeasure.parcel_id == parcel.id).values(latest=False))
    measure = ParcelMeasure(
        parcel_id=parcel.id, location_id=warehouse.location_id, scan_id=hand.scan_id, weight_g=weight_g,
        length_mm=length, width_mm=width, height_mm=height, volume_cm3=volume_cm3,
        declared_g=declared.weight_g, declared_cm3=declared.volume_cm3,
        varies=variance(declared, measured, now.date()).counts, latest=True, measured_by=actor.reference,
        at=hand.made_at(now),
    )  # fmt: skip
    session.add(measure)
    session.flush()
    return measure


def decide_variance(
    session: Session, actor: Actor, now: datetime, parcel_id: str, decision: str, note: str = ""
) -> ParcelMeasure:
    """Say that a variance was looked at: the booking stays (`accepted`) or was amended (`amended`).

    Raises NotFound; Conflict where nothing waits for a decision.
    """
    parcel = find_parcel(session, parcel_id, lock=True)
    measure = latest_of(session, [parcel.id]).get(parcel.id)
    if measure is None:
        raise NotFound("this parcel was not measured")
    if not measure.varies or measure.decision is not None:
        raise Conflict("there is no variance of this parcel that waits for a decision")
    measure.decision, measure.decided_by, measure.decided_at = decision, actor.reference, now
    after = {
        "decision": decision,
        "note": note,
        "weight_g": measure.weight_g,
        "declared_g": measure.declared_g,
    }
    auditing.record(session, actor, now, "variance.decided", parcel.public_id, after=after)
    session.flush()
    return measure


def latest_of(session: Session, parcel_ids: Collection[int]) -> dict[int, ParcelMeasure]:
    """The measure that counts of each parcel that has one, by row id of the parcel."""
    query = select(ParcelMeasure).where(ParcelMeasure.parcel_id.in_(parcel_ids), ParcelMeasure.latest)
    return {one.parcel_id: one for one in session.scalars(query)}


def size_of(parcel: Parcel, measure: ParcelMeasure | None) -> Size:
    """What a parcel is packed as: as last measured, else as declared."""
    if measure is None:
        return Size(parcel.weight_g, parcel.volume_cm3)
    return Size(measure.weight_g, measure.volume_cm3)


def read_sides(length_mm: int | None, width_mm: int | None, height_mm: int | None) -> Sides | None:
    """All three sides, or none; Invalid `dimension_missing` for some of them."""
    given = (length_mm, width_mm, height_mm)
    if length_mm is None or width_mm is None or height_mm is None:
        if any(side is not None for side in given):
            names = ("length_cm", "width_cm", "height_cm")
            missing = next(name for name, side in zip(names, given, strict=True) if side is None)
            text = "give all three dimensions, or none"
            raise Invalid(text, (FieldError(missing, "dimension_missing", text, "", f"$.{missing}"),))
        return None
    return length_mm, width_mm, height_mm


def _same_scan(
    session: Session, parcel: Parcel, hand: Hand, weight_g: int, sides: Sides | None
) -> ParcelMeasure | None:
    if hand.scan_id is None:
        return None
    earlier = session.scalar(select(ParcelMeasure).where(ParcelMeasure.scan_id == hand.scan_id))
    if earlier is not None:
        before = (earlier.parcel_id, earlier.weight_g, earlier.length_mm, earlier.width_mm, earlier.height_mm)
        check_same(before, (parcel.id, weight_g, *(sides or (None, None, None))), hand.scan_id)
    return earlier
