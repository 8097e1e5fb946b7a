"""Quotes: what it costs to move goods from here to there, in ways that can be booked as they are offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.db import fetch
from app.errors import CapacityGone, FieldError, Invalid
from app.models import Offer, Party, Quote
from app.queries.network_revision import read_revision
from app.queries.quotes import QuoteRow
from app.usecases.network_facts import EPOCH
from app.usecases.people import exporter_by_reference
from app.usecases.quoting_draft import Draft
from app.usecases.quoting_goods import lines_of
from app.usecases.quoting_network import SellNetwork, sell_network
from app.usecases.quoting_notes import Notes
from app.usecases.quoting_places import Ends, find_ends
from app.usecases.quoting_prices import Goods
from app.usecases.quoting_search import MINUTES_PER_DAY, Search
from app.usecases.quoting_table import Wish
from app.usecases.space import hold
from routing.itineraries import FOREVER
from routing.network import MODES
from trade.money import minor_unit_exponents

SHOWN = ("public_id", "test_mode", "currency", "created_at", "expires_at", "asked", "fx")
"""Columns of a quote that are shown as they are."""
LONGEST_HOLD = timedelta(hours=2)
"""How long space is held for an offer that is asked to be held; never past its first cut-off."""


EXPORTER = select(Party.id, Party.public_id, Party.reference, Party.credit_currency).where(
    Party.id == bindparam("id")
)
NEW_QUOTE, NEW_OFFERS = insert(Quote).returning(Quote.id), insert(Offer)


class Exporter(NamedTuple):
    """For whom is asked."""

    id: int
    public_id: str
    reference: str
    credit_currency: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A quote that was just made, as `app.queries.quotes.get_quote` would read it."""

    row: QuoteRow
    offers: list[dict[str, Any]]

    @property
    def public_id(self) -> str:
        """The quote's."""
        return self.row.public_id


def request_quote(
    session: Session, actor: Actor, now: datetime, request: Mapping[str, Any], *, may_read: bool = True
) -> Asked:
    """Keep what was asked and every offer there is for it; with `hold`, hold space for the best of them.

    `request` has the members of `app.schemas.quotes.QuoteRequest`. Staff ask on behalf of the exporter they name.
    Raises Invalid where something asked for makes no sense, NotFound for an exporter that does not exist, and
    NetworkUnread unless it `may_read` the network here.
    """
    exporter = exporter_of(session, actor, request["exporter"])
    asked = _asked(request, exporter, now)
    notes = Notes()
    revision = read_revision(session)
    net = sell_network(session, now, revision, may_read=may_read)
    origin, destination = (ends_of(net, request[end], end, notes) for end in ("origin", "destination"))
    wish = wish_of(net, asked, exporter.id, now)
    search = Search(session, net, wish, notes, revision.everything)
    ways = search.run(product(origin.places, destination.places))
    draft = Draft(net, wish, asked, ways, search.pricing, notes, origin, destination)
    quote, offers = draft.quote(exporter.id, test_mode=actor.test_mode), draft.offers()
    connection = session.connection()  # plain rows: the ORM would take as long as all the rest
    quote_id = connection.execute(NEW_QUOTE, quote | {"messages": notes.listed()}).scalar_one()
    if offers:
        connection.execute(NEW_OFFERS, [one | {"quote_id": quote_id} for one in offers])
    shown = [one["shown"] for one in offers]
    if request["hold"] and offers:
        shown[0] = _hold(session, quote_id, now, notes)
    return Asked(_row(quote_id, quote, exporter, draft, notes), shown)


def _row(quote_id: int, quote: Mapping[str, Any], exporter: Exporter, draft: Draft, notes: Notes) -> QuoteRow:
    start, end = draft.ends
    return QuoteRow(
        id=quote_id,
        exporter_reference=exporter.reference,
        status="offered" if draft.ways else "failed",
        origin=start,
        destination=end,
        booking=None,
        offers=len(draft.ways),
        best_total_minor=min((way.total_minor for way in draft.ways), default=None),
        messages=notes.listed(),
        **{name: quote[name] for name in SHOWN},
    )


def exporter_of(session: Session, actor: Actor, reference: str | None) -> Exporter:
    """Return for whom is asked: the exporter itself, or whom staff name; Invalid, NotFound."""
    if actor.exporter_id is not None:
        own = Exporter(*tuple[Any, ...](fetch(session, EXPORTER, id=actor.exporter_id).one()))
        if reference not in (None, own.reference, own.public_id):
            raise invalid("exporter", "not_yours", "an exporter asks for itself alone")
        return own
    if reference is None:
        raise invalid("exporter", "required", "say for which exporter, by reference or id")
    party = exporter_by_reference(session, reference)
    return Exporter(party.id, party.public_id, party.reference, party.credit_currency)


