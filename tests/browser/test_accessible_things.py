"""axe finds nothing on the page of any one thing, a booking, a bin, a wave: by the application's map of addresses."""

import shutil

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.models import User
from tests.browser.doors import enter, one_time_link, speak
from tests.browser.test_accessible import looked_at
from tests.http.conftest import furnish
from tests.http.furnishing import furnish_pages
from tests.http.routes import addresses
from tests.live import product_on_copy

pytestmark = pytest.mark.full
IN_USE = "needs the problem that only a real run keeps: seen in test_accessible and test_what_if"
NOT_SEEN = {
    "/plans/<public_id>/space": IN_USE,
    "/plans/<public_id>/what-if": IN_USE,
    "/plans/<public_id>/why/<parcel_id>": IN_USE,
    "/returns/number/<number>": "leads on to the return",
    "/bookings/<public_id>/papers/<document_id>": "a file",
    "/customs/<public_id>.csv": "a file",
    "/customs/<public_id>.xml": "a file",
    "/customs/summaries/<public_id>.csv": "a file",
    "/customs/summaries/<public_id>.xml": "a file",
    "/plans/<public_id>/files/<any('assignments.csv', 'problem.npz', 'plan.npz'):file>": "a file",
    "/pool/import/<public_id>/errors.csv": "a file",
    "/pool/import/columns/<kind>.csv": "a file",
    "/pool/import/steps/<public_id>/<any(errors, corrected):which>.csv": "a file",
    "/plans/<public_id>/freshness": "a part of the page of its plan",
}
"""Addresses that are not looked at here, and why."""


@pytest.fixture(scope="module")
def live_server(sqlite_template, tmp_path_factory):
    """The product in the house that the tests of pages open, with one of everything that has a page."""
    house = tmp_path_factory.mktemp("house") / "fourport.db"
    shutil.copy(sqlite_template, house)
    furnish(f"sqlite:///{house}")
    with product_on_copy(house, tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture(scope="module")
def admin(live_server, browser):
    """What the browser of somebody who may see everything remembers."""
    context = browser.new_context(base_url=live_server.url)
    enter(context.new_page(), one_time_link(live_server, "admin@house.example", "admin"))
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def things(live_server, admin, wired):
    """Every rule that takes an id, with an address of it."""
    del admin
    with live_server.database.transaction() as session:
        user = session.scalars(select(User).where(User.email == "admin@house.example")).one()
        furnish_pages(session, Actor("user", user.public_id, "admin"))
    with wired.test_request_context(), live_server.database.reading() as session:
        return [(rule.rule, address) for rule, address in addresses(wired, session) if rule.arguments]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_axe_finds_no_violation_on_the_page_of_any_one_thing(new_page, admin, things, language, theme):
    page = new_page(color_scheme=theme, storage_state=admin)
    page.route(
        "**/plans/*/why/**", lambda route: route.fulfill(status=204)
    )  # asked for by the page of its plan
    page.goto("/")
    speak(page, language)
    found, others = looked_at(page, things)
    assert found == {}
    assert {rule: others.get(rule) for rule in others.keys() ^ NOT_SEEN.keys()} == {}
