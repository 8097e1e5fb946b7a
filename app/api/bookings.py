"""Bookings: convert an offer, fill it with parcels, change it, cancel it."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES
from app.api.base import Endpoints, answer
from app.api.wire import centimetres, cubic_metres, kilograms, local, money, page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import Booking, BookingLine
from app.queries.bookings import (
    BookingFilter,
    BookingRow,
    free_cancellation_until,
    get_booking,
)
from app.queries.bookings import list_bookings as find_bookings
from app.schemas.bookings import (
    AddedParcels,
    BookingAmendment,
    BookingDetail,
    BookingPage,
    BookingQuery,
    Cancellation,
    FilledBooking,
    NewBooking,
    Roll,
)
from app.usecases.booking import book_offer
from app.usecases.booking_amend import Amendment, amend_booking
from app.usecases.booking_changes import Onward
from app.usecases.booking_changes import cancel_booking as cancel
from app.usecases.booking_changes import roll_booking as roll
from app.usecases.booking_parcels import add_parcels, remove_parcel

blueprint = Endpoints("Bookings", __name__, "Space that is yours, on every leg of one itinerary")
BOOKERS = ("operator", "exporter")


@blueprint.changing("/bookings", BookingDetail, status=201, body=NewBooking, refuses=(402, 404, 410))
@allow(*BOOKERS)
def create_booking(session: Session, wanted: dict[str, Any]) -> Response:
    """Book one offer of a quote, once.

    Its lines take the space on every leg at this moment, from what the quote held if it held any: either all of it,
    or the answer is 409 `capacity_gone` and nothing has changed.
    """
    booking = book_offer(
        session,
        actor(),
        now(),
        wanted["offer_id"],
        quote_id=wanted["quote_id"],
        reference=wanted["reference"],
    )
    return _shown(session, booking, 201, Location=f"/api/v1/bookings/{booking.public_id}")


@blueprint.reading("/bookings", BookingPage, query=BookingQuery, refuses=(400,))
@allow(*ROLES)
def list_bookings(query: dict[str, Any]) -> Response:
    """List bookings, the newest first; an exporter sees its own."""
    where = BookingFilter(
        status=query["status"],
        reference=query["reference"],
        exporter=query["exporter"],
        departure=query["departure_id"],
    )
    with reading() as session:
        found = find_bookings(session, actor(), where, cursor=query["cursor"], limit=query["limit"])
    return answer(page(found, [booking_item(row) for row in found.items]))


@blueprint.reading("/bookings/<id('bkg'):bkg_id>", BookingDetail)
@allow(*ROLES)
def read_booking(bkg_id: str) -> Response:
    """Read one booking: lines, legs, charges, events."""
    with reading() as session:
        row = get_booking(session, actor(), bkg_id)
    return answer(booking_detail(row))


@blueprint.changing(
    "/bookings/<id('bkg'):bkg_id>",
    BookingDetail,
    status=200,
    method="PATCH",
    body=BookingAmendment,
    refuses=(402,),
)
@allow(*BOOKERS)
def amend_booking_(session: Session, wanted: dict[str, Any], bkg_id: str) -> Response:
    """Amend a booking: its reference, and what its lines hold.

    Space and price follow at once, by the tariffs of the day it was booked; a line cannot become smaller than what
    fills it already.
    """
    booking = amend_booking(session, actor(), now(), bkg_id, Amendment.read(wanted))
    return _shown(session, booking)


@blueprint.changing("/bookings/<id('bkg'):bkg_id>/cancel", BookingDetail, status=200, body=Cancellation)
@allow(*BOOKERS)
def cancel_booking(session: Session, wanted: dict[str, Any], bkg_id: str) -> Response:
    """Cancel a booking; after `free_cancellation_until` its charge becomes the fee."""
    return _shown(session, cancel(session, actor(), now(), bkg_id, wanted["reason"]))


@blueprint.changing("/bookings/<id('bkg'):bkg_id>/roll", BookingDetail, status=200, body=Roll)
@allow(*BOOKERS)
def roll_booking(session: Session, wanted: dict[str, Any], bkg_id: str) -> Response:
    """Roll legs of a booking to other departures of the same services; the price stays."""
    onward = [Onward(one["leg"], one["departure_id"]) for one in wanted["legs"]]
    return _shown(session, roll(session, actor(), now(), bkg_id, onward, wanted["reason"]))


@blueprint.changing("/bookings/<id('bkg'):bkg_id>/parcels", FilledBooking, status=200, body=AddedParcels)
@allow(*BOOKERS)
def add_booking_parcels(session: Session, wanted: dict[str, Any], bkg_id: str) -> Response:
    """Fill a booking with parcels of the order pool; each gets its tracking number.

    Give `parcel_ids`, or `batch_id` for all parcels of an import. More than was booked is 422 `exceeds_booking`.
    """
    which = wanted["batch_id"] or wanted["parcel_ids"]
    parcels = add_parcels(session, actor(), now(), bkg_id, which)
    shown = [
        {"id": one.public_id, "reference": one.reference, "tracking_number": one.tracking_number}
        for one in parcels
    ]
    return answer({"parcels": shown})


@blueprint.changing(
    "/bookings/<id('bkg'):bkg_id>/parcels/<id('pcl'):pcl_id>", BookingDetail, status=200, method="DELETE"
)
@allow(*BOOKERS)
def remove_booking_parcel(session: Session, bkg_id: str, pcl_id: str) -> Response:
    """Take a parcel out of a booking; it waits in the order pool again."""
    return _shown(session, remove_parcel(session, actor(), now(), bkg_id, pcl_id))


def _shown(session: Session, booking: Booking, status: int = 200, **headers: str) -> Response:
    session.flush()
    return answer(booking_detail(get_booking(session, actor(), booking.public_id)), status, **headers)


def booking_item(row: BookingRow) -> dict[str, Any]:
    """A booking as lists show it."""
    booking = row.booking
    return {
        "id": booking.public_id,
        "status": booking.status,
        "amendment_status": booking.amendment_status,
        "cancellation_status": booking.cancellation_status,
        "reference": booking.reference,
        "exporter": booking.exporter.reference,
        "quote_id": row.quote_id,
        "offer_id": row.offer_id,
        "test_mode": booking.test_mode,
        "origin": row.places[booking.origin_id].code,
        "destination": row.places[booking.destination_id].code,
        "customs_mode": booking.customs_mode,
        "currency": booking.currency,
        "total": money(booking.total_minor, booking.currency),
        "created_at": utc(booking.created_at),
    }


def booking_detail(row: BookingRow) -> dict[str, Any]:
    """A booking with everything that belongs to it."""
    booking = row.booking
    return booking_item(row) | {
        "lines": [_line(line) for line in booking.lines],
        "legs": _legs(row),
        "charges": [_charge(line, booking.currency) for line in booking.charges],
        "events": [
            {"id": event.public_id, "seq": event.seq, "kind": event.kind, "at": utc(event.at)}
            for event in booking.events
        ],
        "waybills": list(row.waybills),
        "free_cancellation_until": utc(free_cancellation_until(booking)),
    }


def _line(line: BookingLine) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "count": line.count,
        "filled": line.filled,
        "weight_kg": kilograms(line.weight_g),
        "length_cm": centimetres(line.length_mm),
        "width_cm": centimetres(line.width_mm),
        "height_cm": centimetres(line.height_mm),
        "volume_m3": cubic_metres(line.volume_cm3),
        "goods_class": line.goods_class,
        "description": line.description,
        "hs_code": line.hs_code,
        "value": money(line.value_minor, line.value_currency),
        "currency": line.value_currency,
    }


def _legs(row: BookingRow) -> list[dict[str, Any]]:
    return [
        {
            "seq": leg.seq,
            "mode": leg.mode,
            "service": row.carried[leg.seq].service_code,
            "departure_id": row.carried[leg.seq].departure_id,
            "number": row.carried[leg.seq].number,
            "from": row.places[leg.from_id].code,
            "to": row.places[leg.to_id].code,
            "cutoff_at": local(leg.cutoff_at, row.places[leg.from_id]),
            "departs_at": local(leg.departs_at, row.places[leg.from_id]),
            "arrives_at": local(leg.arrives_at, row.places[leg.to_id]),
        }
        for leg in row.booking.legs
    ]


def _charge(line: dict[str, Any], currency: str) -> dict[str, Any]:
    return {
        "leg": line["leg_seq"],
        "code": line["code"],
        "basis": line["basis"],
        "priced": money(line["priced_minor"], line["priced_currency"]),
        "priced_currency": line["priced_currency"],
        "amount": money(line["amount_minor"], currency),
    }
