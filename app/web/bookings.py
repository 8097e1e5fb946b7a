"""Bookings: the list, and one of them with everything that is known of it."""

from datetime import datetime

from flask import Blueprint, render_template, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import auth
from app.actor import ROLES
from app.clock import now
from app.http import reading
from app.models import Booking
from app.models.bookings import BOOKING_STATES
from app.queries import billing, bookings, choices
from app.queries.booking_page import document_in_force, parcels_inside
from app.queries.bookings import BookingFilter, free_cancellation_until
from app.queries.hub import alerts
from app.queries.inbound import asns_of_booking
from app.queries.paper_facts import DEAD
from app.queries.tracking import track
from app.queries.tracking_events import Viewer
from app.usecases.loading.repricing import effect_of_measures
from app.web import addresses
from app.web.rendering import SEE_QUOTES
from trade.bookings import FINAL

pages = Blueprint("bookings", __name__)
BOOKERS = ("operator", "exporter")
CONFIRMED = ("CONFIRMED", "PENDING_AMENDMENT")
"""Statuses in which a booking may be amended and rolled."""
PRINTERS = ("operator", "warehouse", "customs", "finance", "exporter")
PAPERS: tuple[tuple[str, LazyString, str | None], ...] = (
    ("download_labels", _l("Labels, PDF"), "parcels"),
    ("download_labels_zpl", _l("Labels, ZPL"), "parcels"),
    ("download_waybill", _l("House waybill"), None),
    ("download_packing_list", _l("Packing list"), "parcels"),
    ("download_commercial_invoice", _l("Commercial invoice"), None),
    ("download_transport_document", _l("Through transport document"), "document"),
)
"""Operation of the API, words, and what there must be before it can be printed."""


@pages.get("/bookings")
@auth.allow(*ROLES)
def index() -> str:
    """Bookings, the newest first."""
    actor = auth.actor()
    chosen = BookingFilter(
        status=addresses.one_of("status", BOOKING_STATES),
        reference=addresses.text("reference"),
        exporter=addresses.text("exporter"),
        departure=addresses.text("departure"),
    )
    with reading() as session:
        return render_template(
            "bookings/index.html",
            chosen=chosen,
            states=BOOKING_STATES,
            page=bookings.list_bookings(session, actor, chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
        )


@pages.get("/bookings/<public_id>")
@auth.allow(*ROLES)
def show(public_id: str) -> str:
    """One booking: its legs as planned and as they were, goods, charges, papers and what happened."""
    actor = auth.actor()
    with reading() as session:
        row = bookings.get_booking(session, actor, public_id)
        parcels = parcels_inside(session, row.booking.id, cursor=addresses.cursor())
        where = billing.InvoiceFilter(booking=public_id)
        variances = alerts(session, booking_id=row.booking.id).items
        return render_template(
            "bookings/show.html",
            row=row,
            booking=row.booking,
            tracked=track(session, public_id, Viewer(actor.exporter_id), now()),
            parcels=parcels,
            started=addresses.cursor() is not None,
            variances=variances,
            effect=effect_of_measures(session, row.booking.id) if variances else None,
            invoices=billing.list_invoices(session, where, exporter_id=actor.exporter_id).items,
            free_until=free_cancellation_until(row.booking),
            may=possible(row.booking, now()) if actor.may(*BOOKERS) else {},
            papers=papers(session, row.booking) if actor.may(*PRINTERS) else [],
            sees_quotes=actor.may(*SEE_QUOTES),
            asns=asns_of_booking(session, actor, row.booking.id),
        )


def papers(session: Session, booking: Booking) -> list[tuple[str, LazyString]]:
    """(address, words) of what can be printed for a booking as it is."""
    if booking.status in DEAD:
        return []
    there = {
        None: True,
        "parcels": any(line.filled for line in booking.lines),
        "document": document_in_force(session, booking.id) is not None,
    }
    return [
        (url_for(f"Papers.{operation}", bkg_id=booking.public_id), words)
        for operation, words, needs in PAPERS
        if there[needs]
    ]


def possible(booking: Booking, moment: datetime) -> dict[str, bool]:
    """What may still be done with a booking."""
    rides = [leg for leg in booking.legs if leg.departure_id is not None]
    first_cutoff = free_cancellation_until(booking)
    live, confirmed = booking.status not in FINAL, booking.status in CONFIRMED
    return {
        "fill": live,
        "amend": confirmed and (first_cutoff is None or moment < first_cutoff),
        "roll": confirmed and any(moment < leg.departs_at for leg in rides),
        "cancel": live and not (rides and rides[0].departs_at <= moment),
    }
