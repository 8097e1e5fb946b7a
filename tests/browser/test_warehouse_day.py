"""A warehouse's day, in one go: goods come in, some of them go out, and some of those come back and are graded."""

import re
from collections import Counter

import pytest
from playwright.sync_api import expect

from app.clock import now
from app.queries.invariants import broken
from tests.browser.doors import enter, one_time_link, speak
from tests.browser.test_accessible import violations

HOUSES = {"en": ("CZPRG-WH", "CZ"), "zh": ("HUBUD-WH", "HU")}
PIECE = {"weight_kg": "0.5", "length_cm": "20", "width_cm": "10", "height_cm": "5", "value": "12"}
BOX = {"weight_kg": "2.1", "length_cm": "20", "width_cm": "20", "height_cm": "12"}
ADA = {"person_name": "Ada Example", "address_line1": "Allee 1", "city": "Nowhere", "postal_code": "10000"}


def ask_for(page, address, fields, button="[type=submit]", **chosen):
    """Fill in a form and send it; where it leads is waited for."""
    page.goto(address)
    for name, value in chosen.items():
        page.select_option(f"#f-{name}", value)
    for name, value in fields.items():
        page.fill(f"#f-{name}", value)
    page.click(f"main form[method=post] button{button}:not(.visually-hidden)")
    page.wait_for_url(re.compile(r"/[a-z]{3}_\w+$"))


def at_the_rack(page, house, task):
    """Begin a task, with the first thing there is to work on where one is chosen."""
    page.goto(f"{house}/rack/{task}")
    if page.locator(".rack-choices").count():
        page.click(".rack-choices a >> nth=0")
    page.wait_for_selector("[data-rack] form[data-task]")
    page.wait_for_selector("[data-rack][data-ready]")


def scan(page, *texts, button=None):
    """Scan as a scanner does, which types and ends with Enter; the last Enter sends, or a button does."""
    for number, text in enumerate(texts, 1):
        page.keyboard.type(text)
        if button and number == len(texts):
            page.click(button)
        else:
            page.keyboard.press("Enter")
    expect(page.locator(".rack-said-good")).to_be_visible()
    expect(page.locator("[data-queue] li")).to_have_count(0)


def come_in(page, house, barcode):
    """Bins are made; ten pieces and two damaged ones are counted at the door, and put away."""
    page.goto(f"{house}/layout")
    page.fill("#zone-code", "A")
    page.click("form[action$='/layout/zones'] button")
    page.wait_for_selector("#bins-zone option", state="attached")
    page.fill("#bins-codes", "A-01..A-02")
    page.click("form[action$='/layout/bins'] button")
    expect(page.locator("#binned a.row-link")).to_have_text(["A-01", "A-02"])
    page.goto(f"{house}/inbound")
    page.click("main a.row-link")
    page.click("form[action$='/arrive'] button")
    expect(page.locator("main a[href$='/receive']")).to_be_visible()
    asn = page.url
    at_the_rack(page, house, "receive")
    scan(page, barcode, "10")
    scan(page, barcode, "2", button="button[name=damaged]")
    at_the_rack(page, house, "putaway")
    scan(page, barcode, "10", "A-01")
    page.goto(f"{asn}/put-away")
    expect(page.locator("#f-to-0")).to_have_value("A-02")
    page.click("form[action$='/put-away'] button")
    page.click("form[action$='/close'] button")
    expect(page.locator("form[action$='/close']")).to_have_count(0)
    assert violations(page) == []
    page.goto(f"{house}/inbound?status=putaway_done")
    expect(page.locator("main a.row-link")).to_have_count(1)


