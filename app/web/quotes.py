"""Quotes: the composer, the list, offers side by side, and the booking of one of them."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from itsdangerous import URLSafeSerializer
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.clock import now
from app.errors import AppError, FieldError, Invalid, NotFound
from app.http import reading, settings, transaction
from app.models.pool import CUSTOMS_MODES
from app.models.services import MODES
from app.queries import choices, quotes
from app.queries.quotes import QUOTE_STATES
from app.schemas.bookings import NewBooking
from app.schemas.quotes import DIRECTIONS, QuoteRequest
from app.schemas.reading import read
from app.usecases.booking import book_offer
from app.usecases.quote_links import live_links
from app.usecases.quoting import request_quote
from app.web import addresses, languages, sales_labels
from app.web.navigation import SEE_QUOTES
from app.web.quote_form import QuoteForm, place_text
from routing.offers import OBJECTIVES
from trade.goods import goods_classes
from trade.money import minor_unit_exponents

pages = Blueprint("quotes", __name__)
SELLERS = ("operator", "exporter")
COMMON_CURRENCIES = ("CNY", "USD", "EUR")
ORDERS = {
    "price": lambda offer: float(offer.total),
    "arrival": lambda offer: offer.transit_hours.p50,
    "co2e": lambda offer: float(offer.co2e.kg),
}
"""How offers may be ordered instead of by rank."""
Page = str | tuple[str, int] | AnyResponse


@pages.get("/quotes")
@auth.allow(*SEE_QUOTES)
def index() -> str:
    """Quotes, the newest first."""
    actor = auth.actor()
    status, exporter = addresses.one_of("status", QUOTE_STATES), addresses.text("exporter")
    with reading() as session:
        return render_template(
            "quotes/index.html",
            chosen={"status": status, "exporter": exporter},
            states=QUOTE_STATES,
            page=quotes.list_quotes(
                session,
                now(),
                exporter_id=actor.exporter_id,
                status=status,
                exporter=exporter,
                cursor=addresses.cursor(),
            ),
            started=addresses.cursor() is not None,
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
            may_ask=actor.may(*SELLERS),
        )


@pages.get("/quotes/new")
@auth.allow(*SELLERS)
def compose() -> str:
    """The composer; the address may fill in fields, or name a quote to ask for again."""
    again = addresses.text("again")
    if again is None:
        return render_form(QuoteForm.empty())
    with reading() as session:
        row, _offers = quotes.get_quote(session, now(), again, exporter_id=auth.actor().exporter_id)
        form = QuoteForm.again(row.asked, choices.served_places(session), languages.zone())
    form.values["exporter"] = row.exporter_reference
    return render_form(form)


def render_form(form: QuoteForm) -> str:
    """The composer with a form as it was typed."""
    with reading() as session:
        return render_template(
            "quotes/new.html",
            form=form,
            exporters=[] if auth.actor().exporter_id else choices.all_exporters(session),
            lanes=quotes.recent_lanes(session, exporter_id=auth.actor().exporter_id),
            places=[place_text(place) for place in choices.served_places(session)],
            goods=list(goods_classes(now().date())),
            currencies=[
                (code, code) for code in dict.fromkeys((*COMMON_CURRENCIES, *minor_unit_exponents()))
            ],
            objectives=OBJECTIVES,
            directions=DIRECTIONS,
            modes=MODES,
            customs_modes=CUSTOMS_MODES,
        )


@pages.post("/quotes")
@auth.allow(*SELLERS)
def ask() -> Page:
    """Ask for a quote and go to its page; a button of the lines only changes the form."""
    form, wish = QuoteForm.read(), request.form.get("lines", "")
    if wish:
        form.change_lines(wish)
        return render_form(form)
    try:
        with transaction() as session:
            quote = request_quote(session, auth.actor(), now(), _wanted(form, choices.served_places(session)))
    except NotFound as error:
        form.refuse([FieldError("exporter", "exporter_unknown", error.detail)])
    except Invalid as error:
        form.refuse(error.errors)
    else:
        return redirect(url_for("quotes.show", public_id=quote.public_id), 303)
    return render_form(form), 422


def _wanted(form: QuoteForm, places: list[Any]) -> dict[str, Any]:
    """The request as the use case takes it; Invalid names the fields that cannot be read."""
    asked = form.asked(places, languages.zone(), now())
    if auth.actor().exporter_id is not None:
        asked["exporter"] = None
    wanted = read(QuoteRequest, asked)
    ends = {
        end: {name.rstrip("_"): value for name, value in wanted[end].items()}
        for end in ("origin", "destination")
    }
    return wanted | ends


@pages.get("/quotes/<public_id>")
@auth.allow(*SEE_QUOTES)
def show(public_id: str) -> Response:
    """One quote: its offers side by side, what was asked, and which ways could not be offered."""
    actor = auth.actor()
    order = addresses.one_of("order", ORDERS)
    with reading() as session:
        row, shown = quotes.get_quote(session, now(), public_id, exporter_id=actor.exporter_id)
        links = live_links(session, row.id, now())
    offers = [view(offer) for offer in shown]
    page = render_template(
        "quotes/show.html",
        quote=row,
        offers=sorted(offers, key=ORDERS[order]) if order else offers,
        order=order,
        missing=by_reason(row.messages),
        link=settings().base_url + url_for("quotes.show", public_id=public_id),
        links=[(link, address_of(link.public_id)) for link in links],
        may_sell=actor.may(*SELLERS),
    )
    # The page looks at its own state from time to time: when that is another than the one it shows, it is stale.
    stale = request.args.get("seen", row.status) != row.status
    return Response(page, headers={"HX-Refresh": "true"} if stale else None)


def address_of(link_id: str) -> str:
    """The whole address of a link to a quote, to be sent to somebody."""
    return settings().base_url + url_for("quote_links.show", token=signer().dumps(link_id))


def signer() -> URLSafeSerializer:
    """What signs the links, so that nobody can make one up."""
    return URLSafeSerializer(current_app.secret_key or "", salt="quote-link")


def by_reason(messages: list[dict[str, Any]]) -> list[tuple[dict[str, Any], Counter[str]]]:
    """The messages of a quote, those that say the same as one, and how often of each service they say it."""
    found: dict[str, tuple[dict[str, Any], Counter[str]]] = {}
    for message in messages:
        _first, services = found.setdefault(sales_labels.note(message), (message, Counter()))
        if message["channel"]:
            services[message["channel"].partition(" ")[0]] += 1
    return list(found.values())


def view(given: Any) -> Any:  # noqa: ANN401 (any JSON)
    """JSON as things with attributes, as templates and their filters read everything else."""
    if isinstance(given, dict):
        return SimpleNamespace(**{name: view(value) for name, value in given.items()})
    return [view(value) for value in given] if isinstance(given, list) else given


@pages.get("/quotes/<public_id>/offers/<offer_id>")
@auth.allow(*SELLERS)
def confirm(public_id: str, offer_id: str) -> str:
    """What is about to be booked, once more in short, before it is."""
    return render_offer(public_id, offer_id)


def render_offer(public_id: str, offer_id: str, error: AppError | None = None) -> str:
    """The page that asks whether to book, with what stood in the way."""
    with reading() as session:
        row, shown = quotes.get_quote(session, now(), public_id, exporter_id=auth.actor().exporter_id)
    offer = next((view(one) for one in shown if one["id"] == offer_id), None)
    if offer is None:
        raise NotFound("there is no such offer")
    return render_template(
        "quotes/book.html", quote=row, offer=offer, error=error, reference=request.form.get("reference", "")
    )


@pages.post("/quotes/<public_id>/offers/<offer_id>")
@auth.allow(*SELLERS)
def book(public_id: str, offer_id: str) -> Page:
    """Book the offer and go to the booking; sent twice, it leads to the booking that was made."""
    given = {
        "offer_id": offer_id,
        "quote_id": public_id,
        "reference": request.form.get("reference", "").strip(),
    }
    try:
        wanted = read(NewBooking, given | {"reference": given["reference"] or None})
        with transaction() as session:
            made = book_offer(session, auth.actor(), now(), **wanted).public_id
    except NotFound:
        raise
    except AppError as error:
        before = error.facts.get("booking")
        if before is None:
            return render_offer(public_id, offer_id, error), error.status
        flash(gettext("This quote is booked already, as you see here."), "info")
        return redirect(url_for("bookings.show", public_id=before), 303)
    return redirect(url_for("bookings.show", public_id=made), 303)
