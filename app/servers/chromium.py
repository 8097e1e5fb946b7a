"""The browser that tests and screenshots drive: the user's, the distribution's, or Playwright's own."""

import os
import subprocess
import sys
from pathlib import Path

from app.servers.install import ToolMissing, apt_install, on_path, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "Chromium is needed and was not found: install chromium, or run `python -m playwright install chromium`"
)

# Chromium's sandbox refuses to run as root and in most containers, where /dev/shm is often small as well.
# The pages it opens here are our own.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)

PLAYWRIGHTS_OWN = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find_chromium(*, install: bool = True) -> Path:
    """The program to launch (see CHROMIUM_FLAGS), installed first where that is needed and allowed.

    Raises ToolMissing: a browser test is never skipped in silence.
    """
    found = on_path(*NAMES)
    if found is None and _is_debian() and apt_install("chromium", install=install, why="the browser tests"):
        found = on_path(*NAMES)
    return found or _playwrights_own()


def install_cjk_font(*, install: bool = True) -> bool:
    """Have a font for Chinese text, so that screenshots show no boxes; False where it cannot be had."""
    try:
        known = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False).stdout
    except FileNotFoundError:
        known = b""
    return bool(known.strip()) or apt_install(
        "fonts-noto-cjk", install=install, why="Chinese text in screenshots"
    )


def _is_debian() -> bool:
    """Ubuntu's package of the same name only asks for a snap, which containers cannot run."""
    release = Path("/etc/os-release")
    return release.exists() and "\nID=debian" in "\n" + release.read_text(encoding="utf-8")


def _playwrights_own() -> Path:
    path = _ask_playwright()
    if not path.exists():
        say("downloading Chromium by Playwright")
        done = subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            env={**os.environ, "CI": "1"},
        )
        if done.returncode != 0 or not path.exists():
            raise ToolMissing(MISSING)
    return path


def _ask_playwright() -> Path:
    done = subprocess.run(
        [sys.executable, "-c", PLAYWRIGHTS_OWN],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise ToolMissing(MISSING)
    return Path(done.stdout.strip())
