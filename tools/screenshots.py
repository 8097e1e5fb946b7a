"""`make screenshots`: start the demo on a folder of its own, sign in, and take a picture of each page in every look.

A quote is asked for and booked, and another one left open; one exporter's goods are planned, booked and declared, and
what is left is planned anew. The pages are found as a person finds them: the entries of
an administrator's navigation, then one page of each kind they link to, and the doors that are open to everybody.
Pictures go to `var/screenshots` (not committed), in both languages, light and dark, at three widths; what is wider
than its window, and what the console complains of, is listed, and ends the command with 1. Other arguments are the
looks to take, such as `zh-dark-390`. With `--docs` the pictures that illustrate the documentation are taken instead,
as an operator sees them, into `docs/screenshots`.
"""

import contextlib
import io
import itertools
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

from app.servers import CHROMIUM_FLAGS, find_chromium, install_cjk_font
from tests.browser.doors import PASSWORD, ask_for_a_quote, book_an_offer, enter, plan_the_pool
from tests.live import free_port
from tools.screenshots_desk import work_the_desk

PROGRAM = str(Path(sys.executable).parent / "fourport")
ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
EVERY_LOOK = ROOT / "var" / "screenshots"
LOOKS = tuple(itertools.product(("en", "zh"), ("light", "dark"), (1440, 1024, 390)))
MOST_BYTES = 150_000
ARGUMENTS = ["--parcels", "2000", "--time-limit", "20"]
NO_PAGE = re.compile(r"^/(api|static)/|/papers/|\.\w+$")
"""Links that lead to files, or to the reference of the API."""
AN_ID = re.compile(r"[A-Z0-9_]")
"""What a public id, a code or a number has, and no word of an address."""
OUTSIDE = ("/sign-in", "/track", "/verify", "/directory")
ADMIN = "administrator@demo.example"
EXPORTER = "EXP-QILU"
SHOWN = (
    "tower", "departures", "departures-one", "pool", "runs-one", "plans-one", "quotes-one", "bookings-one",
    "warehouses", "returns-one", "admin",
)  # fmt: skip
"""The pages whose pictures stand in docs/, by name."""
IN_CHINESE = ("tower",)
COLOURS = 128
TALLEST = 3000
"""So many pixels of a page are shown: what comes after is more of the same list."""
Door = tuple[str, str, str]
"""Address, e-mail and password."""
Look = tuple[str, str, int]
Take = Callable[[Page, str, str], None]


def main() -> None:
    """Take the pictures anew; those of pages that are gone are removed."""
    install_cjk_font()
    named = set(sys.argv[1:])
    for_docs = "--docs" in named
    looks = [look for look in LOOKS if not named or name_of_look(look) in named]
    with demo() as (folder, door), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(find_chromium()), args=list(CHROMIUM_FLAGS))
        english = signed_in(chromium, door, ("en", "light", 1280))
        book_an_offer(english, ask_for_a_quote(english))
        ask_for_a_quote(english)
        if not for_docs:
            declare_exports(english, folder)
        english.goto("/")
        problems = (
            into_docs(english, chromium, door) if for_docs else in_every_look(chromium, folder, door, looks)
        )
        chromium.close()
    print(*problems, sep="\n")
    sys.exit(bool(problems))


def declare_exports(page: Page, folder: str) -> None:
    """Commit a plan of one exporter, let the customs desk work, and leave a plan that is still to be decided."""
    page.goto(f"{plan_the_pool(page, 5, EXPORTER)}/commit")
    page.click("form[action$='/commit'] button.btn-primary")
    page.wait_for_selector("a[href*='view=bookings']", timeout=120_000)
    page.wait_for_selector("#commit[hx-get]", state="detached", timeout=120_000)
    work_the_desk(folder)
    plan_the_pool(page, 10)


def into_docs(english: Page, chromium: Browser, door: Door) -> list[str]:
    """The pictures of SHOWN, one of them in Chinese as well; those that are too large or were not found are told."""
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    paths = find_all(english, door[0], picture)
    chinese = signed_in(chromium, door, ("zh", "light", 1280))
    for name in IN_CHINESE:
        save(chinese, door[0] + paths[name], f"{name}-zh")
    missing = [f"{name} was not found" for name in SHOWN if name not in paths]
    large = [one for one in sorted(PICTURES.glob("*.png")) if one.stat().st_size > MOST_BYTES]
    return missing + [f"{one.relative_to(ROOT)} has {one.stat().st_size:,} bytes" for one in large]


def in_every_look(chromium: Browser, folder: str, door: Door, looks: list[Look]) -> list[str]:
    """Every page of an administrator in these looks; what is wrong with them."""
    door = administrator(chromium, folder, door[0])
    paths = find_all(signed_in(chromium, door, ("en", "light", 1280)), door[0])
    problems: list[str] = []
    for look in looks:
        outside = window(chromium, door[0], look)
        problems += pictures(outside, {f"outside-{name_of(path)}": path for path in OUTSIDE}, look)
        problems += pictures(signed_in(chromium, door, look), paths, look)
        print(f"{name_of_look(look)}: {len(paths) + len(OUTSIDE)} pages", flush=True)
    return problems


