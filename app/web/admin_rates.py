"""Rate cards in the browser: what is asked and what space costs, with samples, history and their days."""

from datetime import date

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import Invalid
from app.http import reading, transaction
from app.queries import audit, choices, people, rate_cards
from app.queries.rate_cards import CardFilter
from app.usecases.administering_rates import card_subject, set_end
from app.web import addresses
from app.web.admin_frame import render
from app.web.labels import Words
from app.web.languages import lazy as _l

pages = Blueprint("admin_rates", __name__)
Page = tuple[str, int] | Response
SIDES: Words = {"sell": _l("Sell: what we ask"), "buy": _l("Buy: what it costs us")}
STATES: Words = {
    "holds": _l("Holds"),
    "ending": _l("Ends within 30 days"),
    "future": _l("Begins later"),
    "ended": _l("Ended"),
}
TONES = {"holds": "good", "ending": "warn", "future": "info", "ended": "plain"}


@pages.get("/admin/rates")
@auth.allow("operator", "finance")
def index() -> str:
    """The cards of one side or both, narrowed by service, place, exporter and days."""
    chosen = CardFilter(
        q=addresses.text("q", longest=60),
        side=addresses.one_of("side", SIDES),
        place=addresses.text("place", longest=24),
        exporter=addresses.text("exporter"),
        state=addresses.one_of("state", STATES),
    )
    today = now().date()
    with reading() as session:
        return render(
            "rates",
            page=rate_cards.list_cards(session, today, chosen, cursor=addresses.cursor()),
            chosen=chosen,
            started=addresses.cursor() is not None,
            exporters=choices.all_exporters(session),
            sides=SIDES,
            states=STATES,
            tones=TONES,
            today=today,
            micros=rate_cards.micros,
        )


@pages.get("/admin/rates/<int:card_id>")
@auth.allow("operator", "finance")
def show(card_id: int) -> str:
    """One card whole."""
    return render_one(card_id)


def render_one(card_id: int, error: str | None = None) -> str:
    """The page of a card, with what was wrong about its last day."""
    with reading() as session:
        card = rate_cards.get_card(session, card_id)
        events = audit.list_events(session, audit.AuditFilter(subject=card_subject(card_id))).items
        row = card.row
        return render(
            "rate",
            card=card,
            row=row,
            events=events,
            names=people.names(session, {event.actor for event in events}),
            may_audit=auth.actor().may("regulator"),
            error=error,
            valid_to=request.form.get("valid_to", row.valid_to.isoformat() if row.valid_to else ""),
            sides=SIDES,
            states=STATES,
            tones=TONES,
            today=now().date(),
            micros=rate_cards.micros,
        )


@pages.post("/admin/rates/<int:card_id>/end")
@auth.allow("operator", "finance")
def end(card_id: int) -> Page:
    """Retire the card on a day, or let it hold longer; an empty day is no end."""
    text = request.form.get("valid_to", "").strip()
    try:
        last = date.fromisoformat(text) if text else None
        with transaction() as session:
            set_end(session, auth.actor(), now(), card_id, last)
    except Invalid as error:
        told = {
            "ends_before_it_begins": gettext("The first day without it must follow its first day."),
            "ends_in_the_past": gettext("It can end today at the earliest: what was priced stays priced."),
        }
        return render_one(card_id, told[error.errors[0].code]), 422
    except ValueError:
        return render_one(card_id, gettext("This is no date.")), 422
    flash(gettext("The days of the card were changed; new quotes follow them from now on."), "good")
    return redirect(url_for("admin_rates.show", card_id=card_id), 303)
