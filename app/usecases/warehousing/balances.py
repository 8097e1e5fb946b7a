"""Balances and the fill of bins: locked in one order whoever asks, and changed only as far as the rules allow.

First the SKUs, by id: a lot's balances and reservations are touched under the lock of its SKU alone, so that what was
read of them still holds when it is changed. Then the bins, by id, which SKUs share: by conditional UPDATE.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from app.db import fetch
from app.errors import BinFull, FieldError, Invalid, NotFound, StockShort
from app.models import Sku, StockBalance, StockLot, StockPlace, Zone
from warehouses.stock import OPEN_ENDED, Balance, Change, Move, Spot, may_lie, short

LOTS = (
    select(StockLot.id, StockLot.customs_status, Sku.code, Sku.weight_g, Sku.volume_cm3)
    .join(Sku, StockLot.sku_id == Sku.id)
    .where(StockLot.id.in_(bindparam("lots", expanding=True)))
    .order_by(Sku.id, StockLot.id)
    .with_for_update(of=Sku, key_share=True)
)
PLACES = (
    select(
        StockPlace.id, StockPlace.warehouse_id, StockPlace.kind, StockPlace.code, StockPlace.blocked,
        Zone.customs_status,
    )
    .outerjoin(Zone, StockPlace.zone_id == Zone.id)
    .where(StockPlace.id.in_(bindparam("places", expanding=True)))
)  # fmt: skip
BINS = (
    select(StockPlace.id)
    .where(StockPlace.id.in_(bindparam("bins", expanding=True)), StockPlace.kind == "bin")
    .order_by(StockPlace.id)
    .with_for_update(key_share=True)
)
BALANCES = select(
    StockBalance.lot_id,
    StockBalance.place_id,
    StockBalance.on_hand,
    StockBalance.reserved,
    StockBalance.open_ended,
).where(
    StockBalance.lot_id.in_(bindparam("lots", expanding=True)),
    StockBalance.place_id.in_(bindparam("places", expanding=True)),
)
CHANGE_BALANCE = (
    update(StockBalance)
    .where(
        StockBalance.lot_id == bindparam("lot"),
        StockBalance.place_id == bindparam("place"),
        or_(
            StockBalance.open_ended,
            (StockBalance.reserved + bindparam("more_reserved") >= 0)
            & (
                StockBalance.on_hand + bindparam("more_on_hand")
                >= StockBalance.reserved + bindparam("more_reserved")
            ),
        ),
    )
    .values(
        on_hand=StockBalance.on_hand + bindparam("more_on_hand"),
        reserved=StockBalance.reserved + bindparam("more_reserved"),
    )
)
FILL_BIN = (
    update(StockPlace)
    .where(
        StockPlace.id == bindparam("bin"),
        or_(StockPlace.max_g.is_(None), StockPlace.used_g + bindparam("more_g") <= StockPlace.max_g),
        or_(StockPlace.max_cm3.is_(None), StockPlace.used_cm3 + bindparam("more_cm3") <= StockPlace.max_cm3),
    )
    .values(
        used_g=StockPlace.used_g + bindparam("more_g"), used_cm3=StockPlace.used_cm3 + bindparam("more_cm3")
    )
)


class Goods(NamedTuple):
    """What the ledger asks about a lot: its customs status, and code, weight and volume of one piece of its SKU."""

    customs_status: str
    sku: str
    weight_g: int
    volume_cm3: int


class Spotted(NamedTuple):
    """What the ledger asks about a place; `area` is the customs status of a bin's zone."""

    warehouse_id: int
    kind: str
    code: str
    blocked: bool
    area: str | None


def lock_lots(session: Session, lot_ids: Iterable[int]) -> dict[int, Goods]:
    """The lots, with their SKUs locked in the order of ids; NotFound."""
    wanted = set(lot_ids)
    rows = fetch(session, LOTS, lots=list(wanted)).all()
    if len(rows) < len(wanted):
        raise NotFound("there is no such lot")
    return {row[0]: Goods(*row[1:]) for row in rows}


def lock_bins(session: Session, place_ids: Iterable[int]) -> None:
    """Lock those of the places that are bins, in the order of ids."""
    fetch(session, BINS, bins=list(set(place_ids)))


