"""The product as people run it, and a browser that notes every complaint."""

import shutil

import pytest

from app.servers import CHROMIUM_FLAGS, find_chromium
from tests.browser.doors import load_sample
from tests.live import INSTALL, product_on_copy
from tests.planned import plan_made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """A failed test on the running product shows what its processes printed."""
    report = yield
    product = getattr(item, "funcargs", {}).get("live_server")
    if report.failed and product is not None:
        report.sections.append(("processes of the product", product.logs()))
    return report


@pytest.fixture(scope="session")
def sqlite_sampled(sqlite_planned, tmp_path_factory):
    """The SQLite file with a draft of a plan, and a sample loaded by the command a user has."""
    path = tmp_path_factory.mktemp("sampled") / "fourport.db"
    shutil.copy(sqlite_planned, path)
    load_sample(path)
    return path


@pytest.fixture(scope="package")
def live_server(sqlite_sampled, tmp_path_factory):
    """The product on SQLite as people run it, one for all tests here: each has people and rows of its own.

    See tests.live.Product. A test that uses up the pool starts a product of its own in the name of this one.
    """
    with product_on_copy(sqlite_sampled, tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture(scope="package")
def product(live_server):
    """The product with its sample; a test that needs rows besides writes them in the name of this one."""
    return live_server


@pytest.fixture
def plan(product):
    """The address of the plan that is there."""
    return f"/plans/{plan_made(product.database)}"


@pytest.fixture(scope="package")
def browser():
    """A real Chromium for all tests here."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = str(find_chromium(install=INSTALL))
        chromium = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page_problems():
    """What the browser complained about; a test that provokes a complaint on purpose clears the list."""
    return []


@pytest.fixture
def new_page(browser, live_server, page_problems):
    """Open an empty page for somebody, in a browser of their own: `new_page(**options of the context)`.

    Consoles must stay silent, and no request may leave for another host.
    """
    contexts = []

    def open_page(**options):
        contexts.append(browser.new_context(base_url=live_server.url, **options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: page_problems.append(f"script: {error}"))
        page.on("console", lambda line: page_problems.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: _note_stranger(request.url, live_server.url, page_problems))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert page_problems == []


@pytest.fixture
def browser_page(new_page):
    """An empty page of a wide screen."""
    return new_page(viewport={"width": 1440, "height": 900})


def _note_stranger(url, home, problems):
    if not url.startswith((home, "data:", "blob:", "about:")):
        problems.append(f"asked another host: {url}")
