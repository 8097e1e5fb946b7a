"""Move the cut-offs of a departure that is entered already; bookings on it take them over, and are told.

A time that would leave booked goods behind is refused until it is said that it is meant all the same. Whoever moves
a cut-off may say which time was seen: another one by now is a conflict, and nothing is changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models import AuditEvent, Call, Cutoff, Departure
from app.usecases import auditing
from app.usecases.booking import happened, lock_booking
from app.usecases.cutoffs_touched import MovedCall, Touched, TouchedBooking, find_touched, touched_bookings
from app.usecases.departing import tell_exporters
from routing.cutoffs import Wrong, wrong_times
from trade.bookings import FINAL

ACTION = "departure.cutoffs_changed"
CHANGEABLE = ("planned", "open", "closed")
NAMED = 5
"""Bookings that a refusal names."""


@dataclass(frozen=True, slots=True)
class NewCutoff:
    """When one cut-off of a call shall be; None takes it away. `seen`, if given, is what the caller saw there."""

    seq: int
    code: str
    at: datetime | None
    seen: tuple[datetime | None, ...] = ()


def change_cutoffs(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    wanted: Sequence[NewCutoff],
    reason: str = "",
    *,
    although_missed: bool = False,
) -> Departure:
    """Set these cut-offs. Raises NotFound, Conflict, and Invalid that names what is wrong with which of them.

    With `although_missed` it is done although booked goods would come too late.
    """
    departure = _find(session, public_id, lock=True)
    moved = moved_calls(departure, wanted, now)
    if not although_missed:
        check_missed(find_touched(session, departure, moved, now))
    carry_out(session, actor, now, departure, moved, reason)
    return departure


def preview(session: Session, now: datetime, public_id: str, wanted: Sequence[NewCutoff]) -> Touched:
    """Whom that would touch; raises as `change_cutoffs` does, but for booked goods that would come too late."""
    departure = _find(session, public_id)
    return find_touched(session, departure, moved_calls(departure, wanted, now), now)


def put_back(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    change: int,
    *,
    although_missed: bool = False,
) -> Departure:
    """Set what the last change has moved as it was before; `change` is its number in the audit log.

    Conflict where it is not the last one any more.
    """
    last = session.scalar(
        select(AuditEvent)
        .where(AuditEvent.subject == public_id, AuditEvent.action == ACTION)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    if last is None or last.id != change:
        raise Conflict("the cut-offs were changed again meanwhile: look at them as they are now")
    before, after = last.before or {}, last.after or {}
    wanted = [
        NewCutoff(int(seq), code, _instant(at), (_instant(after.get(name)),))
        for name, at in before.items()
        for seq, _, code in [name.partition(" ")]
    ]
    return change_cutoffs(session, actor, now, public_id, wanted, "put back", although_missed=although_missed)


def moved_calls(departure: Departure, wanted: Sequence[NewCutoff], now: datetime) -> list[MovedCall]:
    """The calls with other cut-offs than before. `departure` has its calls and their cut-offs loaded.

    Invalid where one has a time that cannot be, or nothing differs; Conflict where one is not as it was seen.
    """
    calls = {call.seq: call for call in departure.calls}
    asked: dict[int, dict[str, NewCutoff]] = {}
    for position, one in enumerate(wanted):
        call = calls.get(one.seq)
        if call is None or call.departs_at is None:
            raise _invalid([_at(position, "seq", "no_such_call", f"goods board at no call {one.seq}")])
        if call.departs_at <= now:
            text = f"call {one.seq} was left at {call.departs_at:%Y-%m-%d %H:%M} UTC"
            raise _invalid([_at(position, "seq", "call_left", text)])
        _check_seen(call, one)
        if one.code in asked.setdefault(one.seq, {}):
            text = f"the cut-off {one.code} of call {one.seq} is named before"
            raise _invalid([_at(position, "code", "duplicate", text, "name each once")])
        asked[one.seq][one.code] = one
    moved = [_moved(calls[seq], some.values()) for seq, some in asked.items()]
    places = {(one.seq, one.code): position for position, one in enumerate(wanted)}
    wrong = [
        _at(places[one.seq, fault.code], "at", fault.why, *_words(fault))
        for one in moved
        for fault in wrong_times(one.before, one.after, one.departs_at, now)
    ]
    if wrong:
        raise _invalid(wrong)
    moved = [one for one in moved if one.before != one.after]
    if not moved:
        raise _invalid([_at(0, "at", "changes_nothing", "the cut-offs are so already", "give another time")])
    return moved


def check_missed(touched: Touched) -> None:
    """Invalid where goods that are booked would come too late."""
    missed = touched.missed
    if not missed:
        return
    names = ", ".join(one.public_id for one in missed[:NAMED])
    more = f" and {len(missed) - NAMED} more" if len(missed) > NAMED else ""
    text = f"{len(missed)} booked goods would come too late for it: {names}{more}"
    remedy = "roll these bookings first, or say that it is meant all the same (although_missed)"
    raise Invalid(
        text, (FieldError("although_missed", "goods_would_miss", text, remedy, "$.although_missed"),)
    )


def carry_out(
    session: Session,
    actor: Actor,
    now: datetime,
    departure: Departure,
    moved: Sequence[MovedCall],
    reason: str,
) -> None:
    """Write the cut-offs of `moved_calls`; bookings take them over, their exporters are told, the log keeps both."""
    calls = {call.seq: call for call in departure.calls}
    for one in moved:
        _write(calls[one.seq], one.after)
    session.flush()
    before, after = _differences(moved)
    auditing.record(
        session, actor, now, ACTION, departure.public_id, before=before, after=after | {"reason": reason}
    )
    touched = list(touched_bookings(session, departure, {one.seq: one for one in moved}, now))
    _tell(session, actor, now, departure, touched, reason)


def _tell(
    session: Session,
    actor: Actor,
    now: datetime,
    departure: Departure,
    touched: Iterable[TouchedBooking],
    reason: str,
) -> None:
    facts = {"departure": departure.public_id, "number": departure.number, "reason": reason}
    told: dict[tuple[int, bool], list[dict[str, str]]] = {}
    for one in touched:
        booking = lock_booking(session, actor, one.public_id, practice=True)
        leg = next((leg for leg in booking.legs if leg.seq == one.leg_seq), None)
        aboard = leg is not None and (leg.departure_id, leg.board_seq) == (departure.id, one.board_seq)
        if leg is None or not aboard or booking.status in FINAL:
            continue  # cancelled or rolled after it was found, before it was locked
        leg.cutoff_at = one.cutoff_at
        times = {"cutoff_before": one.was.isoformat(), "cutoff_at": one.closes_at.isoformat()}
        detail = {"note": "cutoff_changed", "leg": leg.seq} | facts | times
        happened(session, actor, now, booking, "noted", detail)
        some = told.setdefault((booking.exporter_id, booking.test_mode), [])
        some.append({"id": booking.public_id} | times)
    tell_exporters(session, now, "departure.cutoff_changed", departure, reason, told)


def _write(call: Call, after: Mapping[str, datetime]) -> None:
    there = {cutoff.code: cutoff for cutoff in call.cutoffs}
    for code, cutoff in there.items():
        if code not in after:
            call.cutoffs.remove(cutoff)
    for code, at in after.items():
        if code not in there:
            call.cutoffs.append(Cutoff(code=code, at=at))
        elif there[code].at != at:
            there[code].at = at


def _moved(call: Call, some: Collection[NewCutoff]) -> MovedCall:
    assert call.departs_at is not None  # noqa: S101 (looked at before)
    before = {cutoff.code: cutoff.at for cutoff in call.cutoffs}
    after = before | {one.code: one.at for one in some if one.at is not None}
    gone = {one.code for one in some if one.at is None}
    return MovedCall(
        call.seq, call.departs_at, before, {code: at for code, at in after.items() if code not in gone}
    )


def _check_seen(call: Call, one: NewCutoff) -> None:
    there = next((cutoff.at for cutoff in call.cutoffs if cutoff.code == one.code), None)
    for seen in one.seen:
        if _second(there) != _second(seen):
            stands = f"at {there:%Y-%m-%d %H:%M} UTC" if there else "not there"
            raise Conflict(f"somebody else has changed the cut-off {one.code} meanwhile: it is {stands} now")


def _second(at: datetime | None) -> datetime | None:
    return at and at.astimezone(UTC).replace(microsecond=0)


def _differences(moved: Sequence[MovedCall]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs, before and after, by number of the call and code as one name, which `put_back` reads."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for one in moved:
        for code in sorted({*one.before, *one.after}):
            was, becomes = one.before.get(code), one.after.get(code)
            if was != becomes:
                before[f"{one.seq} {code}"] = was and was.isoformat()
                after[f"{one.seq} {code}"] = becomes and becomes.isoformat()
    return before, after


def _words(wrong: Wrong) -> tuple[str, str]:
    """What is wrong with a time, and the remedy."""
    limit = f"{wrong.limit:%Y-%m-%d %H:%M} UTC"
    return {
        "cutoff_after_departure": (f"the departure leaves there at {limit}", "give a time before that"),
        "opens_after_closing": (
            f"the call closes at {limit}, before it would open",
            "give a time before that",
        ),
        "closes_before_opening": (
            f"the call opens at {limit}, which would be after it closes",
            "move that time as well",
        ),
        "cutoff_past": ("this lies in the past", "give a time ahead, or close the departure for booking"),
        "dangerous_after_general": (
            f"dangerous goods cannot come later than all others, until {limit}",
            "give a time no later than that, or move the general cut-off as well",
        ),
        "general_before_dangerous": (
            f"dangerous goods may come until {limit}, which would be later than all others",
            "move their cut-off as well",
        ),
    }[wrong.why]


def _at(position: int, member: str, code: str, message: str, remedy: str = "") -> FieldError:
    path = f"$.cutoffs[{position}].{member}"
    return FieldError(f"cutoffs.{position}.{member}", code, message, remedy, path)


def _invalid(found: Sequence[FieldError]) -> Invalid:
    return Invalid(found[0].message, tuple(found))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _find(session: Session, public_id: str, *, lock: bool = False) -> Departure:
    query = (
        select(Departure)
        .where(Departure.public_id == public_id)
        .options(selectinload(Departure.calls).selectinload(Call.cutoffs))
        .execution_options(populate_existing=True)
    )
    found = session.scalar(query.with_for_update(of=Departure, key_share=True) if lock else query)
    if found is None:
        raise NotFound("there is no such departure")
    if found.status not in CHANGEABLE:
        raise Conflict(f"departure {found.number} is {found.status}: its cut-offs stay as they are")
    return found
