"""What must hold of plans that were committed, each as one query that finds its violations."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.models import Booking, Job, Plan, PlanBooking, PlanChain, PlanCommit

Rows = Iterator[tuple[str, str]]
COMMITS = ("committing", "committed")


def commits_follow_their_plan(session: Session, now: datetime) -> Rows:
    """A plan is being committed or committed exactly if its commit stands beside it, and is over if it is over."""
    del now
    query = (
        select(Plan.public_id, Plan.state, PlanCommit.id, PlanCommit.finished_at)
        .outerjoin(PlanCommit, PlanCommit.plan_id == Plan.id)
        .where(Plan.state.in_(COMMITS) | PlanCommit.id.is_not(None))
    )
    for reference, state, commit, finished_at in session.execute(query):
        if (state in COMMITS) != (commit is not None) or (state == "committed") != (finished_at is not None):
            yield reference, f"is {state}, and its commit says something else"


def open_commits_have_an_open_job(session: Session, now: datetime) -> Rows:
    """A plan that is being committed has a job that does it, or says why none does."""
    del now
    working = select(Job.id).where(
        Job.subject == Plan.public_id, Job.kind == "commit_plan", Job.status.in_(("queued", "running"))
    )
    query = (
        select(Plan.public_id)
        .join(PlanCommit, PlanCommit.plan_id == Plan.id)
        .where(Plan.state == "committing", PlanCommit.failure.is_(None), ~working.exists())
    )
    for reference in session.scalars(query):
        yield reference, "is being committed by nobody"


def committed_chains_account_for_every_parcel(session: Session, now: datetime) -> Rows:
    """Of each parcel of a chain that is done it is known what became of it; a committed plan has no other chains."""
    del now
    told = PlanChain.booked + PlanChain.kept + PlanChain.decided + PlanChain.stale
    unfinished = and_(Plan.state == "committed", PlanChain.status == "waiting")
    query = (
        select(Plan.public_id, PlanChain.seq, PlanChain.status, told, PlanChain.parcels)
        .join(PlanCommit, PlanCommit.id == PlanChain.commit_id)
        .join(Plan, Plan.id == PlanCommit.plan_id)
        .where(and_(PlanChain.status == "done", told != PlanChain.parcels) | unfinished)
    )
    for reference, seq, status, known, parcels in session.execute(query):
        yield reference, f"chain {seq} is {status} and tells of {known} parcels of {parcels}"


def planned_bookings_belong_to_their_plan(session: Session, now: datetime) -> Rows:
    """A booking without a quote was made by one plan, for the exporter the plan made it for."""
    del now
    link = PlanBooking
    query = (
        select(Booking.public_id, Booking.quote_id, Booking.exporter_id, link.exporter_id)
        .outerjoin(link, link.booking_id == Booking.id)
        .where(
            (Booking.quote_id.is_(None) & link.id.is_(None))
            | (Booking.quote_id.is_not(None) & link.id.is_not(None))
            | (link.exporter_id != Booking.exporter_id)
        )
    )
    for reference, quote, exporter, planned_for in session.execute(query):
        yield reference, f"has quote {quote} and exporter {exporter}, and a plan made it for {planned_for}"


def chains_count_their_bookings(session: Session, now: datetime) -> Rows:
    """A chain has as many bookings, and as many parcels in them, as it says."""
    del now
    link = PlanBooking
    query = (
        select(PlanChain.id, PlanChain.bookings, func.count(link.id), PlanChain.booked)
        .add_columns(func.coalesce(func.sum(link.parcels), 0))
        .outerjoin(link, link.chain_id == PlanChain.id)
        .group_by(PlanChain.id, PlanChain.bookings, PlanChain.booked)
        .having(
            (func.count(link.id) != PlanChain.bookings)
            | (func.coalesce(func.sum(link.parcels), 0) != PlanChain.booked)
        )
    )
    for number, says, found, booked, inside in session.execute(query):
        yield f"chain {number}", f"says {says} bookings of {booked} parcels, has {found} of {inside}"


INVARIANTS: tuple[Callable[[Session, datetime], Rows], ...] = (
    commits_follow_their_plan,
    open_commits_have_an_open_job,
    committed_chains_account_for_every_parcel,
    planned_bookings_belong_to_their_plan,
    chains_count_their_bookings,
)
