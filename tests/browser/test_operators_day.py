"""An operator's day, in one go: a bad file is mended and saved, the pool planned, and what was decided is booked."""

import pytest
from playwright.sync_api import expect

from tests.browser.doors import enter, one_time_link, plan_the_pool, speak
from tests.browser.test_accessible import violations
from tests.live import product_on_copy

HEADER = (
    "reference,exporter,direction,origin,destination,weight_kg,volume_m3,goods_class,value,currency,ready_at"
)
GOODS = "EXP-QILU,export,{origin},JP-E-ZONE,2.5,0.02,general,40.00,USD,2031-12-01T09:00:00+08:00"


@pytest.fixture
def live_server(sqlite_sampled, tmp_path):
    """A product of this day's own: what it books is gone from the pool, of the next day too."""
    with product_on_copy(sqlite_sampled, tmp_path) as running:
        yield running


def import_and_mend(page, language):
    """Upload a file with one wrong place, mend it where it stands, and save."""
    lines = [HEADER, f"{language}-1," + GOODS.format(origin="CNQIN-HUB")]
    lines.append(f"{language}-2," + GOODS.format(origin="NOWHERE"))
    page.goto("/pool/import")
    content = "\n".join(lines).encode()
    page.set_input_files("#f-file", {"name": "orders.csv", "mimeType": "text/csv", "buffer": content})
    page.click("main form[action='/pool/import'] button[type=submit]")
    page.wait_for_url("**/columns")
    page.click("main form[action$='/columns'] button[type=submit] >> nth=0")
    cell = page.locator("[data-fault]")
    expect(cell).to_be_focused()
    expect(cell).to_have_value("NOWHERE")
    page.keyboard.type("CNQIN-HUB")
    page.keyboard.press("Enter")
    expect(cell).to_have_count(0)
    expect(page.locator("#draft .btn-primary")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "steps" not in url)
    expect(page.locator("form[action$='/withdraw'] button")).to_be_visible(timeout=60_000)


def ask_why(page, position):
    """Open the drawer of a parcel by the keyboard."""
    ask = page.locator("[data-parcel] .ask").nth(position)
    ask.focus()
    ask.press("w")
    drawer = page.locator("#drawer")
    expect(drawer.locator("form[data-decide]")).to_be_visible()
    return drawer


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.full), "zh"])
def test_from_a_bad_file_to_the_manifest(live_server, browser_page, language):
    page = browser_page
    enter(page, one_time_link(live_server, f"day-{language}@test.example"))
    speak(page, language)
    import_and_mend(page, language)
    plan = plan_the_pool(page)

    page.goto(f"{plan}/parcels")
    drawer = ask_why(page, 0)
    assert violations(page) == []
    drawer.locator("button[name=kind][value=lock]").press("Enter")
    expect(drawer.locator(".notice-good")).to_be_visible(timeout=60_000)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()

    drawer = ask_why(page, 1)
    way = drawer.locator("input[name=option]:not([disabled])").last
    way.focus()
    way.press("Space")
    change = drawer.locator("button[name=kind][value=override]")
    expect(change).to_contain_text(way.get_attribute("data-cost"))
    change.press("Enter")
    expect(drawer.locator(".notice-good")).to_be_visible(timeout=60_000)
    page.keyboard.press("Escape")

    page.goto(f"{plan}/commit")
    assert violations(page) == []
    page.click("form[action$='/commit'] button.btn-primary")
    made = page.locator("a[href*='view=bookings']")
    expect(made).to_be_visible(timeout=120_000)
    made.click()
    page.locator("a.row-link[href^='/bookings/']").first.click()
    page.locator("main a[href^='/departures/']").first.click()
    manifest = page.locator("a[href$='manifest.pdf']").first.get_attribute("href")
    answer = page.request.get(manifest)
    assert answer.status == 200
    assert answer.body().startswith(b"%PDF")
