"""A person locks parcels of a plan, sends them another way, leaves them out and takes it back; every row follows."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.actor import Actor, system
from app.clock import now
from app.errors import CapacityGone, Conflict, CutoffPassed, Forbidden, Invalid, NotFound
from app.models import (
    AuditEvent,
    Departure,
    Parcel,
    Plan,
    PlanDecision,
    PlanItem,
    PlanItinerary,
    PlanLeg,
    PlanLoad,
    PlanUnit,
    Replan,
    RunInput,
)
from app.queries.plan_decisions import decisions, held
from app.usecases import deciding, explaining, replanning
from app.usecases.plan_figures import Solved, summarise
from app.usecases.replanning import Wanted
from routing import checks
from routing.catalogue import Catalogue
from routing.files import plan_from_bytes, problem_from_bytes
from tests.plan_rows import Rows
from tests.plan_space import check_loads, check_space
from tests.planned import plan_made, plan_of

ACTOR = system("test")
EXPORTER = Actor("user", "usr_x", "exporter", exporter_id=1)


@pytest.fixture
def planned(planned_network, database):
    """Public id of a plan of 40 parcels over the reference network."""
    return plan_made(database)


def read(session, plan_id):
    return session.scalars(select(Plan).where(Plan.public_id == plan_id)).one()


def snapshot(session, plan_id):
    """All that a plan's rows say, without the ids of rows."""
    plan = read(session, plan_id)
    itineraries = select(
        PlanLeg.service_id, PlanLeg.departure_id, PlanLeg.departs_at, PlanItinerary.parcels
    ).join(PlanItinerary, PlanItinerary.id == PlanLeg.itinerary_id)
    return {
        "figures": [plan.objective, plan.status, plan.gap, plan.assigned, plan.on_time, plan.summary],
        "items": session.execute(
            select(PlanItem.parcel_id, PlanItem.cost_minor, PlanItem.arrives_at, PlanItem.late_min, PlanItem.reason)
            .where(PlanItem.plan_id == plan.id).order_by(PlanItem.position)
        ).all(),
        "legs": sorted(session.execute(itineraries.where(PlanItinerary.plan_id == plan.id)).all(), key=str),
        "loads": sorted(session.execute(select(PlanLoad.departure_id, PlanLoad.segment_seq, PlanLoad.parcels,
            PlanLoad.weight_g, PlanLoad.volume_cm3).where(PlanLoad.plan_id == plan.id)).all()),
        "units": sorted(session.execute(select(PlanUnit.departure_id, PlanUnit.unit_type_id, PlanUnit.opened,
            PlanUnit.cost_minor).where(PlanUnit.plan_id == plan.id)).all()),
    }  # fmt: skip


def check_all(session, plan_id):
    """The stored answer is verified, and the rows say the same as it does."""
    plan = read(session, plan_id)
    kept = session.get(RunInput, plan.run_id)
    problem, solution = problem_from_bytes(kept.problem), plan_from_bytes(plan.solution)
    report = checks.verify(problem, solution)
    assert report.ok, report.violations
    assert plan.objective == pytest.approx(report.objective)
    solved = Solved(problem, solution, Catalogue.from_bytes(kept.catalogue))
    directions = dict(session.execute(select(Parcel.id, Parcel.direction)).all())
    reasons = dict(
        session.execute(
            select(PlanItem.reason, func.count())
            .where(PlanItem.plan_id == plan.id, PlanItem.reason.is_not(None))
            .group_by(PlanItem.reason)
        ).all()
    )
    told = summarise(solved, directions, reasons)
    assert plan.summary.pop("co2e_g") == pytest.approx(told.pop("co2e_g"), abs=3)
    assert plan.summary == told
    assert plan.assigned == int((solution.item_option >= 0).sum())
    session.refresh(plan)
    rows = Rows(session, plan.id, now())
    assert not list(check_loads(rows))
    assert not list(check_space(rows))
    counts = {number: one.parcels for number, one in rows.itinerary.items()}
    for number, stated in counts.items():
        assert stated == sum(item.itinerary_id == number for item in rows.items)


