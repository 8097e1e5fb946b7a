"""The plan without a mouse, and with one: why, another way with its cost first, undo, and a parcel that is dragged."""

from playwright.sync_api import expect

from tests.browser.doors import enter, one_time_link
from tests.browser.test_accessible import violations


def test_an_operator_asks_why_overrides_by_keyboard_and_drags(product, browser_page, plan):
    page = browser_page
    enter(page, one_time_link(product, "bench@test.example"))
    page.goto(f"{plan}/parcels")
    asks, drawer = page.locator("[data-parcel] .ask"), page.locator("#drawer")
    asks.first.focus()
    page.keyboard.press("ArrowDown")
    expect(asks.nth(1)).to_be_focused()
    page.keyboard.press("w")
    expect(drawer).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(asks.nth(1)).to_be_focused()

    with page.expect_response("**/why/**"):
        page.keyboard.press("Enter")
    expect(drawer.locator("#drawer-title")).to_be_focused()
    choice = drawer.locator("input[name=option]:not([disabled])").last
    choice.focus()
    page.keyboard.press("Space")
    cost = choice.get_attribute("data-cost")
    change = drawer.locator("button[name=kind][value=override]")
    expect(change).to_contain_text(cost)
    change.press("Enter")
    expect(drawer.locator(".notice-good")).to_be_visible(timeout=60_000)
    drawer.locator("button", has_text="Undo").press("Enter")
    expect(drawer.locator(".notice-good")).to_contain_text("Taken back", timeout=60_000)
    page.keyboard.press("Escape")

    page.goto(plan)
    page.locator(".riders-row summary").first.click()
    row = page.locator(".riders-here [data-parcel]").first
    expect(row).to_be_visible()
    row.drag_to(page.locator("tr[data-departure]").first, source_position={"x": 40, "y": 50})
    expect(drawer).to_be_visible(timeout=30_000)
    expect(drawer.locator("#drawer-title")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
