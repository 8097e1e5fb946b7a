"""What must hold in the database at every moment, each as one query that finds its violations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.models import (
    Call,
    CapacityPool,
    Departure,
    DepartureUnit,
    ImportBatch,
    Job,
    OptimizationRun,
    Parcel,
    Plan,
    PlanItem,
    PlanItinerary,
    PlanLeg,
    PlanLoad,
    RunBlock,
    Segment,
    WebhookMessage,
    WebhookSubscription,
)
from app.queries import (
    invariants_commits,
    invariants_customs,
    invariants_inbound,
    invariants_loading,
    invariants_money,
    invariants_returns,
    invariants_space,
    invariants_stock,
)

STALE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that does not hold, for which row, and how."""

    invariant: str
    subject: str
    detail: str


Rows = Iterator[tuple[str, str]]


def capacity_never_oversold(session: Session, now: datetime) -> Rows:
    """Held and booked together stay within the capacity of a pool, and neither is negative."""
    del now
    pool = CapacityPool
    wrong = (pool.held + pool.booked > pool.capacity) | (pool.held < 0) | (pool.booked < 0)
    for row in session.scalars(select(pool).where(wrong)):
        yield f"pool {row.id}", f"{row.held} held + {row.booked} booked of {row.capacity} {row.dimension}"


def allotments_fit_their_pool(session: Session, now: datetime) -> Rows:
    """What is promised to single parties does not exceed the pool it is cut out of."""
    del now
    child, parent = aliased(CapacityPool), aliased(CapacityPool)
    query = (
        select(parent.id, parent.capacity, func.sum(child.capacity))
        .join(child, child.parent_id == parent.id)
        .group_by(parent.id, parent.capacity)
        .having(func.sum(child.capacity) > parent.capacity)
    )
    for pool_id, capacity, promised in session.execute(query):
        yield f"pool {pool_id}", f"{promised} promised out of {capacity}"


def units_within_their_number(session: Session, now: datetime) -> Rows:
    """No more handling units are open on a departure than it has."""
    del now
    for row in session.scalars(select(DepartureUnit).where(DepartureUnit.opened > DepartureUnit.max_count)):
        yield f"unit {row.id}", f"{row.opened} opened of {row.max_count}"


def calls_follow_each_other(session: Session, now: datetime) -> Rows:
    """A departure reaches each call after it left the one before."""
    del now
    calls = select(
        Call.departure_id,
        Call.seq,
        Call.arrives_at,
        func.lag(Call.seq).over(partition_by=Call.departure_id, order_by=Call.seq).label("before_seq"),
        func.lag(Call.departs_at).over(partition_by=Call.departure_id, order_by=Call.seq).label("left_at"),
    ).subquery()
    query = (
        select(Departure.public_id, calls.c.before_seq, calls.c.seq)
        .join(calls, calls.c.departure_id == Departure.id)
        .where(calls.c.arrives_at <= calls.c.left_at)
    )
    for reference, first, second in session.execute(query):
        yield reference, f"call {second} is reached before call {first} is left"


def segments_join_all_calls(session: Session, now: datetime) -> Rows:
    """A departure of n calls has n - 1 segments."""
    del now
    calls = select(func.count(Call.id)).where(Call.departure_id == Departure.id).scalar_subquery()
    segments = select(func.count(Segment.id)).where(Segment.departure_id == Departure.id).scalar_subquery()
    query = select(Departure.public_id, calls, segments).where(calls != segments + 1)
    for reference, found, between in session.execute(query):
        yield reference, f"{found} calls and {between} segments"


def completed_runs_have_a_plan(session: Session, now: datetime) -> Rows:
    """A run is completed exactly if its plan is stored."""
    del now
    query = (
        select(OptimizationRun.public_id, OptimizationRun.status)
        .outerjoin(Plan, Plan.run_id == OptimizationRun.id)
        .where((OptimizationRun.status == "completed") != Plan.id.is_not(None))
    )
    for reference, status in session.execute(query):
        yield reference, f"{status}, and its plan says otherwise"


