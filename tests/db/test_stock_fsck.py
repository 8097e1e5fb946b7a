"""fsck names whatever is broken by hand in the ledger, and builds its caches anew from moves and reservations."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, insert, select, text, update

from app import jobs
from app.cli.fsck import fsck
from app.clock import now
from app.ids import new_id
from app.jobs import sweeping
from app.models import (
    AuditEvent,
    OutboundLine,
    OutboundOrder,
    Party,
    StockBalance,
    StockLot,
    StockMove,
    StockPlace,
    StockPosting,
    StockReservation,
    WorkOrder,
    WorkOrderLine,
    Zone,
)
from app.queries.invariants_stock import INVARIANTS
from app.usecases.warehousing import ledger
from app.usecases.warehousing.rebuilding import rebuild_balances
from tests.stock_rows import NOW, House, a_house, stocked
from warehouses.stock import Move

pytestmark = pytest.mark.postgres


@pytest.fixture
def house(session) -> House:
    return busy(session)


def busy(session) -> House:
    """A warehouse with stock, a promise that is open, one that was kept, and a posting that was taken back."""
    house = a_house(session)
    other = a_house(session, "PLWAW-WHS", "beta")
    lot = stocked(session, house, "SKU-1", 10)
    stocked(session, other, "SKU-2", 4)
    spot = (lot, house.places["A-01"].id)
    order = OutboundOrder(
        public_id="ord_1", warehouse_id=house.warehouse.id, owner_id=house.owner.id, reference="O-1",
        status="confirmed", consignee={}, ship_by=NOW, waits_for=[], created_at=NOW, created_by="test",
        lines=[OutboundLine(seq=1, sku_id=house.skus["SKU-1"].id, quantity=3)],
    )  # fmt: skip
    work = WorkOrder(
        public_id="wrk_1", warehouse_id=house.warehouse.id, owner_id=house.owner.id, reference="W-1",
        kind="relabel", status="released", created_at=NOW, created_by="test",
        lines=[WorkOrderLine(seq=1, role="consume", sku_id=house.skus["SKU-1"].id, quantity=2)],
    )  # fmt: skip
    session.add_all([order, work])
    until = NOW + timedelta(days=9_000)
    kept, *_ = (
        ledger.reserve(session, NOW, subject, {spot: n}, line_seq=1, expires_at=until)[0]
        for subject, n in (("ord_2", 3), ("ord_1", 3), ("wrk_1", 2))
    )
    move = Move(lot, spot[1], house.places["staging"].id, 3)
    picked = ledger.post(session, house.actor, NOW, house.warehouse.id, "pick", [move], settling=[kept])
    ledger.reverse(session, house.actor, NOW, picked, "void")
    return house


@pytest.fixture
def loose(session):
    """A database that does not itself refuse balances below zero."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA ignore_check_constraints=ON"))
        yield
        session.execute(text("PRAGMA ignore_check_constraints=OFF"))
        return
    session.execute(text("ALTER TABLE stock_balance DROP CONSTRAINT ck_stock_balance_never_negative"))
    yield


def violations(session, at=NOW):
    session.flush()
    return {check.__name__ for check in INVARIANTS for _ in check(session, at)}


def test_a_busy_warehouse_leaves_nothing_to_complain_about(session, house):
    assert violations(session) == set()


AT_A01 = (
    select(StockPlace.id).where(StockPlace.code == "A-01").order_by(StockPlace.id).limit(1).scalar_subquery()
)
LAST_POSTING = select(StockPosting.id).where(StockPosting.kind == "reverse").scalar_subquery()
ELSEWHERE = (
    select(StockPlace.id)
    .where(StockPlace.code == "A-02")
    .order_by(StockPlace.id.desc())
    .limit(1)
    .scalar_subquery()
)
FILL = select(StockPlace.id, StockPlace.used_g, StockPlace.used_cm3)
PENDING = update(StockReservation).where(StockReservation.state == "pending")
BALANCES = "balances_are_the_sum_of_their_moves"
PROMISES = "balances_are_promised_as_reserved"
ADDS_UP = "stock_adds_up_to_nothing"
BINS = "bins_are_as_full_as_what_lies_in_them"
MIRROR = "reversals_mirror_what_they_take_back"
SETTLED = "reservations_are_settled_as_they_say"
KEEPS = "orders_keep_their_stock"
WORK_KEEPS = "work_orders_keep_their_stock"


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (
            update(StockBalance).where(StockBalance.place_id == AT_A01).values(on_hand=11),
            {BALANCES, ADDS_UP, BINS},
        ),
        (update(StockBalance).where(StockBalance.place_id == AT_A01).values(reserved=6), {PROMISES}),
        (update(StockBalance).values(open_ended=True), {"no_real_place_is_below_zero"}),
        (update(StockPlace).where(StockPlace.id == AT_A01).values(used_g=1), {BINS}),
        (update(StockPlace).where(StockPlace.id == AT_A01).values(used_cm3=1), {BINS}),
        (update(Zone).values(customs_status="bonded"), {"stock_lies_in_its_area"}),
        (
            update(StockLot).values(owner_id=select(func.max(Party.id)).scalar_subquery()),
            {"lots_belong_to_the_owner_of_their_sku"},
        ),
        (delete(StockMove).where(StockMove.posting_id == LAST_POSTING), {BALANCES, "postings_have_moves", MIRROR}),
        (
            update(StockMove).where(StockMove.posting_id == LAST_POSTING).values(to_id=ELSEWHERE),
            {BALANCES, "moves_stay_in_their_warehouse", MIRROR},
        ),
        (update(StockMove).where(StockMove.posting_id == LAST_POSTING).values(quantity=2), {BALANCES, MIRROR}),
        (update(StockPosting).values(reverses_id=None), {MIRROR}),
        (update(StockReservation).values(posting_id=None), {SETTLED}),
        (update(StockReservation).values(settled_at=NOW), {SETTLED}),
        (PENDING.values(expires_at=NOW - timedelta(days=1)), {"expired_reservations_are_swept"}),
        (PENDING.values(line_seq=2), {KEEPS, WORK_KEEPS}),
        (update(OutboundOrder).values(status="void"), {KEEPS}),
        (update(OutboundLine).values(quantity=4), {KEEPS}),
        (update(WorkOrder).values(status="done"), {WORK_KEEPS}),
        (update(WorkOrderLine).values(quantity=3), {WORK_KEEPS}),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("loose")
