"""What-if: a plan's problem is patched and solved beside it, and its plan is nobody's before it is promoted."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from app.actor import Actor
from app.clock import now
from app.errors import Conflict, Forbidden, Invalid
from app.models import (
    AuditEvent,
    Call,
    Cutoff,
    Departure,
    Location,
    OptimizationRun,
    Parcel,
    Plan,
    PlanItem,
    PlanLeg,
    PlanLoad,
    RunInput,
    Scenario,
    ScenarioMove,
    Service,
    Tariff,
    TariffSurcharge,
    Warehouse,
    WebhookMessage,
)
from app.queries import plans, runs
from app.queries import scenarios as queries
from app.usecases import committing, optimizing, scenarios, scenarios_promoting
from app.usecases.scenarios import Patch
from app.usecases.scenarios_cutoffs import ports_of
from app.usecases.scenarios_patching import check_patches
from routing import checks
from routing.files import plan_from_bytes, problem_from_bytes
from tests.db.test_replanning import ACTOR, busiest, plan_id, plan_of, riders  # noqa: F401 (a fixture)


def plan_named(session, public_id):
    return session.scalars(select(Plan).where(Plan.public_id == public_id)).one()


def asked(database, plan_id, *patches):  # noqa: F811
    """The public ids of a scenario that is solved, and of its plan."""
    with database.transaction() as session:
        checked = check_patches(session, plan_named(session, plan_id), patches, now())
        scenario = scenarios.request_scenario(
            session, ACTOR, now(), plan_id, "What if", checked, iterations=1
        )
        found, run = scenario.public_id, session.get_one(OptimizationRun, scenario.run_id).public_id
    return found, plan_of(database, run)


def objective(session, public_id):
    return session.scalars(select(Plan.objective).where(Plan.public_id == public_id)).one()


def scenario_named(session, public_id):
    return session.scalars(select(Scenario).where(Scenario.public_id == public_id)).one()


def test_a_scenario_leaves_a_departure_out_and_counts_for_nothing_until_it_is_promoted(database, plan_id):  # noqa: F811
    with database.reading() as session:
        lost = busiest(session, plan_id)
        aboard = riders(session, plan_id, lost)
        before = objective(session, plan_id)
        told = session.scalar(select(func.count(WebhookMessage.id)))
    scenario_id, new = asked(database, plan_id, Patch("drop", departure_id=lost))

    with database.reading() as session:
        assert riders(session, new, lost) == set()
        scenario = scenario_named(session, scenario_id)
        moved = session.scalars(select(ScenarioMove).where(ScenarioMove.scenario_id == scenario.id)).all()
        assert aboard <= {one.parcel_id for one in moved}
        assert scenario.result["moved"] == len(moved)
        assert scenario.result["kept_minor"] >= objective(session, new) >= before * (1 - 1e-9)
        plan = plan_named(session, new)
        solution = session.scalars(select(Plan.solution).where(Plan.id == plan.id)).one()
        problem = session.get_one(RunInput, plan.run_id).problem
        assert checks.verify(problem_from_bytes(problem), plan_from_bytes(solution)).ok
        assert plans.latest_plan(session).public_id == plan_id
        assert [one.public_id for one in plans.list_plans(session).items] == [plan_id]
        assert len(runs.list_runs(session).items) == 1
        assert session.scalar(select(func.count(WebhookMessage.id))) == told

    with database.transaction() as session:
        with pytest.raises(Conflict):
            committing.request_commit(session, ACTOR, now(), new)
        promoted = scenarios_promoting.promote(session, ACTOR, now(), scenario_id)
        assert (promoted.public_id, promoted.state) == (new, "draft")
    with database.transaction() as session:
        assert plans.latest_plan(session).public_id == new
        with pytest.raises(Conflict):
            scenarios_promoting.promote(session, ACTOR, now(), scenario_id)
        with pytest.raises(Conflict):
            scenarios.archive(session, ACTOR, now(), scenario_id)
        scenarios_promoting.take_back(session, ACTOR, now(), scenario_id)
        assert plans.latest_plan(session).public_id == plan_id
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == scenario_id)).all()
        assert actions == ["scenario.requested", "scenario.promoted", "scenario.promotion_taken_back"]

    scenario_id, new = asked(database, plan_id, Patch("cancelled", departure_id=lost))
    with database.transaction() as session, pytest.raises(Conflict) as refused:
        scenarios_promoting.promote(session, ACTOR, now(), scenario_id)
    assert [(one.field, one.code) for one in refused.value.errors] == [("patches.0", "cancelled")]

    with database.transaction() as session:
        session.execute(update(Departure).where(Departure.public_id == lost).values(status="cancelled"))
        rides = session.scalars(
            select(PlanItem.parcel_id)
            .join(Plan, Plan.id == PlanItem.plan_id)
            .where(Plan.public_id == new, PlanItem.itinerary_id.is_not(None))
        ).first()
        session.execute(update(Parcel).where(Parcel.id == rides).values(status="picked_up"))
    with database.transaction() as session, pytest.raises(Conflict) as refused:
        scenarios_promoting.promote(session, ACTOR, now(), scenario_id)
    assert [one.code for one in refused.value.errors] == ["parcels_wait"]

    with database.transaction() as session:
        session.execute(update(Parcel).where(Parcel.id == rides).values(status="pending"))
        scenarios_promoting.promote(session, ACTOR, now(), scenario_id)


def new_warehouse(location, *, daily_parcels=2, percent=-90.0):
    return Patch("new_warehouse", location=location, daily_parcels=daily_parcels, percent=percent)


def warehouse_used(session, public_id):
    """The warehouse to which most parcels of a plan go."""
    query = (
        select(Location.code)
        .join(Warehouse, Warehouse.location_id == Location.id)
        .join(PlanLeg, PlanLeg.to_location_id == Location.id)
        .join(PlanItem, PlanItem.itinerary_id == PlanLeg.itinerary_id)
        .where(PlanItem.plan_id == plan_named(session, public_id).id)
        .group_by(Location.code)
        .order_by(func.count().desc(), Location.code)
    )
    return session.scalars(query).first()


WRONG = [
    (Patch("magic"), "kind", "not_one_of"),
    (Patch("drop"), "departure_id", "required"),
    (Patch("drop", departure_id="dep_nowhere"), "departure_id", "unknown_departure"),
    (Patch("delayed", departure_id="lost", delay_min=0), "delay_min", "out_of_range"),
    (Patch("capacity", departure_id="lost", percent=100.0), "percent", "changes_nothing"),
    (Patch("cutoff", departure_id="lost", before_min=-1), "before_min", "out_of_range"),
    (Patch("mode", mode="ferryboat"), "mode", "not_in_snapshot"),
    (Patch("warehouse", location="NOWHERE"), "location", "not_in_snapshot"),
    (Patch("intake", location="NOWHERE", percent=50.0), "location", "never_short"),
    (Patch("fuel", mode="sea", percent=-95.0), "percent", "out_of_range"),
    (Patch("fx", currency="XXX", percent=10.0), "currency", "not_in_snapshot"),
    (new_warehouse("NOWHERE", percent=-10.0), "location", "unknown_warehouse"),
    (new_warehouse("used", percent=0.0), "location", "never_short"),
    (new_warehouse("used", percent=-95.0), "percent", "out_of_range"),
    (new_warehouse("used", daily_parcels=0), "daily_parcels", "out_of_range"),
    (new_warehouse("used", daily_parcels=None), "daily_parcels", "required"),
]


def refusal(session, plan, patch):
    """Field and code of what is wrong with a patch."""
    with pytest.raises(Invalid) as refused:
        check_patches(session, plan, [patch], now())
    [fault] = refused.value.errors
    return fault.field, fault.code


def prove_new_warehouse(session, scenario_id, new, patch, before):
    """A plan with a cheaper new warehouse is legal and cheaper, marks whom it moves there, and is never promoted."""
    scenario, plan = scenario_named(session, scenario_id), plan_named(session, new)
    kept = session.get_one(RunInput, plan.run_id).problem
    assert checks.verify(problem_from_bytes(kept), plan_from_bytes(plan.solution)).ok
    assert plan.objective < before
    moved = queries.moves(session, scenario, plan.id, limit=50).items
    told = sum(one.new_warehouse for one in moved)
    assert 1 <= told == scenario.result["new_warehouses"][patch.location] <= len(moved)
    assert Patch.from_dict(scenario.patches[0]) == patch
    with pytest.raises(Conflict) as refused:
        scenarios_promoting.promote(session, ACTOR, now(), scenario_id)
    assert [(one.field, one.code) for one in refused.value.errors] == [("patches.0", "new_warehouse")]


def test_wrong_wishes_are_told_at_their_field_and_dearer_fuel_costs_what_price_lists_say(database, plan_id):  # noqa: F811
    mode = (Patch("mode", mode="sea"),)
    with database.reading() as session:
        plan, lost = plan_named(session, plan_id), busiest(session, plan_id)
        used = warehouse_used(session, plan_id)
        for patch, field, code in WRONG:
            named = {"departure_id": lost} if patch.departure_id == "lost" else {}
            named |= {"location": used} if patch.location == "used" else {}
            wrong = Patch.from_dict(patch.to_dict() | named)
            assert refusal(session, plan, wrong) == (f"patches.0.{field}", code)
    with database.transaction() as session:
        reader = Actor("user", "usr_reader", "finance")
        with pytest.raises(Forbidden):
            scenarios.request_scenario(session, reader, now(), plan_id, "What if", mode)
        for name, patches, field in ((" ", mode, "name"), ("What if", (), "patches")):
            with pytest.raises(Invalid) as refused:
                scenarios.request_scenario(session, ACTOR, now(), plan_id, name, patches)
            assert refused.value.errors[0].field == field
        with pytest.raises(Invalid) as refused:
            check_patches(session, plan_named(session, plan_id), mode * 2, now())
        assert refused.value.errors[0].code == "named_twice"
        scenario = scenarios.request_scenario(session, ACTOR, now(), plan_id, "What if", mode)
        scenarios.archive(session, ACTOR, now(), scenario.public_id)
        assert session.get_one(OptimizationRun, scenario.run_id).status == "cancelled"
        assert scenarios.restore(session, ACTOR, now(), scenario.public_id).archived_at is None

    fuel = Patch("fuel", mode="sea", percent=200.0)
    with database.reading() as session:
        before = objective(session, plan_id)
        foreign = session.scalars(
            select(Tariff.currency).where(Tariff.side == "buy", Tariff.currency != "CNY")
        ).first()
    fuel_id, fuelled = asked(database, plan_id, fuel)
    fx_id, dearer = asked(database, plan_id, Patch("fx", currency=foreign, percent=50.0))

    new_id, through_new = asked(database, plan_id, new_warehouse(used))

    with database.transaction() as session:
        prove_new_warehouse(session, new_id, through_new, new_warehouse(used), before)

    with database.transaction() as session:
        for scenario_id, new in ((fuel_id, fuelled), (fx_id, dearer)):
            kept = scenario_named(session, scenario_id).result["kept_minor"]
            assert before < objective(session, new) <= kept + 1
        with pytest.raises(Conflict):
            scenarios_promoting.promote(session, ACTOR, now(), fuel_id)
        lists = select(Tariff.id).where(Tariff.side == "buy")
        session.execute(
            update(TariffSurcharge)
            .where(TariffSurcharge.tariff_id.in_(lists))
            .values(amount_micros=TariffSurcharge.amount_micros * 3)
        )
        scenarios_promoting.promote(session, ACTOR, now(), fuel_id)


def test_a_later_cut_off_lets_goods_ride_that_nobody_could_bring_in_time(database, plan_id):  # noqa: F811
    with database.transaction() as session:
        flown = (
            select(Departure)
            .join(PlanLoad, PlanLoad.departure_id == Departure.id)
            .join(Service, Service.id == Departure.service_id)
            .where(PlanLoad.plan_id == plan_named(session, plan_id).id, Service.mode == "air")
            .order_by(PlanLoad.parcels.desc(), Departure.id)
        )
        departure = session.scalars(flown).first()
        open_for = departure.public_id
        before_min = ports_of(session, departure.id, now())[0].before_min
        first = select(Call.id).where(Call.departure_id == departure.id).order_by(Call.seq).limit(1)
        session.add(Cutoff(call_id=session.scalars(first).one(), code="VCO", at=now() - timedelta(days=1)))
        run = optimizing.request_run(session, ACTOR, now(), iterations=1).public_id
    without = plan_of(database, run)
    later = Patch("cutoff", departure_id=open_for, before_min=before_min)
    with database.reading() as session:
        assert riders(session, without, open_for) == set()
        cost = objective(session, without)
    scenario_id, new = asked(database, without, later)

    with database.reading() as session:
        scenario, plan = scenario_named(session, scenario_id), plan_named(session, new)
        kept = session.get_one(RunInput, plan.run_id).problem
        assert checks.verify(problem_from_bytes(kept), plan_from_bytes(plan.solution)).ok
        assert len(riders(session, new, open_for)) == scenario.result["by_later_cutoff"] > 0
        assert scenario.result["kept_minor"] == pytest.approx(cost)
        assert plan.objective < cost
        assert plan.objective == pytest.approx(objective(session, plan_id), rel=0.01)
        again = Patch("cutoff", departure_id=open_for, before_min=before_min - 1)
        assert refusal(session, plan, again) == ("patches.0.before_min", "only_of_a_run")

    with database.transaction() as session, pytest.raises(Conflict) as refused:
        scenarios_promoting.promote(session, ACTOR, now(), scenario_id)
    assert [(one.field, one.code) for one in refused.value.errors] == [("patches.0", "cutoff")]
    with database.transaction() as session:
        session.execute(delete(Cutoff).where(Cutoff.code == "VCO"))
        scenarios_promoting.promote(session, ACTOR, now(), scenario_id)
        baseline = plan_named(session, without)
        assert refusal(session, baseline, later) == ("patches.0.before_min", "changes_nothing")
        session.execute(update(Parcel).values(status="picked_up"))
        sooner = Patch("cutoff", departure_id=open_for, before_min=0)
        assert refusal(session, baseline, sooner) == ("patches.0.before_min", "not_waiting")
