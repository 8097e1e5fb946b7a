"""The rate of one caller, told in every answer and kept."""

import pytest

from tests.http.answers import problem


@pytest.fixture
def backend():
    return "sqlite"


def test_every_answer_tells_what_is_left(acme):
    first, second = acme.get("/locations"), acme.get("/departures")

    assert first.headers["X-RateLimit-Limit"] == "1200"
    assert int(first.headers["X-RateLimit-Remaining"]) == int(second.headers["X-RateLimit-Remaining"]) + 1
    assert int(first.headers["X-RateLimit-Reset"]) > 0
    assert first.headers["RateLimit-Policy"] == second.headers["RateLimit-Policy"] == '"api";q=1200;w=60'
    name, left, again = second.headers["RateLimit"].split(";")
    assert (name, left) == ('"api"', f"r={second.headers['X-RateLimit-Remaining']}")
    assert 1 <= int(again.removeprefix("t=")) <= 61
    assert "Retry-After" not in first.headers


def test_one_caller_too_fast_waits_and_others_do_not(app, acme, globex):
    app.config["API_RATE"] = "2 per minute"
    assert [acme.get("/locations").status_code for _ in range(2)] == [200, 200]
    response = acme.get("/departures")

    problem(response, 429, "rate_limited")
    assert 1 <= int(response.headers["Retry-After"]) <= 61
    assert response.headers["X-RateLimit-Remaining"] == "0"
    assert response.headers["RateLimit"] == f'"api";r=0;t={response.headers["Retry-After"]}'
    assert globex.get("/locations").status_code == 200


def test_a_caller_who_is_told_to_wait_changes_nothing(app, operator):
    app.config["API_RATE"] = "1 per minute"
    assert operator.post("/optimization-runs", {}).status_code == 202

    problem(operator.post("/optimization-runs", {}), 429, "rate_limited")
    app.config["API_RATE"] = "1000 per minute"
    assert len(operator.get("/optimization-runs").get_json()["items"]) == 4


def test_a_redis_that_is_away_stops_nobody(settings, database, world):
    from dataclasses import replace

    from app.factory import create_app

    away = replace(settings, redis_url="redis://127.0.0.1:1/0")
    client = create_app(away, database).test_client()
    headers = {"Authorization": f"Bearer {world.secrets['acme']}"}

    response = client.get("/api/v1/locations", headers=headers)
    assert response.status_code == 200
    assert response.headers["X-RateLimit-Limit"] == "1200"


def test_counts_are_shared_through_redis(redis_url, settings, database, world):
    from dataclasses import replace

    from app.factory import create_app

    headers = {"Authorization": f"Bearer {world.secrets['acme']}"}
    left = []
    for _ in range(2):
        client = create_app(replace(settings, redis_url=redis_url), database).test_client()
        left.append(int(client.get("/api/v1/locations", headers=headers).headers["X-RateLimit-Remaining"]))

    assert left[1] == left[0] - 1