def read_places(session: Session, place_ids: Iterable[int], warehouse_id: int) -> dict[int, Spotted]:
    """The places; NotFound where one of them is not in the warehouse."""
    wanted = set(place_ids)
    found = {row[0]: Spotted(*row[1:]) for row in fetch(session, PLACES, places=list(wanted))}
    if any(one.warehouse_id != warehouse_id for one in found.values()) or len(found) < len(wanted):
        raise NotFound("there is no such place in this warehouse")
    return found


def check_areas(moves: Iterable[Move], lots: Mapping[int, Goods], places: Mapping[int, Spotted]) -> None:
    """Invalid where a move puts stock into a blocked bin or one of another customs status."""
    for move in moves:
        target, status = places[move.target], lots[move.lot].customs_status
        if target.kind != "bin" or (not target.blocked and may_lie(target.kind, target.area, status)):
            continue
        why = "is blocked" if target.blocked else f"is for {target.area} stock, and this is {status}"
        code = "bin_blocked" if target.blocked else "wrong_area"
        place = FieldError("to", code, f"{target.code} {why}", "choose another bin", "$.to")
        raise Invalid(f"{target.code} {why}", (place,))


def change_balances(
    session: Session, wanted: Mapping[Spot, Change], lots: Mapping[int, Goods], kinds: Mapping[int, str]
) -> None:
    """Change balances of lots that are locked; StockShort, and nothing is changed, where one would not do.

    `kinds` are those of places at which a lot may be for the first time.
    """
    known = _balances(session, wanted)
    new = {spot: Balance(open_ended=kinds.get(spot[1]) in OPEN_ENDED) for spot in wanted if spot not in known}
    for spot, missing in short(known | new, wanted):
        raise _shortage(session, lots[spot[0]], spot[1], known.get(spot, Balance()).free, missing)
    connection = session.connection()
    if known:
        changed = connection.execute(CHANGE_BALANCE, [_as_row(spot, wanted[spot]) for spot in known])
        if changed.rowcount != len(known):
            raise StockShort("the stock changed meanwhile; look again")
    if new:
        rows = [
            {
                "lot_id": lot, "place_id": place, "on_hand": wanted[lot, place].on_hand,
                "reserved": wanted[lot, place].reserved, "open_ended": balance.open_ended,
            }
            for (lot, place), balance in new.items()
        ]  # fmt: skip
        connection.execute(insert(StockBalance), rows)


def fill_bins(
    session: Session,
    wanted: Mapping[Spot, Change],
    lots: Mapping[int, Goods],
    places: Mapping[int, Spotted],
) -> None:
    """Count what comes into bins and leaves them; BinFull."""
    more: dict[int, list[int]] = {}
    for (lot, place), change in wanted.items():
        if places[place].kind == "bin" and change.on_hand:
            sums = more.setdefault(place, [0, 0])
            sums[0] += change.on_hand * lots[lot].weight_g
            sums[1] += change.on_hand * lots[lot].volume_cm3
    connection = session.connection()
    for place, (more_g, more_cm3) in sorted(more.items()):
        values = {"bin": place, "more_g": more_g, "more_cm3": more_cm3}
        if not connection.execute(FILL_BIN, values).rowcount:
            code = places[place].code
            raise BinFull(
                f"{code} cannot take this: {more_g / 1000:g} kg and {more_cm3 / 1000:g} l more; "
                "put it into another bin or in smaller parts",
                place=code,
            )


def _balances(session: Session, spots: Mapping[Spot, Change]) -> dict[Spot, Balance]:
    """The balances there are at spots, in the order of these."""
    lots, places = {lot for lot, _ in spots}, {place for _, place in spots}
    rows = {
        (row[0], row[1]): Balance(*row[2:])
        for row in fetch(session, BALANCES, lots=list(lots), places=list(places))
    }
    return {spot: rows[spot] for spot in spots if spot in rows}


def _as_row(spot: Spot, change: Change) -> dict[str, int]:
    return {
        "lot": spot[0],
        "place": spot[1],
        "more_on_hand": change.on_hand,
        "more_reserved": change.reserved,
    }


def _shortage(session: Session, goods: Goods, place_id: int, free: int, missing: int) -> StockShort:
    code = session.scalar(select(StockPlace.code).where(StockPlace.id == place_id))
    return StockShort(
        f"{missing} of {goods.sku} missing at {code}: {free} free there", sku=goods.sku, missing=missing
    )
