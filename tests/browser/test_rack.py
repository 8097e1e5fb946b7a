"""The rack in a real browser: scans outlive a lost network, are posted once, and everybody can read what happens."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from app.models import AuditEvent, StockCount
from app.usecases.warehousing.counting import Choice, start_count
from app.usecases.warehousing.work_orders import NewWork, WorkLine, make_work_order, release_work
from tests.browser.doors import enter, one_time_link, speak
from tests.browser.test_accessible import violations
from tests.stock_rows import NOW, a_house, stocked

HOUSE = "/warehouses/DEDUI-WHS"
PHONE = {"width": 390, "height": 844}
CAMERA = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["code_128"]; }
  async detect() { return window.label ? [{ rawValue: window.label }] : []; }
};
navigator.mediaDevices.getUserMedia = async () => new MediaStream();
HTMLMediaElement.prototype.play = async () => {};
"""


@pytest.fixture(scope="module")
def product(live_server):
    with live_server.database.transaction() as session:
        house = a_house(session)
        stocked(session, house, "SKU-1", 10)
        lines = [WorkLine("consume", "SKU-1", 2), WorkLine("produce", "SKU-2", 2)]
        work = NewWork("relabel", "W-1", lines)
        order = make_work_order(session, house.actor, NOW, house.warehouse, house.owner, work)
        release_work(session, house.actor, NOW, order.public_id)
        live_server.env["COUNT"] = start_count(session, house.actor, NOW, house.warehouse, Choice()).public_id
    return live_server


@pytest.fixture
def page(product, browser_page):
    browser_page.set_viewport_size(PHONE)
    return browser_page


@pytest.fixture
def count(product):
    return product.env["COUNT"]


def come_in(page, product, name):
    enter(page, one_time_link(product, f"{name}@test.example", "warehouse", warehouse="DEDUI-WHS"))


def open_count(page, count):
    page.goto(f"{HOUSE}/rack/count?of={count}")
    page.wait_for_selector("[data-rack][data-ready]")


