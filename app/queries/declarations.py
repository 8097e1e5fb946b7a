"""The customs desk as it is read: lists with what waits beside them, one list, one declaration, and their history."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from app.errors import NotFound
from app.models import (
    BookingLine,
    DeclarationLine,
    DeclarationList,
    DeclarationSummary,
    Location,
    Parcel,
    Party,
)
from app.queries.audit import AuditFilter, AuditRow, list_events
from app.queries.paging import Keyset, Page, instant
from app.usecases.declaring.candidates import booked_exports, day_of, not_listed
from app.usecases.declaring.finding import whole_list, whole_summary
from trade.declarations import PRE_REFUND_MODE, month_of, settle_by, summary_due

NEWEST = Keyset(DeclarationList.created_at, DeclarationList.id, read=instant, falling=True)
TO_DO = ("draft", "pre_check_failed", "submitted", "accepted", "rejected", "taken_back")
REBATES = ("none", "to_come", "pre_refunded", "refunded", "settled", "reversed")


@dataclass(frozen=True, slots=True)
class ListFilter:
    """What narrows the lists. `mismatch`: documents do not match, or something moved since."""

    mode: str | None = None
    month: date | None = None
    state: str | None = None
    exporter: str | None = None
    port: str | None = None
    mismatch: bool = False
    to_do: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Booked exports on no list (or lists in no declaration) of a mode, port and month; `mode` None: not decided."""

    mode: str | None
    port: Location
    month: date
    count: int
    by_desk: bool = False
    """The desk gave them their mode, and may take it back."""

    @property
    def due(self) -> date:
        """The last day to declare what was cleared in its month."""
        return summary_due(self.month)


