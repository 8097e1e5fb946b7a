"""When a new cut-off is later, of which ports, what refuses it, and when a plan that assumes it may be carried out."""

import numpy as np
import pytest
from sqlalchemy import select

from app.errors import Conflict, Invalid
from app.models import Call, Cutoff, Location, Scenario, Service
from app.usecases.scenarios import Patch
from app.usecases.scenarios_cutoffs import check_cutoff, closes_so_late, facts_anew, is_later
from tests import factories as make
from tests.factories import DAY, HOUR, NOW

LEAVES = NOW + 5 * DAY
PORT = HOUR
"""How long a ship stays at its second port."""


@pytest.fixture
def plan(session):
    return make.make_plan(session, make.make_run(session, started_at=NOW))


@pytest.fixture
def ship(session):
    """It loads at two ports: the first closes a day before, the second when it is left."""
    return make.make_departure(
        session, stops=[make.make_location(session) for _ in range(3)], departs_at=LEAVES
    )


def close(session, ship, code, at, seq=0):
    call = session.scalars(select(Call).where(Call.departure_id == ship.id, Call.seq == seq)).one()
    session.add(Cutoff(call_id=call.id, code=code, at=at))
    session.flush()
    return session.get_one(Location, call.location_id).code


def ask(session, plan, ship, hours, now=NOW):
    patch = Patch("cutoff", departure_id=ship.public_id, before_min=hours * 60)
    return check_cutoff(session, plan, now, "patches.0", ship, patch)


def refused(session, plan, ship, hours, now=NOW):
    """Member and code of a refusal, and what it says."""
    with pytest.raises(Invalid) as error:
        ask(session, plan, ship, hours, now)
    [fault] = error.value.errors
    return fault.field.removeprefix("patches.0."), fault.code, fault.message


def opened(patch):
    return sorted(patch.assumed["closes_at"])


def answer_to(session, plan, patch):
    """The plan of a solved what-if."""
    answer = make.make_plan(session)
    facts = {"plan_id": plan.id, "run_id": answer.run_id, "patches": [patch.to_dict()], "created_at": NOW}
    session.add(Scenario(public_id=f"scn_{answer.id}", name="Asked", created_by="usr_test", **facts))
    session.flush()
    return answer


def test_later_is_what_is_later_for_goods_that_are_not_dangerous(session, plan):
    plane = make.make_departure(session, departs_at=LEAVES)
    close(session, plane, "DGC", LEAVES - 3 * DAY)
    later = ask(session, plan, plane, 12)
    assert later.assumed == {"closes_at": {"0": (LEAVES - 12 * HOUR).isoformat()}}
    assert not is_later(ask(session, plan, plane, 48))
    assert not is_later(ask(session, plan, plane, 72))
    assert refused(session, plan, plane, 24)[:2] == ("before_min", "changes_nothing")

    make.make_itinerary(session, plan, [plane])
    assert not closes_so_late(session, plan, plane, later, NOW)
    session.scalars(select(Cutoff).where(Cutoff.code == "FCO")).one().at = LEAVES - 12 * HOUR
    assert closes_so_late(session, plan, plane, later, NOW)


def test_each_port_is_opened_longer_only_if_it_closes_earlier_and_held_to_it_where_the_plan_boards(
    session, plan, ship
):
    assert opened(ask(session, plan, ship, 12)) == ["0"]
    close(session, ship, "VCO", LEAVES - DAY, seq=1)
    later = ask(session, plan, ship, 12)
    assert opened(later) == ["0", "1"]
    way = make.make_itinerary(session, plan, [ship])
    assert not closes_so_late(session, plan, ship, later, NOW)
    session.scalars(select(Cutoff).where(Cutoff.code == "FCO")).one().at = LEAVES
    assert closes_so_late(session, plan, ship, later, NOW)
    make.make_itinerary(session, plan, [ship])
    for leg in session.scalars(select(make.PlanLeg).where(make.PlanLeg.itinerary_id == way.id)):
        leg.board_seq = 1
    assert not closes_so_late(session, plan, ship, later, NOW)


def test_where_papers_are_past_nothing_is_opened_and_no_plan_is_promoted(session, plan, ship):
    close(session, ship, "VCO", LEAVES - DAY, seq=1)
    later = ask(session, plan, ship, 12)
    place = close(session, ship, "DCO", NOW + 2 * DAY)
    make.make_itinerary(session, plan, [ship])
    session.scalars(select(Cutoff).where(Cutoff.code == "FCO")).one().at = LEAVES
    after = NOW + 3 * DAY
    assert closes_so_late(session, plan, ship, later, NOW)
    assert not closes_so_late(session, plan, ship, later, after)

    session.scalars(select(Cutoff).where(Cutoff.code == "FCO")).one().at = LEAVES - DAY
    assert opened(ask(session, plan, ship, 12, after)) == ["1"]
    session.delete(session.scalars(select(Cutoff).where(Cutoff.code == "VCO")).one())
    member, code, text = refused(session, plan, ship, 12, after)
    assert (member, code) == ("departure_id", "papers_past")
    assert place in text


def test_what_the_run_cannot_see_or_nobody_can_catch_is_not_solved_in_vain(session, ship):
    def seen(**scope):
        return make.make_plan(session, make.make_run(session, started_at=NOW, scope=scope))

    mode = session.get_one(Service, ship.service_id).mode
    other = "air" if mode != "air" else "sea"
    member, code, text = refused(session, seen(modes=[other]), ship, 12)
    assert (member, code) == ("departure_id", "not_in_scope")
    assert f"by {other}" in text
    assert refused(session, seen(horizon_days=4), ship, 12)[:2] == ("departure_id", "not_in_scope")
    assert refused(session, seen(), ship, 12, LEAVES)[:2] == ("departure_id", "not_open")
    member, code, text = refused(session, seen(), ship, 12, LEAVES - 6 * HOUR)
    assert (member, code) == ("before_min", "in_the_past")
    assert session.get_one(Location, ship.calls[0].location_id).code in text
    assert opened(ask(session, seen(), ship, 3, LEAVES - 6 * HOUR)) == ["0"]


def test_a_what_if_of_a_what_if_counts_from_when_that_one_closes(session, plan, ship):
    open_longer = answer_to(session, plan, ask(session, plan, ship, 6))
    close(session, ship, "VCO", LEAVES + DAY + PORT - 6 * HOUR, seq=1)
    assert not is_later(ask(session, open_longer, ship, 12))
    assert refused(session, open_longer, ship, 6)[1] == "changes_nothing"
    assert refused(session, open_longer, ship, 3)[1] == "only_of_a_run"
    shut_early = answer_to(session, plan, Patch("cutoff", departure_id=ship.public_id, before_min=48 * 60))
    assert refused(session, shut_early, ship, 36)[1] == "only_of_a_run"


def test_goods_or_calls_that_are_lost_by_now_are_named(session, plan, ship):
    parcel = make.make_parcel(session, currency="ZMW")
    make.make_plan_item(session, plan, parcel)

    def why(goods):
        with pytest.raises(Conflict) as error:
            facts_anew(session, plan.run_id, {(ship.id, 0): 0}, np.array(goods, np.int64))
        return str(error.value)

    assert "ZMW" in why([parcel.id])
    assert "no price or room" in why([])
    parcel.status = "picked_up"
    session.flush()
    assert "do not wait any more" in why([parcel.id])
