"""Bookings: the list, and one of them from every side: Shipment 360."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import LazyString
from sqlalchemy.orm import Session

from app import auth
from app.actor import READERS, ROLES, Actor
from app.clock import now
from app.http import reading, settings
from app.models import Booking
from app.models.bookings import BOOKING_STATES
from app.queries import billing, bookings, choices, shipment_history
from app.queries.booking_page import cutoffs_of, document_in_force, parcels_inside, tracking_numbers
from app.queries.bookings import BookingFilter, BookingRow, free_cancellation_until
from app.queries.declarations import lists_of_booking
from app.queries.hub import alerts
from app.queries.inbound import asns_of_booking
from app.queries.paper_facts import DEAD
from app.queries.shipment_papers import checklist
from app.queries.tracking import Tracked, track
from app.queries.tracking_events import Viewer
from app.usecases.loading.repricing import effect_of_measures
from app.usecases.shipment_margin import margin_of
from app.web import addresses
from app.web.booking_map import map_of
from app.web.languages import lazy as _l
from app.web.navigation import SEE_QUOTES
from trade.bookings import FINAL

pages = Blueprint("bookings", __name__)
BOOKERS = ("operator", "exporter")
CONFIRMED = ("CONFIRMED", "PENDING_AMENDMENT")
"""Statuses in which a booking may be amended and rolled."""
PRINTERS = ("operator", "warehouse", "customs", "finance", "exporter")
COUNTERS = ("operator", "finance")
"""Who sees what a booking costs the operation; the admin always does."""
WRITERS = PRINTERS
"""Who writes notes."""
COLLECTORS = ("operator", "customs", "warehouse", "exporter")
"""Who takes papers in."""
CUSTOMS_READERS = ("operator", "customs", "finance", "regulator")
"""Who may open the lists of the customs desk."""
PAPERS: tuple[tuple[str, LazyString, str | None], ...] = (
    ("download_labels", _l("Labels, PDF"), "parcels"),
    ("download_labels_zpl", _l("Labels, ZPL"), "parcels"),
    ("download_waybill", _l("House waybill"), "waybill"),
    ("download_packing_list", _l("Packing list"), "parcels"),
    ("download_commercial_invoice", _l("Commercial invoice"), None),
    ("download_transport_document", _l("Through transport document"), "document"),
)
"""Operation of the API, words, and what there must be before it can be printed."""
TABS: tuple[tuple[str | None, LazyString, str], ...] = (
    (None, _l("Overview"), "route"),
    ("goods", _l("Goods"), "packages"),
    ("papers", _l("Papers and customs"), "file-text"),
    ("charges", _l("Charges"), "coin"),
    ("notes", _l("Notes"), "message"),
    ("history", _l("History"), "history"),
)
"""Value in the address, words, icon."""


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
            page=bookings.list_summaries(session, actor, chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
        )


@pages.get("/bookings/<public_id>")
@auth.allow(*ROLES)
def show(public_id: str) -> str:
    """One booking: its journey as planned and as it was, goods, papers, charges, notes and what happened."""
    return render_show(public_id, addresses.one_of("tab", [name for name, *_ in TABS[1:]]))


def render_show(public_id: str, tab: str | None, **facts: Any) -> str:  # noqa: ANN401
    """One side of a booking below the head that all sides share; `error` is what stood in the way of a form."""
    actor, moment = auth.actor(), now()
    with reading() as session:
        row = bookings.get_booking(session, actor, public_id)
        tracked = track(session, public_id, Viewer(actor.exporter_id), moment)
        papers = checklist(session, row.booking, moment)
        shared = {
            "row": row,
            "booking": row.booking,
            "tracked": tracked,
            "checklist": papers,
            "missing": [paper for paper in papers if paper.missing],
            "tabs": TABS,
            "tab": tab,
            "may": possible(row.booking, moment) if actor.may(*BOOKERS) else {},
            "may_write": actor.may(*WRITERS),
            "may_collect": actor.may(*COLLECTORS),
            "error": None,
            "typed": {},
        }
        found = SIDES[tab](session, actor, row, tracked)
        return render_template("bookings/show.html", **(shared | found | facts))


def overview(session: Session, actor: Actor, row: BookingRow, tracked: Tracked) -> dict[str, Any]:
    """The journey, the facts, what can be printed, and how to tell others of it."""
    booking = row.booking
    numbers = tracking_numbers(session, booking.id)
    base = settings().base_url
    return {
        "cutoffs": cutoffs_of(session, booking.id),
        "map_data": map_of(tracked),
        "free_until": free_cancellation_until(booking),
        "printable": papers_of(session, row) if actor.may(*PRINTERS) else [],
        "asns": asns_of_booking(session, actor, booking.id),
        "sees_quotes": actor.may(*SEE_QUOTES),
        "links": [base + url_for("track.show", number=number) for number in numbers],
        "variances": alerts(session, booking_id=booking.id).items,
        "effect": None,
    }


def goods(session: Session, actor: Actor, row: BookingRow, tracked: Tracked) -> dict[str, Any]:
    """What was booked, and the parcels in it."""
    del actor, tracked
    variances = alerts(session, booking_id=row.booking.id).items
    return {
        "parcels": parcels_inside(session, row.booking.id, cursor=addresses.cursor()),
        "started": addresses.cursor() is not None,
        "variances": variances,
        "effect": effect_of_measures(session, row.booking.id) if variances else None,
    }


def papers_side(session: Session, actor: Actor, row: BookingRow, tracked: Tracked) -> dict[str, Any]:
    """The checklist, what can be printed, and the facts for customs."""
    del tracked
    return {
        "printable": papers_of(session, row) if actor.may(*PRINTERS) else [],
        "names": names_for(session, actor, row),
        "mine": actor.reference,
        "declared": lists_of_booking(session, row.booking.id) if actor.may(*CUSTOMS_READERS) else [],
    }


def names_for(session: Session, actor: Actor, row: BookingRow) -> dict[str, str]:
    """Who received papers, by public id; an exporter is not told who of the operation did."""
    if actor.exporter_id is not None:
        return {}
    received = [one.received_by for paper in checklist(session, row.booking, now()) for one in paper.received]
    return shipment_history.names_of(session, received)


def charges(session: Session, actor: Actor, row: BookingRow, tracked: Tracked) -> dict[str, Any]:
    """What is charged and invoiced; for the operation also what the space costs, and the margin."""
    del tracked
    where = billing.InvoiceFilter(booking=row.booking.public_id)
    return {
        "invoices": billing.list_invoices(session, where, exporter_id=actor.exporter_id).items,
        "margin": margin_of(session, row.booking) if actor.may(*COUNTERS) else None,
    }


def notes(session: Session, actor: Actor, row: BookingRow, tracked: Tracked) -> dict[str, Any]:
    """What people wrote."""
    del tracked
    return {"notes": shipment_history.notes_of(session, actor, row.booking)}


def history(session: Session, actor: Actor, row: BookingRow, tracked: Tracked) -> dict[str, Any]:
    """What happened, and who changed what; exporters see what happened."""
    del tracked
    seen = actor.may(*READERS)
    return {"changes": shipment_history.changes_of(session, row.booking) if seen else []}


SIDES: dict[str | None, Callable[[Session, Actor, BookingRow, Tracked], dict[str, Any]]] = {
    None: overview,
    "goods": goods,
    "papers": papers_side,
    "charges": charges,
    "notes": notes,
    "history": history,
}
"""What each side looks up beside what all share."""


def papers_of(session: Session, row: BookingRow) -> list[tuple[str, LazyString]]:
    """(address, words) of what can be printed for a booking as it is."""
    booking = row.booking
    if booking.status in DEAD:
        return []
    there = {
        None: True,
        "waybill": bool(row.waybills),
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
