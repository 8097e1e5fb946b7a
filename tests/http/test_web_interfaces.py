"""API keys and webhooks in the browser: secrets are shown once, others' own is not found, changes can be made."""

import re

import pytest
from sqlalchemy import select

from app.models import ApiKey, WebhookMessage, WebhookSubscription
from tests import factories as make
from tests.http.pages import person, words

HOOK = {"url": "https://erp.example.com/hook", "event_types": ["booking.confirmed", "departure.delayed"]}


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def owners(database):
    with database.transaction() as session:
        return [make.make_party(session, name) for name in ("acme", "globex")]


@pytest.fixture
def acme(app, owners):
    return person(app, "exporter", exporter=owners[0])


@pytest.fixture
def globex(app, owners):
    return person(app, "exporter", exporter=owners[1])


def secret_of(page):
    return re.search(r'id="f-secret" type="text" value="([^"]+)"', page.text)[1]


def field_errors(page):
    return dict(re.findall(r'class="field-error" id="f-([\w-]+)-help">([^<]*)<', page.text))


def key_row(database):
    with database.reading() as session:
        return session.scalars(select(ApiKey)).one()


def test_a_key_opens_the_api_and_its_secret_is_shown_once(acme, app, database):
    made = acme.post("/api-keys", data={"name": "booking script"})
    secret = secret_of(made)
    assert made.headers["Cache-Control"] == "no-store"
    caller = app.test_client()
    assert caller.get("/api/v1/bookings", headers={"Authorization": f"Bearer {secret}"}).status_code == 200

    page = acme.get("/api-keys")
    assert secret not in page.text
    for part in ("booking script", "everything its owner may", "In use"):
        assert part in words(page)

    answer = acme.post(f"/api-keys/{key_row(database).public_id}/revoke")
    assert "The key was revoked" in words(acme.get(answer.location))
    assert caller.get("/api/v1/bookings", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_a_key_may_be_limited_and_for_practice(acme, database):
    limits = {"limited": "1", "test_mode": "1", "scope-quotes": "write", "scope-tracking": "read"}
    page = acme.post("/api-keys", data=limits)
    assert secret_of(page).startswith("fp_test_")
    assert "Quotes, offers and rates: look and change" in words(page)
    row = key_row(database)
    assert (row.scopes, row.test_mode) == ("quotes:write tracking:read", True)


@pytest.mark.parametrize(
    ("form", "field"),
    [({"owner": ""}, "owner"), ({"owner": "nobody"}, "owner"), ({"owner": "acme", "name": "x" * 81}, "name")],
)
def test_what_is_wrong_with_a_new_key_stands_beside_its_field(app, owners, form, field):
    page = person(app, "admin").post("/api-keys", data=form)
    assert page.status_code == 422
    assert field in field_errors(page)
    assert form.get("name", "") in page.text


def test_limits_without_a_scope_are_refused(acme):
    page = acme.post("/api-keys", data={"limited": "1"})
    assert page.status_code == 422
    assert "This is too short or too long." in words(page)


def test_the_admin_makes_keys_for_exporters_and_for_the_operation(app, owners, database):
    admin = person(app, "admin")
    admin.post("/api-keys", data={"owner": "acme", "name": "theirs"})
    page = admin.post("/api-keys", data={"owner": "role:finance", "name": "ours"})
    text = words(page)
    for part in ("theirs", "acme", "ours", "Finance"):
        assert part in text
    with database.reading() as session:
        assert {row.role for row in session.scalars(select(ApiKey))} == {"exporter", "finance"}


def test_keys_and_webhooks_of_others_are_not_found(acme, globex, database):
    acme.post("/api-keys", data={"name": "mine"})
    acme.post("/webhooks", data=HOOK)
    with database.reading() as session:
        hook = f"/webhooks/{session.scalars(select(WebhookSubscription.public_id)).one()}"
    assert "mine" not in words(globex.get("/api-keys"))
    assert HOOK["url"] not in words(globex.get("/webhooks"))
    tries = [
        globex.post(f"/api-keys/{key_row(database).public_id}/revoke"),
        globex.get(hook),
        globex.post(hook, data=HOOK),
        *(globex.post(f"{hook}/{what}") for what in ("state", "test", "secret", "remove")),
    ]
    assert {answer.status_code for answer in tries} == {404}


def test_roles_that_have_no_keys_see_none(app):
    for role in ("operator", "finance", "warehouse", "customs", "regulator"):
        client = person(app, role)
        assert client.get("/api-keys").status_code == 403
        assert client.get("/webhooks").status_code == (200 if role == "operator" else 403)
        assert 'href="/api-keys"' not in client.get("/departures").text


def test_another_site_cannot_use_a_persons_cookie(acme):
    foreign = {"Sec-Fetch-Site": "cross-site"}
    for path in ("/api-keys", "/webhooks"):
        assert acme.post(path, data=HOOK, headers=foreign).status_code == 403


@pytest.fixture
def hook(acme, database):
    """The address of a webhook of acme's."""
    secret = secret_of(acme.post("/webhooks", data=HOOK))
    assert secret.startswith("whsec_")
    with database.reading() as session:
        return f"/webhooks/{session.scalars(select(WebhookSubscription.public_id)).one()}"


def test_an_address_is_added_and_its_secret_shown_once(acme, hook):
    page = acme.get(hook)
    assert "whsec_" not in page.text
    assert "Nothing was sent yet" in words(page)
    assert HOOK["url"] in words(acme.get("/webhooks"))


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (HOOK | {"url": "http://erp.example.com/hook"}, "It must begin with https://."),
        (HOOK | {"url": "nonsense"}, "This is not written the way it must be."),
        (HOOK | {"url": "https://127.0.0.1/hook"}, "This is not an address of the public internet."),
        (HOOK | {"event_types": []}, "This is too short or too long."),
        (HOOK | {"event_types": ["moon.rises"]}, "Choose one of the list."),
    ],
)
def test_an_address_that_cannot_be_told_comes_back_with_the_reason(acme, form, told):
    page = acme.post("/webhooks", data=form)
    assert page.status_code == 422
    assert told in page.text
    assert f'value="{form["url"]}"' in page.text