def pictures(page: Page, paths: dict[str, str], look: Look) -> list[str]:
    """Pages in one language, light or dark, at one width; what is wrong with them. The window is closed."""
    folder = EVERY_LOOK / name_of_look(look)
    folder.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text[:200]) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)[:200]))
    for name, path in paths.items():
        complaints.clear()
        page.goto(path)
        page.wait_for_load_state("networkidle")
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        problems += [f"{folder.name}/{name}: {complaint}" for complaint in complaints]
        problems += [f"{folder.name}/{name}: {wider} px wider than the window"] if wider > 0 else []
        height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
        shown: FloatRect = {"x": 0, "y": 0, "width": look[2], "height": height}
        page.screenshot(path=folder / f"{name}.png", full_page=True, clip=shown)
    page.context.close()
    return problems


@contextlib.contextmanager
def demo() -> Iterator[tuple[str, Door]]:
    """A running demo: its folder, its address, and the e-mail and password that it prints."""
    with tempfile.TemporaryDirectory() as folder:
        port = str(free_port())
        command = [PROGRAM, "demo", "--port", port, "--data-dir", folder]
        env = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
        with subprocess.Popen([*command, *ARGUMENTS], env=env, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield folder, (f"http://127.0.0.1:{port}", *credentials(process))
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


def administrator(chromium: Browser, folder: str, home: str) -> Door:
    """Somebody who may open everything, let in by a one-time link as `fourport user add` prints it."""
    env = {**os.environ, "FOURPORT_DATA_DIR": folder, "FOURPORT_BASE_URL": home}
    command = [PROGRAM, "user", "add", ADMIN, "--role", "admin"]
    link = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip()
    page = window(chromium, home, ("en", "light", 1280))
    enter(page, link)
    page.context.close()
    return home, ADMIN, PASSWORD


def window(chromium: Browser, home: str, look: Look) -> Page:
    """A page of somebody who is not signed in: in this language, light or dark, of this width."""
    language, theme, width = look
    context = chromium.new_context(
        base_url=home,
        viewport={"width": width, "height": 800},
        timezone_id="Asia/Shanghai",
        locale="zh-CN" if language == "zh" else "en-GB",
        color_scheme="dark" if theme == "dark" else "light",
    )
    context.add_cookies([{"name": "language", "value": language, "url": home}])
    return context.new_page()


def signed_in(chromium: Browser, door: Door, look: Look) -> Page:
    """The same of a person who signed in with e-mail and password."""
    home, email, password = door
    page = window(chromium, home, look)
    page.goto("/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_selector("nav.side-nav")
    return page


def find_all(page: Page, home: str, take: Take | None = None) -> dict[str, str]:
    """Name → path of every page: the navigation's, then one of each kind, as far as links lead."""
    waiting = {name_of(path): path for path in links(page, "nav.side-nav a", home)}
    taken: dict[str, str] = {}
    while waiting:
        name = next(iter(waiting))
        path = waiting.pop(name)
        taken[name] = path
        if take:
            take(page, home + path, name)
        else:
            page.goto(path)
        for link in links(page, "main a", home):
            # The explanation of a parcel that stays has no other ways to show.
            dull = name.endswith("unassigned") and "/why/" in link
            if not NO_PAGE.search(link) and name_of(link) not in taken and not dull:
                waiting.setdefault(name_of(link), link)
    return taken


def links(page: Page, selector: str, home: str) -> list[str]:
    """The paths that the links of a part of the page lead to, in order."""
    targets = page.eval_on_selector_all(selector, "found => found.map(link => link.href)")
    return [re.split("[?#]", target.removeprefix(home))[0] for target in targets if target.startswith(home)]


def name_of(path: str) -> str:
    """The name of a picture: `/` is the tower, `/plans/pln_…/parcels` is plans-one-parcels."""
    words = ["one" if AN_ID.search(word) else word for word in path.strip("/").split("/")]
    return "-".join(words) or "tower"


def name_of_look(look: Look) -> str:
    """The name of a folder: zh-dark-390."""
    return "-".join(map(str, look))


def picture(page: Page, url: str, name: str) -> None:
    """Go to a page, and keep its picture if it is one of SHOWN."""
    if name in SHOWN:
        save(page, url, name)
    else:
        page.goto(url)


def save(page: Page, url: str, name: str) -> None:
    """One screen, once it has come to rest, in few colours: half of the bytes and no difference to see."""
    page.goto(url)
    page.wait_for_load_state("networkidle")
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)
    print(f"docs/screenshots/{name}.png")


if __name__ == "__main__":
    main()
