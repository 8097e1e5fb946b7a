"""From booked parcels to a refund: lists are built, matched, handed over, answered, merged, and every step undone."""

import pytest
from sqlalchemy import event, insert, select, text

from app.errors import Conflict, Invalid
from app.models import BookingLeg, CustomsCode, DeclarationLine, DeclarationList, DeclarationSummary
from app.queries import declarations as desk
from app.queries import invariants
from app.usecases.booking_parcels import remove_parcel
from app.usecases.declaring import building, noting, steps, summaries
from app.usecases.declaring.checking import check
from app.usecases.declaring.codes import HOUSE, read_codes, set_codes
from app.usecases.declaring.deciding import give_mode
from app.usecases.declaring.messages import list_xml, summary_xml
from app.usecases.declaring.numbering import note_customs_numbers
from app.usecases.declaring.refunds import expected_refund
from app.usecases.seeding_customs import seed_customs_codes
from tests import factories as make
from tests.declaration_rows import DESK, MONTH, PORT, built, customs_world, paid
from tests.factories import DAY, NOW


def released(session, **world):
    """A list that customs let go."""
    customs_world(session, **world)
    found = built(session, world.get("mode", "9610"))
    if found.customs_mode == "9610":
        paid(session, found)
    steps.submit_list(session, DESK, NOW, found.public_id)
    return steps.answer_list(session, DESK, NOW, found.public_id, "release", number="B2026", answer="")


def broken(session):
    return {
        one.invariant
        for one in invariants.broken(session, NOW)
        if "list" in one.invariant or "decl" in one.invariant
    }


def test_a_list_says_what_is_booked_in_yuan_and_with_its_net_weight(session):
    _, exporter, _, parcels = customs_world(session)
    (waiting,) = desk.waiting_parcels(session)
    assert (waiting.mode, waiting.port.code, waiting.month, waiting.count) == ("9610", PORT, MONTH, 2)

    found = built(session)

    assert (found.exporter_id, found.lines, found.gross_g, found.net_g) == (exporter.id, 2, 2_000, 1_800)
    assert found.value_minor == 2 * 17_750
    assert {row.order_number for row in found.rows} == {one.reference for one in parcels}
    assert desk.waiting_parcels(session) == []
    with pytest.raises(Conflict, match="nothing waits"):
        built(session)


def test_a_list_fails_its_check_until_each_payment_is_noted_and_matches(session):
    customs_world(session)
    found = built(session)
    assert (found.status, found.mismatched) == ("pre_check_failed", 2)
    with pytest.raises(Conflict, match="does not pass"):
        steps.submit_list(session, DESK, NOW, found.public_id)

    paid(session, found, "20.00")
    assert (found.status, found.mismatched) == ("pre_check_failed", 2)
    paid(session, found)
    assert (found.status, found.mismatched) == ("draft", 0)

    noting.take_payment_back(session, DESK, NOW, found.public_id, 1)
    assert (found.status, found.mismatched) == ("pre_check_failed", 1)


def test_nothing_is_noted_of_payments_that_cannot_be_read(session):
    customs_world(session)
    found = built(session)
    order = found.rows[0].order_number
    with pytest.raises(Invalid) as refused:
        noting.note_payments(
            session, DESK, NOW, found.public_id, f"{order},P1,25.00,USD\nELSE,P2,x,USD\n{order},P3"
        )
    assert [one.message.partition(":")[0] for one in refused.value.errors] == ["line 2", "line 3"]
    assert found.mismatched == 2


def test_payments_are_noted_over_all_lists_unless_two_exporters_mean_the_same_order(session):
    (_, _, _, mine), (_, _, _, theirs) = customs_world(session), customs_world(session)
    theirs[0].reference = mine[0].reference
    session.flush()
    lists = building.build_lists(session, DESK, NOW, "9610", PORT, MONTH)
    text = f"{mine[1].reference},P1,25.00,USD\n{theirs[1].reference},P2,25.00,USD"
    assert noting.note_payments_of_all(session, DESK, NOW, text) == 2
    assert [one.mismatched for one in lists] == [1, 1]
    with pytest.raises(Invalid) as refused:
        noting.note_payments_of_all(session, DESK, NOW, f"{mine[0].reference},P3,25.00,USD")
    assert "two exporters" in refused.value.errors[0].message