def test_each_is_noticed(session, house, change, broken):
    session.execute(change.execution_options(synchronize_session=False))
    session.expire_all()

    assert violations(session) == broken


@pytest.mark.usefixtures("loose")
def test_stock_below_zero_is_named(session, house):
    lot = session.scalars(select(StockLot.id)).first()
    place = house.places["receiving"].id
    session.execute(
        insert(StockBalance).values(lot_id=lot, place_id=place, on_hand=-1, reserved=0, open_ended=False)
    )

    found = [(check.__name__, *one) for check in INVARIANTS for one in check(session, NOW)]
    at = f"SKU-1 (lot {lot}) at receiving (place {place})"
    assert ("no_real_place_is_below_zero", at, "-1 on hand, 0 reserved") in found
    assert (BALANCES, at, "says -1 on hand, its moves leave 0") in found


def test_caches_are_built_anew(session, house):
    spots = session.execute(select(StockBalance.__table__)).all()
    bins = session.execute(FILL).all()
    session.execute(delete(StockBalance).where(StockBalance.place_id == AT_A01))
    session.execute(update(StockBalance).values(open_ended=True, on_hand=StockBalance.on_hand + 1))
    session.execute(update(StockPlace).values(used_g=7))
    session.expire_all()

    changed = rebuild_balances(session, house.actor, NOW)

    session.expire_all()
    assert violations(session) == set()
    assert sorted(session.execute(select(StockBalance.__table__)).all()) == sorted(spots)
    assert sorted(session.execute(FILL).all()) == sorted(bins)
    at = f"SKU-1 (lot {spots[0].lot_id}) at A-01 (place {house.places['A-01'].id})"
    assert (at, "0 on hand and 0 reserved → 10 and 5") in changed
    recorded = session.scalars(select(AuditEvent.action).where(AuditEvent.action == "stock.rebuilt")).all()
    assert len(recorded) == len(changed)
    assert rebuild_balances(session, house.actor, NOW) == []


def test_what_moves_do_not_bear_out_is_left_and_said(session, house):
    session.execute(update(StockMove).where(StockMove.quantity == 10).values(quantity=1))
    before = session.execute(select(StockBalance.__table__)).all()

    changed = [detail for _, detail in rebuild_balances(session, house.actor, NOW)]

    assert any("left as it is" in detail for detail in changed)
    assert before != session.execute(select(StockBalance.__table__)).all()
    assert BALANCES in violations(session)


def test_the_command_rebuilds_and_says_what_it_changed(database, settings, monkeypatch):
    with database.transaction() as session:
        busy(session)
    with database.transaction() as session:
        session.execute(update(StockPlace).where(StockPlace.code == "A-01").values(used_g=1))
    monkeypatch.setenv("FOURPORT_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("FOURPORT_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("FOURPORT_SECRET_KEY", settings.secret_key)

    broken, repaired = (CliRunner().invoke(fsck, more) for more in ([], ["--rebuild-balances"]))

    assert broken.exit_code == 1
    assert f"{BINS}: bin A-01: says 1 g" in broken.output
    assert repaired.exit_code == 0, repaired.output
    assert "rebuilt: bin A-01: 1 g and 20000 cm3 → 10000 g and 20000 cm3" in repaired.output


def test_supervisors_give_back_what_ran_out(database):
    assert "app.jobs.sweeping:release_stock" in jobs.DUE
    with database.transaction() as session:
        house = a_house(session)
        lot = stocked(session, house, "SKU-1", 10)
        spot = (lot, house.places["A-01"].id)
        ledger.reserve(session, NOW, new_id("ord"), {spot: 3}, expires_at=now() - timedelta(minutes=1))

    sweeping.release_stock(database)

    with database.reading() as session:
        balance = session.get_one(StockBalance, spot)
        assert (balance.on_hand, balance.reserved) == (10, 0)
