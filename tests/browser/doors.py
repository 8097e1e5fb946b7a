"""What the browser tests share: a product with the reference network and a person who signs in."""

import subprocess
from urllib.parse import urlsplit

from redis import Redis

from app.actor import system
from app.clock import now
from app.usecases.people import add_user
from tests.live import PROGRAM, clean_environment

PASSWORD = "correct horse battery"
PARCELS = 150


def load_sample(path):
    """A small pool, by the command a user has, in an SQLite file; the network is there already."""
    env = clean_environment(FOURPORT_DATA_DIR=str(path.parent), FOURPORT_DATABASE_URL=f"sqlite:///{path}")
    command = [PROGRAM, "seed", "demo", "--parcels", str(PARCELS)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr


def one_time_link(product, email, role="operator", **more):
    """The address, on the product, with which a new person sets a password; `fourport user add` prints it."""
    with product.database.transaction() as session:
        _, token = add_user(session, system("test"), now(), email, role, **more)
    forget_tries(product)
    return f"/password/{token}"


def forget_tries(product):
    """Let the door forget how often it was tried from here: there are more tests than it lets in within an hour."""
    with Redis.from_url(product.env["FOURPORT_REDIS_URL"]) as redis:
        for key in redis.scan_iter("*fourport-pages/*"):
            redis.delete(key)


def enter(page, link):
    """Set the password by the one-time link; that signs in."""
    page.goto(link)
    page.fill("#f-password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector("h1")


def speak(page, language):
    """Switch the language by the button in the frame."""
    page.click(f"button[name=language][value={language}]")
    page.wait_for_selector(f"button[name=language][value={language}][aria-pressed=true]")


def plan_the_pool(page, seconds=1, exporter=None):
    """Start a run by its form, of one exporter's goods or all, and wait for the plan; returns its address."""
    page.goto("/runs")
    if exporter:
        page.select_option("#f-exporter", exporter)
    page.fill("#f-time_limit_s", str(seconds))
    page.click("main form[action='/runs'] button[type=submit]")
    page.wait_for_selector("a[href^='/plans/']", timeout=120_000)
    return page.get_attribute("a[href^='/plans/']", "href")


def ask_for_a_quote(page):
    """Fill in the composer as one would with a customer on the phone; returns the quote's address."""
    page.goto("/quotes/new")
    page.select_option("#f-exporter", "EXP-QILU")
    page.fill("#f-origin", "CNQIN-HUB")
    page.fill("#f-destination", "JP-E-ZONE")
    for name, value in (("count", 20), ("weight", 12.5), ("length", 40), ("width", 30), ("height", 30)):
        page.fill(f"#f-{name}-0", str(value))
    page.click(".composer p button[type=submit]")
    page.wait_for_selector(".offer", timeout=60_000)
    return urlsplit(page.url).path


def book_an_offer(page, quote):
    """Book the first offer of a quote; returns the addresses of the offer and of the booking."""
    page.goto(quote)
    offer = page.locator(".offer a.btn").first.get_attribute("href")
    page.goto(offer)
    page.fill("#f-reference", "PO-1")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/bookings/bkg_*")
    return offer, urlsplit(page.url).path


def add_a_webhook(page, url="https://erp.example.com/fourport"):
    """Have an address told; returns the secret that signs what it is told."""
    page.goto("/webhooks")
    page.fill("#f-url", url)
    page.click("main form[action='/webhooks'] button[type=submit]")
    return page.input_value("#f-secret")


def send_a_test(page):
    """Send a test to the address just added; returns the webhook's address here."""
    page.click("main form[action$='/test'] button")
    page.wait_for_url("**/webhooks/whk_*")
    return urlsplit(page.url).path
