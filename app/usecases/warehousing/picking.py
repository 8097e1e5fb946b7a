"""Picking: what a scan says was taken out of a bin goes to the staging area, kept for the orders it is for."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Invalid
from app.models import OutboundLine, OutboundOrder, Sku, StockPlace, StockReservation, Wave
from app.usecases import auditing
from app.usecases.warehousing import ledger
from app.usecases.warehousing.access import refuse_practice
from app.usecases.warehousing.allocating import SHORT_PICK, Shortage, release_in_bins, reserve_lines
from app.usecases.warehousing.counting import Choice, start_count
from app.usecases.warehousing.layout import places_of
from app.usecases.warehousing.ledger import NO_SCAN, Scan
from app.usecases.warehousing.ordering import advance, lock_orders, wait, wrong
from app.usecases.warehousing.refusals import step
from app.usecases.warehousing.waving import lock_wave, see_to_end, tasks_of
from warehouses.outbound import WAVE_STEPS
from warehouses.picking import Task, pick_list, share_out
from warehouses.stock import Move, Spot


@dataclass(frozen=True, slots=True)
class Picked:
    """What was scanned: the bin's code, the SKU's code, id or barcode, and how many pieces were taken.

    `short`: the bin held no more, so that what is missing must come from elsewhere.
    """

    bin: str
    sku: str
    quantity: int
    short: bool = False
    scan_id: str | None = None


def pick(session: Session, actor: Actor, now: datetime, wave_id: str, picked: Picked) -> Wave:
    """Move picked pieces from their bin to staging and count them for the orders that leave first.

    Sent again with the same scan id nothing happens twice. Raises Invalid: `wrong_bin`, `wrong_sku`,
    `more_than_asked`, `nothing_picked`; ScanReused.
    """
    refuse_practice(actor)
    wave = lock_wave(session, actor, wave_id)
    asked = asdict(replace(picked, scan_id=None))
    scan = Scan(picked.scan_id, asked) if picked.scan_id else NO_SCAN
    if ledger.seen(session, wave.warehouse_id, "pick", wave.public_id, scan) is not None:
        return wave
    wave.status = step(WAVE_STEPS, "pick", wave.status)
    if picked.short:
        _have_counted(session, actor, now, wave, picked)
    orders = {one.id: one for one in _lock_orders(session, wave)}
    tasks = _meant(session, tasks_of(session, wave), picked)
    kept = {one.id: one for one in _reservations(session, tasks)}
    shared = [
        (kept[task.id], orders[task.order], pieces) for task, pieces in share_out(tasks, picked.quantity)
    ]
    if shared:
        _take(session, actor, now, wave, shared, scan)
    if picked.short and picked.quantity < sum(task.quantity for task in tasks):
        _look_elsewhere(session, actor, now, wave, orders, tasks)
    for order in orders.values():
        if order.status == "picking" and all(line.picked == line.quantity for line in order.lines):
            advance(session, actor, now, order, "picked")
    see_to_end(session, actor, now, wave)
    return wave


def _have_counted(session: Session, actor: Actor, now: datetime, wave: Wave, picked: Picked) -> None:
    """Have a bin counted that holds less than it should; before any stock is locked, as every count begins."""
    tasks = _meant(session, tasks_of(session, wave), picked)
    if picked.quantity < sum(task.quantity for task in tasks):
        with suppress(Invalid):  # it is being counted already
            start_count(session, actor, now, wave.warehouse, Choice(bins=(picked.bin,)), reason=SHORT_PICK)


def _lock_orders(session: Session, wave: Wave) -> list[OutboundOrder]:
    in_it = select(OutboundOrder.id).where(
        OutboundOrder.wave_id == wave.id, OutboundOrder.status.in_(("confirmed", "picking"))
    )
    return lock_orders(session, session.scalars(in_it).all())


def _meant(session: Session, tasks: Sequence[Task], picked: Picked) -> list[Task]:
    """The tasks a scan is about, or what was scanned wrongly."""
    here = [task for task in tasks if task.bin == picked.bin]
    if not here:
        ahead = pick_list(tasks)
        remedy = f"the next bin is {ahead[0].bin}" if ahead else "nothing is left to pick in this wave"
        raise wrong("bin", "wrong_bin", f"nothing of this wave is picked from {picked.bin}", remedy)
    skus = {one.id: one for one in session.scalars(select(Sku).where(Sku.id.in_({t.sku for t in here})))}
    matching = {
        one.id for one in skus.values() if picked.sku in (one.code, one.public_id, one.barcode)
    }  # fmt: skip
    meant = [task for task in here if task.sku in matching]
    if not meant:
        expected = ", ".join(sorted(one.code for one in skus.values()))
        raise wrong("sku", "wrong_sku", f"{picked.sku} is not picked here", f"take {expected}")
    if len(matching) > 1:
        raise wrong(
            "sku", "ambiguous_sku", "two owners' goods have this code here", "scan the barcode or the SKU id"
        )
    asked = sum(task.quantity for task in meant)
    if picked.quantity > asked:
        raise wrong("quantity", "more_than_asked", f"only {asked} are asked for", f"take {asked}")
    if not picked.quantity and not picked.short:
        raise wrong("quantity", "nothing_picked", "nothing was taken", "say so with short, or count again")
    return meant


def _reservations(session: Session, tasks: Sequence[Task]) -> list[StockReservation]:
    query = select(StockReservation).where(StockReservation.id.in_([task.id for task in tasks]))
    return list(session.scalars(query.execution_options(populate_existing=True)))


Shared = Sequence[tuple[StockReservation, OutboundOrder, int]]


def _take(session: Session, actor: Actor, now: datetime, wave: Wave, shared: Shared, scan: Scan) -> None:
    """Post what was taken, and keep it in staging for each order."""
    staging = places_of(session, wave.warehouse_id)["staging"].id
    for kept, _, pieces in shared:
        split(session, kept, pieces)
    moves = [Move(kept.lot_id, kept.from_id, staging, pieces) for kept, _, pieces in shared]
    ledger.post(
        session, actor, now, wave.warehouse_id, "pick", moves,
        subject=wave.public_id, scan=scan, settling=[kept for kept, _, _ in shared],
    )  # fmt: skip
    for kept, order, pieces in shared:
        spot: Spot = (kept.lot_id, staging)
        ledger.reserve(session, now, order.public_id, {spot: pieces}, line_seq=kept.line_seq)
        line_of(order, kept.line_seq).picked += pieces
        advance(session, actor, now, order, "pick")


def split(session: Session, kept: StockReservation, pieces: int) -> None:
    """Make a reservation one of so many pieces, and a second one of the rest; together they keep what was kept."""
    rest = kept.quantity - pieces
    if not rest:
        return
    kept.quantity = pieces
    session.add(
        StockReservation(
            subject=kept.subject, line_seq=kept.line_seq, lot_id=kept.lot_id, from_id=kept.from_id,
            quantity=rest, state="pending", expires_at=kept.expires_at, created_at=kept.created_at,
        )
    )  # fmt: skip
    session.flush()


def line_of(order: OutboundOrder, seq: int) -> OutboundLine:
    """One line of an order."""
    return next(line for line in order.lines if line.seq == seq)


def _look_elsewhere(
    session: Session,
    actor: Actor,
    now: datetime,
    wave: Wave,
    orders: dict[int, OutboundOrder],
    tasks: Sequence[Task],
) -> None:
    """Reserve what a bin did not hold from other bins; an order for which there is none waits for its owner."""
    spots = {(task.lot, task.place) for task in tasks}
    missing: dict[int, set[int]] = defaultdict(set)
    for order in {task.order: orders[task.order] for task in tasks}.values():
        gone = [
            one
            for one in ledger.pending(session, order.public_id)
            if (one.lot_id, one.from_id) in spots
        ]  # fmt: skip
        ledger.release(session, now, gone)
        missing[order.id] |= {one.line_seq for one in gone}
    after = {"bin": tasks[0].bin, "sku_id": tasks[0].sku, "orders": len(missing)}
    auditing.record(session, actor, now, "pick.short", wave.public_id, after=after)
    by_ship_by = sorted(missing, key=lambda one: (orders[one].ship_by, one))
    for order in [orders[one] for one in by_ship_by]:
        lines = [line for line in order.lines if line.seq in missing[order.id]]
        short: list[Shortage] = (
            reserve_lines(session, now, order, lines, without=spots) if lines else []
        )  # fmt: skip
        if short:
            release_in_bins(session, now, order)
            wait(session, actor, now, order, short)


def place_named(session: Session, warehouse_id: int, code: str, at: str = "bin") -> StockPlace:
    """A bin of a warehouse by its code; Invalid `bin_unknown`."""
    found = session.scalar(
        select(StockPlace).where(
            StockPlace.warehouse_id == warehouse_id, StockPlace.code == code, StockPlace.kind == "bin"
        )
    )
    if found is None:
        refused: Invalid = wrong(at, "bin_unknown", f"there is no bin {code} here", "scan the bin's label")
        raise refused
    return found