def test_a_test_is_sent_and_stands_in_the_log_and_is_sent_again(acme, hook, database):
    sent = acme.post(f"{hook}/test")
    page = acme.get(sent.location)
    assert "A test is on its way" in words(page)
    assert "On its way" in words(page)
    with database.transaction() as session:
        message = session.scalars(select(WebhookMessage)).one()
        message.status, message.next_at = "failed", None
        name = message.public_id
    assert "Given up" in words(acme.get(hook))
    again = acme.post(f"{hook}/messages/{name}/replay")
    assert "The message is on its way again." in words(acme.get(again.location))
    assert acme.post(f"{hook}/messages/msg_0000000000000000/replay").status_code == 404


def test_it_is_switched_off_and_on_changed_and_removed(acme, hook, database):
    off = acme.post(f"{hook}/state", data={"enabled": "0"})
    assert "It is told nothing any more." in words(acme.get(off.location))
    assert "this webhook is disabled" in words(acme.get(acme.post(f"{hook}/test").location))
    acme.post(f"{hook}/state", data={"enabled": "1"})

    changed = acme.post(hook, data=HOOK | {"url": "https://new.example.com/hook"})
    assert "https://new.example.com/hook" in words(acme.get(changed.location))
    wrong = acme.post(hook, data=HOOK | {"url": "http://new.example.com/hook"})
    assert wrong.status_code == 422

    old = secret_of(acme.post(f"{hook}/secret"))
    assert secret_of(acme.post(f"{hook}/secret")) != old
    assert "The secret before signs too until" in words(acme.get(hook))

    acme.post(f"{hook}/remove")
    assert acme.get(hook).status_code == 404
    with database.reading() as session:
        assert session.scalars(select(WebhookSubscription)).all() == []


def test_empty_pages_say_the_next_step(acme):
    assert "Make one for each script" in words(acme.get("/api-keys"))
    assert "send it a test" in words(acme.get("/webhooks"))
