"""axe finds nothing on any page, in either language, light and dark, wide and narrow; and nothing is cut off."""

from pathlib import Path

import pytest

from tests.browser.doors import (
    add_a_webhook,
    ask_for_a_quote,
    book_an_offer,
    enter,
    one_time_link,
    send_a_test,
    speak,
)
from tests.http.routes import page_rules
from tests.planned import plan_made

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
NOT_SEEN = {
    "/healthz": "for machines",
    "/readyz": "for machines",
    "/metrics": "for machines",
    "/admin/audit.csv": "a file",
    "/directory.csv": "a file",
    "/directory.geojson": "a file",
    "/tower/map.json": "a file",
    "/departures/break-even": "a part of the board",
    "/warehouse": "leads staff of a warehouse to it",
}
"""Addresses that are no pages for an administrator, and why."""
PARTS = {"these": slice(0, None, 2), "the others": slice(1, None, 2), "all": slice(None)}
LOOKS = [
    ("en", "light", 1440, "these"),
    ("zh", "dark", 390, "the others"),
    *(
        pytest.param(*look, "all", marks=pytest.mark.full)
        for look in [("en", "light", 1440), ("zh", "dark", 390), ("zh", "light", 1024), ("en", "dark", 1024)]
    ),
]
"""`make test` looks at each page in one way, `make test-full` at all of them in each."""


@pytest.fixture(scope="module")
def addresses(product, browser):
    """Every page, found by following links."""
    context = browser.new_context(base_url=product.url)
    page = context.new_page()
    enter(page, one_time_link(product, "first@test.example", "admin"))
    plan = f"/plans/{plan_made(product.database)}"
    page.goto("/runs")
    run = page.locator("a[href^='/runs/']").first.get_attribute("href")
    page.goto("/departures")
    departure = page.locator("a.row-link").first.get_attribute("href")
    page.goto("/pool")
    parcel = page.locator("a.row-link").first.get_attribute("href")
    page.goto(f"{plan}/parcels")
    why = page.locator("a.ask").first.get_attribute("href")
    page.goto(f"{plan}/unassigned")
    left = page.locator("a.ask").first.get_attribute("href")
    page.goto("/pool/import")
    page.set_input_files("#f-file", {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"reference\nA\n"})
    page.check("input[name=how][value=all]")
    page.click("main form[action='/pool/import'] button[type=submit]")
    page.wait_for_selector("#errors")
    upload = page.url.removeprefix(product.url)
    page.goto("/pool/import")
    page.set_input_files("#f-file", {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"reference\nA\n"})
    page.click("main form[action='/pool/import'] button[type=submit]")
    page.wait_for_url("**/columns")
    columns = page.url.removeprefix(product.url)
    quote = ask_for_a_quote(page)
    offer, booking = book_an_offer(page, quote)
    add_a_webhook(page)
    webhook = send_a_test(page)
    page.goto("/api-keys")
    page.select_option("#f-owner", "EXP-QILU")
    page.click("main form[action='/api-keys'] button[type=submit]")
    page.wait_for_selector("#f-secret")
    context.close()
    return [
        "/", "/departures", departure, "/departures?status=cancelled", "/pool", parcel, "/pool/import", upload, columns,
        "/runs", run, plan, f"{plan}/space", f"{plan}/parcels", f"{plan}/unassigned", why, left,
        "/warehouses", "/nowhere", "/quotes", "/quotes?status=failed", "/quotes/new", ask_again(quote), quote, offer,
        "/bookings", "/bookings?status=CANCELLED", booking,
        *(f"{booking}/{change}" for change in ("parcels", "amend", "roll", "cancel")),
        "/webhooks", webhook, "/api-keys",
    ]  # fmt: skip


def ask_again(quote):
    return f"/quotes/new?again={quote.rpartition('/')[2]}"


def violations(page):
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]]


def looked_at(page, addresses):
    """What axe finds by address, and by rule the status of what is no page: a file, a part of one, or missing."""
    found, others = {}, {}
    for rule, address in addresses:
        answer = page.request.get(address)
        if answer.status != 200 or b"<html" not in answer.body()[:500]:
            others[rule] = answer.status
            continue
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if violations_here := violations(page):
            found[address] = violations_here
    return found, others


def test_axe_does_find_what_is_wrong(product, browser):
    context = browser.new_context(base_url=product.url)
    page = context.new_page()
    page.goto("/sign-in")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [found.partition(":")[0] for found in violations(page)] == ["button-name"]
    context.close()


@pytest.mark.parametrize(("language", "theme", "width", "part"), LOOKS)
def test_axe_finds_no_violation_and_no_page_is_wider_than_the_window(
    product, addresses, browser, page_problems, language, theme, width, part
):
    context = browser.new_context(
        base_url=product.url, color_scheme=theme, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.on("pageerror", lambda error: page_problems.append(str(error)))
    problems = {}
    page.goto("/sign-in")
    problems["/sign-in"] = violations(page)
    enter(page, one_time_link(product, f"{language}{theme}{width}-{part[:3]}@test.example", "admin"))
    speak(page, language)
    for address in addresses[PARTS[part]]:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        problems[address] = violations(page)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wider > 0:
            problems[address].append(f"{wider} px wider than the window")
    context.close()
    assert {address: found for address, found in problems.items() if found} == {}
    assert page_problems == []


@pytest.mark.full
@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_axe_finds_no_violation_on_any_page_that_the_application_has_without_an_id(
    product, browser, wired, language, theme
):
    """By the application's own map of addresses: a page that is new is looked at as soon as it is there."""
    rules = [rule.rule for rule in page_rules(wired) if not rule.arguments]
    context = browser.new_context(base_url=product.url, color_scheme=theme)
    page = context.new_page()
    enter(page, one_time_link(product, f"all-{language}{theme}@test.example", "admin"))
    speak(page, language)
    found, others = looked_at(page, [(rule, rule) for rule in rules])
    context.close()
    assert found == {}
    assert {rule: others.get(rule) for rule in others.keys() ^ NOT_SEEN.keys()} == {}
