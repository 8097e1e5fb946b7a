"""Turn an offer into a booking, once, and keep its events: statuses are what the events say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from app.actor import Actor
from app.db import fetch
from app.errors import Conflict, CutoffPassed, FieldError, Invalid, NotFound, QuoteExpired
from app.ids import new_id
from app.models import (
    Booking,
    BookingEvent,
    BookingLeg,
    BookingLine,
    Call,
    Consignment,
    Cutoff,
    Departure,
    Offer,
    Party,
    Quote,
)
from app.usecases import space
from app.usecases.announcing import announce
from app.usecases.billing import check_credit
from app.usecases.space_rooms import rides_of
from routing.cutoffs import DANGEROUS_CUTOFFS, EARLIEST_TIMES
from trade.bookings import Status, follow
from trade.errors import TradeError
from trade.goods import goods_classes
from trade.numbering import waybill_number

SELLABLE = ("planned", "open")
"""Departures that can still be booked."""
OFFER = (
    select(Offer)
    .join(Offer.quote)
    .options(contains_eager(Offer.quote))
    .where(Offer.public_id == bindparam("public_id"))
    .with_for_update(of=Quote)
)
BOOKED = select(Booking.public_id).where(Booking.quote_id == bindparam("quote_id"))
LOCK_DEPARTURES = (
    select(Departure.id)
    .where(Departure.id.in_(bindparam("ids", expanding=True)))
    .order_by(Departure.id)
    .with_for_update(read=True)
)
DEPARTURES = (
    select(
        Departure.id, Departure.number, Departure.status, Call.seq, Call.departs_at, Cutoff.code, Cutoff.at
    )
    .join(Call, Call.departure_id == Departure.id)
    .outerjoin(Cutoff, Cutoff.call_id == Call.id)
    .where(Departure.id.in_(bindparam("ids", expanding=True)))
)

Closes = dict[tuple[int | None, int | None], datetime]
"""Departure and number of the call → when it closes to what is booked."""


def book_offer(
    session: Session,
    actor: Actor,
    now: datetime,
    offer_id: str,
    *,
    quote_id: str | None = None,
    reference: str | None = None,
) -> Booking:
    """Book one offer of a quote: its lines take the space, in this transaction, or nothing changes.

    Raises NotFound, QuoteExpired, CutoffPassed, Conflict (the quote is booked, a departure is not sold any more),
    CapacityGone, CreditHold and CreditLimitExceeded.
    """
    offer = _offer(session, actor, offer_id)
    quote = offer.quote
    if quote_id not in (None, quote.public_id):
        place = FieldError("quote_id", "other_quote", "the offer belongs to another quote", "", "$.quote_id")
        raise Invalid("offer and quote do not belong together", (place,))
    closes = _check_bookable(session, offer, now)
    exporter = session.get_one(Party, quote.exporter_id)
    if not quote.test_mode:
        check_credit(session, exporter, offer.currency, offer.total_minor, now)
    booking = _new_booking(offer, reference, now)
    for leg in booking.legs:
        leg.cutoff_at = closes.get((leg.departure_id, leg.board_seq), leg.cutoff_at)
    session.add(booking)
    session.flush()
    if not quote.test_mode:
        space.book(
            session,
            rides_of(offer.legs),
            space.lots_of(quote.asked["lines"]),
            quote.exporter_id,
            now,
            booking_id=booking.id,
            opened_by=booking.public_id,
            offer_id=offer.id if offer.held else None,
        )
    session.add(
        Consignment(
            public_id=new_id("cns"),
            booking_id=booking.id,
            waybill_number=waybill_number(),
            customs_mode=booking.customs_mode,
            created_at=now,
        )
    )
    happened(session, actor, now, booking, "received", {"offer": offer.public_id})
    happened(session, actor, now, booking, "confirmed", {}, tell="booking.confirmed")
    return booking


def _offer(session: Session, actor: Actor, offer_id: str) -> Offer:
    """Return the offer with its quote, which is locked: of two bookings at once the second finds the first."""
    offer = session.scalar(OFFER, {"public_id": offer_id})
    if offer is None or not _sees(actor, offer.quote.exporter_id, test_mode=offer.quote.test_mode):
        raise NotFound("there is no such offer")
    return offer


def _sees(actor: Actor, exporter_id: int, *, test_mode: bool) -> bool:
    """Whether the actor may know of it: an exporter of its own, and keys of test mode of nothing else."""
    return actor.exporter_id in (None, exporter_id) and (actor.kind != "key" or actor.test_mode == test_mode)


def _check_bookable(session: Session, offer: Offer, now: datetime) -> Closes:
    booked = fetch(session, BOOKED, quote_id=offer.quote_id).scalar()
    if booked is not None:
        raise Conflict(f"this quote is booked already, as {booked}", booking=booked)
    if now >= offer.quote.expires_at:
        raise QuoteExpired(
            f"the quote ran out at {offer.quote.expires_at:%Y-%m-%d %H:%M} UTC; ask for a new one"
        )
    until = offer.shown.get("bookable_until")
    if until is not None and datetime.fromisoformat(until) <= now:
        raise CutoffPassed(f"the offer could be booked until {until}; ask for a new quote")
    for leg in offer.legs:
        if leg["cutoff_at"] is not None and datetime.fromisoformat(leg["cutoff_at"]) <= now:
            raise CutoffPassed(
                f"the cut-off of leg {leg['seq']} passed at {leg['cutoff_at']}; ask for a new quote"
            )
    return _check_departures(session, offer, now)


def _check_departures(session: Session, offer: Offer, now: datetime) -> Closes:
    """What the offer rides is still sold, and closes no earlier than it said: goods may not be there before.

    Returns when it closes by now, which may be later.
    """
    ids = [leg["departure_id"] for leg in offer.legs if leg["departure_id"] is not None]
    offered = {
        (leg["departure_id"], leg["board_seq"]): datetime.fromisoformat(leg["cutoff_at"])
        for leg in offer.legs
        if leg["cutoff_at"] is not None
    }
    left_out = EARLIEST_TIMES
    dangerous = {code for code, goods in goods_classes(now.date()).items() if goods.un_number}
    if not any(line["goods_class"] in dangerous for line in offer.quote.asked["lines"]):
        left_out |= DANGEROUS_CUTOFFS
    closes: Closes = {}
    # Whoever moves cut-offs has the departure locked: they are read only once that is over, and stay till we are.
    fetch(session, LOCK_DEPARTURES, ids=ids).all()
    for departure, number, status, seq, leaves, code, at in fetch(session, DEPARTURES, ids=ids):
        if status not in SELLABLE:
            raise Conflict(f"departure {number} is {status}; ask for a new quote")
        until = offered.get((departure, seq))
        if until is None or leaves is None:
            continue
        shut = at if code is not None and code not in left_out else leaves
        if shut < until:
            raise CutoffPassed(
                f"departure {number} closes earlier by now, at {shut:%Y-%m-%d %H:%M} UTC; ask for a new quote"
            )
        closes[departure, seq] = min(shut, leaves, closes.get((departure, seq), shut))
    return closes


def _new_booking(offer: Offer, reference: str | None, now: datetime) -> Booking:
    quote, asked = offer.quote, offer.quote.asked
    return Booking(
        public_id=new_id("bkg"),
        exporter_id=quote.exporter_id,
        quote_id=quote.id,
        offer_id=offer.id,
        test_mode=quote.test_mode,
        reference=reference,
        status="RECEIVED",
        # Offers of one quote may begin and end at different places: a port and an airport share a UN/LOCODE.
        origin_id=offer.legs[0]["from_id"],
        destination_id=offer.legs[-1]["to_id"],
        customs_mode=asked.get("customs_mode"),
        currency=offer.currency,
        total_minor=offer.total_minor,
        charges=offer.charges,
        created_at=now,
        lines=[BookingLine(seq=seq, **line) for seq, line in enumerate(asked["lines"], start=1)],
        legs=[booking_leg(leg) for leg in offer.legs],
        events=[],
        version=0,
    )


def booking_leg(leg: Mapping[str, Any]) -> BookingLeg:
    """Return the row for one leg of an offer."""
    names = (
        "seq", "mode", "service_id", "departure_id", "board_seq", "alight_seq", "from_id", "to_id", "may_open",
    )  # fmt: skip
    moments = ("cutoff_at", "departs_at", "arrives_at")
    return BookingLeg(
        **{name: leg.get(name) for name in names[:-1]},
        may_open=bool(leg.get("may_open")),
        **{name: datetime.fromisoformat(leg[name]) if leg[name] else None for name in moments},
    )


def lock_booking(session: Session, actor: Actor, booking_id: str, *, practice: bool = False) -> Booking:
    """Return a booking with its lines and legs, locked until the transaction is over. NotFound for others' own.

    With `practice` keys that are not of test mode find what is practice too: a departure carries both.
    """
    query = (
        select(Booking)
        .where(Booking.public_id == booking_id)
        .options(selectinload(Booking.lines), selectinload(Booking.legs))
        .with_for_update(of=Booking)
        .execution_options(populate_existing=True)
    )
    booking = session.scalar(query)
    if booking is None:
        raise NotFound("there is no such booking")
    mode = actor.test_mode if practice and booking.test_mode else booking.test_mode
    if not _sees(actor, booking.exporter_id, test_mode=mode):
        raise NotFound("there is no such booking")
    return booking


def status_of(booking: Booking) -> Status:
    """Return the three statuses of a booking."""
    return Status(
        booking.status if booking.version else None, booking.amendment_status, booking.cancellation_status
    )


def happened(
    session: Session,
    actor: Actor,
    now: datetime,
    booking: Booking,
    kind: str,
    detail: dict[str, Any],
    *,
    tell: str | None = None,
) -> None:
    """Append an event to a new or locked booking, and let its statuses follow; `tell` announces it by that name.

    Raises Conflict where the event may not follow the present status.
    """
    try:
        after = follow(status_of(booking), kind)
    except TradeError as error:
        raise Conflict(error.detail) from error
    booking.version += 1
    booking.status = after.booking or booking.status
    booking.amendment_status, booking.cancellation_status = after.amendment, after.cancellation
    session.add(
        BookingEvent(
            public_id=new_id("evt"),
            booking_id=booking.id,
            seq=booking.version,
            kind=kind,
            at=now,
            actor_kind=actor.kind,
            actor=actor.reference,
            detail=detail,
        )
    )
    if tell is not None:
        facts = {"id": booking.public_id, "reference": booking.reference, "status": booking.status}
        statuses = {
            "amendment_status": booking.amendment_status,
            "cancellation_status": booking.cancellation_status,
        }
        announce(
            session,
            now,
            tell,
            booking.exporter_id,
            booking.public_id,
            facts | statuses | detail,
            test_mode=booking.test_mode,
        )