def test_a_missing_number_of_the_house_fails_every_list_and_a_wrong_one_is_refused(session):
    customs_world(session)
    found = built(session)
    paid(session, found)
    set_codes(session, DESK, NOW, HOUSE, {"dxp": ""})
    steps.check_list(session, DESK, NOW, found.public_id)
    assert found.status == "pre_check_failed"
    assert [one.kind for one in check(session, found, NOW.date()).missing] == ["dxp"]
    with pytest.raises(Invalid):
        set_codes(session, DESK, NOW, HOUSE, {"enterprise": "too short"})


def test_a_code_is_given_to_all_lines_of_a_goods_class_that_have_none(session):
    customs_world(session, hs_code=None)
    found = built(session)
    assert found.warned == 2
    assert noting.set_hs_code(session, DESK, NOW, found.public_id, "6912001000", "general") == 2
    assert found.warned == 0
    with pytest.raises(Invalid):
        noting.set_hs_code(session, DESK, NOW, found.public_id, "6913900000", "general")
    assert noting.set_hs_code(session, DESK, NOW, found.public_id, "6913900000", "general", replace=True) == 2


def test_a_rejected_list_is_corrected_and_sent_as_a_change_and_every_step_is_undone(session):
    customs_world(session)
    found = built(session)
    paid(session, found)
    steps.submit_list(session, DESK, NOW, found.public_id)
    with pytest.raises(Invalid):
        steps.answer_list(session, DESK, NOW, found.public_id, "reject")
    steps.answer_list(session, DESK, NOW, found.public_id, "reject", answer="HS code does not fit")
    steps.reopen_list(session, DESK, NOW, found.public_id)
    assert (found.status, found.version) == ("draft", 2)
    assert broken(session) == set()

    for before in ("rejected", "submitted", "draft"):
        steps.undo_list_step(session, DESK, NOW, found.public_id)
        assert found.status == before
    assert found.version == 1
    building.discard_list(session, DESK, NOW, found.public_id)
    assert session.scalars(select(DeclarationLine)).all() == []
    assert desk.waiting_parcels(session)[0].count == 2


def test_what_left_or_changed_since_is_seen_and_taken_over(session):
    _, _, booking, parcels = customs_world(session, count=3)
    found = built(session)
    remove_parcel(session, DESK, NOW, booking.public_id, parcels[0].public_id)
    parcels[1].weight_g = 1_300
    session.flush()

    steps.check_list(session, DESK, NOW, found.public_id)
    assert found.moved == 2
    building.refresh_list(session, DESK, NOW, found.public_id)

    assert (found.lines, found.gross_g, found.moved) == (2, 2_300, 0)
    assert broken(session) == set()


def test_a_rolled_booking_moves_every_line_to_its_new_day(session):
    _, _, booking, _ = customs_world(session)
    found = built(session)
    leg = session.scalars(select(BookingLeg).where(BookingLeg.booking_id == booking.id)).one()
    leg.departs_at += DAY
    session.flush()
    result = check(session, found, NOW.date())
    assert [one.moved for one in result.lines] == [["departs_on"], ["departs_on"]]


def test_each_line_is_matched_by_the_number_of_its_own_parcel(session):
    _, _, _, parcels = customs_world(session)
    found = built(session)
    assert {row.waybill_number for row in found.rows} == {one.tracking_number for one in parcels}
    parcels[0].tracking_number = None
    session.flush()
    building.refresh_list(session, DESK, NOW, found.public_id)
    assert [one.documents["waybill"] for one in check(session, found, NOW.date()).lines] == ["missing", "ok"]


def test_what_rolled_into_another_month_goes_off_the_list_and_waits_there(session):
    (_, _, booking, _), _ = customs_world(session, count=1), customs_world(session, count=1)
    building.build_lists(session, DESK, NOW, "9610", PORT, MONTH)
    leg = session.scalars(select(BookingLeg).where(BookingLeg.booking_id == booking.id)).one()
    leg.departs_at += 30 * DAY
    session.flush()
    found = desk.lists_of_booking(session, booking.id)[0]
    with pytest.raises(Conflict, match="give the list up"):
        building.refresh_list(session, DESK, NOW, found.public_id)
    building.discard_list(session, DESK, NOW, found.public_id)
    (waiting,) = desk.waiting_parcels(session)
    assert waiting.month > MONTH


