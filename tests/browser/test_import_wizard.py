"""A file with headings of its own comes in by the keyboard: matched, mended in place, saved, taken back."""

import pytest
from playwright.sync_api import expect

from tests.browser.doors import enter, one_time_link, speak

FILE = """订单号,货主,方向,起运地,目的地,毛重(kg),体积(m³),货物类别,申报价值,备货时间
W-1,EXP-QILU,export,CNQIN-HUB,JP-E-ZONE,1.5,0.01,general,12.50,2031-12-01T08:00:00+08:00
W-2,EXP-QILU,export,CNQIN-HUB,JP-E-ZONE,"1,5",0.01,general,12.50,2031-12-01T08:00:00+08:00
W-3,EXP-QILU,export,CNQIN-HUBB,JP-E-ZONE,1.5,0.01,general,12.50,2031-12-01T08:00:00+08:00
W-4,EXP-QILU,export,CNQIN-HUB,JP-E-ZONE,1.5,0.01,general,none,2031-12-01T08:00:00+08:00
"""


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.full)])
def test_a_file_is_matched_mended_by_keyboard_saved_and_taken_back(live_server, browser_page, language):
    page = browser_page
    enter(page, one_time_link(live_server, f"wizard-{language}@test.example"))
    speak(page, language)
    page.goto("/pool/import")
    content = FILE.replace("W-", f"{language}-").encode()
    page.set_input_files("#f-file", {"name": "订单.csv", "mimeType": "text/csv", "buffer": content})
    page.click("main form[action='/pool/import'] button[type=submit]")
    page.wait_for_url("**/columns")
    expect(page.locator("select[name=column-5]")).to_have_value("weight_kg")
    page.fill("#f-all-currency", "USD")
    page.keyboard.press("Enter")

    cells = page.locator("[data-fault]")
    expect(cells).to_have_count(3)
    address = page.url
    expect(cells.first).to_be_focused()
    page.keyboard.press("F2")
    expect(cells).to_have_count(2)
    expect(cells.first).to_be_focused()
    page.keyboard.type("CNQIN-HUB")
    page.keyboard.press("Enter")
    expect(cells).to_have_count(1)
    page.goto(address)
    expect(cells).to_have_count(1)
    expect(cells).to_be_focused()
    page.keyboard.press("F8")
    expect(cells).to_have_count(0)
    expect(page.locator("#draft .btn-primary")).to_be_focused()
    page.keyboard.press("Enter")

    page.wait_for_url(lambda url: "steps" not in url)
    take_back = page.locator("form[action$='/withdraw'] button")
    expect(take_back).to_be_visible(timeout=60_000)
    take_back.click()
    expect(take_back).to_have_count(0)
