"""API keys over HTTP: shown once, limited to what they are for, ended at any time."""

import re

import pytest
from sqlalchemy import select

from app.actor import AREAS, SCOPES, Actor, system
from app.clock import now
from app.models import ApiKey, AuditEvent, IdempotencyKey
from app.schemas.api_keys import ApiKeyPage, ApiKeyShape, ApiKeyWithSecret
from app.usecases import api_keys
from tests.http.answers import faults, good, problem
from tests.http.conftest import Caller
from tests.rules.sources import ROOT


@pytest.fixture
def backend():
    return "sqlite"


def made(caller, **wanted):
    return good(caller.post("/api-keys", wanted), ApiKeyWithSecret, 201)


@pytest.fixture
def caller(visitor, acme):
    """A caller with a fresh key of acme's."""
    return lambda **wanted: Caller(visitor, made(acme, **wanted)["secret"])


def test_an_exporter_makes_lists_and_revokes_keys_of_its_own(acme, visitor):
    key = made(acme, name="booking script", scopes=["bookings:write", "quotes:read"])
    mine = Caller(visitor, key["secret"])

    assert key["secret"].startswith("fp_")
    assert key["secret"].startswith(key["hint"])
    assert (key["exporter"], key["role"], key["last_used_at"]) == ("acme", "exporter", None)
    assert key["scopes"] == ["quotes:read", "bookings:write"]
    listed = good(acme.get("/api-keys"), ApiKeyPage)["items"]
    assert listed[0] == {name: value for name, value in key.items() if name != "secret"}
    assert mine.get("/quotes").status_code == 200
    assert good(acme.get(f"/api-keys/{key['id']}"), ApiKeyShape)["last_used_at"] is not None
    for _ in range(2):
        assert acme.delete(f"/api-keys/{key['id']}").status_code == 204
    problem(mine.get("/quotes"), 401, "unauthenticated")
    assert good(acme.get(f"/api-keys/{key['id']}"), ApiKeyShape)["revoked_at"] is not None


def test_the_secret_is_shown_once_and_kept_nowhere(acme, house):
    first = acme.post("/api-keys", {}, key="k-1")
    again = acme.post("/api-keys", {}, key="k-1")
    secret = first.json["secret"]

    assert good(again, ApiKeyWithSecret, 201) == first.json | {"secret": None}
    assert again.headers["Idempotent-Replayed"] == "true"
    with house.database.reading() as session:
        kept = [
            *session.scalars(select(IdempotencyKey.body)),
            *session.scalars(select(ApiKey.secret_hash)),
            *(str(event.after) for event in session.scalars(select(AuditEvent))),
        ]
    assert not any(secret in str(text) for text in kept)


def test_the_admin_makes_and_sees_keys_of_everybody(house, visitor):
    with house.database.transaction() as session:
        admin = Caller(visitor, api_keys.add_api_key(session, system("test"), now(), role="admin")[1])

    assert made(admin, exporter="globex")["exporter"] == "globex"
    assert made(admin, role="finance")["role"] == "finance"
    seen = {row["exporter"] for row in good(admin.get("/api-keys"), ApiKeyPage)["items"]}
    assert {"acme", "globex", None} <= seen
    assert faults(admin.post("/api-keys", {}))["exporter"] == "exporter_role"
    assert faults(admin.post("/api-keys", {"exporter": "nobody"}))["exporter"] == "unknown_exporter"
    elsewhere = {"role": "warehouse", "warehouse": "NOWHERE"}
    assert faults(admin.post("/api-keys", elsewhere))["warehouse"] == "unknown_warehouse"


def test_nobody_else_makes_keys_and_none_for_others(acme, operator, world):
    problem(operator.post("/api-keys", {"exporter": "acme"}), 403, "forbidden")
    assert faults(acme.post("/api-keys", {"exporter": "globex"})) == {"exporter": "unknown_exporter"}
    assert faults(acme.post("/api-keys", {"role": "admin"}))["role"] == "exporter_role"
    for call in (acme.get, acme.delete):
        problem(call(f"/api-keys/{world.ids['other_key']}"), 404, "not_found")


def test_a_key_does_what_its_scopes_say_and_nothing_else(caller):
    reader, writer = caller(scopes=["parcels:read"]), caller(scopes=["parcels:write"])

    assert reader.get("/parcels").status_code == writer.get("/parcels").status_code == 200
    refused = problem(reader.post("/parcels", {}), 403, "scope_missing")
    assert "parcels:write" in refused["detail"]
    assert writer.post("/parcels", {}).status_code == 422
    assert "webhooks:read" in problem(writer.get("/webhooks"), 403, "scope_missing")["detail"]


def test_a_limited_key_opens_no_page(caller, visitor):
    limited = caller(scopes=list(SCOPES))

    assert visitor.get("/", headers=limited.headers).status_code == 403


def test_no_key_makes_one_that_may_more(caller):
    limited = caller(scopes=["keys:write", "parcels:read"])

    problem(limited.post("/api-keys", {}), 403, "scope_missing")
    refused = problem(limited.post("/api-keys", {"scopes": ["parcels:write"]}), 403, "scope_missing")
    assert "parcels:write" in refused["detail"]
    assert made(limited, scopes=["parcels:read", "keys:read"])["scopes"] == ["parcels:read", "keys:read"]


def test_a_key_of_test_mode_is_told_apart_and_makes_only_its_like(acme, visitor, house, world):
    key = made(acme, test_mode=True)
    practising = Caller(visitor, key["secret"])
    child = made(practising)

    assert key["secret"].startswith("fp_test_")
    assert key["secret"].startswith(key["hint"])
    assert child["test_mode"] is True
    listed = good(practising.get("/api-keys"), ApiKeyPage)["items"]
    assert {row["id"] for row in listed} == {key["id"], child["id"]}
    problem(practising.get(f"/api-keys/{world.ids['my_key']}"), 404, "not_found")


def test_the_same_idempotency_key_in_practice_and_in_earnest_are_two(acme, caller):
    practising = caller(test_mode=True)
    practice = practising.post("/api-keys", {"name": "one"}, key="same")
    earnest = acme.post("/api-keys", {"name": "one"}, key="same")

    assert "Idempotent-Replayed" not in earnest.headers
    assert practice.json["id"] != earnest.json["id"]


def test_scopes_that_are_none_are_refused_by_name(acme):
    assert faults(acme.post("/api-keys", {"scopes": ["parcels:eat"]}))
    assert faults(acme.post("/api-keys", {"scopes": []}))
    assert made(acme, scopes=["parcels:read", "parcels:write"])["scopes"] == ["parcels:write"]


def test_all_scopes_together_fit_the_row(acme):
    assert len(made(acme, scopes=list(SCOPES))["scopes"]) == len(SCOPES) // 2


def test_the_page_for_scripts_lists_every_area():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")

    assert dict(re.findall(r"^\| `([a-z]+)` \| (.+) \|$", page, re.MULTILINE)) == AREAS


@pytest.mark.parametrize(
    ("scopes", "needed", "reached"),
    [
        (None, "parcels:write", True),
        (None, None, True),
        ({"parcels:read"}, "parcels:read", True),
        ({"parcels:write"}, "parcels:read", True),
        ({"parcels:read"}, "parcels:write", False),
        ({"parcels:write"}, "quotes:read", False),
        (set(SCOPES), None, False),
    ],
)
def test_writing_includes_reading_and_what_has_no_scope_needs_a_key_without_limits(scopes, needed, reached):
    limits = None if scopes is None else frozenset(scopes)
    assert Actor("key", "key_x", "exporter", 1, scopes=limits).reaches(needed) is reached
