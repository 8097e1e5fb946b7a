"""Bookings in the browser: one page with everything, and pages that fill, amend, roll and cancel."""

import re

import pytest
import time_machine
from sqlalchemy import select, update

from app.actor import system
from app.ids import new_id
from app.models import Booking, BookingLine, CapacityPool, Departure, Parcel, TrackingEvent
from app.usecases.billing import invoice_booking
from app.usecases.booking import book_offer
from tests import factories as make
from tests.booking_rows import LINE, make_offer, make_quote
from tests.http.pages import person, words
from tests.quote_rows import sell

FEE_HALF = make.NOW + 2 * make.DAY + make.HOUR
"""After the cut-off, a day before the departure, and before the departure itself."""


@pytest.fixture
def backend():
    return "sqlite"


def whole(client, path):
    """The words of every side of a booking, those flashed after a change first."""
    sides = ("", "?tab=goods", "?tab=papers", "?tab=charges", "?tab=notes", "?tab=history")
    return " ".join(words(client.get(path.partition("?")[0] + side)) for side in sides)


class World:
    """A booking of acme's on a sailing, a later sailing, and parcels that wait."""

    def __init__(self, session):
        self.acme, self.globex = make.make_party(session, "acme"), make.make_party(session, "globex")
        liner = make.make_service(session, "PAC1", "sea", accepts=["general"])
        stops = [make.make_location(session, "CNTAO-PORT", name_en="Qingdao port"),
                 make.make_location(session, "USLAX-PORT", country="US", name_en="Los Angeles port")]  # fmt: skip
        sell(session, liner, rate=5_000_000)
        days = (3, 10, 17)
        self.sailings = [
            make.make_departure(
                session, liner, stops, departs_at=make.NOW + day * make.DAY, number=f"VOY{day}"
            )
            for day in days
        ]
        line = LINE | {"count": 4}
        quote = make_quote(session, self.acme, *stops, lines=[line])
        offer = make_offer(session, [self.sailings[0]], quote)
        booking = book_offer(session, system("test"), make.NOW, offer.public_id, reference="PO-7")
        self.id, self.path = booking.public_id, f"/bookings/{booking.public_id}"
        self.parcels = [
            make.make_parcel(
                session, self.acme, *stops, reference=f"MUG-{n}", weight_g=900, volume_cm3=2_500
            ).public_id
            for n in range(3)
        ]  # fmt: skip
        self.later = self.sailings[1].public_id
        self.stops = stops


@pytest.fixture
def world(app, database):
    with time_machine.travel(make.NOW, tick=False):
        with database.transaction() as session:
            rows = World(session)
        yield rows


@pytest.fixture
def operator(app, world):
    return person(app)


def test_its_sides_say_everything_about_a_booking(operator, world):
    text = whole(operator, world.path)
    for part in (
        "PO-7", "Qingdao port → Los Angeles port", "Confirmed", "VOY3", "Cut-off", "0 of 4 packages", "$10.00",
        "Freight by weight", "No parcel in it yet", "None yet: it is made once", "House waybill", "by the timetable",
        "the system test", "Commercial invoice",
    ):  # fmt: skip
        assert part in text


def test_what_really_happened_stands_beside_the_plan(operator, world, database):
    left = make.NOW + 3 * make.DAY + 5 * make.HOUR
    with database.transaction() as session:
        departure = session.scalars(select(Departure).where(Departure.number == "VOY3")).one()
        facts = {"departure_id": departure.id, "event_type": "TRANSPORT", "detail": {}, "source": "test"}
        for code, call, kind, at in (("DEPA", 0, "ACT", left), ("ARRI", 1, "EST", left + 2 * make.DAY)):
            session.add(
                TrackingEvent(
                    public_id=new_id("evt"), code=code, call_seq=call, classifier=kind, happens_at=at,
                    reported_at=make.NOW, received_at=make.NOW, source_id=code, **facts,
                )
            )  # fmt: skip
    text = words(operator.get(world.path))
    assert re.search(r"Leaves Thu 26 Nov 09:30 GMT\+8 – Thu 26 Nov 14:30 GMT\+8 5 h 0 min late", text)
    assert re.search(r"Arrives Fri 27 Nov 09:30 GMT\+8 Sat 28 Nov 14:30 GMT\+8 – 1 d 5 h late", text)
    assert "as last reported" in text
    assert "Departure actual" in whole(operator, world.path)


def test_the_list_narrows_by_what_its_address_says(app, operator, world):
    assert "PO-7" in words(operator.get("/bookings?reference=PO-7&status=CONFIRMED&exporter=acme"))
    assert "No booking matches" in words(operator.get("/bookings?status=CANCELLED"))
    assert operator.get("/bookings?status=lost").status_code == 400
    assert "PO-7" in words(operator.get(f"/bookings?departure={world.sailings[0].public_id}"))
    assert "PO-7" not in words(operator.get(f"/bookings?departure={world.later}"))
    assert f'href="/bookings?departure={world.later}"' in operator.get(f"/departures/{world.later}").text
    globex = person(app, "exporter", exporter=world.globex)
    assert "No booking yet" in words(globex.get("/bookings"))


