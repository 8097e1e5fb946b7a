"""Pages of hubs and units, as those who work there use them: scan, weigh, pack, seal, load."""

import re

import pytest
import time_machine
from sqlalchemy import select

from app.models import LoadUnit, ParcelMeasure, ParcelReceipt
from tests import factories as make
from tests.http.pages import person, words
from tests.load_rows import a_hub


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def hub(database):
    with time_machine.travel(make.NOW, tick=False):
        with database.transaction() as session:
            found = a_hub(session, received=False)
            session.expunge_all()
        yield found


@pytest.fixture
def staff(app, hub):
    return person(app, "warehouse", warehouse_id=hub.place.id)


def field(page, name):
    """What a hidden field says."""
    return re.search(rf'name="{name}" value="([^"]+)"', page.text)[1]


def opened(staff, hub, **facts):
    """Open a unit by its form; returns its address."""
    form = {"kind": "bag", "type": "MAILBAG", "departure_id": hub.departure.public_id} | facts
    answer = staff.post(f"/hubs/{hub.code}/units/new", data=form)
    assert answer.status_code == 303, words(answer)
    return answer.location


def packed(staff, hub, *parcels):
    """A bag with received parcels in it; returns its address."""
    unit = opened(staff, hub)
    for parcel in parcels:
        staff.post(f"/hubs/{hub.code}/receive", data={"scan": parcel.tracking_number})
        assert staff.post(f"{unit}/scan", data={"scan": parcel.tracking_number}).status_code == 303
    return unit


def test_somebody_with_one_place_comes_to_it_at_once_and_sees_what_is_expected(staff, hub):
    assert staff.get("/hubs").location == f"/hubs/{hub.code}"
    text = words(staff.get(f"/hubs/{hub.code}"))

    for part in ("Expected today 3", "Received today 0", hub.parcels[0].reference, "No unit is being built"):
        assert part in text


def test_a_scan_receives_and_the_parcel_can_be_weighed_beside_it(staff, hub, database):
    page = staff.get(f"/hubs/{hub.code}")
    scan = {"scan": hub.parcels[0].tracking_number, "scan_id": field(page, "scan_id")}
    answers = [staff.post(f"/hubs/{hub.code}/receive", data=scan) for _ in range(2)]
    page = staff.get(answers[0].location)

    assert "is received" in words(page)
    weighed = {"parcel": field(page, "parcel"), "scan_id": "w1", "weight_kg": "1.9", "length_cm": "20"}
    refused = staff.post(f"/hubs/{hub.code}/measure", data=weighed)
    assert refused.status_code == 422
    assert "all three dimensions" in words(refused)
    done = staff.post(f"/hubs/{hub.code}/measure", data=weighed | {"length_cm": ""}, follow_redirects=True)
    assert "an alert stands" in words(done)
    assert "declared 1 kg" in words(done)
    with database.reading() as session:
        assert len(session.scalars(select(ParcelReceipt)).all()) == 1
        assert session.scalars(select(ParcelMeasure)).one().weight_g == 1_900


def test_the_operation_decides_on_a_variance_and_staff_does_not(app, staff, hub):
    parcel = hub.parcels[0].public_id
    staff.post(f"/hubs/{hub.code}/measure", data={"parcel": parcel, "weight_kg": "3"})
    form = {"parcel": parcel, "decision": "accepted"}

    assert "Leave as booked" not in words(staff.get(f"/hubs/{hub.code}"))
    assert staff.post(f"/hubs/{hub.code}/decide", data=form).status_code == 403
    operator = person(app)
    assert "Leave as booked" in words(operator.get(f"/hubs/{hub.code}"))
    for page in (f"/pool/{parcel}", f"/bookings/{hub.booking.public_id}"):
        assert "3 kg" in words(operator.get(page)), page
    done = operator.post(f"/hubs/{hub.code}/decide", data=form, follow_redirects=True)
    assert "as declared" in words(done)


def test_a_stray_parcel_is_taken_in_only_when_somebody_ticks(app, staff, hub, database):
    with database.transaction() as session:
        stray = a_hub(session, count=1, received=False).parcels[0].tracking_number
    path = f"/hubs/{hub.code}/receive"
    refused = staff.post(path, data={"scan": stray})

    assert refused.status_code == 422
    assert "does not come by here" in words(refused)
    assert 'name="anyway"' in refused.text
    assert staff.post(path, data={"scan": stray, "anyway": "1"}).status_code == 303
    assert "Nothing with that number is known here" in words(staff.post(path, data={"scan": "FP0"}))


