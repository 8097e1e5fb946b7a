"""Tracking over HTTP: reports of carriers and staff, journeys, and the feed of events."""

import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.actor import system
from app.models import Booking, BookingLeg, Consignment, Party, TrackingEvent
from app.schemas.carriers import CarrierSecretList, EventOutcome, NewCarrierSecret, ReportOutcome
from app.schemas.tracking import EventPage, TrackingShape
from app.signing import sign
from app.usecases.api_keys import add_api_key
from app.usecases.carrier_secrets import add_carrier_secret
from tests import factories as make
from tests.booking_rows import fill_booking, make_booking, make_offer, make_quote
from tests.factories import DAY, HOUR, NOW
from tests.http.answers import faults, good, problem
from tests.http.conftest import Caller

MINUTE = timedelta(minutes=1)


@dataclass
class Journey:
    """A ship that left two days ago, and bookings of acme and globex aboard, from Qingdao to a warehouse."""

    departure: str
    booking: str
    parcels: list
    waybill: str
    theirs: list
    secret: str
    left: object
    arrives: object


@pytest.fixture
def journey(house):
    with house.database.transaction() as session:
        carrier = make.make_party(session, "LINER", roles=("carrier",))
        secret = add_carrier_secret(session, system("test"), NOW, "LINER")[1]
        service = make.make_service(session, "SEA-9", carrier_id=carrier.id)
        port = make.make_location(session, "CNYTN-PORT", unlocode="CNYTN")
        busan = make.make_location(
            session, "KRPUS-PORT", unlocode="KRPUS", country="KR", time_zone="Asia/Seoul"
        )
        end = make.make_location(session, "NLRTM-WHS", "overseas", unlocode="NLRTM", country="NL",
                                 time_zone="Europe/Amsterdam")  # fmt: skip
        departure = make.make_departure(
            session, service, [port, busan, end], departs_at=NOW - 2 * DAY, number="777W"
        )
        bookings = []
        for reference in ("acme", "globex"):
            owner = session.scalars(select(Party).where(Party.reference == reference)).one()
            offer = make_offer(session, [departure], make_quote(session, owner, port, end))
            bookings.append(make_booking(session, offer, version=2))
        parcels = [fill_booking(session, booking, 2) for booking in bookings]
        waybill = session.get_one(Consignment, parcels[0][0].consignment_id).waybill_number
        return Journey(
            departure.public_id,
            bookings[0].public_id,
            parcels[0],
            waybill,
            parcels[1],
            secret,
            departure.departs_at,
            departure.arrives_at,
        )


def report(house, events, secret, *, reference="LINER", message="msg_1", at=NOW, body=None, **headers):
    """Send a signed report as a carrier would."""
    body = json.dumps({"events": events}).encode() if body is None else body
    seconds = int(at.timestamp())
    known = {
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": sign(secret, message, seconds, body),
        "Content-Type": "application/json",
    }
    return house.app.test_client().post(
        f"/api/v1/carriers/{reference}/events", data=body, headers=known | headers
    )


def ship(code, at, event_id="e1", **facts):
    known = {
        "eventID": event_id,
        "code": code,
        "eventDateTime": at.isoformat(),
        "service": "SEA-9",
        "number": "777W",
    }
    return known | facts


def results(response):
    return [one["code"] or one["outcome"] for one in good(response, ReportOutcome)["results"]]


def tracked(caller, number):
    return good(caller.get(f"/tracking/{number}"), TrackingShape)


def test_a_signed_report_moves_the_goods_aboard(house, journey, acme):
    number = journey.parcels[0].tracking_number
    assert tracked(acme, number)["status"] == "pending"
    events = [ship("DEPA", journey.left + HOUR), ship("ARRI", journey.left + DAY, "e2", location="KRPUS")]
    assert results(report(house, events, journey.secret)) == ["accepted", "accepted"]
    found = tracked(acme, number)
    assert (found["status"], found["kind"], found["booking"]) == ("in_transit", "parcel", journey.booking)
    (leg,) = found["legs"]
    assert leg["departs"] == {
        "planned": "2026-11-21T09:30:00+08:00",
        "estimated": None,
        "actual": "2026-11-21T10:30:00+08:00",
        "late_min": 60,
    }
    assert found["eta"]["p50"] == leg["arrives"]["planned"]
    shown = [(one["eventClassifierCode"], one["code"]) for one in found["events"]]
    assert shown == [("PLN", "DEPA"), ("ACT", "DEPA"), ("ACT", "ARRI"), ("PLN", "ARRI")]
    assert found["events"][2]["location"]["UNLocationCode"] == "KRPUS"
    assert found["events"][2]["eventDateTime"].endswith("+09:00")
    assert found["events"][2]["source"] == "LINER"


def test_an_estimate_is_the_eta_until_the_ship_is_there(house, journey, acme):
    late = ship("ARRI", journey.arrives + 5 * HOUR, eventClassifierCode="EST")
    report(house, [late], journey.secret)
    assert tracked(acme, journey.booking)["eta"] == {"p50": "2026-11-23T07:30:00+01:00", "basis": "estimate"}
    report(house, [ship("ARRI", NOW, "e2")], journey.secret)
    found = tracked(acme, journey.booking)
    assert found["eta"] == {"p50": "2026-11-23T02:30:00+01:00", "basis": "actual"}
    assert found["parcels"] == [{"status": "arrived_warehouse", "parcels": 2}]


