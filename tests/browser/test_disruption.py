"""A departure is cancelled: its goods are planned anew and booked, and the exporter's own system is told."""

import time

import pytest
from playwright.sync_api import expect

from fourport_client.webhooks import verify
from tests.browser.doors import add_a_webhook, enter, one_time_link, plan_the_pool, speak
from tests.browser.test_accessible import violations
from tests.receiver import receiving

EXPORTERS = {"en": "EXP-JIAODONG", "zh": "EXP-BOHAI"}


@pytest.fixture
def receiver():
    with receiving() as running:
        yield running


def subscribe(browser, product, exporter, receiver):
    """Somebody of the exporter has their own system told, in a browser of their own; returns the secret."""
    page = browser.new_context(base_url=product.url).new_page()
    told = {"exporter": exporter}
    enter(page, one_time_link(product, f"{exporter}@hook.example".lower(), "exporter", **told))
    secret = add_a_webhook(page, receiver.url)
    page.context.close()
    return secret


def cancel_the_first_departure(page, plan):
    """Cancel what the plan uses first; returns its address."""
    page.goto(plan)
    used = page.locator("tr[data-departure] a.row-link").first
    address = used.get_attribute("href")
    used.click()
    page.click("a.btn-danger[href$='/cancel']")
    page.fill("#f-reason", "Typhoon")
    assert violations(page) == []
    page.click("main form[action$='/cancel'] button[type=submit]")
    page.wait_for_url(f"**{address}")
    return address


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.full)])
def test_what_was_planned_on_a_cancelled_departure_goes_another_way(
    product, browser, browser_page, receiver, language
):
    secret = subscribe(browser, product, EXPORTERS[language], receiver)
    page = browser_page
    enter(page, one_time_link(product, f"storm-{language}@test.example"))
    speak(page, language)
    plan = plan_the_pool(page, exporter=EXPORTERS[language])
    cancelled = cancel_the_first_departure(page, plan)

    page.click("main a[href*='/replan?departure=']")
    expect(page.locator("#f-departure-0")).to_have_value(cancelled.rpartition("/")[2])
    page.fill("#f-time_limit_s", "1")
    page.click("main form[action$='/replan'] button[type=submit]")
    page.wait_for_url("**/runs/run_*")
    page.locator("a.btn[href^='/plans/']").click(timeout=120_000)
    anew = page.url
    assert not anew.endswith(plan)
    assert violations(page) == []
    expect(page.locator(f"tr[data-departure] a[href='{cancelled}']")).to_have_count(0)

    page.goto(f"{anew}/commit")
    page.click("form[action$='/commit'] button.btn-primary")
    made = page.locator("a[href*='view=bookings']")
    expect(made).to_be_visible(timeout=120_000)
    expect(page.locator("#commit[hx-get]")).to_have_count(0, timeout=120_000)
    made.click()
    bookings = page.locator("a.row-link[href^='/bookings/']")
    expect(bookings).not_to_have_count(0)
    expected = {
        address.rpartition("/")[2] for address in bookings.evaluate_all("all => all.map(a => a.pathname)")
    }

    deadline = time.monotonic() + 60
    while not expected <= confirmed(receiver, secret):
        assert time.monotonic() < deadline, "the exporter's system was not told of every booking"
        page.wait_for_timeout(200)


def confirmed(receiver, secret):
    """The bookings that the exporter's system was told are confirmed, by messages whose signature is right."""
    events = [verify(body, headers, secret) for _, headers, body in list(receiver.requests)]
    return {event["data"]["id"] for event in events if event["type"] == "booking.confirmed"}
