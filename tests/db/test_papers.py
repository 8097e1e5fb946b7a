"""Papers of bookings: what rows become on them, and through documents that are issued, replaced and checked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.documents.facts import Goods
from app.errors import NotFound, NothingToPrint, TooLarge
from app.models import Consignment, HandlingUnit, SpaceAllocation, TransportDocument
from app.queries import paper_labels, papers
from app.queries.manifests import manifest
from app.queries.verification import check_document
from app.usecases.papers import issue_documents, void_documents
from tests import factories as make
from tests.billing_rows import charge
from tests.booking_rows import LINE, fill_booking, make_booking, make_offer, make_quote
from tests.factories import DAY, NOW
from trade.numbering import waybill_number

STAFF = Actor("user", "usr_test", "operator")
BASE = "https://fourport.example"
POWER_BANKS = LINE | {"goods_class": "li_ion_alone", "description": "充电宝", "hs_code": None, "count": 5}


@pytest.fixture
def flight(session):
    """A flight from Qingdao to Duisburg, by way of nowhere."""
    ends = [
        make.make_location(session, "CNTAO-AIR", "airport", name_en="Qingdao airport", name_zh="青岛机场"),
        make.make_location(session, "DELGG-AIR", "airport", country="DE", time_zone="Europe/Berlin"),
    ]
    service = make.make_service(session, "CA-1", "air", name_en="Charter", name_zh="包机")
    return make.make_departure(session, service, ends, number="CA1023")


@pytest.fixture
def booking(session, flight):
    """A booking of two lines on the flight, of a named exporter."""
    return booked(session, flight)


def booked(session, departure, lines=(LINE, POWER_BANKS), mode="air", **facts):
    exporter = make.make_party(session, name="青岛海尔 Haier")
    hub = make.make_location(session, kind="origin_hub", name_en="Qingdao hub", name_zh="青岛集货仓")
    home = make.make_location(session, kind="overseas", country="DE", name_en="Duisburg", name_zh="杜伊斯堡")
    offer = make_offer(session, [departure], make_quote(session, exporter, hub, home, lines=lines))
    offer.legs = [leg | {"mode": mode} for leg in offer.legs]
    return make_booking(session, offer, lines=lines, reference="PO-77", **facts)


def owner(booking, **facts):
    return Actor("key", "key_test", "exporter", booking.exporter_id, **facts)


def labels(session, booking, actor=STAFF, **wanted):
    return paper_labels.booking_labels(session, actor, booking.public_id, BASE, **wanted)


def test_a_label_says_what_its_parcel_booking_and_way_say(session, booking):
    parcel, _ = fill_booking(session, booking, 2)
    first, second = labels(session, booking)

    assert (first.tracking_number, first.number, first.count, second.number) == (
        parcel.tracking_number,
        1,
        2,
        2,
    )
    assert first.scan == f"{BASE}/track/{parcel.tracking_number}"
    assert (first.sender, first.origin.name_zh, first.destination.country) == (
        "青岛海尔 Haier",
        "青岛集货仓",
        "DE",
    )
    assert (first.service, first.reference, first.customs_mode) == (
        "Charter 包机 CA1023",
        parcel.reference,
        "9610",
    )
    assert first.goods == Goods(name_en="General cargo", name_zh="普货")
    assert first.waybill_number == session.scalar(select(Consignment.waybill_number))
    assert not first.test


def test_a_battery_that_flies_is_marked_for_cargo_aircraft_and_one_at_sea_by_its_number(session, booking):
    parcel = fill_booking(session, booking)[0]
    parcel.goods_class = "li_ion_alone"
    assert labels(session, booking)[0].goods.marks == "UN3480 PI965 · CAO 仅限货机"

    by_sea = booked(session, make.make_departure(session), mode="sea")
    fill_booking(session, by_sea)[0].goods_class = "li_ion_alone"
    assert labels(session, by_sea)[0].goods.marks == "UN3480"


def test_labels_come_in_parts_and_keep_their_numbers(session, booking, monkeypatch):
    fill_booking(session, booking, 2)
    booking.lines[0].count = 5
    fill_booking(session, booking, 3)

    assert [one.number for one in labels(session, booking, first=3, count=2)] == [3, 4]
    assert {one.count for one in labels(session, booking, first=3)} == {5}
    monkeypatch.setattr(paper_labels, "MAX_LABELS", 4)
    with pytest.raises(TooLarge, match="5 labels"):
        labels(session, booking)
    assert len(labels(session, booking, first=2)) == 4


def test_a_cancelled_parcel_gets_no_label_and_one_alone_keeps_its_number(session, booking):
    first, second = fill_booking(session, booking, 2)
    assert paper_labels.parcel_label(session, STAFF, second.public_id, BASE).number == 2

    first.status = "cancelled"
    session.flush()
    assert [one.tracking_number for one in labels(session, booking)] == [second.tracking_number]
    with pytest.raises(NothingToPrint, match="cancelled"):
        paper_labels.parcel_label(session, STAFF, first.public_id, BASE)


def test_there_is_no_label_before_a_parcel_fills_a_booking(session, booking):
    waiting = make.make_parcel(session)

    with pytest.raises(NothingToPrint, match="add them first"):
        labels(session, booking)
    with pytest.raises(NothingToPrint, match="fills no booking yet"):
        paper_labels.parcel_label(session, STAFF, waiting.public_id, BASE)


@pytest.mark.parametrize("status", ["CANCELLED", "REJECTED", "DECLINED"])
def test_nothing_is_printed_for_a_booking_that_is_over(session, booking, status):
    parcel = fill_booking(session, booking)[0]
    booking.status = status
    session.flush()

    for asked in (
        lambda: labels(session, booking),
        lambda: paper_labels.parcel_label(session, STAFF, parcel.public_id, BASE),
        lambda: papers.booking_waybills(session, STAFF, booking.public_id),
        lambda: papers.packing_list(session, STAFF, booking.public_id, NOW),
        lambda: papers.commercial_invoice(session, STAFF, booking.public_id, NOW),
    ):
        with pytest.raises(NothingToPrint, match=status.lower()):
            asked()


def test_another_exporter_and_a_key_of_test_mode_find_nothing(session, booking):
    parcel = fill_booking(session, booking)[0]
    stranger = Actor("key", "key_other", "exporter", make.make_party(session).id)

    for actor in (stranger, owner(booking, test_mode=True)):
        with pytest.raises(NotFound):
            labels(session, booking, actor)
        with pytest.raises(NotFound):
            paper_labels.parcel_label(session, actor, parcel.public_id, BASE)
        with pytest.raises(NotFound):
            papers.booking_waybills(session, actor, booking.public_id)
    assert len(labels(session, booking, owner(booking))) == 1


def test_what_is_practice_says_so_on_its_papers(session, flight):
    practice = booked(session, flight, test_mode=True)
    fill_booking(session, practice)
    actor = owner(practice, test_mode=True)

    assert labels(session, practice, actor)[0].test
    assert papers.booking_waybills(session, actor, practice.public_id)[0].test
    assert papers.packing_list(session, actor, practice.public_id, NOW).test


def test_a_waybill_has_the_goods_as_booked_and_then_its_parcels(session, booking):
    (before,) = papers.booking_waybills(session, STAFF, booking.public_id)
    assert before.as_booked
    assert [(line.packages, line.weight_g, line.volume_cm3) for line in before.goods] == [
        (2, 2_000, 6_000), (5, 5_000, 15_000)
    ]  # fmt: skip

    fill_booking(session, booking, 1, goods_class="general")
    (after,) = papers.booking_waybills(session, STAFF, booking.public_id)
    assert not after.as_booked
    assert [(line.packages, line.weight_g, line.description) for line in after.goods] == [
        (1, 1_000, "ceramic mugs")
    ]
    assert (after.incoterm, after.customs_mode, after.reference) == ("DAP", "9610", "PO-77")
    assert [(leg.mode, leg.number, leg.origin.code) for leg in after.legs] == [("air", "CA1023", "CNTAO-AIR")]


def test_each_consignment_has_its_own_waybill_and_an_empty_one_none(session, booking):
    _, second = fill_booking(session, booking, 2)
    other = Consignment(public_id="cns_0000000000000001", booking_id=booking.id, waybill_number=waybill_number(),
                        customs_mode="9710", created_at=NOW)  # fmt: skip
    empty = Consignment(public_id="cns_0000000000000002", booking_id=booking.id, waybill_number=waybill_number(),
                        created_at=NOW)  # fmt: skip
    session.add_all([other, empty])
    session.flush()
    second.consignment_id = other.id
    session.flush()

    found = papers.booking_waybills(session, STAFF, booking.public_id)
    assert [(one.customs_mode, one.goods[0].packages) for one in found] == [("9610", 1), ("9710", 1)]
    assert {one.waybill_number for one in labels(session, booking)} == {one.number for one in found}


def test_a_packing_list_has_every_parcel(session, booking):
    with pytest.raises(NothingToPrint):
        papers.packing_list(session, STAFF, booking.public_id, NOW)
    parcels = fill_booking(session, booking, 2)

    found = papers.packing_list(session, STAFF, booking.public_id, NOW)
    assert [one.tracking_number for one in found.parcels] == [one.tracking_number for one in parcels]
    assert {(one.description, one.hs_code) for one in found.parcels} == {("ceramic mugs", "691200")}


def test_a_commercial_invoice_counts_what_is_worth_the_same(session, booking):
    before = papers.commercial_invoice(session, STAFF, booking.public_id, NOW)
    assert [(line.packages, line.unit_minor, line.currency) for line in before.lines] == [
        (2, 2_500, "USD"), (5, 2_500, "USD")
    ]  # fmt: skip

    cheap, dear = fill_booking(session, booking, 2, value_minor=1_000, currency="EUR")
    dear.value_minor = 9_000
    session.flush()
    after = papers.commercial_invoice(session, STAFF, booking.public_id, NOW)
    assert [(line.packages, line.unit_minor, line.currency, line.weight_g) for line in after.lines] == [
        (1, 1_000, "EUR", cheap.weight_g), (1, 9_000, "EUR", dear.weight_g)
    ]  # fmt: skip


def test_a_manifest_has_every_live_booking_on_the_departure(session, flight, booking):
    fill_booking(session, booking, 2)
    waits = booked(session, flight, lines=(POWER_BANKS,))
    booked(session, flight, status="CANCELLED")
    booked(session, flight, test_mode=True)
    booked(session, make.make_departure(session), mode="sea")

    found = manifest(session, flight.public_id, NOW)
    assert (found.number, found.service, found.mode) == ("CA1023", "Charter 包机", "air")
    assert [(line.booking, line.packages, line.weight_g) for line in found.lines] == [
        (booking.public_id, 2, 2_000), (waits.public_id, 5, 5_000)
    ]  # fmt: skip
    assert [line.marks for line in found.lines] == [(), ("UN3480 PI965 · CAO 仅限货机",)]
    assert [call.place.code for call in found.calls] == ["CNTAO-AIR", "DELGG-AIR"]
    assert found.units == ()


def test_a_manifest_lists_open_units_and_who_has_room_in_them(session, flight, booking):
    kind = make.make_unit_type(session, "PMC", name_en="Pallet", name_zh="集装板")
    facts = {"departure_id": flight.id, "unit_type_id": kind.id, "board_seq": 0, "alight_seq": 1, "opened_at": NOW,
             "payload_g": 10_000, "volume_cm3": 90_000, "opened_by": "usr_test"}  # fmt: skip
    unit = HandlingUnit(public_id="hun_0000000000000001", booked_g=7_000, booked_cm3=21_000, **facts)
    shut = HandlingUnit(public_id="hun_0000000000000002", closed_at=NOW, **facts)
    session.add_all([unit, shut])
    session.flush()
    for dimension in ("g", "cm3"):
        session.add(SpaceAllocation(unit_id=unit.id, dimension=dimension, quantity=7_000, state="booked",
                                    booking_id=booking.id, created_at=NOW))  # fmt: skip
    session.flush()

    found = manifest(session, flight.public_id, NOW)
    assert [(one.reference, one.kind, one.booked_g) for one in found.units] == [
        (unit.public_id, "Pallet 集装板", 7_000)
    ]
    assert [line.units for line in found.lines] == [(unit.public_id,)]


def test_there_is_no_manifest_of_a_departure_that_is_not_there(session):
    with pytest.raises(NotFound):
        manifest(session, "dep_0000000000000000", NOW)


def documents(session):
    query = select(TransportDocument).order_by(TransportDocument.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def test_a_through_document_is_issued_with_one_child_for_each_leg(session, booking):
    through = issue_documents(session, booking, NOW)

    rows = documents(session)
    assert [(row.leg_seq, row.number, row.parent_id) for row in rows] == [
        (0, through.number, None), (1, f"{through.number}-1", through.id)
    ]  # fmt: skip
    paper, digest = papers.current_transport_document(session, owner(booking), booking.public_id)
    assert (paper.number, paper.version, paper.replaces, digest) == (through.number, 1, None, through.digest)
    assert (paper.packages, paper.weight_g, paper.consignor.name) == (7, 7_000, "青岛海尔 Haier")
    assert paper.legs[0].number == "CA1023"


def test_a_new_version_replaces_the_old_one_and_says_what_the_booking_says_now(session, booking):
    first = issue_documents(session, booking, NOW)
    booking.lines[0].count = 9
    booking.legs[0].departs_at += timedelta(hours=5)
    second = issue_documents(session, booking, NOW + DAY)

    paper, _ = papers.current_transport_document(session, STAFF, booking.public_id)
    assert (paper.number, paper.version, paper.replaces) == (second.number, 2, first.number)
    assert (paper.packages, paper.legs[0].departs_at) == (14, booking.legs[0].departs_at)
    assert [row.void_at for row in documents(session)] == [NOW + DAY, NOW + DAY, None, None]


def verdict(session, document, code=None):
    return check_document(session, document.number, document.digest[:16] if code is None else code).state


def test_the_verdict_on_a_document_follows_its_life(session, booking):
    first = issue_documents(session, booking, NOW)
    assert verdict(session, first) == "genuine"
    assert {verdict(session, row) for row in documents(session)} == {"genuine"}

    second = issue_documents(session, booking, NOW + DAY)
    assert (verdict(session, first), verdict(session, second)) == ("superseded", "genuine")

    void_documents(session, booking, NOW + 2 * DAY)
    assert (verdict(session, first), verdict(session, second)) == ("void", "void")
    with pytest.raises(NothingToPrint):
        papers.current_transport_document(session, STAFF, booking.public_id)


def test_voiding_again_keeps_the_first_moment(session, booking):
    issue_documents(session, booking, NOW)
    void_documents(session, booking, NOW + DAY)
    void_documents(session, booking, NOW + 2 * DAY)

    assert {row.void_at for row in documents(session)} == {NOW + DAY}


def test_practice_is_no_genuine_document(session, flight):
    practice = booked(session, flight, test_mode=True)

    assert verdict(session, issue_documents(session, practice, NOW)) == "test"


@pytest.mark.parametrize("code", ["", "0" * 16, "x" * 16, "００００００００００００００００", "0" * 64])
def test_a_wrong_code_learns_nothing(session, booking, code):
    assert verdict(session, issue_documents(session, booking, NOW), code) == "unknown"


def test_a_number_that_was_never_issued_is_unknown(session, booking):
    document = issue_documents(session, booking, NOW)

    for number in ("", "FD000000000000000018", document.number[:-1] + "x", document.number + "-9", "\x00"):
        assert check_document(session, number, document.digest[:16]).state == "unknown"
    typed = f"fd {document.number[2:]} "
    assert check_document(session, typed, document.digest[:16].upper()).state == "genuine"


def test_a_row_that_was_changed_behind_our_back_is_not_genuine(session, booking):
    document = issue_documents(session, booking, NOW)
    document.content = document.content | {"version": 7}
    session.flush()

    assert verdict(session, document) == "unknown"


def test_the_operators_invoice_is_what_was_billed(session, booking):
    from app.usecases.billing import invoice_booking

    booking.charges, booking.total_minor = [charge(1_234, "USD")], 1_234
    booking.currency = "USD"
    invoice = invoice_booking(session, STAFF, booking, NOW)
    paper = papers.invoice_paper(session, owner(booking), invoice.public_id)

    assert (paper.number, paper.kind, paper.total_minor, paper.currency) == (
        invoice.number,
        "invoice",
        1_234,
        "USD",
    )
    assert (paper.booking, paper.reference, paper.billed_to.name) == (
        booking.public_id,
        "PO-77",
        "青岛海尔 Haier",
    )
    assert [line.amount_minor for line in paper.lines] == [1_234]
    with pytest.raises(NotFound):
        papers.invoice_paper(session, replace(owner(booking), exporter_id=0), invoice.public_id)