def test_what_is_no_more_true_is_neither_written_nor_merged_until_it_is_declared_anew(session):
    found = released(session)
    found.rows[0].parcel.weight_g += 100
    session.flush()
    with pytest.raises(Conflict, match=found.number):
        summaries.build_summaries(session, DESK, NOW, "9610", PORT, MONTH)
    steps.reopen_list(session, DESK, NOW, found.public_id)
    with pytest.raises(Conflict, match="stands in the way"):
        list_xml(session, NOW, found, check(session, found, NOW.date()))
    building.refresh_list(session, DESK, NOW, found.public_id)
    assert (found.status, found.version) == ("draft", 2)
    steps.undo_list_step(session, DESK, NOW, found.public_id)
    assert (found.status, found.version) == ("released", 1)
    summaries.build_summaries(session, DESK, NOW, "9610", PORT, MONTH)
    assert broken(session) == set()


def test_lines_that_customs_rejects_go_their_own_way_and_keep_their_numbers(session):
    customs_world(session, count=3)
    found = built(session)
    paid(session, found)
    steps.submit_list(session, DESK, NOW, found.public_id)
    number = found.rows[1].number
    with pytest.raises(Invalid):
        steps.answer_list(session, DESK, NOW, found.public_id, "reject", answer="no", lines="4")
    other = steps.answer_list(session, DESK, NOW, found.public_id, "reject", answer="no", lines="2")

    assert ([row.seq for row in found.rows], found.lines, found.status) == ([1, 3], 2, "submitted")
    assert [row.number for row in other.rows] == [number]
    steps.answer_list(session, DESK, NOW, found.public_id, "release")
    steps.reopen_list(session, DESK, NOW, other.public_id)
    noting.set_hs_code(session, DESK, NOW, other.public_id, "6913100000", "general", lines="2")
    assert (other.version, other.status, other.rows[0].hs_code) == (2, "draft", "6913100000")
    assert broken(session) == set()


def test_what_left_a_list_at_customs_is_taken_back_and_waits_anew(session):
    found = released(session)
    left = found.rows[0].parcel_id
    with pytest.raises(Conflict, match="take it back"):
        building.discard_list(session, DESK, NOW, found.public_id)
    other = steps.answer_list(session, DESK, NOW, found.public_id, "take_back", lines="1")
    assert (found.status, found.lines, other.status) == ("released", 1, "taken_back")
    steps.undo_list_step(session, DESK, NOW, other.public_id)
    assert other.status == "released"
    steps.answer_list(session, DESK, NOW, other.public_id, "take_back")
    building.discard_list(session, DESK, NOW, other.public_id)
    again = built(session)
    assert [row.parcel_id for row in again.rows] == [left]
    assert broken(session) == set()


def test_a_summary_is_by_the_numbers_of_its_lines_where_its_month_holds_more(session):
    found = released(session)
    (made,) = summaries.build_summaries(session, DESK, NOW, "9610", PORT, MONTH)

    def written():
        session.expire_all()
        return summary_xml(session, NOW, desk.get_summary(session, made.public_id))

    assert b"startTime" in written()
    customs_world(session, exporter=found.exporter)
    other = built(session)
    paid(session, other)
    steps.submit_list(session, DESK, NOW, other.public_id)
    steps.answer_list(session, DESK, NOW, other.public_id, "release")
    with pytest.raises(Conflict, match=other.number):
        written()
    with pytest.raises(Invalid):
        note_customs_numbers(session, DESK, NOW, found.public_id, "NONE,1")
    text = "\n".join(f"{row.order_number}\t4200E{row.seq}" for row in found.rows)
    assert note_customs_numbers(session, DESK, NOW, found.public_id, text) == 2
    content = written()
    assert content.count(b"<ceb:invtNo>4200E") == 2
    assert b"startTime" not in content


def test_goods_above_the_limit_of_a_list_go_another_way(session):
    customs_world(session, mode="9710", value_minor=100_000)
    found = built(session, "9710")
    assert (found.channel, found.status) == ("h2018", "draft")


def test_released_lists_become_one_declaration_that_is_refunded_settled_and_undone(session):
    found = released(session, mode="9810")
    (waiting,) = desk.waiting_lists(session)
    assert waiting.count == 1
    (made,) = summaries.build_summaries(session, DESK, NOW, "9810", PORT, MONTH)
    assert found.status == "summarised"
    (line,) = summaries.merged_lines(desk.get_summary(session, made.public_id))
    assert (line.key.country, line.count, line.value_minor, line.net_g) == ("US", 2, 5_000, 1_800)
    assert expected_refund(session, [found], NOW) == 2 * 2_308

    summaries.submit_summary(session, DESK, NOW, made.public_id)
    with pytest.raises(Invalid):
        summaries.accept_summary(session, DESK, NOW, made.public_id, "123")
    summaries.accept_summary(session, DESK, NOW, made.public_id, "4" * 18)
    summaries.note_refund(session, DESK, NOW, made.public_id, 4_600, NOW.date())
    assert (found.status, desk.rebate_state(found)) == ("refunded", "pre_refunded")
    assert desk.settled_by(made).isoformat() == "2027-04-30"
    summaries.settle_refund(session, DESK, NOW, made.public_id, "sold", NOW.date())
    assert desk.rebate_state(found) == "settled"
    assert broken(session) == set()

    for status in ("refunded", "accepted", "submitted", "draft"):
        summaries.undo_summary_step(session, DESK, NOW, made.public_id)
        assert made.status == status
    assert summaries.undo_summary_step(session, DESK, NOW, made.public_id) is None
    session.expire_all()
    assert (found.status, found.summary_id) == ("released", None)
    assert session.scalars(select(DeclarationSummary)).all() == []