def test_what_another_exporter_has_is_not_found(app, world):
    globex = person(app, "exporter", exporter=world.globex)
    gets = [globex.get(world.path + page) for page in ("", "/parcels", "/amend", "/roll", "/cancel")]
    posts = [
        globex.post(f"{world.path}{page}", data=form)
        for page, form in (
            ("/parcels", {"parcel": world.parcels[0]}),
            (f"/parcels/{world.parcels[0]}/remove", {}),
            ("/amend", {"count-1": "9"}),
            ("/roll", {"leg-1": world.later}),
            ("/cancel", {"fee": "0"}),
        )
    ]
    assert [answer.status_code for answer in gets + posts] == [404] * 10


def test_its_exporter_sees_and_changes_it_and_readers_only_see_it(app, operator, world):
    acme = person(app, "exporter", exporter=world.acme)
    assert "Amend" in words(acme.get(world.path))
    for role in ("finance", "warehouse", "customs", "regulator"):
        reader = person(app, role)
        text = words(reader.get(world.path))
        assert "PO-7" in text
        assert "Cancel it" not in text
        assert reader.get(f"{world.path}/cancel").status_code == 403
        assert reader.post(f"{world.path}/cancel", data={"fee": "0"}).status_code == 403


def test_another_site_cannot_change_a_booking_with_a_persons_cookie(operator, world):
    foreign = {"Sec-Fetch-Site": "cross-site"}
    for page in ("/parcels", "/amend", "/roll", "/cancel", f"/parcels/{world.parcels[0]}/remove"):
        assert operator.post(world.path + page, headers=foreign).status_code == 403


def test_parcels_of_the_pool_fill_it_and_are_taken_out_again(operator, world, database):
    form = operator.get(f"{world.path}/parcels")
    assert form.text.count(" checked") == 3
    answer = operator.post(f"{world.path}/parcels", data={"parcel": world.parcels[:2]})
    assert answer.status_code == 303
    text = whole(operator, answer.location)
    assert "2 parcels were added." in text
    assert "2 of 4 packages" in text
    with database.reading() as session:
        numbers = session.scalars(
            select(Parcel.tracking_number).where(Parcel.tracking_number.is_not(None))
        ).all()
    assert len(numbers) == 2
    assert all(number in text for number in numbers)

    out = operator.post(f"{world.path}/parcels/{world.parcels[0]}/remove")
    assert out.status_code == 303
    assert "1 of 4 packages" in whole(operator, out.location)
    assert operator.post(f"{world.path}/parcels/{world.parcels[0]}/remove").status_code == 404


def test_more_than_was_booked_is_said_and_what_was_ticked_stays_ticked(operator, world, database):
    with database.transaction() as session:
        session.execute(update(BookingLine).values(count=1))
    page = operator.post(f"{world.path}/parcels", data={"parcel": world.parcels[:2]})
    assert page.status_code == 422
    assert "This is more than was booked" in words(page)
    assert page.text.count(" checked") == 2
    assert operator.post(f"{world.path}/parcels", data={"parcel": "nonsense"}).status_code == 422


def test_without_parcels_that_wait_the_page_says_where_they_come_from(operator, world, database):
    with database.transaction() as session:
        session.execute(update(Parcel).values(status="delivered"))
    assert "Import a file" in words(operator.get(f"{world.path}/parcels"))


def test_amending_changes_lines_and_price_and_says_so(operator, world):
    form = operator.get(f"{world.path}/amend")
    assert 'name="count-1" type="text" value="4"' in form.text
    answer = operator.post(f"{world.path}/amend", data={"reference": "PO-8", "count-1": "6"})
    assert answer.status_code == 303
    text = whole(operator, answer.location)
    for part in ("The booking was amended.", "0 of 6 packages", "PO-7 → PO-8", "$30.00"):
        assert part in text


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"count-1": "many"}, "count-1", "A whole number is needed."),
        ({"weight_kg-1": "x"}, "weight_kg-1", "A number is needed, such as 12.5."),
        ({"count-1": "1"}, "count-1", "More parcels fill this line already. Take some out first."),
        ({"reference": "x" * 65}, "reference", "This is too short or too long."),
    ],
)
def test_an_amendment_that_cannot_be_comes_back_with_its_field(operator, world, typed, field, told):
    operator.post(f"{world.path}/parcels", data={"parcel": world.parcels})
    page = operator.post(f"{world.path}/amend", data=typed)
    assert page.status_code == 422
    assert re.search(rf'id="f-{field}-help">{re.escape(told)}<', page.text)
    assert f'value="{typed[field]}"' in page.text


def test_nothing_changed_is_no_amendment(operator, world, database):
    assert operator.post(f"{world.path}/amend", data={"reference": "PO-7", "count-1": "4"}).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Booking.amendment_status)).one() is None


