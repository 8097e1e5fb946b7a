"""A quote on the phone: lane and goods, offers, a link for the customer, booked, and followed; 390 px wide."""

import pytest
from playwright.sync_api import expect

from tests.browser.doors import enter, one_time_link, speak

PHONE = {"width": 390, "height": 844}


def fits(page):
    """Whether nothing is wider than the phone."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.full)])
def test_a_quote_on_the_phone_is_sent_booked_and_tracked(product, browser, browser_page, language):
    page = browser_page
    page.set_viewport_size(PHONE)
    enter(page, one_time_link(product, f"phone-{language}@test.example"))
    speak(page, language)

    page.goto("/quotes/new")
    page.locator(".lane-list a").last.click()
    page.wait_for_url("**again=**")
    page.click("button[name=lines][value=add]")
    expect(page.locator("#f-count-1")).to_be_focused()
    page.click("button[name=lines][value=remove-1]")
    expect(page.locator("#f-count-1")).to_have_count(0)
    page.fill("#f-count-0", "3")
    page.fill("#f-weight-0", "8")
    for side in ("length", "width", "height"):
        page.fill(f"#f-{side}-0", "30")
    assert fits(page)
    page.click(".composer-go button")
    expect(page.locator(".offer")).not_to_have_count(0, timeout=60_000)
    assert fits(page)

    page.click("form[action$='/links'] button")
    page.click("#send ~ .copy [data-copy]")
    expect(page.locator("input[id^='f-link-lnk']")).to_be_focused()
    address = page.locator("input[id^='f-link-lnk']").input_value()
    customer = browser.new_context(base_url=product.url, viewport=PHONE).new_page()
    customer.goto("/offer/" + address.rpartition("/offer/")[2])
    expect(customer.locator(".offer")).not_to_have_count(0)
    expect(customer.locator(".offer a.btn")).to_have_count(0)
    assert fits(customer)
    customer.context.close()

    page.locator(".offer a.btn").first.click()
    page.click("main form button[type=submit]")
    page.wait_for_url("**/bookings/bkg_*")
    assert fits(page)
    page.locator("nav.tabs a[href$='tab=papers']").click()
    expect(page.locator("#checklist")).to_be_visible()
    assert fits(page)
    page.go_back()
    page.goto("/bookings?reference=DEMO-EXP-QILU")
    page.locator("a.row-link").first.click()
    track = page.locator("#f-track").input_value()
    page.goto("/track/" + track.rpartition("/track/")[2])
    expect(page.locator("ol.timeline")).to_be_visible()
    assert fits(page)
