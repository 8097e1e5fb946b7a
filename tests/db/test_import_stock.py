"""Articles, bins and opening balances as files: all or nothing, and again nothing new."""

import pytest
from sqlalchemy import select, update

from app.actor import Actor
from app.models import Sku, StockBalance, StockPlace, StockPosting, Warehouse, Zone
from app.usecases.importing import import_file
from tests.db.importing import NOW, as_csv, load, load_network

WAREHOUSE = {"location_code": "DEHAM-WHS", "operator": "example", "area_m2": "9000", "free_m2": "100",
             "daily_parcels": "0", "data_as_of": "2026-11-01"}  # fmt: skip
MUG = {"code": "MUG", "exporter": "ACME", "name_en": "mug", "weight_kg": "0.5", "volume_m3": "0.001", "value": "3.20",
       "currency": "USD"}  # fmt: skip
BINS = [{"warehouse": "DEHAM-WHS", "zone": "A", "code": f"A-0{n}", "walk_seq": str(n)} for n in (1, 2)]
STOCK = {"warehouse": "DEHAM-WHS", "exporter": "ACME", "sku": "MUG", "place": "A-01", "quantity": "40",
         "received_on": "2026-10-01"}  # fmt: skip


@pytest.fixture
def house(session):
    """A warehouse with two bins, and one article."""
    load_network(session)
    for kind, rows in (("warehouses", [WAREHOUSE]), ("skus", [MUG]), ("bins", BINS)):
        result = load(session, kind, rows)
        assert not result.errors, result.errors
    return session


def faults(result):
    """Row and code of each error."""
    return [(error.row, error.code) for error in result.errors]


def on_hand(session):
    query = select(StockPlace.code, StockBalance.on_hand).join(
        StockPlace, StockPlace.id == StockBalance.place_id
    )
    return {code: pieces for code, pieces in session.execute(query) if pieces}


def test_an_opening_balance_is_posted_once_however_often_the_file_comes(house):
    first, again = load(house, "stock", [STOCK]), load(house, "stock", [STOCK])

    assert (first.added, again.added, again.unchanged) == (1, 0, 1)
    assert on_hand(house) == {"supplier": -40, "A-01": 40}
    assert house.scalars(select(StockPosting.kind)).all() == ["import"]
    assert house.scalars(select(StockPlace.used_g).where(StockPlace.code == "A-01")).one() == 20_000


def test_the_same_file_after_work_in_the_house_adds_nothing(house):
    load(house, "stock", [STOCK])
    house.execute(update(StockBalance).where(StockBalance.on_hand > 0).values(on_hand=33))

    again = load(house, "stock", [STOCK])
    other = load(house, "stock", [STOCK | {"quantity": "41"}])

    assert (again.added, again.unchanged, again.errors) == (0, 1, ())
    assert [error.code for error in other.errors] == ["stock_differs"]


def test_a_file_with_bad_rows_changes_nothing_and_names_each(house):
    house.execute(update(StockPlace).where(StockPlace.code == "A-02").values(blocked=True))
    house.add(
        Zone(warehouse_id=house.scalars(select(Warehouse.id)).one(), code="S", customs_status="supervised")
    )
    load(house, "bins", [BINS[0] | {"max_weight_kg": "25"}])
    rows = [
        STOCK,
        STOCK | {"sku": "CUP"},
        STOCK | {"place": "A-99"},
        STOCK | {"place": "A-02"},
        STOCK | {"customs_status": "supervised"},
        STOCK | {"quantity": "0"},
        STOCK | {"batch": "B", "quantity": "11"},
        STOCK | {"received_on": "2026-12-01"},
        STOCK | {"warehouse": "NOWHERE"},
        STOCK,
    ]
    result = load(house, "stock", rows)

    assert faults(result) == [
        (3, "unknown_sku"), (4, "unknown_place"), (5, "bin_blocked"), (6, "wrong_area"), (7, "not_positive"),
        (8, "bin_full"), (9, "in_the_future"), (10, "unknown_warehouse"), (11, "duplicate_reference"),
    ]  # fmt: skip
    assert not result.saved
    assert on_hand(house) == {}


def test_bins_are_made_and_changed_with_their_zones(house):
    again = load(house, "bins", BINS)
    changed = load(house, "bins", [BINS[0] | {"max_weight_kg": "80"}, BINS[1]])

    assert (again.unchanged, changed.updated, changed.unchanged) == (2, 1, 1)
    assert house.scalars(select(StockPlace.max_g).where(StockPlace.code == "A-01")).one() == 80_000
    assert house.scalars(select(Zone.code)).all() == ["A"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"zone": "B"}, "bin_elsewhere"),
        ({"code": "A-09", "customs_status": "bonded"}, "not_bonded"),
        ({"code": "A-09", "customs_status": "supervised"}, "zone_customs"),
        ({"code": "receiving"}, "bad_code"),
        ({"max_weight_kg": "19"}, "limit_below_stock"),
    ],
)
def test_a_bin_that_cannot_be_so_is_refused(house, row, code):
    load(house, "stock", [STOCK])
    assert [error.code for error in load(house, "bins", [BINS[0] | row]).errors] == [code]


def test_rows_of_a_zone_must_not_contradict_each_other(house):
    rows = [{**BINS[0], "zone": "C", "code": f"C-{n}", "zone_name": f"name {n}"} for n in (1, 2)]
    assert faults(load(house, "bins", rows)) == [(3, "zone_differs")]


def test_an_article_keeps_its_size_while_pieces_lie_there(house):
    load(house, "stock", [STOCK])
    assert [error.code for error in load(house, "skus", [MUG | {"weight_kg": "0.6"}]).errors] == [
        "size_of_stock"
    ]
    renamed = load(house, "skus", [MUG | {"name_en": "big mug"}])
    assert (renamed.updated, house.scalars(select(Sku.name_en)).one()) == (1, "big mug")


def test_a_barcode_means_one_article(house):
    rows = [MUG | {"code": code, "barcode": "123"} for code in ("X", "Y")]
    assert faults(load(house, "skus", rows)) == [(3, "barcode_taken")]


def test_staff_bring_in_rows_of_their_own_warehouse_alone(house):
    whs = house.scalars(select(Warehouse.id)).one()
    for warehouse_id, expected in ((whs, ()), (whs + 1, ("unknown_warehouse",))):
        actor = Actor("user", "usr_x", "warehouse", warehouse_id=warehouse_id)
        result = import_file(house, actor, NOW, "stock", "x.csv", as_csv([STOCK]))
        assert tuple(error.code for error in result.errors) == expected


def test_an_exporter_need_not_name_itself(house):
    owner = house.scalars(select(Sku.owner_id)).one()
    actor = Actor("user", "usr_x", "exporter", owner)
    row = {name: value for name, value in MUG.items() if name != "exporter"} | {"code": "CUP"}
    assert import_file(house, actor, NOW, "skus", "x.csv", as_csv([row])).added == 1
