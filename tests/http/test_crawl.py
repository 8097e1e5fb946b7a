"""Every page as every role: nothing fails, nothing leads nowhere, nobody sees or is shown what is not for them."""

import re
from collections import Counter, deque
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from app import limits
from app.actor import ROLES
from app.auth import PUBLIC
from app.models import Party, Warehouse
from tests.http.furnishing import furnish_pages
from tests.http.pages import person
from tests.http.routes import MAY_BE_MISSING, access_of, addresses, page_rules

SHARED = True
OTHERS = ("exporter", "warehouse")
"""Roles that are limited to what is theirs: an example may be somebody else's, and is not there for them."""
OF_ONE_PAGE = 3
"""So many addresses of one page are opened by each role when every link is followed."""
MISSING = (404, 409)
"""How a page answers that may be missing here."""
_LINK = re.compile(r'\b(?:href|hx-get)="([^"#]+)')


@pytest.fixture(scope="module")
def backend():
    return "sqlite"


@pytest.fixture(scope="module")
def furnished(module_house):
    with module_house.database.transaction() as session:
        furnish_pages(session)
    return module_house


@pytest.fixture
def visitor(furnished, house):
    """Role → a client who is signed in with it; None: somebody who is not."""

    def enter(role):
        # Time stands still here, so what strangers may ask in a minute is counted anew for each role.
        parts = house.app.extensions["fourport"]
        parts["counter"] = limits.Counter(parts["settings"])
        if role is None:
            return house.app.test_client()
        with house.database.reading() as session:
            acme = session.scalars(select(Party).where(Party.reference == "acme")).one()
            floor = session.scalars(select(Warehouse)).first()
        facts = {"exporter": {"exporter": acme}, "warehouse": {"warehouse_id": floor.id}}.get(role, {})
        return person(house.app, role, **facts)

    return enter


@pytest.fixture
def pages(furnished, house):
    """Every rule with an address of it."""
    with house.app.test_request_context(), house.database.reading() as session:
        return addresses(house.app, session)


def links(text, base):
    """The addresses inside the application that a page leads to."""
    for link in dict.fromkeys(_LINK.findall(text)):
        address = urljoin(base, unescape(link))
        if address.startswith("/") and not address.startswith(("//", "/static/")):
            yield address


def is_page(answer):
    return answer.mimetype == "text/html" and answer.status_code == 200


def led_to(app, address):
    """The rule an address belongs to; None where there is none."""
    try:
        return app.url_map.bind("localhost").match(urlsplit(address).path, "GET", return_rule=True)[0]
    except HTTPException:
        return None


def may(role, access):
    return PUBLIC in access or role == "admin" or role in access


@pytest.mark.parametrize("role", [*ROLES, None])
def test_every_page_opens_for_whom_it_is_and_shows_no_link_they_may_not_open(house, visitor, pages, role):
    client, app = visitor(role), house.app
    wrong, refused_links = [], Counter()
    for rule, address in pages:
        access = access_of(app, rule)
        answer = client.get(address)
        if not may(role, access):
            expected = {403} if role else {303, 401}
        elif rule.rule in MAY_BE_MISSING or role in OTHERS:
            expected = {200, 303, 404, 409}
        else:
            expected = {200, 303}
        if answer.status_code not in expected and rule.rule != "/readyz":
            wrong.append(f"{address} ({rule.rule}): {answer.status_code}")
        if is_page(answer):
            for link in links(answer.text, urlsplit(address).path):
                target = led_to(app, link)
                if target is None:
                    wrong.append(f"{address} leads to {link}, which is no page")
                elif role and not may(role, access_of(app, target)):
                    refused_links[f"{rule.rule} shows {target.rule}"] += 1
    assert not wrong, "\n".join(wrong)
    assert not refused_links, "\n".join(refused_links)


@pytest.mark.full
@pytest.mark.parametrize("role", [*ROLES, None])
def test_every_link_leads_somewhere(house, visitor, pages, role):
    """From page to page as a person goes, a few addresses of each."""
    client, app = visitor(role), house.app
    waiting = deque((address, "the table of examples") for rule, address in pages
                    if may(role, access_of(app, rule)))  # fmt: skip
    known = {address for address, _from in waiting}
    opened, broken, began = Counter(), [], len(waiting)
    while waiting:
        address, source = waiting.popleft()
        answer = client.get(address)
        known_missing = (
            answer.status_code in MISSING and getattr(led_to(app, address), "rule", "") in MAY_BE_MISSING
        )
        if answer.status_code >= 400 and source != "the table of examples" and not known_missing:
            broken.append(f"{source} leads to {address}: {answer.status_code}")
        if not is_page(answer):
            continue
        for link in links(answer.text, urlsplit(address).path):
            target = led_to(app, link)
            rule = target.rule if target else link
            if link not in known and opened[rule] < OF_ONE_PAGE:
                opened[rule] += 1
                known.add(link)
                waiting.append((link, address))
    assert not broken, "\n".join(broken)
    assert len(known) > began


def test_the_map_of_pages_is_not_empty(house):
    assert len(page_rules(house.app)) > 90