def plans_add_up(session: Session, now: datetime) -> Rows:
    """A plan has one row per item, and as many with an itinerary as it says are assigned."""
    del now
    query = (
        select(
            Plan.public_id,
            Plan.items,
            Plan.assigned,
            func.count(PlanItem.id),
            func.count(PlanItem.itinerary_id),
        )
        .outerjoin(PlanItem, PlanItem.plan_id == Plan.id)
        .group_by(Plan.id)
        .having(
            (Plan.items != func.count(PlanItem.id)) | (Plan.assigned != func.count(PlanItem.itinerary_id))
        )
    )
    for reference, items, assigned, rows, taken in session.execute(query):
        yield reference, f"says {assigned} of {items} assigned, its rows say {taken} of {rows}"


def itineraries_count_their_parcels(session: Session, now: datetime) -> Rows:
    """The number of parcels kept on an itinerary is the number of items that take it."""
    del now
    query = (
        select(PlanItinerary.id, PlanItinerary.parcels, func.count(PlanItem.id))
        .outerjoin(PlanItem, PlanItem.itinerary_id == PlanItinerary.id)
        .group_by(PlanItinerary.id)
        .having(PlanItinerary.parcels != func.count(PlanItem.id))
    )
    for number, said, counted in session.execute(query):
        yield f"itinerary {number}", f"says {said} parcels, {counted} take it"


def planned_loads_add_up(session: Session, now: datetime) -> Rows:
    """As many parcels travel a segment as the plan says; their weights may be corrected later."""
    del now
    on_segment = (
        (Segment.departure_id == PlanLeg.departure_id)
        & (Segment.seq >= PlanLeg.board_seq)
        & (Segment.seq < PlanLeg.alight_seq)
    )
    travelled = (
        select(PlanItem.plan_id, Segment.departure_id, Segment.seq, func.count(PlanItem.id).label("parcels"))
        .join(PlanLeg, PlanLeg.itinerary_id == PlanItem.itinerary_id)
        .join(Segment, on_segment)
        .group_by(PlanItem.plan_id, Segment.departure_id, Segment.seq)
        .subquery()
    )
    same = (
        (travelled.c.plan_id == PlanLoad.plan_id)
        & (travelled.c.departure_id == PlanLoad.departure_id)
        & (travelled.c.seq == PlanLoad.segment_seq)
    )
    query = (
        select(
            Plan.public_id,
            PlanLoad.departure_id,
            PlanLoad.segment_seq,
            PlanLoad.parcels,
            travelled.c.parcels,
        )
        .join(Plan, Plan.id == PlanLoad.plan_id)
        .outerjoin(travelled, same)
        .where(func.coalesce(travelled.c.parcels, 0) != PlanLoad.parcels)
    )
    for reference, departure, seq, said, counted in session.execute(query):
        yield (
            reference,
            f"departure {departure}, segment {seq}: says {said} parcels, {counted or 0} travel it",
        )
    missing = (
        select(Plan.public_id, travelled.c.departure_id, travelled.c.seq, travelled.c.parcels)
        .join(travelled, travelled.c.plan_id == Plan.id)
        .outerjoin(PlanLoad, same)
        .where(PlanLoad.id.is_(None))
    )
    for reference, departure, seq, counted in session.execute(missing):
        yield reference, f"departure {departure}, segment {seq}: says nothing, {counted} parcels travel it"


def unassigned_items_have_a_reason(session: Session, now: datetime) -> Rows:
    """Nothing is left out of a plan without saying why, and nothing that goes has a reason not to."""
    del now
    query = select(PlanItem.id, PlanItem.reason).where(
        PlanItem.itinerary_id.is_(None) == PlanItem.reason.is_(None)
    )
    for number, reason in session.execute(query.limit(100)):
        yield f"plan item {number}", f"reason {reason}"


def no_job_is_forgotten(session: Session, now: datetime) -> Rows:
    """Work that waits or runs has a lease that ran out less than an hour ago, or not yet."""
    query = select(Job).where(Job.status.in_(("queued", "running")), Job.lease_until < now - STALE)
    for job in session.scalars(query):
        yield (
            f"job {job.id}",
            f"{job.kind} of {job.subject} is {job.status} since {job.lease_until.isoformat()}",
        )


def open_runs_have_an_open_job(session: Session, now: datetime) -> Rows:
    """A run that is not over has a job that is not over."""
    del now
    open_job = select(Job.id).where(
        Job.subject == OptimizationRun.public_id, Job.status.in_(("queued", "running"))
    )
    query = select(OptimizationRun.public_id, OptimizationRun.status).where(
        OptimizationRun.status.in_(("queued", "running")), ~open_job.exists()
    )
    for reference, status in session.execute(query):
        yield reference, f"is {status} and nobody works on it"


