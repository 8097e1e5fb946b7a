"""`make screenshots`: start the demo on a folder of its own, sign in, and take a picture of each kind of page.

A quote is asked for and booked, and another one left open. The pages are found as a person finds them: the entries of
the navigation, then one page of each kind they link to.
The control tower and the plan are taken in Chinese as well.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.servers import CHROMIUM_FLAGS, find_chromium, install_cjk_font
from tests.browser.doors import ask_for_a_quote, book_an_offer
from tests.live import free_port

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
SIZE = {"width": 1280, "height": 800}
ARGUMENTS = ["--parcels", "2000", "--time-limit", "20"]
ONE_OF_A_KIND = re.compile(
    r"^/(\w[\w-]*)/[a-z]{3}_[0-9a-z]{16}(/[a-z-]+(/[a-z]{3}_[0-9a-z]{16})?)?$|^/(pool/import|quotes/new)$"
)
IN_CHINESE = ("tower", "plans-one")


def main() -> None:
    """Take the pictures anew; those of pages that are gone are removed."""
    install_cjk_font()
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    with demo() as (home, email, password), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(find_chromium()), args=list(CHROMIUM_FLAGS))
        english = signed_in(chromium, home, email, password, "en")
        book_an_offer(english, ask_for_a_quote(english))
        ask_for_a_quote(english)
        english.goto("/")
        paths = picture_all(english, home)
        chinese = signed_in(chromium, home, email, password, "zh")
        for name in IN_CHINESE:
            picture(chinese, home + paths[name], f"{name}-zh")
        chromium.close()


@contextlib.contextmanager
def demo() -> Iterator[tuple[str, str, str]]:
    """A running demo: its address, and the e-mail and password that it prints."""
    with tempfile.TemporaryDirectory() as folder:
        port = str(free_port())
        command = [
            str(Path(sys.executable).parent / "fourport"),
            "demo",
            "--port",
            port,
            "--data-dir",
            folder,
        ]
        env = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
        with subprocess.Popen([*command, *ARGUMENTS], env=env, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield f"http://127.0.0.1:{port}", *credentials(process)
            finally:
                process.terminate()


def credentials(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait for the line that says how to sign in."""
    for line in process.stdout or ():
        print(line, end="")
        found = re.search(r"sign in as (\S+) with ([^\s;]+)", line)
        if found:
            return found[1], found[2]
    raise SystemExit("the demo ended before it printed a sign-in")


def signed_in(chromium: Browser, home: str, email: str, password: str, language: str) -> Page:
    """A page of a person who reads this language."""
    context = chromium.new_context(base_url=home, viewport=SIZE, timezone_id="Asia/Shanghai")
    context.add_cookies([{"name": "language", "value": language, "url": home}])
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    if language == "en":
        page.screenshot(path=PICTURES / "sign-in.png")
    page.click("button[type=submit]")
    page.wait_for_selector("nav.side-nav")
    return page


def picture_all(page: Page, home: str) -> dict[str, str]:
    """Name → path of every page taken: the navigation's, then one of each kind, as far as links lead."""
    waiting = {name_of(path): path for path in links(page, "nav.side-nav a", home)}
    taken: dict[str, str] = {}
    while waiting:
        name = next(iter(waiting))
        path = waiting.pop(name)
        taken[name] = path
        picture(page, home + path, name)
        for link in links(page, "main a", home):
            # The explanation of a parcel that stays has no other ways to show.
            dull = name.endswith("unassigned") and "/why/" in link
            if ONE_OF_A_KIND.match(link) and name_of(link) not in taken and not dull:
                waiting.setdefault(name_of(link), link)
    return taken


def links(page: Page, selector: str, home: str) -> list[str]:
    """The paths that the links of a part of the page lead to, in order."""
    targets = page.eval_on_selector_all(selector, "found => found.map(link => link.href)")
    return [target.removeprefix(home).partition("?")[0] for target in targets if target.startswith(home)]


def name_of(path: str) -> str:
    """The name of a picture: `/` is the tower, `/plans/pln_…/parcels` is plans-one-parcels."""
    words = [
        "one" if re.fullmatch(r"[a-z]{3}_[0-9a-z]{16}", word) else word for word in path.strip("/").split("/")
    ]
    return "-".join(words) or "tower"


def picture(page: Page, url: str, name: str) -> None:
    """One screen, once it has come to rest."""
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"docs/screenshots/{name}.png")


if __name__ == "__main__":
    main()