def _asked(request: Mapping[str, Any], exporter: Exporter, now: datetime) -> dict[str, Any]:
    """Return the request as it was understood (`Quote.asked`)."""
    currency = request["currency"] or exporter.credit_currency
    if currency not in minor_unit_exponents():
        raise invalid("currency", "currency_unknown", f"{currency} is not in ISO 4217")
    ready, due = request["ready_at"], request["deliver_by"]
    if due is not None and due <= max(ready, now):
        raise invalid(
            "deliver_by", "deadline_before_ready", "the deadline must lie after ready_at, and ahead"
        )
    customs, preferences = request["customs"] or {}, request["preferences"] or {}
    return {
        "lines": lines_of(request["parcels"], currency, now.date()),
        "origin": _plain(request["origin"]),
        "destination": _plain(request["destination"]),
        "ready_at": ready.isoformat(),
        "deliver_by": due and due.isoformat(),
        "hard_deadline": request["hard_deadline"],
        "direction": request["direction"],
        "incoterm": request["incoterm"],
        "currency": currency,
        "customs_mode": customs.get("mode"),
        "customs_scheme": "ioss" if customs.get("ioss") else None,
        "preferences": {
            "objective": preferences.get("objective", "balanced"),
            "max_transit_days": preferences.get("max_transit_days"),
            "modes": preferences.get("modes") or [],
            "allow_charter": preferences.get("allow_charter", True),
        },
    }


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: float(value) if name in ("lat", "lon") else value
        for name, value in given.items()
        if value is not None
    }


def invalid(field: str, code: str, message: str) -> Invalid:
    """Return the error for one member of a request."""
    return Invalid(f"{field}: {message}", (FieldError(field, code, message, "", f"$.{field}"),))


def ends_of(net: SellNetwork, given: Mapping[str, Any], field: str, notes: Notes) -> Ends:
    """Return the places for `origin` or `destination`, and note where an address is served from another country."""
    ends = find_ends(net, given, field)
    if ends.foreign:
        notes.add("other_country", field=field)
    return ends


def _up(moment: datetime) -> int:
    """Return an instant in minutes since 1970, a begun one counted as a whole."""
    return -((EPOCH - moment) // timedelta(minutes=1))


def wish_of(
    net: SellNetwork, asked: Mapping[str, Any], exporter_id: int | None, now: datetime, *, live: bool = True
) -> Wish:
    """Return what is asked of the network; see `Quote.asked`."""
    preferences, due = asked["preferences"], asked["deliver_by"]
    modes = preferences["modes"] or MODES
    bits = {code: 1 << bit for bit, code in enumerate(net.network.goods)}
    days = preferences["max_transit_days"]
    return Wish(
        exporter_id=exporter_id,
        goods=Goods(asked["lines"]),
        classes=sum({bits[line["goods_class"]] for line in asked["lines"]}),
        ready_min=_up(max(datetime.fromisoformat(asked["ready_at"]), now)),
        due_min=FOREVER
        if due is None
        else int((datetime.fromisoformat(due) - EPOCH) // timedelta(minutes=1)),
        hard=bool(asked["hard_deadline"]),
        most_min=None if days is None else days * MINUTES_PER_DAY,
        modes=sum(1 << MODES.index(mode) for mode in modes),
        charters=preferences["allow_charter"],
        objective=preferences["objective"],
        currency=asked["currency"],
        now=now,
        live=live,
    )


def _hold(session: Session, quote_id: int, now: datetime, notes: Notes) -> dict[str, Any]:
    """Hold space for the best offer, and return what it shows: until when."""
    quote = session.get_one(Quote, quote_id)
    offer = session.scalars(select(Offer).where(Offer.quote_id == quote_id, Offer.seq == 1)).one()
    if quote.test_mode:
        notes.add("practice")
    else:
        until = min(now + LONGEST_HOLD, datetime.fromisoformat(offer.shown["bookable_until"]))
        try:
            with session.begin_nested():
                hold(session, offer, quote.asked["lines"], quote.exporter_id, now, until)
        except CapacityGone as gone:
            notes.add("nothing_held", leg=gone.facts.get("leg"))
        else:
            held = {**offer.shown["capacity"], "held_until": until.isoformat(timespec="seconds")}
            offer.held, offer.shown = True, {**offer.shown, "capacity": held}
    quote.messages = notes.listed()
    session.flush()
    return offer.shown