def scan(page, text):
    """What a scanner does that acts as a keyboard: quick keys, then Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def counted(product, bin_code):
    """How often somebody counted a bin."""
    with product.database.reading() as session:
        told = session.scalars(select(AuditEvent.after).where(AuditEvent.action == "count.bin_counted"))
        return sum(after["bin"] == bin_code for after in told)


def test_a_scan_without_network_waits_and_is_sent_once_when_it_is_back(product, page, count):
    come_in(page, product, "ann")
    open_count(page, count)
    expect(page.locator("#f-bin")).to_be_focused()
    page.context.set_offline(True)
    scan(page, "A-02")
    expect(page.locator("#f-article")).to_be_focused()
    page.click("button[type=submit]")
    expect(page.locator("[data-said] strong")).to_have_text("Is the bin empty?")
    page.click("button[type=submit]")
    expect(page.locator("[data-queue] li")).to_have_count(1)
    expect(page.locator("[data-net]")).to_contain_text("No network")
    page.wait_for_timeout(300)
    assert counted(product, "A-02") == 0

    page.context.set_offline(False)
    expect(page.locator("[data-queue] li")).to_have_count(0)
    expect(page.locator("[data-said] strong")).to_have_text("A-02 counted")
    expect(page.locator("#beside")).not_to_contain_text("A-02")
    assert counted(product, "A-02") == 1


def test_a_scan_whose_answer_was_lost_is_sent_again_and_posted_once(product, page, page_problems, count):
    come_in(page, product, "ben")
    open_count(page, count)
    lost = []

    def lose_the_first_answer(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/rack/scans", lose_the_first_answer)
    scan(page, "A-03")
    page.click("button[type=submit]")
    page.click("button[type=submit]")
    expect(page.locator("[data-net]")).to_contain_text("does not answer")
    expect(page.locator("[data-said]")).to_contain_text("nothing was done twice", timeout=10_000)
    expect(page.locator("[data-queue] li")).to_have_count(0)
    assert (lost, counted(product, "A-03")) == ([200], 1)
    assert all("ERR_FAILED" in problem for problem in page_problems)
    page_problems.clear()


def test_what_was_refused_says_why_and_stays_until_somebody_decides(product, page, count):
    come_in(page, product, "cat")
    open_count(page, count)
    page.evaluate("document.activeElement.blur()")
    scan(page, "Z-99")
    scan(page, "4000000000001")
    scan(page, "4000000000001")
    scan(page, "7")
    expect(page.get_by_label("Pieces of 4000000000001")).to_have_value("7")
    page.reload()
    page.wait_for_selector("[data-rack][data-ready]")
    expect(page.locator("#f-bin")).to_have_value("Z-99")
    expect(page.get_by_label("Pieces of 4000000000001")).to_have_value("7")
    page.click("button[type=submit]")
    refused = page.locator("[data-queue] li")
    expect(refused).to_contain_text("No place here has this label")
    expect(page.locator("[data-net]")).to_contain_text("refused: 1")
    refused.get_by_role("button", name="Send again").click()
    expect(refused).to_contain_text("No place here has this label")
    refused.get_by_role("button", name="Correct it").click()
    expect(refused).to_have_count(0)
    expect(page.locator("#f-bin")).to_have_value("Z-99")
    expect(page.get_by_label("Pieces of 4000000000001")).to_have_value("7")
    page.click("button[type=submit]")
    refused.get_by_role("button", name="Discard").click()
    refused.get_by_role("button", name="Discard for good?").click()
    expect(refused).to_have_count(0)


def test_scans_of_one_person_are_not_sent_by_another(product, page, page_problems, count):
    come_in(page, product, "dan")
    open_count(page, count)
    page.context.set_offline(True)
    scan(page, "A-01")
    scan(page, "SKU-1")
    page.click("button[type=submit]")
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.locator("[data-net]")).to_contain_text("Your session has ended")
    assert all("401" in problem for problem in page_problems)
    page_problems.clear()
    come_in(page, product, "eve")
    open_count(page, count)
    expect(page.locator("[data-queue] li")).to_contain_text("Made by somebody else")
    assert counted(product, "A-01") == 0


def test_the_camera_reads_labels_where_the_browser_can(product, browser, page_problems, count):
    context = browser.new_context(base_url=product.url, viewport=PHONE)
    page = context.new_page()
    page.on("pageerror", lambda error: page_problems.append(str(error)))
    come_in(page, product, "fay")
    open_count(page, count)
    expect(page.locator("[data-no-camera]")).to_be_visible()
    page.add_init_script(CAMERA)
    open_count(page, count)
    expect(page.locator("[data-no-camera]")).to_be_hidden()
    page.get_by_role("button", name="Scan with the camera").click()
    page.evaluate("window.label = 'A-01'")
    expect(page.locator("#f-bin")).to_have_value("A-01")
    page.evaluate("window.label = 'SKU-1'")
    expect(page.locator("[data-lines] li")).to_have_count(1)
    page.get_by_role("button", name="Close the camera").click()
    context.close()
    assert page_problems == []


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_axe_finds_nothing_and_everything_is_large_enough(
    product, browser, page_problems, count, language, theme
):
    context = browser.new_context(base_url=product.url, viewport=PHONE, color_scheme=theme)
    page = context.new_page()
    page.on("pageerror", lambda error: page_problems.append(str(error)))
    page.on("console", lambda line: page_problems.append(line.text) if line.type == "error" else None)
    come_in(page, product, f"see-{language}")
    page.goto(f"{HOUSE}/counts")
    speak(page, language)
    with product.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(StockCount)) == 1
    rack = [f"/rack{end}" for end in ("", "/receive", "/pack", f"/count?of={count}", "/grade", "/work")]
    floor = ["/counts", f"/counts/{count}", "/work-orders/new"]
    problems = {}
    for address in [*rack, *floor]:
        page.goto(f"{HOUSE}{address}")
        page.wait_for_load_state("networkidle")
        problems[address] = violations(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            problems[address].append("wider than the window")
        if address in rack:
            problems[address] += page.evaluate(TOO_SMALL)
    context.close()
    assert {address: found for address, found in problems.items() if found} == {}
    assert page_problems == []


TOO_SMALL = """[...document.querySelectorAll(".rack button, .rack a, .rack input, .rack select")]
  .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
  .filter(([, box]) => box.height && (box.height < 48 || box.width < 48)).map(([html]) => `small: ${html}`)"""
