"""A plan is disrupted and planned anew: only what must moves, what is locked stays, and the rows say what moved."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.actor import system
from app.clock import now
from app.errors import Conflict, Invalid, NotFound
from app.models import (
    Departure,
    OptimizationRun,
    Parcel,
    Plan,
    PlanItem,
    PlanLeg,
    PlanLoad,
    Replan,
    ReplanMove,
    RunInput,
)
from app.usecases import replanning
from app.usecases.replanning import DepartureChange, Wanted
from routing import checks
from routing.files import plan_from_bytes, problem_from_bytes
from tests import factories
from tests.planned import plan_made, plan_of

ACTOR = system("test")


@pytest.fixture
def plan_id(planned_network, database):
    """A plan of 40 parcels over the reference network."""
    return plan_made(database)


def busiest(session, plan_id):
    """The departure with most parcels in a plan."""
    query = (
        select(Departure.public_id)
        .join(PlanLoad, PlanLoad.departure_id == Departure.id)
        .join(Plan, Plan.id == PlanLoad.plan_id)
        .where(Plan.public_id == plan_id)
        .order_by(PlanLoad.parcels.desc(), Departure.id)
    )
    return session.scalars(query).first()


def riders(session, plan_id, departure):
    """Parcels that a plan puts on a departure."""
    query = (
        select(PlanItem.parcel_id)
        .join(PlanLeg, PlanLeg.itinerary_id == PlanItem.itinerary_id)
        .join(Departure, Departure.id == PlanLeg.departure_id)
        .join(Plan, Plan.id == PlanItem.plan_id)
        .where(Plan.public_id == plan_id, Departure.public_id == departure)
    )
    return set(session.scalars(query))


def planned_anew(database, plan_id, wanted):
    """The public id of the plan that a re-planning run makes."""
    with database.transaction() as session:
        run = replanning.request_replan(session, ACTOR, now(), plan_id, wanted, iterations=1).public_id
    return plan_of(database, run)


def replan_of(session, plan_id):
    query = select(Replan).join(Plan, Plan.run_id == Replan.run_id).where(Plan.public_id == plan_id)
    return session.scalars(query).one()


def test_parcels_of_a_cancelled_departure_move_and_what_is_made_anew_can_be_disrupted_again(
    database, plan_id
):
    with database.reading() as session:
        lost = busiest(session, plan_id)
        aboard = riders(session, plan_id, lost)
    wanted = Wanted((DepartureChange(lost, "cancelled"),), max_changes=0, curve=True)
    new = planned_anew(database, plan_id, wanted)

    with database.reading() as session:
        assert riders(session, new, lost) == set()
        replan = replan_of(session, new)
        moves = session.scalars(select(ReplanMove).where(ReplanMove.replan_id == replan.id)).all()
        assert {move.parcel_id for move in moves} == aboard
        assert all(move.affected and move.price_minor == 0 for move in moves)
        assert (replan.result["affected"], replan.result["changed"]) == (len(aboard), len(aboard))
        assert replan.result["curve"][0]["max_changes"] == 0
        plan = session.scalars(select(Plan).where(Plan.public_id == new)).one()
        before = session.scalars(select(Plan.objective).where(Plan.public_id == plan_id)).one()
        assert replan.result["before_minor"] == pytest.approx(before)
        assert replan.result["after_minor"] == pytest.approx(plan.objective)
        assert plan.lower_bound is not None

    with database.reading() as session:
        late = DepartureChange(busiest(session, new), "delayed", delay_min=5 * 24 * 60)
    third = planned_anew(database, new, Wanted((late,), change_price_minor=500))

    with database.reading() as session:
        assert riders(session, third, lost) == set()
        plan = session.scalars(select(Plan).where(Plan.public_id == third)).one()
        solution = session.scalars(select(Plan.solution).where(Plan.id == plan.id)).one()
        problem = session.get_one(RunInput, plan.run_id).problem
        assert checks.verify(problem_from_bytes(problem), plan_from_bytes(solution)).ok
        assert len({str(scope) for scope in session.scalars(select(OptimizationRun.scope))}) == 1
        result = replan_of(session, third).result
        assert result["after_minor"] + result["changes_minor"] == pytest.approx(plan.objective)


def test_who_is_under_way_pinned_or_withdrawn_does_not_move(database, plan_id, monkeypatch):
    with database.transaction() as session:
        assigned = list(
            session.scalars(
                select(PlanItem.parcel_id)
                .join(Plan, Plan.id == PlanItem.plan_id)
                .where(Plan.public_id == plan_id, PlanItem.itinerary_id.is_not(None))
                .order_by(PlanItem.parcel_id)
            )
        )
        under_way, pinned, withdrawn, cancelled = assigned[:4]
        session.execute(update(Parcel).where(Parcel.id == under_way).values(status="picked_up"))
        session.execute(update(Parcel).where(Parcel.id == cancelled).values(status="cancelled"))
        public = dict(session.execute(select(Parcel.id, Parcel.public_id)).all())
        lost = min(
            session.scalars(select(Departure.public_id).order_by(Departure.id)),
            key=lambda one: len(riders(session, plan_id, one) & set(assigned[:4])),
        )
    wanted = Wanted(
        (DepartureChange(lost, "cancelled"),), pinned=(public[pinned],), withdrawn=(public[withdrawn],)
    )
    new = planned_anew(database, plan_id, wanted)

    with database.reading() as session:
        replan = replan_of(session, new)
        moved = set(session.scalars(select(ReplanMove.parcel_id).where(ReplanMove.replan_id == replan.id)))
        plan = session.scalars(select(Plan).where(Plan.public_id == new)).one()
        planned = set(session.scalars(select(PlanItem.parcel_id).where(PlanItem.plan_id == plan.id)))
        assert not {under_way, pinned} & moved
        assert not {withdrawn, cancelled} & planned
        assert replan.result["withdrawn"] == 2

    monkeypatch.setattr("app.jobs.replanning.now", lambda: now() + timedelta(days=300))
    with database.reading() as session:
        late = DepartureChange(busiest(session, new), "delayed", delay_min=1)
    gone = planned_anew(database, new, Wanted((late,)))

    with database.reading() as session:
        result = replan_of(session, gone).result
        assert result["changed"] == result["affected"]  # who has left keeps the way, if it is there


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted(), "departures"),
        (Wanted((DepartureChange("dep_0000000000000000", "cancelled"),)), "departures.0.departure_id"),
        (Wanted((DepartureChange("{known}", "sunk"),)), "departures.0.change"),
        (Wanted((DepartureChange("{known}", "delayed"),)), "departures.0.delay_min"),
        (Wanted((DepartureChange("{known}", "cut", capacity_share=1.0),)), "departures.0.capacity_share"),
        (Wanted((DepartureChange("{known}", "cancelled"),) * 2), "departures.1.departure_id"),
        (Wanted(pinned=("pcl_0000000000000000",)), "pinned.0"),
        (Wanted(withdrawn=("pcl_0000000000000000",), max_changes=-1), "withdrawn.0"),
    ],
)
def test_what_cannot_be_meant_is_named(session, wanted, field):
    departure = factories.make_departure(session)
    plan = factories.make_plan(session)
    session.add(RunInput(run_id=plan.run_id, problem=b"", catalogue=b""))
    changes = tuple(
        DepartureChange(one.departure_id.replace("{known}", departure.public_id), one.change, one.delay_min,
                        one.capacity_share)
        for one in wanted.departures
    )  # fmt: skip
    wanted = Wanted(changes, wanted.pinned, wanted.withdrawn, max_changes=wanted.max_changes)
    with pytest.raises(Invalid) as refused:
        replanning.request_replan(session, ACTOR, now(), plan.public_id, wanted)

    assert refused.value.errors[0].field == field
    assert session.scalar(select(func.count()).select_from(Replan)) == 0


def test_a_plan_that_is_not_there_or_whose_problem_was_not_kept_is_refused(session):
    plan = factories.make_plan(session)
    wanted = Wanted(pinned=("pcl_0000000000000000",))
    with pytest.raises(NotFound):
        replanning.request_replan(session, ACTOR, now(), "pln_0000000000000000", wanted)
    with pytest.raises(Conflict):
        replanning.request_replan(session, ACTOR, now(), plan.public_id, wanted)
