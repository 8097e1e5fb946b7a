"""Cycle counts: choose bins, count them blind, and count again, by somebody else, what differs.

A finding is compared with the ledger as it stands when it comes; where stock of the bin moved since the counting of
it began, the finding is refused.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import Conflict, CountUnclear, FieldError, Invalid, NotFound
from app.ids import new_id
from app.models import (
    Sku,
    StockBalance,
    StockCount,
    StockCountBin,
    StockCountLine,
    StockLot,
    StockMove,
    StockPlace,
    StockPosting,
    Warehouse,
    Zone,
)
from app.usecases import auditing
from app.usecases.warehousing.access import may_see, refuse_practice, works_in
from app.usecases.warehousing.lots import LotKey, lot_of
from app.usecases.warehousing.named import named_place
from app.usecases.warehousing.refusals import refusal, step
from app.usecases.warehousing.scanned import sku_in_house
from warehouses.counting import (
    COUNT_STEPS,
    LIVE,
    TOLERANCE_PERMILLE,
    Looks,
    LotThere,
    check_counter,
    check_moved,
    counts_again,
    lot_looks,
    next_step,
    spread,
)
from warehouses.errors import WarehouseError

MOST_BINS = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """Which bins are counted; what is None or empty does not narrow. `most` of them, drawn by lot."""

    bins: tuple[str, ...] = ()
    zone: str | None = None
    sku: str | None = None
    not_counted_since: date | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """So many pieces of what was scanned, as they look; batch and expiry are None where nobody looked."""

    code: str
    quantity: int
    condition: str = "A"
    batch: str | None = None
    expires_on: date | None = None
    owner: str | None = None
    """Reference of the exporter, where two have the same code."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What lies in a bin, as somebody found it who began `began_s_ago` seconds before this comes.

    `scan_id` is the device's own: the same is taken once.
    """

    bin: str
    found: Sequence[Finding] = ()
    began_s_ago: int = 0
    scan_id: str | None = None


def start_count(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    choice: Choice,
    *,
    reason: str = "",
    tolerance_permille: int = TOLERANCE_PERMILLE,
) -> StockCount:
    """Choose bins that are in no other live count. Invalid `no_bins` where none is left, `unknown_bin`."""
    refuse_practice(actor)
    works_in(actor, warehouse.id)
    # Two who start at once do not take the same bin: the warehouse row lets them through one by one.
    session.execute(select(Warehouse.id).where(Warehouse.id == warehouse.id).with_for_update(key_share=True))
    places = _chosen(session, warehouse, choice)
    if not places:
        why = "no bin is like this, or all that are stand in another count"
        raise Invalid(why, (FieldError("bins", "no_bins", why, "choose others", "$.bins"),))
    count = StockCount(
        public_id=new_id("cnt"), warehouse_id=warehouse.id, status="open", reason=reason,
        tolerance_permille=tolerance_permille, created_at=now, created_by=actor.reference, lines=[],
        bins=[StockCountBin(place_id=one.id, seq=seq, state="open") for seq, one in enumerate(places, 1)],
    )  # fmt: skip
    session.add(count)
    session.flush()
    after = {"bins": [one.code for one in places], "reason": reason}
    auditing.record(session, actor, now, "count.started", count.public_id, after=after)
    return count


def _chosen(session: Session, warehouse: Warehouse, choice: Choice) -> list[StockPlace]:
    live = select(StockCountBin.place_id).join(StockCount).where(StockCount.status.in_(LIVE))
    where: list[ColumnElement[bool]] = [
        StockPlace.warehouse_id == warehouse.id,
        StockPlace.id.not_in(live.where(StockCount.warehouse_id == warehouse.id)),
    ]
    if choice.bins:
        named = [named_place(session, warehouse.id, code, "bins").id for code in choice.bins]
        where.append(StockPlace.id.in_(named))
    if choice.zone:
        where.append(Zone.code == choice.zone)
    if choice.sku:
        meant = or_(Sku.code == choice.sku, Sku.public_id == choice.sku, Sku.barcode == choice.sku)
        holding = select(StockBalance.place_id).join(StockLot, StockBalance.lot_id == StockLot.id).join(Sku)
        where.append(StockPlace.id.in_(holding.where(meant, StockBalance.on_hand > 0)))
    if choice.not_counted_since:
        since = datetime.combine(choice.not_counted_since, time(), UTC)
        counted = select(StockCountBin.place_id).where(StockCountBin.counted_at >= since)
        where.append(StockPlace.id.not_in(counted))
    way = (Zone.walk_seq, StockPlace.walk_seq, StockPlace.id)
    found = list(session.scalars(select(StockPlace).join(Zone).where(*where).order_by(*way)))
    if choice.most is not None and len(found) > choice.most:
        drawn = {one.id for one in random.sample(found, choice.most)}
        found = [one for one in found if one.id in drawn]
    return found[:MOST_BINS]


def lock_count(session: Session, actor: Actor, public_id: str) -> StockCount:
    """A count with its bins and lines, for one who changes it; NotFound, also for the staff of another warehouse."""
    query = select(StockCount).where(
        StockCount.public_id == public_id, may_see(actor, StockCount.warehouse_id)
    )
    session.execute(query.with_only_columns(StockCount.id).with_for_update())
    count = session.scalar(
        query.options(
            selectinload(StockCount.bins).joinedload(StockCountBin.place), selectinload(StockCount.lines)
        ).execution_options(populate_existing=True)
    )
    if count is None:
        raise NotFound("there is no such count")
    refuse_practice(actor)
    works_in(actor, count.warehouse_id)
    return count


def take_finding(
    session: Session, actor: Actor, now: datetime, count_id: str, counted: Counted
) -> StockCount:
    """Take what somebody found in a bin of a count: all that lies there; what is not named is not there.

    Raises NotFound, Conflict (the bin is counted), CountUnclear (its stock moved meanwhile), Invalid
    (`same_counter`, `unknown_bin`, `not_in_count`, `unknown_sku`, `ambiguous_sku`).
    """
    count = lock_count(session, actor, count_id)
    one = _bin(session, count, counted.bin)
    if counted.scan_id is not None and one.scan_id == counted.scan_id:
        return count
    _check_turn(count, one, actor)
    _check_still(session, one, now - timedelta(seconds=counted.began_s_ago), now)
    there = _there(session, one.place_id)
    found = [_looked_at(session, count, one, position, row) for position, row in enumerate(counted.found)]
    try:
        by_lot, strange = spread(found, there)
    except WarehouseError as error:
        raise refusal(error) from error
    expected = {lot.lot: lot.expected for lot in there}
    for looks, pieces in strange.items():
        lot = _new_lot(session, now, one.place, looks)
        by_lot[lot] = by_lot.get(lot, 0) + pieces
    if one.state == "open":
        _first(count, one, by_lot, expected)
        one.counted_by, one.counted_at = actor.reference, now
    else:
        _again(count, one, by_lot, expected)
        one.recounted_by, one.recounted_at = actor.reference, now
    one.scan_id = counted.scan_id
    move_on(count)
    after = {"bin": one.place.code, "found": [[row.code, row.quantity] for row in counted.found]}
    auditing.record(session, actor, now, "count.bin_counted", count.public_id, after=after)
    session.flush()
    return count


def move_on(count: StockCount) -> None:
    """Take the step that the states of the bins lead to."""
    name = next_step(one.state for one in count.bins)
    if name is not None:
        count.status = step(COUNT_STEPS, name, count.status)


def _bin(session: Session, count: StockCount, code: str) -> StockCountBin:
    place = named_place(session, count.warehouse_id, code)
    for one in count.bins:
        if one.place_id == place.id:
            return one
    why = f"{place.code} is not in this count"
    raise Invalid(why, (FieldError("bin", "not_in_count", why, "scan a bin of this count", "$.bin"),))


def _check_turn(count: StockCount, one: StockCountBin, actor: Actor) -> None:
    if count.status not in ("open", "recount") or one.state == "counted":
        raise Conflict(f"{one.place.code} needs no count now; the count is {count.status}")
    earlier = one.counted_by if one.state == "recount" else None
    for name in (earlier, count.decided_by):
        try:
            check_counter(actor.reference, name)
        except WarehouseError as error:
            raise refusal(error, suggestion="ask somebody else to count it") from error


def _check_still(session: Session, one: StockCountBin, began: datetime, now: datetime) -> None:
    """Lock the bin, so that nothing moves until this is done, and see that nothing moved since it was begun."""
    session.execute(select(StockPlace.id).where(StockPlace.id == one.place_id).with_for_update())
    if began >= now:
        return
    here = or_(StockMove.from_id == one.place_id, StockMove.to_id == one.place_id)
    query = (
        select(func.count()).select_from(StockMove).join(StockPosting).where(here, StockPosting.at > began)
    )
    try:
        check_moved(session.scalar(query.where(StockPosting.warehouse_id == one.place.warehouse_id)) or 0)
    except WarehouseError as error:
        raise CountUnclear(error.detail) from error


def _there(session: Session, place_id: int) -> list[LotThere]:
    rows = session.execute(
        select(StockLot, StockBalance.on_hand)
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .where(StockBalance.place_id == place_id, StockBalance.on_hand > 0)
        .order_by(StockLot.id)
    )
    return [
        LotThere(lot.id, lot.sku_id, lot.condition, lot.batch, lot.expires_on, lot.received_on, pieces)
        for lot, pieces in rows
    ]


def _looked_at(
    session: Session, count: StockCount, one: StockCountBin, position: int, row: Finding
) -> tuple[Looks, int]:
    sku, said = sku_in_house(
        session, count.warehouse_id, row.code, owner=row.owner, first_in=[one.place_id],
        at=f"found.{position}.code",
    )  # fmt: skip
    batch = row.batch if row.batch is not None else said.batch
    return Looks(sku.id, row.condition, batch, row.expires_on or said.expires_on), row.quantity


def _new_lot(session: Session, now: datetime, place: StockPlace, looks: Looks) -> int:
    """The id of the lot that what nobody knew of becomes; it is of the day it was found."""
    sku = session.get_one(Sku, looks.sku)
    batch, expires_on = lot_looks(looks)
    area = session.scalars(select(Zone.customs_status).where(Zone.id == place.zone_id)).one()
    key = LotKey(sku.owner_id, sku.id, batch, expires_on, looks.condition, area, now.date())
    return lot_of(session, key).id


def _first(count: StockCount, one: StockCountBin, by_lot: dict[int, int], expected: dict[int, int]) -> None:
    for lot, pieces in by_lot.items():
        line = StockCountLine(
            place_id=one.place_id, lot_id=lot, expected=expected.get(lot, 0), counted=pieces
        )
        count.lines.append(line)
    differs = any(
        counts_again(expected.get(lot, 0), n, count.tolerance_permille) for lot, n in by_lot.items()
    )
    one.state = "recount" if differs else "counted"


def _again(count: StockCount, one: StockCountBin, by_lot: dict[int, int], expected: dict[int, int]) -> None:
    known = {line.lot_id: line for line in count.lines if line.place_id == one.place_id}
    for lot in sorted(known.keys() | by_lot.keys()):
        line = known.get(lot)
        if line is None:
            line = StockCountLine(place_id=one.place_id, lot_id=lot, expected=0, counted=0)
            count.lines.append(line)
        line.recount_expected, line.recounted = expected.get(lot, 0), by_lot.get(lot, 0)
    one.state = "counted"
