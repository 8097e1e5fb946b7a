"""Who gets in, how often they may try, and where they land."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.actor import system
from app.clock import now
from app.factory import create_app
from app.models import User
from app.usecases import people
from tests.http.pages import person, words

PASSWORD = "correct horse battery"


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def link(database):
    with database.transaction() as session:
        return people.add_user(session, system("test"), now(), "ann@test.example", "operator")[1]


@pytest.fixture
def ann(database, link):
    with database.transaction() as session:
        people.set_password(session, now(), link, PASSWORD)
    return {"email": "ann@test.example", "password": PASSWORD}


def test_a_stranger_is_sent_to_the_door_and_back_to_where_they_wanted_to_go(client, ann):
    sent = client.get("/departures?mode=sea")
    assert (sent.status_code, sent.location) == (303, "/sign-in?next=/departures?mode%3Dsea")
    entered = client.post("/sign-in", data={**ann, "next": "/departures?mode=sea"})
    assert (entered.status_code, entered.location) == (303, "/departures?mode=sea")
    assert client.get(entered.location).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_the_door_leads_nowhere_else(client, ann, elsewhere):
    assert client.post("/sign-in", data={**ann, "next": elsewhere}).location == "/"


def test_a_wrong_password_says_neither_which_was_wrong_nor_forgets_the_address(client, ann):
    answer = client.post("/sign-in", data={**ann, "password": "wrong"})
    assert answer.status_code == 401
    assert "The e-mail address or the password is not right." in words(answer)
    assert 'value="ann@test.example"' in answer.text


def test_the_eleventh_try_for_one_account_is_refused_before_the_password_is_looked_at(app, ann):
    for address in range(10):
        door = app.test_client()
        door.post(
            "/sign-in", data={**ann, "password": "wrong"}, environ_base={"REMOTE_ADDR": f"10.0.0.{address}"}
        )
    answer = app.test_client().post("/sign-in", data=ann, environ_base={"REMOTE_ADDR": "10.0.0.99"})
    assert answer.status_code == 429
    assert "Too many tries" in words(answer)


def test_the_eleventh_try_from_one_address_is_refused(app, ann):
    for number in range(10):
        app.test_client().post("/sign-in", data={"email": f"x{number}@test.example", "password": "wrong"})
    assert app.test_client().post("/sign-in", data=ann).status_code == 429


def test_another_sites_form_cannot_sign_anybody_in(client, ann):
    answer = client.post("/sign-in", data=ann, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_one_time_link_sets_the_password_once_and_signs_in(client, link):
    assert client.get(f"/password/{link}").status_code == 200
    assert client.post(f"/password/{link}", data={"password": "short"}).status_code == 422
    used = client.post(f"/password/{link}", data={"password": PASSWORD})
    assert (used.status_code, used.location) == (303, "/")
    again = client.post(f"/password/{link}", data={"password": PASSWORD})
    assert again.status_code == 404
    assert "Ask for a new one" in words(again)


def test_signing_out_ends_the_session_everywhere(app, client, ann):
    elsewhere = app.test_client()
    for browser in (client, elsewhere):
        browser.post("/sign-in", data=ann)
    assert client.post("/sign-out").location == "/sign-in"
    assert elsewhere.get("/pool").status_code == 303


def test_the_language_is_the_persons_own_and_stays(app, database):
    client = person(app)
    client.post("/language", data={"language": "zh", "next": "/pool"})
    answer = client.get("/pool")
    assert '<html lang="zh-Hans"' in answer.text
    assert "订单池" in answer.text
    with database.reading() as session:
        assert session.scalars(select(User.locale)).all() == ["zh"]


def test_before_signing_in_the_browsers_wish_decides_the_language(client):
    assert "登录" in client.get("/sign-in", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    assert "Sign in" in client.get("/sign-in", headers={"Accept-Language": "fr"}).text


def test_a_theme_is_remembered_by_the_browser(app):
    client = person(app)
    client.post("/theme", data={"theme": "dark"})
    assert 'data-bs-theme="dark"' in client.get("/pool").text
    client.post("/theme", data={"theme": "<script>"})
    assert 'data-bs-theme="dark"' in client.get("/pool").text


def test_an_error_page_names_the_request(app):
    answer = person(app).get("/departures/dep_none")
    assert answer.status_code == 404
    assert answer.headers["X-Request-ID"] in answer.text


def test_the_door_stays_shut_against_guessing_while_redis_is_away(settings, database, ann):
    app = create_app(replace(settings, redis_url="redis://127.0.0.1:1/0"), database)
    for _ in range(10):
        assert app.test_client().post("/sign-in", data={**ann, "password": "wrong"}).status_code == 401
    assert app.test_client().post("/sign-in", data=ann).status_code == 429
