"""The plan of a promoted scenario is committed like any other, before its baseline or after it; never unpromoted."""

import pytest

from app.errors import Conflict
from app.ids import new_id
from app.models import RunInput, Scenario
from app.usecases import scenarios, scenarios_promoting
from app.usecases.committing import request_commit
from routing.assembling import assemble
from routing.files import plan_to_bytes, problem_to_bytes
from routing.limits import Limits
from routing.solve import solve
from tests import factories as make
from tests.db.test_committing import STAFF, world  # noqa: F401 (a fixture)
from tests.factories import DAY, NOW
from tests.unit.routing.networks import network, ride
from tests.unit.routing.pools import FREE, item, pool


def answer_of(session, baseline, departure):
    """A solved scenario of a plan, which decides something, and its plan: its files are of one parcel."""
    kept = assemble(network(2, [ride(departure.id, 1, (0, 5000), (1, 9000))]), pool(item()), FREE)
    solved = solve(kept.problem, Limits(time_limit_s=None, iterations=1))
    plan = make.make_plan(session, solution=plan_to_bytes(solved))
    files = {"problem": problem_to_bytes(kept.problem), "catalogue": kept.catalogue.to_bytes()}
    scenario = Scenario(
        public_id=new_id("scn"), plan_id=baseline.id, run_id=plan.run_id, name="Nothing by air",
        patches=[{"kind": "mode", "mode": "air"}], result={"moved": 1}, created_by=STAFF.reference, created_at=NOW,
    )  # fmt: skip
    session.add_all([RunInput(run_id=plan.run_id, **files), scenario])
    session.flush()
    return scenario, plan


@pytest.mark.parametrize("baseline_first", [True, False], ids=["after its baseline", "alone"])
def test_the_plan_of_a_promoted_scenario_is_committed(session, world, baseline_first):  # noqa: F811
    exporter = make.make_party(session)
    stays, moves = world.parcel(exporter), world.parcel(exporter)
    service = session.get_one(make.Service, world.departure.service_id)
    later = make.make_departure(session, service, world.places, departs_at=NOW + 5 * DAY)
    scenario, answer = answer_of(session, world.plan, later)
    make.make_plan_item(session, answer, stays, make.make_itinerary(session, answer, [world.departure]))
    make.make_plan_item(session, answer, moves, make.make_itinerary(session, answer, [later]))

    with pytest.raises(Conflict):
        request_commit(session, STAFF, NOW, answer.public_id)
    promoted = scenarios_promoting.promote(session, STAFF, NOW, scenario.public_id)
    assert promoted is answer
    if baseline_first:
        world.commit()
        assert world.taken_g(later) == 0
    world.commit(answer)

    assert world.stale(answer) == {}
    assert (world.taken_g(), world.taken_g(later)) == (stays.weight_g, moves.weight_g)
    with pytest.raises(Conflict):
        scenarios_promoting.take_back(session, STAFF, NOW, scenario.public_id)


def test_a_scenario_of_what_only_asks_what_if_is_promoted_if_what_both_assume_is_true(session, world):  # noqa: F811
    first, asked = answer_of(session, world.plan, world.departure)
    first.patches = [{"kind": "cancelled", "departure_id": world.departure.public_id}]
    second, answer = answer_of(session, asked, world.departure)
    way = make.make_itinerary(session, answer, [world.departure])
    make.make_plan_item(session, answer, world.parcel(make.make_party(session)), way)

    for first.promoted_at in (None, NOW):
        session.flush()
        with pytest.raises(Conflict) as refused:
            scenarios_promoting.promote(session, STAFF, NOW, second.public_id)
        assert [(one.field, one.code) for one in refused.value.errors] == [("baseline", "cancelled")]

    first.promoted_at = None
    first.patches = [{"kind": "mode", "mode": "rail"}]
    scenarios.archive(session, STAFF, NOW, first.public_id)
    assert scenarios_promoting.promote(session, STAFF, NOW, second.public_id).run_id == second.run_id
    request_commit(session, STAFF, NOW, answer.public_id)
    with pytest.raises(Conflict):
        request_commit(session, STAFF, NOW, asked.public_id)
