"""The pages that say why and what space is worth, of a plan that was really made."""

import pytest
from sqlalchemy import select

from app import jobs
from app.models import Job
from app.schemas.base import Accepted
from app.schemas.runs import RunDetail
from tests.http.answers import good
from tests.http.pages import person, words
from tests.http.test_api_explanations import port_to_port


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def plan_path(operator, database):
    port_to_port(database)
    job = good(operator.post("/optimization-runs", {"iterations": 2}), Accepted, 202)
    with database.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject == job["job_id"])).one()
    jobs.perform_with(database, job_id)
    run = good(operator.get(f"/optimization-runs/{job['job_id']}"), RunDetail)
    return f"/plans/{run['plan_id']}"


@pytest.fixture
def reader(app, plan_path):
    return person(app, "finance")


def test_the_page_says_what_more_room_would_save_and_when_a_unit_pays(reader, plan_path):
    text = words(reader.get(f"{plan_path}/space"))

    assert "1 kg more (0% full) nothing" in text
    assert "1 of 10 opened at CN¥0.00" in text
    assert "Pays" in text


def test_the_page_shows_what_its_address_asks_for(reader, plan_path):
    assert "1 kg more" in words(reader.get(f"{plan_path}/space?show=opened&mode=sea"))
    assert "No departure matches" in words(reader.get(f"{plan_path}/space?mode=air"))
    assert reader.get(f"{plan_path}/space?show=everything").status_code == 400
    assert reader.get(f"{plan_path}/space?cursor=9").status_code == 400


def test_the_proof_of_a_plan_is_told_in_words(reader, plan_path):
    text = words(reader.get(plan_path))

    assert "No plan for these goods" in text
    assert "fourport verify" in text


def test_a_parcel_that_stays_is_told_what_would_change_it(reader, operator, plan_path):
    (stays,) = operator.get(f"{plan_path}/items", reference="HEAVY").get_json()["items"]
    text = words(reader.get(f"{plan_path}/why/{stays['parcel_id']}"))

    assert "What would change it" in text
    assert "for CN¥" in text or "than leaving it" in text


def test_a_parcel_that_goes_is_told_the_limit_it_comes_nearest_to(reader, operator, plan_path):
    (goes,) = operator.get(f"{plan_path}/items", reference="LIGHT").get_json()["items"]

    assert "full with it" in words(reader.get(f"{plan_path}/why/{goes['parcel_id']}"))