def test_a_simplified_list_waits_for_no_declaration(session):
    customs_world(session)
    found = built(session, flag="A")
    paid(session, found)
    steps.submit_list(session, DESK, NOW, found.public_id)
    steps.answer_list(session, DESK, NOW, found.public_id, "release")
    assert desk.waiting_lists(session) == []
    assert desk.rebate_state(found) == "none"


def test_example_numbers_are_noted_once_and_leave_real_ones_alone(session):
    _, exporter, _, _ = customs_world(session)
    make.make_party(session)
    assert seed_customs_codes(session, DESK, NOW) > 0
    assert seed_customs_codes(session, DESK, NOW) == 0
    assert read_codes(session, [exporter.public_id])[exporter.public_id, "enterprise"].startswith("91370200")


def test_a_number_that_somebody_else_notes_at_the_same_moment_is_told(session):
    set_codes(session, DESK, NOW, HOUSE, {"dxp": ""})

    def other(session, *_):
        row = {"subject": HOUSE, "kind": "dxp", "value": "X", "changed_at": NOW}
        session.execute(insert(CustomsCode.__table__).values(row))

    event.listen(session, "before_flush", other, once=True)
    with pytest.raises(Conflict, match="same moment"):
        set_codes(session, DESK, NOW, HOUSE, {"dxp": "MINE"})


def test_the_desk_gives_what_waits_without_a_mode_one_and_takes_it_back(session):
    customs_world(session, mode=None)
    give = (session, DESK, NOW, PORT, MONTH)
    assert give_mode(*give, "9610") == 2
    (waiting,) = desk.waiting_parcels(session)
    assert (waiting.mode, waiting.by_desk) == ("9610", True)
    assert give_mode(*give, "", was="9610") == 2
    assert [one.mode for one in desk.waiting_parcels(session)] == [None]
    with pytest.raises(Conflict):
        give_mode(*give, "9710", was="9610")


def test_two_declarations_never_have_one_number(session):
    made = []
    for _ in range(2):
        released(session, mode="9810")
        made += summaries.build_summaries(session, DESK, NOW, "9810", PORT, MONTH)
    for one in made:
        summaries.submit_summary(session, DESK, NOW, one.public_id)
    summaries.accept_summary(session, DESK, NOW, made[0].public_id, "4" * 18)
    with pytest.raises(Conflict, match="this number already"):
        summaries.accept_summary(session, DESK, NOW, made[1].public_id, "4" * 18)


@pytest.mark.parametrize(
    ("damage", "invariant"),
    [
        ("UPDATE declaration_list SET gross_g = gross_g + 1", "declared_lists_add_up"),
        ("DELETE FROM declaration_line", "declared_lists_add_up"),
        ("UPDATE declaration_list SET status = 'released'", "declarations_went_through_their_states"),
    ],
)
def test_damage_is_found(session, damage, invariant):
    customs_world(session)
    built(session)
    session.execute(text(damage))
    assert broken(session) == {invariant}


def test_lists_are_narrowed_by_what_the_desk_asks_for(session):
    customs_world(session)
    found = built(session)
    assert [one.id for one in desk.list_lists(session, desk.ListFilter(mode="9610", month=MONTH)).items] == [
        found.id
    ]
    assert [one.id for one in desk.list_lists(session, desk.ListFilter(mismatch=True, to_do=True)).items] == [
        found.id
    ]
    for other in (desk.ListFilter(mode="9710"), desk.ListFilter(state="released"), desk.ListFilter(port="X")):
        assert desk.list_lists(session, other).items == []
    assert desk.count_states(session) == {"pre_check_failed": 1, "mismatch": 1}
    assert session.scalars(select(DeclarationList.number)).one().startswith("9610-26")