def list_lists(
    session: Session, where: ListFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[DeclarationList]:
    """Lists with exporter, port and declaration, the newest first."""
    query = (
        select(DeclarationList)
        .options(
            joinedload(DeclarationList.exporter), joinedload(DeclarationList.port), joinedload(DeclarationList.summary)
        )
        .where(*_conditions(where))
    )  # fmt: skip
    found = session.scalars(NEWEST.slice(query, cursor, limit)).all()
    return NEWEST.page(found, limit, lambda row: (row.created_at.isoformat(), row.id))


def _conditions(where: ListFilter) -> list[ColumnElement[bool]]:
    row, found = DeclarationList, []
    if where.mode:
        found.append(row.customs_mode == where.mode)
    if where.month:
        found.append(row.month == where.month)
    if where.state:
        found.append(row.status == where.state)
    if where.to_do:
        found.append(row.status.in_(TO_DO))
    if where.exporter:
        found.append(row.exporter_id.in_(select(Party.id).where(Party.reference == where.exporter)))
    if where.port:
        found.append(row.port_id.in_(select(Location.id).where(Location.code == where.port)))
    if where.mismatch:
        found.append((row.mismatched > 0) | (row.moved > 0))
    return found


def rebate_state(found: DeclarationList) -> str:
    """Where the rebate of a list stands: one of REBATES."""
    if found.statistics_flag == "A":
        return "none"
    return summary_rebate(found.summary) if found.summary else "to_come"


def summary_rebate(found: DeclarationSummary) -> str:
    """Where the rebate of a declaration stands: one of REBATES."""
    if found.refunded_on is None:
        return "to_come"
    if found.customs_mode != PRE_REFUND_MODE:
        return "refunded"
    if found.settled_on is None:
        return "pre_refunded"
    return "settled" if found.outcome == "sold" else "reversed"


def settled_by(found: DeclarationSummary | None) -> date | None:
    """Until when a refund before the sale must be settled; None where none waits."""
    if found is None or found.refunded_on is None or summary_rebate(found) != "pre_refunded":
        return None
    return settle_by(found.refunded_on)


def count_states(session: Session) -> Mapping[str, int]:
    """How many lists there are by state, and as `mismatch` how many to be done do not match."""
    rows = session.execute(select(DeclarationList.status, func.count()).group_by(DeclarationList.status))
    wrong = select(func.count(DeclarationList.id)).where(*_conditions(ListFilter(mismatch=True, to_do=True)))
    return {status: int(count) for status, count in rows} | {"mismatch": session.scalar(wrong) or 0}


def waiting_parcels(session: Session) -> list[Waiting]:
    """Booked exports that are on no list, by mode, port and month of exit; the earliest month first."""
    rows = booked_exports().where(not_listed()).subquery()
    key = (rows.c.customs_mode, rows.c.from_id, rows.c.departs_at, rows.c.booked_mode)
    counts: Counter[tuple[str | None, int, date]] = Counter()
    by_desk = set()
    for mode, port_id, departs_at, booked, count in session.execute(
        select(*key, func.count()).group_by(*key)
    ):
        group = mode, port_id, month_of(day_of(departs_at))
        counts[group] += count
        if mode and not booked:
            by_desk.add(group)
    return _waiting(session, counts, by_desk)


def waiting_lists(session: Session) -> list[Waiting]:
    """Released lists that are to be declared in a summary, by mode, port and month; the earliest month first."""
    row = DeclarationList
    query = (
        select(row.customs_mode, row.port_id, row.month, func.count())
        .where(row.status == "released", row.statistics_flag == "B")
        .group_by(row.customs_mode, row.port_id, row.month)
    )
    found = session.execute(query).all()
    return _waiting(session, {(mode, port, month): count for mode, port, month, count in found})


def _waiting(
    session: Session,
    counts: Mapping[tuple[str | None, int, date], int],
    by_desk: Collection[tuple[str | None, int, date]] = (),
) -> list[Waiting]:
    ports = {
        one.id: one
        for one in session.scalars(select(Location).where(Location.id.in_({key[1] for key in counts})))
    }
    found = [
        Waiting(mode, ports[port], month, count, (mode, port, month) in by_desk)
        for (mode, port, month), count in counts.items()
    ]
    return sorted(found, key=lambda one: (one.month, one.mode or "", one.port.code))


def open_refunds(session: Session) -> Sequence[DeclarationSummary]:
    """Declarations whose refund before the sale waits to be settled, the oldest first."""
    row = DeclarationSummary
    query = select(row).where(
        row.customs_mode == PRE_REFUND_MODE, row.refunded_on.is_not(None), row.settled_on.is_(None)
    )
    return session.scalars(query.order_by(row.refunded_on, row.id)).all()


def list_summaries(
    session: Session, *, cursor: str | None = None, limit: int = 50
) -> Page[DeclarationSummary]:
    """Declarations with the lists they merge, the newest first."""
    order = Keyset(DeclarationSummary.created_at, DeclarationSummary.id, read=instant, falling=True)
    found = session.scalars(order.slice(whole_summary(), cursor, limit)).unique().all()
    return order.page(found, limit, lambda row: (row.created_at.isoformat(), row.id))


def get_list(session: Session, public_id: str) -> DeclarationList:
    """One list with its lines. Raises NotFound."""
    query = whole_list().where(DeclarationList.public_id == public_id)
    found: DeclarationList | None = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("there is no such list")
    return found


def lists_of_booking(session: Session, booking_id: int) -> Sequence[DeclarationList]:
    """The lists that parcels of a booking are on, the oldest first."""
    inside = (
        select(DeclarationLine.list_id)
        .join(Parcel, Parcel.id == DeclarationLine.parcel_id)
        .join(BookingLine, BookingLine.id == Parcel.booking_line_id)
        .where(BookingLine.booking_id == booking_id)
    )
    return session.scalars(
        select(DeclarationList).where(DeclarationList.id.in_(inside)).order_by(DeclarationList.id)
    ).all()


def get_summary(session: Session, public_id: str) -> DeclarationSummary:
    """One declaration with its lists and their lines. Raises NotFound."""
    query = whole_summary().where(DeclarationSummary.public_id == public_id)
    found: DeclarationSummary | None = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("there is no such declaration")
    return found


def history(session: Session, public_id: str) -> list[AuditRow]:
    """What was done with a list or a declaration, the latest first."""
    return list_events(session, AuditFilter(subject=public_id), limit=100).items


def ports(session: Session) -> list[Location]:
    """Ports that some list leaves over, for the filters."""
    listed = select(DeclarationList.port_id)
    return list(session.scalars(select(Location).where(Location.id.in_(listed)).order_by(Location.code)))


def ports_of_exit(session: Session) -> list[Location]:
    """Ports that lists leave over or something waits at, by code."""
    found = {one.id: one for one in ports(session)} | {
        one.port.id: one.port for one in waiting_parcels(session)
    }
    return sorted(found.values(), key=lambda one: one.code)


def exporters(session: Session) -> Iterator[Party]:
    """Exporters, by name: each has numbers of its own."""
    for party in session.scalars(select(Party).order_by(Party.name)):
        if "exporter" in party.roles:
            yield party
