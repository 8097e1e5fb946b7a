"""Quotes: what it costs to move goods from here to there, in ways that can be booked as they are offered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import CapacityGone, FieldError, Invalid
from app.ids import new_id
from app.models import Offer, Party, Quote
from app.usecases.network_facts import EPOCH
from app.usecases.people import exporter_by_reference
from app.usecases.quoting_duty import Duties
from app.usecases.quoting_goods import lines_of
from app.usecases.quoting_network import SellNetwork, sell_network
from app.usecases.quoting_notes import Notes
from app.usecases.quoting_places import Ends, find_ends
from app.usecases.quoting_prices import Goods
from app.usecases.quoting_search import MINUTES_PER_DAY, Search, Way, Wish
from app.usecases.quoting_shape import Shaper, fx_shown, instant
from app.usecases.space import hold
from routing.itineraries import FOREVER
from routing.network import MODES
from routing.offers import tags
from trade.money import minor_unit_exponents

VALID = timedelta(hours=24)
LONGEST_HOLD = timedelta(hours=2)
"""How long space is held for an offer that is asked to be held; never past its first cut-off."""


def request_quote(session: Session, actor: Actor, now: datetime, request: Mapping[str, Any]) -> Quote:
    """Keep what was asked and every offer there is for it; with `hold`, hold space for the best of them.

    `request` has the members of `app.schemas.quotes.QuoteRequest`. Staff ask on behalf of the exporter they name.
    Raises Invalid where something asked for makes no sense, NotFound for an exporter that does not exist.
    """
    exporter = _exporter(session, actor, request["exporter"])
    asked = _asked(request, exporter, now)
    notes = Notes()
    net = sell_network(session, now)
    origin, destination = (ends_of(net, request[end], end, notes) for end in ("origin", "destination"))
    wish = wish_of(net, asked, exporter.id, now)
    search = Search(session, net, wish, notes)
    ways = search.run(product(origin.places, destination.places))
    test_mode = bool(getattr(actor, "test_mode", False))
    draft = _Draft(net, wish, asked, ways, notes)
    quote = draft.quote(exporter, origin, destination, test_mode=test_mode)
    offers = draft.offers(quote)
    quote.messages = notes.listed()
    session.add(quote)
    session.flush()
    if offers:
        session.execute(insert(Offer), [one | {"quote_id": quote.id} for one in offers])
    if request["hold"] and offers:
        _hold(session, quote, now, notes)
    return quote


def _exporter(session: Session, actor: Actor, reference: str | None) -> Party:
    if actor.exporter_id is not None:
        return session.get_one(Party, actor.exporter_id)
    if reference is None:
        place = FieldError(
            "exporter", "required", "say for which exporter", "its reference or id", "$.exporter"
        )
        raise Invalid("exporter: say for which exporter you ask", (place,))
    return exporter_by_reference(session, reference)


def _asked(request: Mapping[str, Any], exporter: Party, now: datetime) -> dict[str, Any]:
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


@dataclass(slots=True)
class _Draft:
    """The rows of one quote, before they are kept."""

    net: SellNetwork
    wish: Wish
    asked: Mapping[str, Any]
    ways: Sequence[Way]
    notes: Notes

    def quote(self, exporter: Party, origin: Ends, destination: Ends, *, test_mode: bool) -> Quote:
        """Return the quote itself; it runs out before the last of its offers can be booked no more."""
        first = self.ways[0] if self.ways else None
        legs = self.net.timetable.legs
        start = int(legs.origin[first.legs[0]]) if first else origin.places[0]
        end = int(legs.destination[first.legs[-1]]) if first else destination.places[0]
        now = self.wish.now
        last = max((self._book_by(way) for way in self.ways), default=now + VALID)
        return Quote(
            public_id=new_id("qte"),
            exporter_id=exporter.id,
            test_mode=test_mode,
            asked=dict(self.asked)
            | {"apart_m": {"origin": origin.distance_m, "destination": destination.distance_m}},
            origin_id=self.net.places[start].id,
            destination_id=self.net.places[end].id,
            currency=self.wish.currency,
            fx=self._fx(),
            messages=[],
            created_at=now,
            expires_at=min(now + VALID, last),
        )

    def offers(self, quote: Quote) -> list[dict[str, Any]]:
        """Return the rows of the offers, best first."""
        shaper = Shaper(self.net, self.wish.ready_min, self.wish.due_min, self.wish.currency)
        duties = Duties(self.net, self.asked, self.wish.currency, self.notes)
        columns = [(way.total_minor, way.arrives_min, 0, way.co2e_g) for way in self.ways]
        late = np.array([way.late for way in self.ways], dtype=np.bool_)
        best = tags(np.array(columns, dtype=np.float64), late, has_deadline=self.wish.due_min < FOREVER)
        rows = []
        for seq, (way, own) in enumerate(zip(self.ways, best, strict=True), start=1):
            legs, public_id = shaper.legs(way), new_id("off")
            end = self.net.places[int(self.net.timetable.legs.destination[way.legs[-1]])]
            customs = duties.estimate(end.country, instant(way.arrives_min).date())
            shown = {"id": public_id, "rank": seq, **shaper.shown(way, legs, own, customs)}
            book_by = min(self._book_by(way), quote.expires_at)
            rows.append({
                "public_id": public_id,
                "seq": seq,
                "total_minor": way.total_minor,
                "currency": self.wish.currency,
                "held": False,
                "shown": shown | {"bookable_until": book_by.isoformat(timespec="seconds")},
                "legs": legs,
                "charges": shaper.charges(way),
            })  # fmt: skip
        return rows

    def _book_by(self, way: Way) -> datetime:
        """Return until when a way can be booked: its first cut-off, of goods or papers."""
        legs, papers = self.net.timetable.legs, self.net.papers_min
        rides = [leg for leg in way.legs if leg < legs.first_link]
        last = min((min(int(legs.cutoff[leg]), int(papers[leg])) for leg in rides), default=FOREVER)
        return self.wish.now + VALID if last >= FOREVER else instant(last)

    def _fx(self) -> list[dict[str, Any]]:
        used = {one.fx for way in self.ways for one in way.priced if one.fx is not None}
        return [fx_shown(fx) for fx in sorted(used, key=lambda one: (one.base, one.quote))]


def _hold(session: Session, quote: Quote, now: datetime, notes: Notes) -> None:
    """Hold space for the best offer, and say on it until when."""
    offer = session.scalars(select(Offer).where(Offer.quote_id == quote.id, Offer.seq == 1)).one()
    if quote.test_mode:
        notes.add("practice")
    else:
        book_by = datetime.fromisoformat(offer.shown["bookable_until"])
        until = min(now + LONGEST_HOLD, quote.expires_at, book_by)
        try:
            with session.begin_nested():
                hold(session, offer, quote.asked["lines"], quote.exporter_id, now, until)
        except CapacityGone as gone:
            notes.add("nothing_held", text=gone.detail)
        else:
            offer.held = True
            held = {**offer.shown["capacity"], "held_until": until.isoformat(timespec="seconds")}
            offer.shown = {**offer.shown, "capacity": held}
    quote.messages = notes.listed()
    session.flush()