def test_booking_waybill_and_parcel_are_tracked_under_their_own_numbers(journey, acme):
    kinds = [
        tracked(acme, number)["kind"]
        for number in (
            journey.parcels[0].tracking_number,
            journey.parcels[0].public_id,
            journey.waybill,
            journey.booking,
        )
    ]
    assert kinds == ["parcel", "parcel", "waybill", "booking"]


def test_what_is_another_exporters_is_not_there(house, journey, acme, globex, operator):
    for number in (
        journey.parcels[0].tracking_number,
        journey.waybill,
        journey.booking,
        journey.parcels[0].public_id,
    ):
        problem(globex.get(f"/tracking/{number}"), 404, "not_found")
        assert tracked(operator, number)["number"] == number
    report(house, [{"eventID": "p", "code": "PICK", "eventDateTime": journey.left.isoformat(),
                    "trackingNumber": journey.parcels[0].tracking_number}], journey.secret)  # fmt: skip
    assert good(globex.get("/events"), EventPage)["items"] == []
    assert len(good(acme.get("/events"), EventPage)["items"]) == 1


UNKNOWN = ["FP000", "bkg_nothing", "pcl_%00", "x" * 41, "%F0%9F%9A%A2", "FP%20"]


def test_a_number_nobody_knows_is_not_found(acme):
    for number in UNKNOWN:
        problem(acme.get(f"/tracking/{number}"), 404, "not_found")


UNSIGNED = [
    {"message": "msg.1"},
    {"at": NOW - 6 * MINUTE},
    {"at": NOW + 6 * MINUTE},
    {"secret": "whsec_AAAA"},
    {"reference": "NOBODY"},
    {"reference": "acme"},
    {"webhook-signature": ""},
    {"webhook-timestamp": "soon"},
    {"webhook-id": "another"},
    {"Authorization": "Bearer fp_x", "webhook-signature": "v1,AAAA"},
]


def test_what_is_not_signed_rightly_is_nobodys(house, journey):
    for wrong in UNSIGNED:
        sent = {"secret": journey.secret} | wrong
        answer = report(house, [ship("DEPA", journey.left)], **sent)
        problem(answer, 401, "unauthenticated")
        with house.database.reading() as session:
            assert session.scalar(select(func.count()).select_from(TrackingEvent)) == 0


def test_the_signature_is_checked_before_anything_in_the_body_is_read(house, journey):
    broken = b'{"events": ['
    problem(report(house, [], "whsec_AAAA", body=broken), 401, "unauthenticated")
    problem(report(house, [], journey.secret, body=broken), 400, "bad_request")
    problem(report(house, [], journey.secret, body=b" " * 1_000_001), 413, "too_large")


def test_a_report_sent_again_is_all_duplicates_under_any_message_id(house, journey):
    events = [ship("DEPA", journey.left), ship("ARRI", NOW, "e2")]
    assert results(report(house, events, journey.secret)) == ["accepted", "accepted"]
    for message in ("msg_1", "msg_2"):
        assert results(report(house, events, journey.secret, message=message)) == ["duplicate", "duplicate"]


def test_each_event_is_judged_by_itself(house, journey):
    events = [
        ship("DEPA", journey.left),
        ship("DEPA", journey.left, "e2", number="404W"),
        ship("DEPA", journey.left, "e3") | {"eventDateTime": "yesterday"},
        ship("DEPA", journey.left, "e4") | {"colour": "red"},
        17,
        ship("ARRI", NOW + DAY, "e6"),
        {"eventID": "e7", "code": "delivered", "eventDateTime": NOW.isoformat(), "trackingNumber": "FP1"},
    ]
    assert results(report(house, events, journey.secret)) == [
        "accepted", "unknown_departure", "validation_error", "validation_error", "validation_error",
        "actual_in_future", "unknown_parcel",
    ]  # fmt: skip


def test_the_reason_of_a_rejection_names_the_member(house, journey):
    events = [ship("DEPA", journey.left) | {"eventDateTime": "yesterday"}]
    (one,) = good(report(house, events, journey.secret), ReportOutcome)["results"]
    assert one["eventID"] == "e1"
    assert one["message"].startswith("eventDateTime: must be RFC 3339")


NO_REPORTS = [{}, {"events": []}, {"events": [{}] * 501}, {"events": {}}, [], {"events": 1}]


def test_what_is_no_report_at_all_is_refused_as_a_whole(house, journey):
    for body in NO_REPORTS:
        problem(report(house, [], journey.secret, body=json.dumps(body).encode()), 422, "validation_error")


MEMBERS = (
    "eventID", "code", "eventDateTime", "service", "number", "location", "trackingNumber", "departure", "call",
    "text", "eventClassifierCode", "eventCreatedDateTime",
)  # fmt: skip
NASTY = ["\x00", "\ud800", "9" * 400, {"a": [1]}, [], None, True, 1e308, 2**63, "\u202e", ""]


