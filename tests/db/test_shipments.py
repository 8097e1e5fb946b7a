"""Papers, notes and the margin of a booking: what is kept beside it, and who may see and change it."""

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Conflict, Invalid, NotFound, UnsupportedMedia
from app.models import AuditEvent, Call, Cutoff, Location, Service
from app.queries.bookings import get_booking
from app.queries.shipment_history import changes_of, notes_of
from app.queries.shipment_papers import checklist
from app.usecases import notes
from app.usecases.booking import book_offer
from app.usecases.shipment_documents import (
    PaperStore,
    receive_document,
    restore_document,
    withdraw_document,
)
from app.usecases.shipment_margin import SHARE, margin_of
from tests import factories as make
from tests.booking_rows import LINE, fill_booking, make_booking, make_offer, make_quote
from tests.factories import DAY, NOW
from tests.quote_rows import fx, sell

STAFF = Actor("user", "usr_staff", "operator")
PDF = b"%PDF-1.7 a test summary"


@pytest.fixture
def departure(session):
    return make.make_departure(session, pools={"g": (90_000, 0, 0), "cm3": (900_000, 0, 0)})


def booked(session, departure, *, lines=(LINE,), take=False):
    calls = departure.calls
    ends = [session.get_one(Location, call.location_id) for call in (calls[0], calls[-1])]
    offer = make_offer(session, [departure], make_quote(session, None, *ends, lines=lines))
    return (
        book_offer(session, STAFF, NOW, offer.public_id)
        if take
        else make_booking(session, offer, lines=lines)
    )


@pytest.fixture
def booking(session, departure):
    return booked(session, departure, lines=[LINE | {"goods_class": "li_ion_contained"}])


@pytest.fixture
def owner(booking):
    return Actor("user", "usr_owner", "exporter", booking.exporter_id)


@pytest.fixture
def stranger(session):
    return Actor("user", "usr_other", "exporter", make.make_party(session).id)


@pytest.fixture
def store(tmp_path):
    return PaperStore(tmp_path)


def states(session, booking, at=NOW):
    return {row.code: row.state for row in checklist(session, booking, at)}


def test_the_checklist_follows_what_there_is(session, booking):
    assert states(session, booking) == {
        "label": "missing", "house_waybill": "present", "packing_list": "missing", "manifest": "missing",
        "commercial_invoice": "present", "through_document": "missing", "battery_test_summary": "missing",
        "export_list": "missing",
    }  # fmt: skip
    fill_booking(session, booking, 2)
    assert states(session, booking)["label"] == "present"


def test_a_paper_is_late_after_the_documentation_cut_off_of_its_departure(session, booking, departure):
    board = session.scalar(
        select(Call).where(Call.departure_id == departure.id, Call.departs_at.is_not(None))
    )
    board.cutoffs = [Cutoff(code="DCO", at=NOW + DAY)]
    session.flush()
    (row,) = (one for one in checklist(session, booking, NOW) if one.code == "export_list")
    assert (row.cutoff, row.due_at, row.state) == ("DCO", NOW + DAY, "missing")
    assert states(session, booking, NOW + DAY)["export_list"] == "late"


def test_a_cancelled_booking_needs_no_papers(session, booking):
    booking.status = "CANCELLED"
    assert checklist(session, booking, NOW) == []


def test_a_paper_comes_in_is_taken_back_and_brought_back(session, booking, owner, store):
    code = "battery_test_summary"
    paper = receive_document(
        session, owner, NOW, store, booking.public_id, code, content=PDF, name="UN38.3.pdf"
    )
    assert states(session, booking)[code] == "present"
    assert store.read(paper.sha256, paper.media_type) == PDF

    withdraw_document(session, owner, NOW, booking.public_id, paper.public_id)
    assert states(session, booking)[code] == "missing"
    with pytest.raises(Conflict):
        withdraw_document(session, owner, NOW, booking.public_id, paper.public_id)

    restore_document(session, owner, NOW, booking.public_id, paper.public_id)
    assert states(session, booking)[code] == "present"
    audited = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == booking.public_id)).all()
    assert audited == ["booking.paper_received", "booking.paper_withdrawn", "booking.paper_restored"]


def test_only_the_operation_ticks_a_paper_off(session, booking, owner, store):
    with pytest.raises(Invalid):
        receive_document(session, owner, NOW, store, booking.public_id, "export_list")
    receive_document(session, STAFF, NOW, store, booking.public_id, "export_list")
    assert states(session, booking)["export_list"] == "present"


