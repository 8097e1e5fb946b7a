"""A plan that was committed: how far it is, what was booked on each chain of departures, and what was stale."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.models import (
    Booking,
    Departure,
    Parcel,
    Party,
    PlanBooking,
    PlanChain,
    PlanCommit,
    PlanStale,
    Service,
    User,
)
from app.queries.paging import Keyset, Page, whole

CHAINS = Keyset(PlanChain.seq, PlanChain.id, read=whole)
BOOKINGS = Keyset(PlanBooking.id, PlanBooking.id, read=whole)
STALE = Keyset(PlanStale.id, PlanStale.id, read=whole)


@dataclass(frozen=True, slots=True)
class CommitRow:
    """Who had a plan committed and when, and what came of it so far; parcels unless it says something else."""

    id: int
    requested_by: str
    """As a person is known: the e-mail address where there is one."""
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    failure: str | None
    scope: dict[str, list[str]]
    chains: int
    chains_done: int
    parcels: int
    bookings: int
    booked: int
    kept: int
    decided: int
    stale: int

    @property
    def share_done(self) -> float:
        """From 0 to 1, by parcels."""
        if self.finished_at is not None:
            return 1.0
        told = self.booked + self.kept + self.decided + self.stale
        return told / self.parcels if self.parcels else 0.0


@dataclass(frozen=True, slots=True)
class RiddenRow:
    """A departure of a chain, as a link names it."""

    public_id: str
    number: str
    mode: str
    departs_at: datetime


@dataclass(frozen=True, slots=True)
class ChainRow:
    """What became of one chain."""

    id: int
    seq: int
    departures: list[RiddenRow]
    status: str
    parcels: int
    bookings: int
    booked: int
    kept: int
    decided: int
    stale: int
    finished_at: datetime | None
    codes: dict[str, int] = field(default_factory=dict)
    """Stale parcels by reason."""


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A booking that a plan made."""

    id: int
    public_id: str
    status: str
    exporter: str
    chain: int
    parcels: int
    currency: str
    total_minor: int


@dataclass(frozen=True, slots=True)
class StaleRow:
    """A parcel that a plan had a way for and that was not booked."""

    id: int
    parcel_public_id: str
    reference: str
    exporter: str
    chain: int
    code: str
    fact: str


SUMS = ("parcels", "bookings", "booked", "kept", "decided", "stale")


def find_commit(session: Session, plan_id: int) -> CommitRow | None:
    """The commit of a plan; None where nobody asked for one."""
    commit = session.scalar(select(PlanCommit).where(PlanCommit.plan_id == plan_id))
    if commit is None:
        return None
    done = func.sum(case((PlanChain.status == "done", 1), else_=0))
    sums = [func.coalesce(func.sum(getattr(PlanChain, name)), 0) for name in SUMS]
    query = select(func.count(PlanChain.id), func.coalesce(done, 0), *sums)
    counts = session.execute(query.where(PlanChain.commit_id == commit.id)).one()
    person = session.scalar(select(User.email).where(User.public_id == commit.requested_by))
    return CommitRow(
        commit.id, person or commit.requested_by, commit.requested_at, commit.started_at, commit.finished_at,
        commit.failure, commit.scope, *(int(one) for one in counts),
    )  # fmt: skip


def chain_page(
    session: Session, commit_id: int, *, cursor: str | None = None, limit: int = 50
) -> Page[ChainRow]:
    """The chains of a commit in the order they are done."""
    query = select(PlanChain).where(PlanChain.commit_id == commit_id)
    found = session.scalars(CHAINS.slice(query, cursor, limit)).all()
    page = CHAINS.page(found, limit, lambda row: (row.seq, row.id))
    ids = [row.id for row in page.items]
    codes: dict[int, dict[str, int]] = defaultdict(dict)
    counted = (
        select(PlanStale.chain_id, PlanStale.code, func.count())
        .where(PlanStale.chain_id.in_(ids))
        .group_by(PlanStale.chain_id, PlanStale.code)
        .order_by(PlanStale.chain_id, func.count().desc(), PlanStale.code)
    )
    for chain_id, code, count in session.execute(counted):
        codes[chain_id][code] = count
    known = _departures(session, {one for row in page.items for one in row.departures})
    rows = [
        ChainRow(
            row.id, row.seq, [known[one] for one in row.departures if one in known], row.status, row.parcels,
            row.bookings, row.booked, row.kept, row.decided, row.stale, row.finished_at, codes[row.id],
        )
        for row in page.items
    ]  # fmt: skip
    return Page(rows, page.next_cursor)


def _departures(session: Session, public_ids: set[str]) -> dict[str, RiddenRow]:
    query = (
        select(Departure.public_id, Departure.number, Service.mode, Departure.departs_at)
        .join(Service, Service.id == Departure.service_id)
        .where(Departure.public_id.in_(public_ids))
    )
    return {row.public_id: RiddenRow(*row) for row in session.execute(query)}


def made_page(session: Session, plan_id: int, *, cursor: str | None = None, limit: int = 50) -> Page[MadeRow]:
    """The bookings a plan made."""
    query = (
        select(
            PlanBooking.id, Booking.public_id, Booking.status, Party.reference, PlanChain.seq, PlanBooking.parcels,
            Booking.currency, Booking.total_minor,
        )
        .join(Booking, Booking.id == PlanBooking.booking_id)
        .join(Party, Party.id == PlanBooking.exporter_id)
        .join(PlanChain, PlanChain.id == PlanBooking.chain_id)
        .where(PlanBooking.plan_id == plan_id)
    )  # fmt: skip
    rows = [MadeRow(*row) for row in session.execute(BOOKINGS.slice(query, cursor, limit))]
    return BOOKINGS.page(rows, limit, lambda row: (row.id, row.id))


def stale_page(
    session: Session, plan_id: int, *, code: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[StaleRow]:
    """The parcels of a plan that were not booked."""
    query = (
        select(
            PlanStale.id, Parcel.public_id, Parcel.reference, Party.reference, PlanChain.seq, PlanStale.code,
            PlanStale.fact,
        )
        .join(Parcel, Parcel.id == PlanStale.parcel_id)
        .join(Party, Party.id == Parcel.exporter_id)
        .join(PlanChain, PlanChain.id == PlanStale.chain_id)
        .where(PlanStale.plan_id == plan_id)
    )  # fmt: skip
    if code is not None:
        query = query.where(PlanStale.code == code)
    rows = [StaleRow(*row) for row in session.execute(STALE.slice(query, cursor, limit))]
    return STALE.page(rows, limit, lambda row: (row.id, row.id))


def stale_codes(session: Session, plan_id: int) -> dict[str, int]:
    """Reason → how many parcels of a plan were not booked for it, the most frequent first."""
    query = (
        select(PlanStale.code, func.count())
        .where(PlanStale.plan_id == plan_id)
        .group_by(PlanStale.code)
        .order_by(func.count().desc(), PlanStale.code)
    )
    return {code: count for code, count in session.execute(query)}  # noqa: C416 (rows are no pairs)