def test_an_amendment_without_space_says_so(operator, world, database):
    with database.transaction() as session:
        session.execute(update(CapacityPool).values(capacity=CapacityPool.booked + CapacityPool.held))
    page = operator.post(f"{world.path}/amend", data={"count-1": "400"})
    assert page.status_code == 409
    assert "The space is not there any more" in words(page)


def test_a_booking_is_rolled_to_a_later_departure_of_its_service(operator, world):
    form = words(operator.get(f"{world.path}/roll"))
    assert "Stays on VOY3" in form
    assert "VOY10 · leaves" in form
    answer = operator.post(f"{world.path}/roll", data={"leg-1": world.later, "reason": "late goods"})
    assert answer.status_code == 303
    text = whole(operator, answer.location)
    for part in ("The booking was rolled.", "VOY10", "late goods", "Rolled to another departure"):
        assert part in text


def test_what_cannot_be_rolled_to_comes_back_with_the_reason(operator, world, database):
    with database.transaction() as session:
        session.execute(
            update(Departure).where(Departure.public_id == world.later).values(status="cancelled")
        )
        other = make.make_departure(session, None, world.stops).public_id
    assert "VOY10" not in words(operator.get(f"{world.path}/roll"))
    refused = operator.post(f"{world.path}/roll", data={"leg-1": world.later})
    assert refused.status_code == 409
    wrong = operator.post(f"{world.path}/roll", data={"leg-1": other, "reason": "kept words"})
    assert wrong.status_code == 422
    assert "it belongs to another service" in words(wrong)
    assert 'value="kept words"' in wrong.text
    assert operator.post(f"{world.path}/roll", data={}).status_code == 303


def test_cancelling_states_its_fee_before_it_is_done(app, operator, world):
    before = words(operator.get(f"{world.path}/cancel"))
    assert "Cancel free of charge" in before
    with time_machine.travel(FEE_HALF, tick=False):
        operator = person(app)
        assert "Cancel for a fee of $5.00" in words(operator.get(f"{world.path}/cancel"))
        risen = operator.post(f"{world.path}/cancel", data={"fee": "0", "reason": "buyer withdrew"})
        assert risen.status_code == 409
        assert "The fee is another one now" in words(risen)
        assert 'value="buyer withdrew"' in risen.text
        done = operator.post(f"{world.path}/cancel", data={"fee": "500", "reason": "buyer withdrew"})
        assert done.status_code == 303
        text = whole(operator, done.location)
    for part in ("The booking was cancelled.", "Cancelled", "Cancellation fee", "$5.00", "buyer withdrew"):
        assert part in text
    assert "Add parcels" not in text


def test_a_cancelled_booking_cannot_be_changed(operator, world):
    assert operator.post(f"{world.path}/cancel", data={"fee": "0"}).status_code == 303
    for page, form in (
        ("/cancel", {"fee": "0"}),
        ("/amend", {"count-1": "9"}),
        ("/roll", {"leg-1": world.later}),
    ):
        assert operator.post(world.path + page, data=form).status_code == 409


def test_its_invoice_stands_on_the_page(operator, world, database):
    with database.transaction() as session:
        booking = session.scalars(select(Booking)).one()
        invoice = invoice_booking(session, system("test"), booking, make.NOW).number
    assert invoice in words(operator.get(f"{world.path}?tab=charges"))


def test_unknown_bookings_and_ids_are_not_found(operator):
    for path in ("/bookings/bkg_0000000000000000", "/bookings/nonsense", "/bookings/nonsense/cancel"):
        assert operator.get(path).status_code == 404


def test_the_pages_speak_chinese_as_well(app, world):
    reader = person(app, locale="zh")
    assert "运输段：计划与实际" in words(reader.get(world.path))
    assert "免费取消" in words(reader.get(f"{world.path}/cancel"))


def test_a_departure_is_cancelled_and_its_cargo_rolled_from_its_page(operator, world):
    first = f"/departures/{world.sailings[0].public_id}"
    assert "PO-7" in words(operator.get(f"{first}/cancel"))
    assert operator.post(f"{first}/cancel", data={"reason": " "}).status_code == 422

    asked = operator.post(f"{first}/cancel", data={"reason": "a storm"})

    assert asked.location == f"{first}/roll"
    assert "VOY10" in words(operator.get(asked.location))
    rolled = operator.post(f"{first}/roll", data={"onto": world.later, "reason": "a storm"})
    assert "rolled" in words(rolled)
    assert "VOY10" in words(operator.get(world.path))


def test_a_departure_is_closed_and_opened_by_one_button(operator, world):
    page = f"/departures/{world.later}"
    assert operator.post(f"{page}/close").location == page
    assert "Open for booking" in words(operator.get(page))
    operator.post(f"{page}/open")
    assert "Close for booking" in words(operator.get(page))


def test_only_operators_change_departures(app, world):
    customs = person(app, "customs")
    assert customs.post(f"/departures/{world.later}/close").status_code == 403