def test_papers_that_are_none_are_refused(session, booking, store):
    with pytest.raises(Invalid):
        receive_document(session, STAFF, NOW, store, booking.public_id, "horoscope")
    with pytest.raises(UnsupportedMedia):
        receive_document(session, STAFF, NOW, store, booking.public_id, "export_list", content=b"<html>")


def test_another_exporter_reaches_neither_papers_nor_notes(session, booking, stranger, store):
    with pytest.raises(NotFound):
        receive_document(session, stranger, NOW, store, booking.public_id, "export_list", content=PDF)
    with pytest.raises(NotFound):
        notes.add_note(session, stranger, NOW, booking.public_id, "hello", for_exporter=True)


def test_a_note_inside_the_operation_stays_there(session, booking, owner):
    inside = notes.add_note(session, STAFF, NOW, booking.public_id, "shipper is slow", for_exporter=False)
    notes.add_note(session, STAFF, NOW, booking.public_id, "send the list", for_exporter=True)
    notes.add_note(session, owner, NOW, booking.public_id, "will do", for_exporter=False)

    assert [row.note.text for row in notes_of(session, owner, booking)] == ["will do", "send the list"]
    assert len(notes_of(session, STAFF, booking)) == 3
    with pytest.raises(NotFound):
        notes.withdraw_note(session, owner, NOW, booking.public_id, inside.public_id)


def test_an_edit_replaces_a_note_and_undo_brings_one_back(session, booking):
    first = notes.add_note(session, STAFF, NOW, booking.public_id, "to gate 3", for_exporter=False)
    second = notes.edit_note(
        session, STAFF, NOW, booking.public_id, first.public_id, "to gate 4", for_exporter=False
    )
    assert [(row.note.text, row.edited) for row in notes_of(session, STAFF, booking)] == [("to gate 4", True)]
    with pytest.raises(Conflict):
        notes.edit_note(session, STAFF, NOW, booking.public_id, first.public_id, "late", for_exporter=False)

    notes.withdraw_note(session, STAFF, NOW, booking.public_id, second.public_id)
    assert notes_of(session, STAFF, booking) == []
    notes.restore_note(session, STAFF, NOW, booking.public_id, second.public_id)
    assert [row.note.text for row in notes_of(session, STAFF, booking)] == ["to gate 4"]

    row = get_booking(session, STAFF, booking.public_id)
    edits = [one for one in changes_of(session, row.booking) if one.action == "note_edited"]
    assert (edits[0].before["note"], edits[0].after["note"]) == ("to gate 3", "to gate 4")


def test_the_margin_is_what_is_charged_less_what_the_space_costs(session, departure):
    service = session.get_one(Service, departure.service_id)
    sell(session, service, rate=2_000_000, side="buy", code="BUY-1", currency="EUR")
    fx(session, "EUR", "USD", 1_100_000)
    margin = margin_of(session, booked(session, departure))

    assert (margin.revenue_minor, margin.cost_minor, margin.margin_minor) == (1_000, 440, 560)
    (cost,) = margin.legs[0].cost
    assert (cost.source, cost.quantity, cost.priced_minor, cost.rate.rate_micros) == (
        "BUY-1",
        "2.000",
        400,
        1_100_000,
    )
    assert margin.unknown == ()


def test_a_leg_that_nothing_prices_is_said_to_be_unknown(session, departure):
    assert margin_of(session, booked(session, departure)).unknown == (1,)


def test_a_container_is_shared_among_what_is_booked_in_it(session):
    sailing = make.make_departure(session, pools={"teu": (1_000, 0, 0)})
    make.make_departure_unit(
        session, sailing, make.make_unit_type(session, takes_dimension="teu", takes_quantity=200)
    )
    ends = [session.get_one(Location, call.location_id) for call in (sailing.calls[0], sailing.calls[-1])]
    made = []
    for count in (1, 3):
        quote = make_quote(session, make.make_party(session), *ends, lines=[LINE | {"count": count}])
        offer = make_offer(session, [sailing], quote, may_open=True)
        made.append(book_offer(session, STAFF, NOW, offer.public_id))
    costs = [margin_of(session, one).legs[0].cost for one in made]
    assert [line.code for lines in costs for line in lines] == [SHARE, SHARE]
    assert [line.amount_minor for lines in costs for line in lines] == [45_000, 135_000]
