"""What if a departure were not used: asked, solved by a real worker, compared, and promoted by hand."""

import pytest
from playwright.sync_api import expect

from tests.browser.doors import enter, one_time_link, speak
from tests.browser.test_accessible import violations
from tests.live import product_on_copy


@pytest.fixture
def live_server(sqlite_planned, tmp_path):
    """A product of this test's own: a plan without scenarios, whose departures nobody else cancels."""
    with product_on_copy(sqlite_planned, tmp_path) as running:
        yield running


@pytest.fixture
def product(live_server):
    return live_server


def ask_without_a_departure(page, name):
    """Fill in the form by the keyboard: the added row has the cursor, Enter in the name solves."""
    page.select_option("#f-add_kind", "drop")
    page.click("button[name=rows][value=add]")
    expect(page.locator("#f-departure-0")).to_be_focused()
    page.select_option("#f-departure-0", index=1)
    page.fill("#f-time_limit_s", "1")
    page.fill("#f-name", name)
    page.press("#f-name", "Enter")
    page.wait_for_url("**/compare?with=scn_*")


def ask_for_a_warehouse(page, name):
    """A new one beside the first that the plan's goods can go through, cheaper than that."""
    page.select_option("#f-add_kind", "new_warehouse")
    page.click("button[name=rows][value=add]")
    expect(page.locator("#f-location-0")).to_be_focused()
    page.fill("#f-location-0", page.locator("#warehouses option").first.get_attribute("value"))
    page.fill("#f-percent-0", "-50")
    page.fill("#f-time_limit_s", "5")
    page.fill("#f-name", name)
    page.press("#f-name", "Enter")
    page.wait_for_url("**/compare?with=scn_*")


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.full)])
def test_an_operator_asks_what_if_compares_and_promotes(product, browser_page, page_problems, plan, language):
    page = browser_page
    enter(page, one_time_link(product, f"what-if-{language}@test.example"))
    speak(page, language)
    page.goto(plan)
    page.click("nav.tabs a[href*='/compare']")
    page.click("a[href$='/what-if'] >> nth=0")
    page.click("main form button:not(.visually-hidden)[type=submit]:not([name])")
    expect(page.locator("[role=alert]")).to_be_visible()
    page_problems.clear()  # the browser notes the refused form
    assert violations(page) == []
    ask_without_a_departure(page, "Without it")

    promote = page.locator("a[href$='/promote']")
    expect(promote).to_be_visible(timeout=120_000)
    expect(page.locator(".compare tbody tr").first.locator("td")).to_have_count(2)
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.goto(f"{plan}/what-if")
    ask_for_a_warehouse(page, "One more")
    expect(page.locator(".compare .next a[href$='/promote']")).to_have_count(2, timeout=120_000)
    page.locator("a[href$='/promote']").last.click()
    expect(page.locator(".checks .state-bad")).to_have_count(1)
    expect(page.locator("main form[action$='/promote']")).to_have_count(0)
    page.go_back()

    promote.first.click()
    assert violations(page) == []
    page.click("main form[action$='/promote'] button[type=submit]")
    page.wait_for_url("**/plans/pln_*")
    assert plan not in page.url
    expect(page.locator(".notice a[href*='/compare?with=']")).to_have_count(0)