def open_imports_have_an_open_job(session: Session, now: datetime) -> Rows:
    """An import that is not over has a job that is not over."""
    del now
    open_job = select(Job.id).where(
        Job.subject == ImportBatch.public_id, Job.status.in_(("queued", "running"))
    )
    query = select(ImportBatch.public_id, ImportBatch.status).where(
        ImportBatch.status.in_(("queued", "running")), ~open_job.exists()
    )
    for reference, status in session.execute(query):
        yield reference, f"is {status} and nobody works on it"


def blocks_belong_to_a_running_run(session: Session, now: datetime) -> Rows:
    """Parts of a run stand in the database only while a run waits for them."""
    del now
    query = (
        select(OptimizationRun.public_id, OptimizationRun.status, RunBlock.round, RunBlock.number)
        .join(RunBlock, RunBlock.run_id == OptimizationRun.id)
        .where(OptimizationRun.status != "running")
    )
    for reference, status, round_, number in session.execute(query):
        yield f"{reference}/{round_}/{number}", f"was left behind by a run that is {status}"


def open_block_jobs_have_a_block(session: Session, now: datetime) -> Rows:
    """A job that is to solve a block has one."""
    del now
    query = (
        select(Job.id, Job.subject, Job.status)
        .outerjoin(RunBlock, RunBlock.job_id == Job.id)
        .where(Job.kind == "solve_block", Job.status.in_(("queued", "running")), RunBlock.id.is_(None))
    )
    for number, subject, status in session.execute(query):
        yield f"job {number}", f"is {status} for block {subject}, which is not there"


def waiting_messages_are_on_their_way(session: Session, now: datetime) -> Rows:
    """A webhook message that waits has a time for its next attempt or an open job, and an enabled address."""
    del now
    open_job = select(Job.id).where(
        Job.subject == WebhookMessage.public_id, Job.status.in_(("queued", "running"))
    )
    lost = WebhookMessage.next_at.is_(None) & ~open_job.exists()
    query = (
        select(WebhookMessage.public_id, WebhookSubscription.enabled)
        .join(WebhookSubscription, WebhookSubscription.id == WebhookMessage.subscription_id)
        .where(WebhookMessage.status == "waiting", lost | ~WebhookSubscription.enabled)
    )
    for reference, enabled in session.execute(query):
        yield reference, "waits and nobody sends it" if enabled else "waits for a disabled address"


def parcels_have_a_size(session: Session, now: datetime) -> Rows:
    """Weight and volume are positive, and a deadline comes after the ready time."""
    del now
    wrong = (Parcel.weight_g <= 0) | (Parcel.volume_cm3 <= 0) | (Parcel.deliver_by <= Parcel.ready_at)
    for reference in session.scalars(select(Parcel.public_id).where(wrong)):
        yield reference, "weight, volume or times are impossible"


INVARIANTS: tuple[Callable[[Session, datetime], Rows], ...] = (
    capacity_never_oversold,
    allotments_fit_their_pool,
    units_within_their_number,
    calls_follow_each_other,
    segments_join_all_calls,
    completed_runs_have_a_plan,
    plans_add_up,
    itineraries_count_their_parcels,
    planned_loads_add_up,
    unassigned_items_have_a_reason,
    no_job_is_forgotten,
    open_runs_have_an_open_job,
    open_imports_have_an_open_job,
    blocks_belong_to_a_running_run,
    open_block_jobs_have_a_block,
    waiting_messages_are_on_their_way,
    parcels_have_a_size,
    *invariants_commits.INVARIANTS,
    *invariants_customs.INVARIANTS,
    *invariants_inbound.INVARIANTS,
    *invariants_loading.INVARIANTS,
    *invariants_money.INVARIANTS,
    *invariants_returns.INVARIANTS,
    *invariants_space.INVARIANTS,
    *invariants_stock.INVARIANTS,
)


def names() -> list[str]:
    """The invariants, by name."""
    return [invariant.__name__ for invariant in INVARIANTS]


def broken(session: Session, now: datetime) -> list[Violation]:
    """Every violation of every invariant."""
    return [
        Violation(invariant.__name__, subject, detail)
        for invariant in INVARIANTS
        for subject, detail in invariant(session, now)
    ]