def test_a_unit_is_opened_filled_sealed_loaded_and_shown_with_its_departure(staff, hub, database):
    one, two = hub.parcels[:2]
    unit = packed(staff, hub, one, two)
    text = words(staff.get(unit))
    for part in ("Being built", "2 parcels", one.reference, "Should weigh 3 kg", "of 30 kg"):
        assert part in text, part

    assert "is in it already" in words(
        staff.post(f"{unit}/scan", data={"scan": one.tracking_number}, follow_redirects=True)
    )
    refused = staff.post(f"{unit}/scan", data={"scan": hub.parcels[2].tracking_number})
    assert refused.status_code == 422
    assert "receive it, then scan it again" in words(refused)
    seal = {"seal_number": "CN1", "gross_kg": "9"}
    refused = staff.post(f"{unit}/seal", data=seal)
    assert "The scale says something else" in words(refused)
    assert "It is sealed" in words(
        staff.post(f"{unit}/seal", data=seal | {"accept_variance": "1"}, follow_redirects=True)
    )
    assert staff.post(f"{unit}/scan", data={"scan": hub.parcels[2].tracking_number}).status_code == 409
    assert "It is open again" in words(
        staff.post(f"{unit}/unseal", data={"reason": "look"}, follow_redirects=True)
    )
    staff.post(f"{unit}/seal", data=seal | {"gross_kg": "3"})
    assert "It is loaded" in words(staff.post(f"{unit}/load", follow_redirects=True))

    text = words(staff.get(f"/departures/{hub.departure.public_id}/load"))
    for part in ("Planned and loaded", "On board 2", "Booked, in no unit: 1", hub.parcels[2].reference):
        assert part in text, part
    assert "Load and plan" in words(staff.get(f"/departures/{hub.departure.public_id}"))


def test_taking_out_and_giving_up_are_done_with_the_same_page(staff, hub, database):
    unit = packed(staff, hub, hub.parcels[0])
    out = {"scan": hub.parcels[0].tracking_number, "action": "out"}
    text = words(staff.post(f"{unit}/scan", data=out, follow_redirects=True))

    assert "is out" in text
    assert "Nothing is in it" in text
    assert "It is given up" in words(staff.post(f"{unit}/cancel", follow_redirects=True))
    with database.reading() as session:
        assert session.scalars(select(LoadUnit.status)).one() == "cancelled"


def test_a_form_for_a_unit_says_what_is_wrong_and_keeps_what_was_typed(staff, hub):
    form = {
        "kind": "container", "type": "40HQ", "number": "CSQU3054384", "departure_id": hub.departure.public_id,
    }  # fmt: skip
    refused = staff.post(f"/hubs/{hub.code}/units/new", data=form)

    assert refused.status_code == 422
    assert "The check digit is wrong" in words(refused)
    assert 'value="CSQU3054384"' in refused.text
    assert "CSQU 305438 3" in words(staff.get(opened(staff, hub, **form | {"number": "CSQU3054383"})))


def test_a_unit_is_unpacked_by_scanning_its_number(staff, hub):
    unit = packed(staff, hub, hub.parcels[0])
    staff.post(f"{unit}/seal", data={"seal_number": "CN1", "gross_kg": "2"})
    number = re.search(r'href="(/api/v1/load-units/\S+?/label.pdf)"', staff.get(unit).text)[1].split("/")[-2]

    assert "scan its number" in words(staff.get(f"/hubs/{hub.code}")).lower()
    done = staff.post(f"/hubs/{hub.code}/unpack", data={"unit": number}, follow_redirects=True)
    assert "What it came with" in words(done)


def test_staff_of_another_place_exporters_and_strangers_see_none_of_it(app, staff, hub, database):
    unit = opened(staff, hub)
    with database.transaction() as session:
        other = a_hub(session, count=1)
    stranger = person(app, "warehouse", warehouse_id=other.place.id)

    for path in (f"/hubs/{hub.code}", f"/hubs/{hub.code}/units/new", unit):
        assert stranger.get(path).status_code == 404, path
        assert person(app, "exporter").get(path).status_code == 403, path
    for path in (f"/hubs/{hub.code}/receive", f"/hubs/{hub.code}/unpack", f"/hubs/{hub.code}/units/new"):
        assert stranger.post(path, data={"scan": "x", "unit": "x"}).status_code == 404, path
    for step in ("scan", "seal", "unseal", "load", "cancel"):
        assert stranger.post(f"{unit}/{step}", data={"scan": "x"}).status_code == 404, step
    assert person(app, "customs").get(unit).status_code == 200
    assert "Hubs" in words(person(app).get("/hubs"))
    assert app.test_client().get(f"/hubs/{hub.code}").status_code == 303