def movable(session, plan_id):
    """(parcel, explanation, way) of the first parcel that could ride something else."""
    plan = read(session, plan_id)
    query = select(Parcel.public_id).join(PlanItem, PlanItem.parcel_id == Parcel.id)
    for parcel in session.scalars(query.where(PlanItem.plan_id == plan.id).order_by(PlanItem.position)):
        found = explaining.why(session, plan_id, parcel, alternatives=9)
        for way in found["alternatives"]:
            if not found["taken"]["left_out"] and not way["blocked"] and not way["left_out"] and way["legs"]:
                return parcel, found, way
    raise AssertionError("no parcel could go another way")


def decide(database, plan_id, parcel, kind, version, **more):
    with database.transaction() as session:
        return deciding.decide(session, ACTOR, now(), plan_id, parcel, kind, version=version, **more).number


def test_an_override_costs_what_was_shown_and_taken_back_leaves_no_trace(database, planned):
    with database.reading() as session:
        before = snapshot(session, planned)
        parcel, _, way = movable(session, planned)
    number = decide(database, planned, parcel, "override", 0, option=way["option"])

    with database.reading() as session:
        check_all(session, planned)
        plan = read(session, planned)
        found = explaining.why(session, planned, parcel)
        assert found["taken"]["option"] == way["option"]
        assert plan.objective - before["figures"][0] == pytest.approx(way["extra_cost_minor"], abs=1)
        assert (plan.version, plan.status) == (1, "feasible" if way["extra_cost_minor"] > 0 else plan.status)
        row = decisions(session, plan.id).items[0]
        assert (row.number, row.kind, row.extra_cost_minor) == (1, "override", way["extra_cost_minor"])
        assert held(session, plan.id) == {parcel: "override"}
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == planned)).all()
        assert "plan.override" in actions
    with database.transaction() as session:
        deciding.undo(session, ACTOR, now(), planned, number, version=1)
    with database.reading() as session:
        check_all(session, planned)
        after = snapshot(session, planned)
        assert after["figures"][0] == pytest.approx(before["figures"][0])
        assert [after[one] for one in ("items", "legs", "loads", "units")] == [
            before[one] for one in ("items", "legs", "loads", "units")
        ]
        assert held(session, read(session, planned).id) == {}
    with database.transaction() as session, pytest.raises(Conflict, match="taken back already"):
        deciding.undo(session, ACTOR, now(), planned, number, version=2)


def test_every_parcel_can_be_left_out_and_brought_back(database, planned):
    with database.reading() as session:
        before = snapshot(session, planned)
        plan = read(session, planned)
        query = select(Parcel.public_id).join(PlanItem, PlanItem.parcel_id == Parcel.id)
        rides = PlanItem.itinerary_id.is_not(None) & (PlanItem.plan_id == plan.id)
        parcels = session.scalars(query.where(rides).order_by(PlanItem.position).limit(6)).all()
    for version, parcel in enumerate(parcels):
        decide(database, planned, parcel, "leave", version)
    with database.reading() as session:
        check_all(session, planned)
        plan = read(session, planned)
        assert plan.summary["reasons"]["LEFT_BY_OPERATOR"] == len(parcels)
    for back, number in enumerate(range(len(parcels), 0, -1)):
        with database.transaction() as session:
            deciding.undo(session, ACTOR, now(), planned, number, version=len(parcels) + back)
    with database.reading() as session:
        check_all(session, planned)
        after = snapshot(session, planned)
    assert after["items"] == before["items"]
    assert after["units"] == before["units"]


def test_two_people_never_overwrite_each_other(database, planned):
    with database.reading() as session:
        parcel, _, way = movable(session, planned)
    decide(database, planned, parcel, "override", 0, option=way["option"])
    with pytest.raises(Conflict, match="somebody else"):
        decide(database, planned, parcel, "leave", 0)


