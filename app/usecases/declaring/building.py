"""Put booked parcels on lists, bring a list up to date with its bookings, and give a list up."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby, islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid
from app.ids import new_id
from app.models import DeclarationLine, DeclarationList, Location, Party
from app.models.pool import CUSTOMS_MODES
from app.usecases import auditing
from app.usecases.declaring.candidates import Candidate, day_of, waiting_for
from app.usecases.declaring.checking import OPEN, add_up, check, recheck
from app.usecases.declaring.codes import read_codes
from app.usecases.declaring.finding import lock_list
from app.usecases.declaring.splitting import list_number
from app.usecases.pricing_facts import CURRENCY, RateMissing
from app.usecases.quoting_fx import FxBook, load_fx
from trade.customs_modes import ModeRule, mode_rule
from trade.declaration_checks import LEFT, MONTH
from trade.declarations import LIST_LINES, may_be_given_up
from trade.goods import goods_classes

Key = tuple[int, str, str]


def build_lists(
    session: Session, actor: Actor, now: datetime, mode: str, port: str, month: date, flag: str = "B"
) -> list[DeclarationList]:
    """List what leaves a port in a month under a mode and is on no list yet, and check each list at once.

    One list for each exporter, way of transport and channel, and a new one after every hundred parcels. Raises Invalid,
    Conflict where nothing waits.
    """
    place, rule = _port(session, port), mode_rule(mode, day_of(now))
    if mode not in CUSTOMS_MODES or rule is None:
        raise _wrong("mode", f"there is no rule for the mode {mode!r}")
    if flag not in ("A", "B"):
        raise _wrong("flag", "A is simplified, B is declared in a summary")
    writer = _Writer(session, actor, now, rule, flag)
    made = [
        writer.write(key, place, month, chunk)
        for key, rows in _groups(writer, waiting_for(session, mode, place.id, month))
        for chunk in _chunks(rows)
    ]
    if not made:
        raise Conflict("nothing waits there: every booked parcel is on a list")
    for one in made:
        recheck(session, one, now)
    return made


def _groups(writer: "_Writer", rows: Iterable[Candidate]) -> Iterator[tuple[Key, Iterator[Candidate]]]:
    keyed = sorted(((writer.key(row), row) for row in rows), key=lambda pair: pair[0])
    for key, group in groupby(keyed, key=lambda pair: pair[0]):
        yield key, (row for _key, row in group)


def _chunks(rows: Iterator[Candidate]) -> Iterator[list[Candidate]]:
    while chunk := list(islice(rows, LIST_LINES)):
        yield chunk


def _port(session: Session, code: str) -> Location:
    """The port, locked: of two that build at once the second finds what the first has left."""
    found = session.scalar(select(Location).where(Location.code == code).with_for_update(key_share=True))
    if found is None:
        raise _wrong("port", f"there is no place {code!r}")
    return found


def refresh_list(session: Session, actor: Actor, now: datetime, public_id: str) -> DeclarationList:
    """Bring a list that was not handed over up to what is booked now; what left, or left for elsewhere, goes off it.

    Raises NotFound, and Conflict where it was handed over, or where nothing would be left: give it up then.
    """
    found = lock_list(session, public_id)
    if found.status not in OPEN:
        raise Conflict(f"{found.number} is {found.status}: undo that first")
    lines = check(session, found, day_of(now)).lines
    writer = _Writer(session, actor, now, mode_rule(found.customs_mode, day_of(now)), found.statistics_flag)
    gone = [one.line for one in lines if one.candidate is None or set(one.moved) & ELSEWHERE]
    if len(gone) == len(lines):
        raise Conflict("nothing on this list is booked any more: give the list up")
    for one in lines:
        if one.line in gone:
            found.rows.remove(one.line)
        elif one.candidate is not None:
            hs_code = one.line.hs_code
            writer.fill(one.line, found, one.candidate)
            one.line.hs_code = hs_code or one.line.hs_code
    moved = sum(bool(one.moved) for one in lines)
    add_up(found)
    auditing.record(
        session, actor, now, "customs.list_refreshed", public_id, after={"changed": moved, "left": len(gone)}
    )
    recheck(session, found, now)
    return found


ELSEWHERE = {LEFT, MONTH, "mode", "port_id", "transport_mode"}
"""Changes after which a parcel belongs on another list."""


def discard_list(session: Session, actor: Actor, now: datetime, public_id: str) -> None:
    """Give up a list that customs has nothing of: its parcels wait again. Raises NotFound, Conflict."""
    found = lock_list(session, public_id)
    if not may_be_given_up(found.path):
        raise Conflict(f"{found.number} is with customs: take it back there first")
    auditing.record(
        session, actor, now, "customs.list_discarded", public_id,
        before={"number": found.number, "lines": found.lines},
    )  # fmt: skip
    session.delete(found)
    session.flush()


class _Writer:
    """Candidates → lines, with the rates, shares and names looked up once."""

    def __init__(
        self, session: Session, actor: Actor, now: datetime, rule: ModeRule | None, flag: str
    ) -> None:
        self._session, self._actor, self._now = session, actor, now
        self._rule, self._flag = rule, flag
        self._fx: FxBook = load_fx(session, day_of(now))
        self._names = {code: one.name_zh for code, one in goods_classes(day_of(now)).items()}
        self._shares: dict[int, int | None] = {}

    def key(self, row: Candidate) -> Key:
        """What the parcels of one list have in common: exporter, way of transport, channel."""
        channel = self._rule.channel(self.in_cny(row), self._flag) if self._rule else "ceb"
        return row.exporter_id, row.booked.transport_mode or "", channel

    def in_cny(self, row: Candidate) -> int | None:
        """Fen at today's rate; None where no rate leads there."""
        value, currency = row.booked.value_minor, row.booked.currency
        try:
            fx = self._fx.find(currency, CURRENCY)
        except RateMissing:
            return None
        return fx.convert(value) if fx else value

    def write(self, key: Key, port: Location, month: date, rows: Iterable[Candidate]) -> DeclarationList:
        """One list of them."""
        exporter_id, transport_mode, channel = key
        made = DeclarationList(
            public_id=new_id("dcl"), number=new_id("dcl"), exporter_id=exporter_id, port_id=port.id,
            customs_mode=self._rule.mode if self._rule else "", channel=channel, statistics_flag=self._flag,
            transport_mode=transport_mode, month=month, status="draft", path=["draft"], checked_at=self._now,
            created_at=self._now, created_by=self._actor.reference, mismatched=0, warned=0, moved=0,
        )  # fmt: skip
        made.exporter, made.port = self._session.get_one(Party, exporter_id), port
        made.rows = [
            self.fill(DeclarationLine(seq=seq, number=new_id("dcl")), made, row)
            for seq, row in enumerate(rows, start=1)
        ]
        add_up(made)
        self._session.add(made)
        self._session.flush()
        made.number = list_number(made)
        for line in made.rows:
            line.number = f"{made.number}-{line.seq:03d}"
        auditing.record(
            self._session, self._actor, self._now, "customs.list_built", made.public_id,
            after={"number": made.number, "lines": made.lines},
        )  # fmt: skip
        return made

    def fill(self, line: DeclarationLine, found: DeclarationList, row: Candidate) -> DeclarationLine:
        """Let a line say what is booked now."""
        share = self._share(found.exporter)
        line.parcel_id, line.order_number, line.hs_code = row.parcel_id, row.reference, row.hs_code
        line.goods_class = row.goods_class
        line.name = (row.name or self._names.get(row.goods_class, ""))[:250]
        line.value_minor, line.currency = row.booked.value_minor, row.booked.currency
        line.value_cny_minor = self.in_cny(row)
        line.gross_g, line.country = row.booked.gross_g, row.booked.country
        line.net_g = max(1, row.booked.gross_g * share // 100) if share else None
        line.waybill_number, line.departure_number = row.booked.waybill_number, row.booked.departure_number
        line.departs_on = row.booked.departs_on or found.month
        return line

    def _share(self, exporter: Party) -> int | None:
        """Net weight in percent of gross, as the exporter's packing lists have it; None: nobody noted it."""
        if exporter.id not in self._shares:
            kept = read_codes(self._session, [exporter.public_id]).get((exporter.public_id, "net_percent"))
            self._shares[exporter.id] = int(kept) if kept else None
        return self._shares[exporter.id]


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(field, "invalid", message),))