def go_out(page, house, barcode):
    """What was ordered is picked by the list of its wave, packed, and handed over."""
    page.goto(f"{house}/outbound/waves")
    page.click("form[action$='/outbound/waves'] button")
    expect(page.locator("#f-bin")).to_be_focused()
    assert violations(page) == []
    page.keyboard.type("A-01")
    page.keyboard.press("Tab")
    page.keyboard.type(barcode)
    page.keyboard.press("Enter")
    expect(page.locator(".empty-state")).to_be_visible()
    page.click("main a[href*='/outbound/orders/ord_']")
    for name, value in BOX.items():
        page.fill(f"#f-{name}", value)
    page.click("form[action$='/pack'] button")
    box = page.locator("main a[href^='/track/']").inner_text()
    expect(page.locator(".state-bad")).to_have_count(0)
    page.goto(f"{house}/outbound/hand-over")
    page.fill("#f-labels", box)
    page.click("form[action$='/hand-over'] button")
    expect(page.locator(".empty-state")).to_be_visible()


def come_back(page, house, barcode, number):
    """Three pieces are taken in and graded; the two that are as new go back on the shelf."""
    at_the_rack(page, house, "return")
    scan(page, number)
    at_the_rack(page, house, "grade")
    scan(page, number, barcode, "2", "")
    scan(page, number, barcode, "1", button="button[name=grade][value=D]")
    page.goto("/returns?status=open")
    page.click("main a.row-link >> nth=0")
    assert violations(page) == []
    page.select_option("#f-disposition-1", "restock")
    page.click("section[aria-labelledby=item-1] form[action$='/choose'] button")
    page.fill("#f-place-1", "A-01")
    page.click("form[action$='/carry-out'] button")
    expect(page.locator("#f-place-1")).to_have_count(0)


def lying(page):
    """Pieces by code of the bin; without one, in other places of the house."""
    found = Counter()
    for row in page.locator("section[aria-labelledby=places] tbody tr").all():
        found["".join(row.locator("td:first-child code").all_inner_texts())] += int(
            row.locator("td:nth-child(4)").inner_text()
        )
    return found


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.full)])
def test_goods_come_in_go_out_and_come_back(live_server, browser_page, new_page, language):
    code, country = HOUSES[language]
    sku, barcode, house = f"KNIFE-{language}", f"40000{ord(language[0])}", f"/warehouses/{code}"
    owner, staff = new_page(), browser_page
    enter(
        owner, one_time_link(live_server, f"owner-{language}@day.example", "exporter", exporter="EXP-LINYI")
    )
    enter(staff, one_time_link(live_server, f"staff-{language}@day.example", "warehouse", warehouse=code))
    for page in (owner, staff):
        speak(page, language)

    ask_for(owner, "/skus/new", PIECE | {"code": sku, "name_en": "Knife", "barcode": barcode})
    goods = {"sku-0": sku, "quantity-0": "12", "reference": f"PO-{language}", "expected_on": "2031-12-01"}
    ask_for(owner, "/inbound/new", goods, "[name=announce]", warehouse=code)
    come_in(staff, house, barcode)
    order = ADA | {"country_code": country, "sku-0": sku, "quantity-0": "4", "reference": f"SO-{language}"}
    ask_for(owner, "/orders/new", order, "[value=confirm]", warehouse=code)
    go_out(staff, house, barcode)
    sent_back = {"country_code": country, "sku-0": sku, "quantity-0": "3", "original": f"SO-{language}"}
    ask_for(owner, "/returns/new", ADA | sent_back)
    number = re.search(r"FP\d{18}", owner.locator("main").inner_text())[0]
    come_back(staff, house, barcode, number)

    for page, stock in ((staff, f"{house}/stock"), (owner, "/stock")):
        page.goto(f"{stock}?q={barcode}")
        assert page.locator("#stock tbody td.num").all_inner_texts() == ["10", "0", "11", "0"]
    staff.click("#stock a.row-link")
    expect(staff.locator("#places")).to_be_visible()
    assert lying(staff) == {"A-01": 10 - 4 + 2, "A-02": 2, "": 1}
    with live_server.database.reading() as session:
        assert broken(session, now()) == []
