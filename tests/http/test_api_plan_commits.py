"""Plans are committed over HTTP: taken on, followed, refused the second time."""

from app.schemas.base import Accepted
from app.schemas.plan_commits import CommitShape, MadePage, PlanStateShape, StalePage
from app.usecases.committing import begin_commit, commit_next
from tests.factories import NOW
from tests.http.answers import faults, good, problem


def path(world):
    return f"/plans/{world.ids['plan']}"


def test_a_plan_is_committed_once_and_followed(operator, house, world):
    where = f"{path(world)}/commit"
    assert good(operator.get(where), CommitShape)["state"] == "draft"

    response = operator.post(where, {})
    job = good(response, Accepted, 202)
    assert response.headers["Location"] == job["poll_url"] == f"/api/v1{where}"
    problem(operator.post(where, {}), 409, "wrong_state")
    with house.database.transaction() as session:
        begin_commit(session, NOW, world.ids["plan"])
        while commit_next(session, NOW, world.ids["plan"]):
            pass

    done = good(operator.get(where), CommitShape)
    assert (done["state"], done["chains"], done["chains_done"], done["parcels"]) == ("committed", 1, 1, 1)
    assert done["booked"] + done["stale"] == 1
    assert len(good(operator.get(f"{where}/stale"), StalePage)["items"]) == done["stale"]
    assert len(good(operator.get(f"{where}/bookings"), MadePage)["items"]) == done["bookings"]


def test_a_draft_is_discarded_and_brought_back(operator, world):
    where = f"{path(world)}/discard"
    assert good(operator.post(where, {}), PlanStateShape)["state"] == "discarded"
    problem(operator.post(f"{path(world)}/commit", {}), 409, "wrong_state")
    assert good(operator.post(where, {"undo": True}), PlanStateShape)["state"] == "draft"


def test_what_is_left_out_must_be_there(operator, world):
    wanted = {"leave_out": {"departures": ["dep_0000000000000000"]}}
    found = faults(operator.post(f"{path(world)}/commit", wanted))
    assert found == {"leave_out.departures.0": "unknown_departure"}


def test_exporters_and_readers_commit_nothing(acme, world):
    problem(acme.post(f"{path(world)}/commit", {}), 403, "forbidden")
    problem(acme.get(f"{path(world)}/commit"), 403, "forbidden")