def test_nothing_a_member_holds_makes_the_server_fail(house, journey):
    for value in NASTY:
        events = [
            ship("DEPA", journey.left, f"e{place}") | {name: value} for place, name in enumerate(MEMBERS)
        ]
        body = json.dumps({"events": events}).encode()
        assert report(house, [], journey.secret, body=body).status_code == 200, value


def test_a_carrier_changes_its_secret_without_a_gap(house, world, journey, visitor):
    with house.database.transaction() as session:
        world.secrets["admin"] = add_api_key(session, system("test"), NOW, role="admin")[1]
    admin = Caller(visitor, world.secrets["admin"])
    made = good(admin.post("/carriers/LINER/secrets", key="once"), NewCarrierSecret, 201)
    assert good(admin.post("/carriers/LINER/secrets", key="once"), NewCarrierSecret, 201)["secret"] is None
    events = [ship("DEPA", journey.left)]
    assert results(report(house, events, made["secret"])) == ["accepted"]
    assert results(report(house, events, journey.secret)) == ["duplicate"]
    old = good(admin.get("/carriers/LINER/secrets"), CarrierSecretList)["items"][1]["id"]
    assert admin.delete(f"/carriers/LINER/secrets/{old}").status_code == 204
    problem(report(house, events, journey.secret), 401, "unauthenticated")
    assert results(report(house, events, made["secret"])) == ["duplicate"]
    problem(admin.delete(f"/carriers/OTHER/secrets/{old}"), 404, "not_found")
    problem(admin.post("/carriers/acme/secrets"), 404, "not_found")


def test_only_the_administrator_makes_secrets(journey, operator, acme):
    for caller in (operator, acme):
        problem(caller.post("/carriers/LINER/secrets"), 403, "forbidden")


def test_staff_report_by_hand(journey, operator, acme, call):
    event = {"code": "DEPA", "eventDateTime": journey.left.isoformat(), "text": "by phone"}
    path = f"/departures/{journey.departure}/events"
    assert good(operator.post(path, event), EventOutcome)["outcome"] == "accepted"
    parcel = journey.parcels[0]
    customs = call("customs")
    held = {"eventID": "c1", "code": "CUSI", "eventDateTime": NOW.isoformat()}
    for outcome in ("accepted", "duplicate"):
        answer = customs.post(f"/parcels/{parcel.public_id}/events", held)
        assert good(answer, EventOutcome)["outcome"] == outcome
    found = tracked(acme, parcel.tracking_number)
    assert found["status"] == "customs_hold"
    assert [one["source"] for one in found["events"]] == ["operations"] * 4
    assert found["events"][1]["text"] == "by phone"


def test_what_staff_report_wrongly_is_refused_with_the_reason(journey, operator, acme, call):
    departure, parcel = (
        f"/departures/{journey.departure}/events",
        f"/parcels/{journey.parcels[0].public_id}/events",
    )
    event = {"code": "DEPA", "eventDateTime": NOW.isoformat()}
    assert faults(operator.post(departure, event | {"location": "NLRTM"})) == {"$": "not_of_this_departure"}
    assert faults(operator.post(parcel, event | {"code": "SUNK"})) == {"$": "unknown_code"}
    assert faults(operator.post(parcel, event | {"eventClassifierCode": "PLN"})) == {
        "eventClassifierCode": "not_one_of"
    }
    problem(operator.post("/departures/dep_0000000000000000/events", event), 404, "not_found")
    problem(operator.post("/parcels/pcl_0000000000000000/events", event), 404, "not_found")
    for caller, path in ((acme, parcel), (call("customs"), departure)):
        problem(caller.post(path, event), 403, "forbidden")


def test_the_feed_gives_every_event_once_in_the_order_in_which_it_came(house, journey, acme, operator):
    events = [ship("ARRI", NOW + hours * HOUR, f"e{hours}", eventClassifierCode="EST") for hours in range(5)]
    report(house, events, journey.secret)
    for caller in (acme, operator):
        seen, cursor = [], None
        while True:
            page = good(caller.get("/events", limit=2, **({"cursor": cursor} if cursor else {})), EventPage)
            seen += [one["eventID"] for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(set(seen)) == len(seen) == 5
    assert len(good(acme.get("/events", since=NOW.isoformat()), EventPage)["items"]) == 5
    assert good(acme.get("/events", since=(NOW + MINUTE).isoformat()), EventPage)["items"] == []


def test_an_exporter_sees_a_departures_events_only_while_its_goods_are_aboard(house, journey, acme, globex):
    with house.database.transaction() as session:
        owner = session.scalars(select(Party).where(Party.reference == "globex")).one()
        theirs = select(Booking.id).where(Booking.exporter_id == owner.id)
        session.execute(update(BookingLeg).where(BookingLeg.booking_id.in_(theirs)).values(alight_seq=1))
    report(house, [ship("ARRI", NOW)], journey.secret)
    assert len(good(acme.get("/events"), EventPage)["items"]) == 1
    assert good(globex.get("/events"), EventPage)["items"] == []
