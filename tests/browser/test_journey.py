"""One morning of an operator in a real browser, with real workers behind the pages."""

import pytest
from playwright.sync_api import expect

from tests.browser.doors import enter, one_time_link, speak

FILE = """reference,exporter,direction,origin,destination,weight_kg,volume_m3,goods_class,value,currency,ready_at
J-1,EXP-QILU,export,CNQIN-HUB,JP-E-ZONE,2.5,0.02,general,40.00,USD,2026-12-07T09:00:00+08:00
J-2,EXP-QILU,export,NOWHERE,JP-E-ZONE,-1,0.02,general,40.00,USD,2026-12-07T09:00:00+08:00
"""


def upload(page, how):
    page.goto("/pool/import")
    page.set_input_files("#f-file", {"name": "orders.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    page.check(f"input[name=how][value={how}]")
    page.click("main form[action='/pool/import'] button[type=submit]")


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.full)])
def test_an_operator_filters_imports_plans_and_asks_why(product, browser_page, language):
    page = browser_page
    enter(page, one_time_link(product, f"{language}@test.example"))
    speak(page, language)
    expect(page.locator(".tile")).not_to_have_count(0)

    held = []
    page.route("**/departures/break-even*", lambda route: held.append(route))  # noqa: PLW0108 (no built-in)
    with page.expect_request("**/departures/break-even*"):
        page.click("nav a[href='/departures']")
    page.wait_for_url("**/departures")
    page.select_option("#f-to", "USLAX-PORT")
    page.wait_for_url("**/departures?*to=USLAX-PORT*")
    expect(page.locator("#board tbody tr").first).to_contain_text("USLAX-PORT")
    # What was asked for the list before comes late, and the browser complains of nothing.
    for request in held:
        with page.expect_response("**/departures/break-even*"):
            request.continue_()
    page.unroute("**/departures/break-even*")
    page.check("#f-batteries")
    page.wait_for_url("**batteries=1**")
    page.go_back()
    page.wait_for_url(lambda address: "batteries" not in address)
    expect(page.locator("#f-to")).to_have_value("USLAX-PORT")

    upload(page, "partial")
    errors = page.locator("table tbody tr")
    expect(errors).to_have_count(2, timeout=20_000)
    assert "NOWHERE" in page.inner_text("table")
    assert {"origin", "weight_kg"} == set(page.locator("table td:nth-child(2)").all_inner_texts())

    page.goto("/runs")
    page.fill("#f-time_limit_s", "1")
    page.click("main form[action='/runs'] button[type=submit]")
    page.wait_for_selector("a.btn[href^='/plans/']", timeout=120_000)
    page.click("a.btn[href^='/plans/']")
    expect(page.locator("#plan tbody tr").first).to_be_visible()
    page.click("nav.tabs a[href$='/parcels']")
    page.click("#plan tbody tr:first-child a.ask")
    expect(page.locator("#drawer form[data-decide]")).to_be_visible()
    page.goto(page.locator("#plan a.ask").first.get_attribute("href"))
    expect(page.locator("tr.taken")).to_have_count(1)
    expect(page.locator("tbody tr")).not_to_have_count(1)


def test_every_page_can_be_reached_and_used_by_the_keyboard(product, browser_page):
    page = browser_page
    enter(page, one_time_link(product, "keys@test.example"))
    page.goto("/departures")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main a").first).to_be_focused()


def test_pages_work_without_script(product, browser, page_problems):
    context = browser.new_context(base_url=product.url, java_script_enabled=False)
    page = context.new_page()
    enter(page, one_time_link(product, "plain@test.example"))
    page.goto("/departures")
    page.select_option("#f-status", "open")
    page.click(".filters button[type=submit]")
    assert "status=open" in page.url
    page.click("a[rel=next]")
    assert "cursor=" in page.url
    assert "status=open" in page.url
    page.click("a.row-link >> nth=0")
    assert "/departures/dep_" in page.url
    context.close()
    assert page_problems == []