def test_what_is_locked_stays_until_it_is_unlocked_and_in_every_re_plan(database, planned):
    with database.reading() as session:
        parcel, _, way = movable(session, planned)
        stays = legs_of(session, planned, parcel)
        other = session.scalars(
            select(Parcel.public_id).join(PlanItem, PlanItem.parcel_id == Parcel.id)
            .where(PlanItem.itinerary_id.is_not(None), Parcel.public_id != parcel).order_by(PlanItem.position)
        ).first()  # fmt: skip
    number = decide(database, planned, parcel, "lock", 0)
    with pytest.raises(Conflict, match="unlock it first"):
        decide(database, planned, parcel, "override", 0, option=way["option"])
    decide(database, planned, other, "leave", 0)

    with database.transaction() as session:
        run = replanning.request_replan(session, ACTOR, now(), planned, Wanted(), iterations=1).public_id
    anew = plan_of(database, run)
    with database.reading() as session:
        wanted = session.scalars(select(Replan.wanted)).one()
        assert (wanted["pinned"], wanted["withdrawn"]) == ([parcel], [other])
        assert legs_of(session, anew, parcel) == stays
        assert held(session, read(session, anew).id) == {parcel: "lock"}
    with database.transaction() as session:
        deciding.undo(session, ACTOR, now(), planned, number, version=1)
    decide(database, planned, parcel, "override", 1, option=way["option"])


def legs_of(session, plan_id, parcel):
    query = (
        select(PlanLeg.service_id, PlanLeg.departure_id)
        .join(PlanItem, PlanItem.itinerary_id == PlanLeg.itinerary_id)
        .join(Parcel, Parcel.id == PlanItem.parcel_id)
        .join(Plan, Plan.id == PlanItem.plan_id)
    )
    return session.execute(
        query.where(Plan.public_id == plan_id, Parcel.public_id == parcel).order_by(PlanLeg.seq)
    ).all()


def test_what_cannot_be_decided_is_refused_and_changes_nothing(database, planned):
    with database.reading() as session:
        before = snapshot(session, planned)
        parcel, found, way = movable(session, planned)
        taken = found["taken"]["option"]
        blocked = [one for one in found["alternatives"] if one["blocked"]]
    refusals = [
        (NotFound, ("pcl_nobody", "leave", {})),
        (Invalid, (parcel, "sell", {})),
        (Invalid, (parcel, "override", {})),
        (Invalid, (parcel, "override", {"option": 10**9})),
        (Conflict, (parcel, "override", {"option": taken})),
        *((CapacityGone, (parcel, "override", {"option": one["option"]})) for one in blocked[:1]),
    ]
    for error, (which, kind, more) in refusals:
        with pytest.raises(error):
            decide(database, planned, which, kind, 0, **more)
    with database.transaction() as session, pytest.raises(Forbidden):
        deciding.decide(session, EXPORTER, now(), planned, parcel, "leave", version=0)
    with database.transaction() as session, pytest.raises(NotFound):
        deciding.undo(session, ACTOR, now(), planned, 7, version=0)
    departs = min(leg["departs_at"] for leg in way["legs"] if leg["departure_id"])
    with database.transaction() as session, pytest.raises(CutoffPassed):
        deciding.decide(
            session,
            ACTOR,
            departs + timedelta(days=1),
            planned,
            parcel,
            "override",
            version=0,
            option=way["option"],
        )
    with database.reading() as session:
        assert snapshot(session, planned) == before
        assert session.scalar(select(func.count()).select_from(PlanDecision)) == 0


@pytest.mark.parametrize("what", ["plan", "parcel", "departure"])
def test_only_drafts_of_goods_that_wait_on_open_departures_change(database, planned, what):
    with database.transaction() as session:
        parcel, _, way = movable(session, planned)
        departure = next(leg["departure_id"] for leg in way["legs"] if leg["departure_id"])
        change = {
            "plan": update(Plan).where(Plan.public_id == planned).values(state="committed"),
            "parcel": update(Parcel).where(Parcel.public_id == parcel).values(status="delivered"),
            "departure": update(Departure).where(Departure.public_id == departure).values(status="cancelled"),
        }
        session.execute(change[what])
    with pytest.raises(Conflict):
        decide(database, planned, parcel, "override", 0, option=way["option"])
