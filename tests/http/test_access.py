"""Keys, sessions and errors as a caller sees them."""

import pytest
import structlog
from flask import Blueprint, jsonify
from flask import session as browser_session
from sqlalchemy.exc import OperationalError

from app import auth
from app.actor import system
from app.api.idempotency import idempotent
from app.clock import now
from app.factory import create_app
from app.usecases import api_keys, people

ACTOR = system("test")
PASSWORD = "correct horse battery"


@pytest.fixture
def app(settings, database):
    """An application of its own with a few routes that show what the rules do."""
    app = create_app(settings, database)
    probe = Blueprint("probe", __name__)
    app.extensions["made"] = []

    @probe.get("/api/v1/probe")
    @auth.allow("operator", "exporter")
    def read():
        return jsonify(role=auth.actor().role)

    @probe.post("/api/v1/probe")
    @idempotent
    @auth.allow("operator", "exporter")
    def make(session):
        app.extensions["made"].append(1)
        return jsonify(made=len(app.extensions["made"])), 201

    @probe.get("/api/v1/unruly")
    def unruly():
        return "nobody may see this"

    @probe.get("/api/v1/broken")
    @auth.public
    def broken():
        raise ZeroDivisionError

    @probe.post("/api/v1/enter/<email>")
    @auth.public
    def enter(email):
        from sqlalchemy import select

        from app.http import reading
        from app.models import User

        with reading() as db:
            auth.sign_in(db.scalars(select(User).where(User.email == email)).one())
        return jsonify(dict(browser_session))

    app.register_blueprint(probe)
    return app


@pytest.fixture
def secret(database):
    with database.transaction() as session:
        people.add_exporter(session, ACTOR, now(), "acme")
        return api_keys.add_api_key(session, ACTOR, now(), exporter="acme")[1]


@pytest.fixture
def headers(secret):
    return {"Authorization": f"Bearer {secret}"}


def problem(response, status, code):
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    body = response.get_json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["request_id"] == response.headers["X-Request-ID"]
    assert set(body) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    return body


def test_a_key_opens_the_door_and_only_a_good_one(client, headers):
    assert client.get("/api/v1/probe", headers=headers).get_json() == {"role": "exporter"}
    problem(client.get("/api/v1/probe"), 401, "unauthenticated")
    problem(client.get("/api/v1/probe", headers={"Authorization": "Bearer fp_wrong"}), 401, "unauthenticated")
    problem(client.get("/api/v1/probe", headers={"Authorization": "Basic xyz"}), 401, "unauthenticated")


def test_a_revoked_key_is_worth_nothing(client, database, headers):
    with database.transaction() as session:
        from sqlalchemy import select

        from app.models import ApiKey

        api_keys.revoke_api_key(session, ACTOR, now(), session.scalars(select(ApiKey.public_id)).one())

    problem(client.get("/api/v1/probe", headers=headers), 401, "unauthenticated")


def test_the_wrong_role_is_told_so(client, database):
    with database.transaction() as session:
        secret = api_keys.add_api_key(session, ACTOR, now(), role="finance")[1]

    problem(client.get("/api/v1/probe", headers={"Authorization": f"Bearer {secret}"}), 403, "forbidden")


def test_a_route_without_a_rule_is_open_to_nobody(client, headers):
    problem(client.get("/api/v1/unruly", headers=headers), 403, "forbidden")


def test_our_own_mistake_shows_no_trace(client):
    body = problem(client.get("/api/v1/broken"), 500, "internal_error")

    assert "ZeroDivision" not in str(body)


def test_unknown_paths_and_methods_are_problems_too(client, headers):
    problem(client.get("/api/v1/nothing"), 404, "not_found")
    assert problem(client.delete("/api/v1/probe", headers=headers), 405, "method_not_allowed")


def test_every_answer_carries_the_security_headers(client):
    response = client.get("/healthz")

    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"


def test_a_request_id_is_taken_over_if_it_is_harmless(client):
    assert client.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    assert client.get("/healthz", headers={"X-Request-ID": "a b"}).headers["X-Request-ID"].startswith("req_")


def test_the_same_key_gets_the_same_answer_and_nothing_happens_twice(client, headers):
    call = {"headers": headers | {"Idempotency-Key": "one"}, "json": {"a": 1}}
    first, again = client.post("/api/v1/probe", **call), client.post("/api/v1/probe", **call)

    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json() == {"made": 1}
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_missing_key_and_another_body_are_refused(client, headers):
    problem(client.post("/api/v1/probe", headers=headers, json={}), 400, "idempotency_key_missing")
    with_key = headers | {"Idempotency-Key": "one"}
    client.post("/api/v1/probe", headers=with_key, json={"a": 1})

    problem(client.post("/api/v1/probe", headers=with_key, json={"a": 2}), 422, "idempotency_key_reused")


def test_a_session_cannot_be_used_from_another_site(client, database):
    with database.transaction() as session:
        people.add_user(session, ACTOR, now(), "ann@example.com", "operator")
    client.post("/api/v1/enter/ann@example.com")
    key = {"Idempotency-Key": "one"}

    assert client.get("/api/v1/probe").status_code == 200
    for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        problem(client.post("/api/v1/probe", headers=key | foreign, json={}), 403, "forbidden")
    assert (
        client.post("/api/v1/probe", headers=key | {"Sec-Fetch-Site": "same-origin"}, json={}).status_code
        == 201
    )


def test_without_redis_it_serves_and_says_so(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.get_json() == {"status": "degraded", "checks": {"database": "ok", "redis": "unreachable"}}


def test_a_database_behind_the_code_is_not_ready(client, database):
    from app import schema

    try:
        schema.downgrade(database.engine, "base")
        assert client.get("/readyz").status_code == 503
    finally:
        # The tests to come find this database again.
        schema.upgrade(database.engine)


def test_metrics_count_what_the_operation_is_about(client):
    text = client.get("/metrics").get_data(as_text=True)

    assert "fourport_oldest_waiting_job_seconds 0.0" in text


def test_a_probe_is_answered_whatever_credentials_its_proxy_adds(client):
    for header in ("Basic xyz", "Bearer fp_wrong"):
        assert client.get("/healthz", headers={"Authorization": header}).status_code == 200


def test_the_log_does_not_hold_a_one_time_links_token(client):
    with structlog.testing.capture_logs() as lines:
        client.get("/password/the-secret-token")

    paths = [line["path"] for line in lines if line["event"] == "request"]
    assert paths == ["/password/…"]


def test_a_key_opens_the_door_while_nothing_can_be_written(client, headers, monkeypatch):
    def locked():
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(auth, "transaction", locked)
    assert client.get("/api/v1/probe", headers=headers).status_code == 200
