"""Returns: asked for, received, graded, decided on and carried out, with their stock in the ledger all the way."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app.actor import Actor
from app.errors import BinFull, Conflict, Forbidden, Invalid, NotFound, UnsupportedMedia, WindowClosed
from app.models import Location, Parcel, StockLot, WorkOrder
from app.queries.invariants_returns import INVARIANTS
from app.usecases.returning.carrying_out import carry_out
from app.usecases.returning.deciding import Chosen, choose_dispositions, judge
from app.usecases.returning.finding import load_return
from app.usecases.returning.grading import Graded, grade_return
from app.usecases.returning.photos import PhotoStore, find_photo, lost_photos, media_type_of
from app.usecases.returning.receiving_returns import Came, receive_return
from app.usecases.returning.requesting import WantedItem, cancel_return, send_return
from app.usecases.returning.sending_back import send_off
from app.usecases.warehousing.ledger import Scan
from tests import factories as make
from tests.return_rows import PIXEL, SENDER, Lands, asked, balances, graded, lands, photographed
from tests.stock_rows import NOW


@pytest.fixture
def world(session) -> Lands:
    return lands(session)


def states(found):
    return [(one.seq, one.status, one.quantity, one.grade) for one in found.items]


def by_grade(found, grade):
    return next(one for one in found.items if one.grade == grade)


def test_what_is_asked_for_has_a_warehouse_a_number_and_a_deadline_at_once(session, world):
    found = asked(session, world)

    assert (found.status, found.warehouse.location.code) == ("label_issued", "DEDUI-WHS")
    assert found.tracking_number.startswith("FP")
    assert found.relief_deadline == date(2027, 3, 1)
    assert found.chosen_because["rule"] == "only_one"


def test_the_nearest_warehouse_of_the_senders_country_takes_it_in(session, world):
    near = make.make_location(session, "DEMUC-WHS", "overseas", latitude=48.1, longitude=11.6)
    make.make_warehouse(session, near, services=["returns"])
    far = make.make_location(session, "PLLOD-WHS", "overseas", latitude=51.8, longitude=19.5)
    make.make_warehouse(session, far, services=["returns"])

    munich = asked(session, world, sender=SENDER | {"lat": "48.2", "lon": "11.5"})
    duisburg = asked(session, world, sender=SENDER | {"lat": "51.3", "lon": "6.7"})

    assert munich.warehouse.location.code == "DEMUC-WHS"
    assert munich.chosen_because == {
        "rule": "nearest", "distance_km": 13, "next": {"code": "DEDUI-WHS", "distance_km": 490},
    }  # fmt: skip
    assert duisburg.warehouse.location.code == "DEDUI-WHS"
    with pytest.raises(Invalid) as refused:
        asked(session, world, sender=SENDER | {"country_code": "FR"})
    assert refused.value.errors[0].code == "no_returns_warehouse"


def test_food_has_no_deadline_because_no_policy_lets_it_in(session, world):
    world.house.skus["SKU-2"].goods_class = "food"

    assert asked(session, world, items=[WantedItem("SKU-2", 1)]).relief_deadline is None
    assert asked(session, world, items=[WantedItem("SKU-1", 1), WantedItem("SKU-2", 1)]).relief_deadline


def test_it_is_too_late_once_the_window_is_closed(session, world):
    with pytest.raises(WindowClosed) as late:
        asked(session, world, wished="return_to_china", customs_mode="9610", exported_on=date(2025, 11, 1))

    assert late.value.errors[0].code == "window_closed"
    assert "GAC 2020-44" in late.value.detail


def test_what_refers_to_an_unknown_parcel_or_sku_is_refused(session, world):
    for facts, code in (
        ({"original": "FP000"}, "original_unknown"),
        ({"items": [WantedItem("SKU-9", 1)]}, "sku_unknown"),
        ({"warehouse": "NOWHERE"}, "warehouse_unknown"),
    ):
        with pytest.raises(Invalid) as refused:
            asked(session, world, **facts)
        assert refused.value.errors[0].code == code


def test_a_parcel_says_when_and_how_it_was_exported(session, world):
    ends = [make.make_location(session), session.get_one(Location, world.house.warehouse.location_id)]
    make.make_parcel(session, world.house.owner, *ends, reference="P-1", exported_on=date(2026, 10, 1),
                     customs_mode="9610", tracking_number="FP1")  # fmt: skip

    found = asked(session, world, original="FP1", exported_on=None, customs_mode=None)

    assert (found.exported_on, found.customs_mode) == (date(2026, 10, 1), "9610")
    assert found.relief_deadline == date(2027, 4, 1)


def test_a_reference_is_used_once_and_what_has_not_come_may_be_cancelled(session, world):
    found = asked(session, world, reference="R-1")
    with pytest.raises(Invalid) as refused:
        asked(session, world, reference="R-1")
    assert refused.value.errors[0].code == "duplicate_reference"

    send_return(session, world.actor, NOW, found.public_id)
    with pytest.raises(Conflict):
        cancel_return(session, world.actor, NOW, found.public_id)
    other = asked(session, world)
    assert cancel_return(session, world.actor, NOW, other.public_id).status == "cancelled"


def test_what_comes_lies_in_the_returns_place_and_what_does_not_is_missing(session, world):
    found = asked(session, world)

    receive_return(session, world.actor, NOW, found.public_id, [Came(1, 3)])

    assert states(found) == [(1, "received", 3, None), (2, "missing", 2, None)]
    assert balances(session, world.house.warehouse) == {"customer": -3, "returns": 3}
    receive_return(session, world.actor, NOW, found.public_id, [Came(2, 2)])
    assert balances(session, world.house.warehouse) == {"customer": -5, "returns": 5}
    with pytest.raises(Invalid) as refused:
        receive_return(session, world.actor, NOW, found.public_id, [Came(2, 1)])
    assert refused.value.errors[0].code == "more_than_expected"


def test_a_scan_of_a_receipt_is_posted_once(session, world):
    found = asked(session, world)
    for _ in range(2):
        receive_return(session, world.actor, NOW, found.public_id, scan=Scan("s-1", "all"))

    assert balances(session, world.house.warehouse)["returns"] == 5


def test_pieces_are_graded_one_by_one_and_the_grade_is_the_condition_of_the_stock(session, world):
    found = graded(session, world, "AABBD")

    assert states(found) == [(1, "graded", 2, "A"), (2, "graded", 2, "B"), (3, "graded", 1, "D")]
    for item in found.items:
        assert session.get_one(StockLot, item.lot_id).condition == item.grade
        parcel = session.get_one(Parcel, item.parcel_id)
        assert (parcel.direction, parcel.return_id, parcel.grade) == ("return", found.id, item.grade)
        assert parcel.contents == [{"lot_id": item.lot_id, "quantity": item.quantity}]
        assert parcel.weight_g == 1000 * item.quantity
    assert balances(session, world.house.warehouse) == {"customer": -5, "returns": 5}


def test_until_something_is_decided_goods_may_be_graded_again(session, world):
    found = graded(session, world, "AA")

    grade_return(session, world.actor, NOW, found.public_id, [Graded(1, 1, "C", "scratched")])

    assert states(found) == [(1, "graded", 1, "C"), (2, "graded", 1, "A")]
    assert balances(session, world.house.warehouse) == {"customer": -2, "returns": 2}
    with pytest.raises(Invalid) as refused:
        grade_return(session, world.actor, NOW, found.public_id, [Graded(2, 2, "D")])
    assert refused.value.errors[0].code == "more_than_received"


def test_the_rules_propose_at_once_and_refuse_what_they_do_not_allow(session, world):
    found = graded(session, world, "AD")
    good, scrap = found.items

    assert good.proposal["options"][0]["disposition"] == "restock"
    assert good.proposal["saving_minor"] > 0
    assert [one["disposition"] for one in scrap.proposal["options"]] == ["destroy"]
    with pytest.raises(Invalid) as refused:
        choose_dispositions(
            session, world.actor, NOW, found.public_id, [Chosen(scrap.seq, "return_to_china")]
        )
    assert "waste_not_imported" in refused.value.detail


def test_goods_go_back_into_a_bin_and_the_return_is_closed(session, world):
    found = graded(session, world, "BB")
    choose_dispositions(session, world.actor, NOW, found.public_id, [Chosen(1, "restock")])

    with pytest.raises(Invalid) as refused:
        carry_out(session, world.actor, NOW, found.public_id, 1)
    assert refused.value.errors[0].code == "place_missing"
    carry_out(session, world.actor, NOW, found.public_id, 1, place="A-01")

    assert balances(session, world.house.warehouse) == {"customer": -2, "A-01": 2}
    assert (found.status, found.closed_at) == ("closed", NOW)
    assert session.get_one(Parcel, found.items[0].parcel_id).status == "cancelled"
    with pytest.raises(Conflict):
        carry_out(session, world.actor, NOW, found.public_id, 1, place="A-01")


def test_a_full_bin_refuses_and_nothing_moves(session, world):
    found = graded(session, world, "A" * 25)
    choose_dispositions(session, world.actor, NOW, found.public_id, [Chosen(1, "restock")])

    with pytest.raises(BinFull), session.begin_nested():
        carry_out(session, world.actor, NOW, found.public_id, 1, place="A-03")


def test_what_is_destroyed_needs_a_note_and_a_photo(session, world, tmp_path):
    found = graded(session, world, "D")
    choose_dispositions(session, world.actor, NOW, found.public_id, [Chosen(1, "destroy")])
    with pytest.raises(Invalid) as refused:
        carry_out(session, world.actor, NOW, found.public_id, 1)
    assert refused.value.errors[0].field == "note"
    with pytest.raises(Invalid) as refused:
        carry_out(session, world.actor, NOW, found.public_id, 1, note="crushed by Remondis")
    assert refused.value.errors[0].field == "photo"
    photographed(session, world, found, tmp_path)
    carry_out(session, world.actor, NOW, found.public_id, 1, note="crushed by Remondis")

    assert balances(session, world.house.warehouse) == {"customer": -1, "scrap": 1}
    assert found.status == "closed"


def test_goods_to_be_mended_become_a_work_order_that_keeps_these_very_pieces(session, world):
    found = graded(session, world, "BC")
    choose_dispositions(
        session, world.actor, NOW, found.public_id, [Chosen(1, "relabel"), Chosen(2, "refurbish")]
    )
    for seq in (1, 2):
        carry_out(session, world.actor, NOW, found.public_id, seq, note="new film")

    orders = session.query(WorkOrder).order_by(WorkOrder.id).all()
    assert [(one.kind, one.status, one.source, one.subject) for one in orders] == [
        ("repack", "released", "returns", found.public_id)
    ] * 2
    assert found.status == "closed"
    assert balances(session, world.house.warehouse)["returns"] == 2


def test_a_contract_may_ask_for_the_exporters_word(session, world, tmp_path):
    world.house.owner.approves_returns = True
    owner = Actor("user", "usr_1", "exporter", world.house.owner.id)
    found = graded(session, world, "AD")
    photographed(session, world, found, tmp_path)
    choose_dispositions(
        session, world.actor, NOW, found.public_id, [Chosen(1, "restock"), Chosen(2, "destroy")]
    )
    assert [item.approval for item in found.items] == ["not_needed", "waiting"]
    with pytest.raises(Conflict):
        carry_out(session, world.actor, NOW, found.public_id, 2, note="crushed")

    judge(session, owner, NOW, found.public_id, 2, approved=False, note="we fetch it")

    assert (found.items[1].status, found.items[1].approval, found.status) == ("graded", "vetoed", "graded")
    with pytest.raises(Conflict):
        carry_out(session, world.actor, NOW, found.public_id, 2, note="crushed")
    with pytest.raises(Invalid) as refused:
        choose_dispositions(session, world.actor, NOW, found.public_id, [Chosen(2, "destroy")])
    assert "vetoed" in refused.value.detail
    with pytest.raises(Forbidden):
        judge(session, Actor("user", "usr_9", "operator"), NOW, found.public_id, 2, approved=True)


def test_nothing_travels_without_its_space(session, world):
    found = graded(session, world, "A")
    choose_dispositions(session, world.actor, NOW, found.public_id, [Chosen(1, "return_to_china")])

    with pytest.raises(Conflict) as refused:
        send_off(session, world.actor, NOW, found.public_id, [1])
    assert "booking" in refused.value.detail


def test_staff_of_another_warehouse_and_other_exporters_meet_nothing(session, world):
    found = asked(session, world)
    other = Actor("user", "usr_2", "warehouse", warehouse_id=world.centre.id)
    globex = Actor("user", "usr_3", "exporter", make.make_party(session, "globex").id)

    for stranger in (other, globex):
        with pytest.raises(NotFound):
            receive_return(session, stranger, NOW, found.public_id)
    mine = Actor("user", "usr_4", "exporter", world.house.owner.id)
    with pytest.raises(Forbidden):
        receive_return(session, mine, NOW, found.public_id)


def test_photos_are_told_by_their_content_and_kept_outside_the_database(session, world, tmp_path):
    found = graded(session, world, "A")
    photo = photographed(session, world, found, tmp_path, 1)
    again = photographed(session, world, found, tmp_path, 1)
    store = PhotoStore(tmp_path)

    assert (photo.id, photo.media_type, photo.size) == (again.id, "image/png", len(PIXEL))
    assert store.read(photo.sha256, photo.media_type) == PIXEL
    assert list(lost_photos(session, store)) == []
    globex = Actor("user", "usr_3", "exporter", make.make_party(session, "globex").id)
    with pytest.raises(NotFound):
        find_photo(session, globex, found.public_id, photo.sha256)
    store.path(photo.sha256, photo.media_type).unlink()
    assert [subject for subject, _ in lost_photos(session, store)] == [found.public_id]
    with pytest.raises(UnsupportedMedia):
        media_type_of(b"<svg onload=alert(1)>")


def test_the_clock_of_an_old_export_has_run_out(session, world):
    found = graded(session, world, "A", exported_on=NOW.date() - timedelta(days=300))

    options = {one["disposition"]: one for one in found.items[0].proposal["options"]}
    assert options["return_to_china"]["relief"] == "relief_lapsed"
    assert options["return_to_china"]["parts"]["duty"] > 0
    assert load_return(session, found.id).relief_deadline < NOW.date()


@pytest.mark.parametrize(
    ("damage", "invariant"),
    [
        ("UPDATE stock_balance SET on_hand = 1 WHERE on_hand = 2", "returned_stock_is_there"),
        ("UPDATE return_order SET status = 'closed'", "returns_are_as_far_as_their_items"),
        ("UPDATE return_item SET quantity = 1", "decided_returns_have_one_parcel"),
    ],
)
def test_damage_to_returns_is_found_by_the_invariant_that_guards_them(session, world, damage, invariant):
    graded(session, world, "AA")

    def broken():
        return {check.__name__ for check in INVARIANTS for _ in check(session, NOW)}

    assert broken() == set()
    session.execute(text(damage))
    session.expire_all()
    assert invariant in broken()
