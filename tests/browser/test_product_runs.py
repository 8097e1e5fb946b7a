"""The product as its users meet it: real processes, a real browser, nothing asked of other hosts."""

import re


def test_the_door_opens_without_a_complaint_of_the_browser(browser_page):
    browser_page.goto("/")
    browser_page.wait_for_url(re.compile("/sign-in"))
    assert browser_page.get_by_role("button", name="Sign in").is_visible()


def test_a_person_signs_in_with_the_one_time_link_that_the_command_prints(live_server, browser_page):
    made = live_server.fourport("user", "add", "operator@example.com", "--role", "operator")
    assert made.returncode == 0, made.stderr
    link = re.search(rf"{re.escape(live_server.url)}(/password/\S+)", made.stdout)
    browser_page.goto(link[1])
    browser_page.locator("input[name=password]").fill("a long enough pass phrase")
    browser_page.locator("input[name=password]").press("Enter")
    browser_page.wait_for_selector("nav.side-nav")


def test_the_browser_fixture_notices_what_a_page_asks_of_another_host(browser_page, page_problems):
    browser_page.goto("/sign-in")
    browser_page.evaluate("fetch('https://elsewhere.example/').catch(() => null)")
    assert any("elsewhere.example" in problem for problem in page_problems)
    page_problems.clear()
