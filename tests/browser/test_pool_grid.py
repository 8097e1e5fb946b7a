"""The pool without a mouse: rows are gone through, selected, edited after a preview, and given back."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.models import Location
from tests.browser.doors import enter, one_time_link
from tests.factories import make_parcel, make_party

GRID = "/pool?exporter=GRID-KEYS"


@pytest.fixture(scope="module")
def product(live_server):
    with live_server.database.transaction() as session:
        hub, home = session.scalars(select(Location).order_by(Location.id).limit(2)).all()
        exporter = make_party(session, "GRID-KEYS")
        for reference in ("FIRST", "SECOND"):
            make_parcel(session, exporter, hub, home, reference=reference)
    return live_server


def test_the_pool_is_worked_by_keyboard_alone(product, browser_page):
    page = browser_page
    enter(page, one_time_link(product, "grid@test.example"))
    page.goto(f"{GRID}&goods=&reference=")
    rows = page.locator(".grid-table tbody tr")
    expect(page.locator("[role=grid]")).to_have_attribute("aria-multiselectable", "true")
    told = page.locator("[data-told]")
    expect(told).to_contain_text("2 parcels match")

    page.keyboard.press("?")
    expect(page.locator("#grid-keys")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#grid-keys")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#f-reference")).to_be_focused()
    page.keyboard.type("ae?/")
    expect(page.locator("#f-reference")).to_have_value("ae?/")
    page.locator("#f-reference").fill("")

    rows.first.focus()
    page.keyboard.press("End")
    expect(rows.last).to_be_focused()
    page.keyboard.press("Space")
    expect(rows.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Shift+ArrowUp")
    expect(told).to_have_text("2 selected")
    page.keyboard.press("a")
    expect(told).to_contain_text("2 parcels match")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    expect(page.locator("h1")).to_have_text("Edit parcels")

    page.select_option("#f-rule", "pin")
    page.select_option("#f-channel_mode", "air")
    page.locator("#f-channel_mode").press("Tab")
    page.get_by_role("button", name="See what would change").press("Enter")
    page.get_by_role("button", name="Change 1 parcel").press("Enter")
    expect(page.locator("main")).to_contain_text("Only by Air")
    page.get_by_role("button", name="Undo the whole edit").press("Enter")
    expect(page.locator("main")).to_contain_text("1 parcel is as it was.")

    page.goto(GRID)
    rows.last.focus()
    reference = rows.last.locator(".row-link").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(reference)
    page.go_back()
    expect(page.locator("[role=grid]")).to_be_visible()
