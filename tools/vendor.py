"""Fetch the page assets that package-lock.json pins and copy what pages use into app/web/static/vendor.

Nothing is built: the files are the packages' own, and the icons that icons.txt names become one SVG sprite. Beside each
stands what browsers are sent that take it compressed.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from whitenoise.compress import main as compress

from app.servers import ToolMissing, find_npm

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
STATIC = ROOT / "app" / "web" / "static"
VENDOR = STATIC / "vendor"

# What is served, by the package it comes from. Maps draw land only, so the files with borders stay behind.
FILES = {
    "htmx.org": ["dist/htmx.min.js"],
    "@tabler/core": ["dist/css/tabler.min.css"],
    "echarts": ["dist/echarts.min.js"],
    "topojson-client": ["dist/topojson-client.min.js"],
    "world-atlas": ["land-50m.json", "land-110m.json"],
}
ICONS = "@tabler/icons"


def main() -> int:
    """Install by lock file, copy, and say what stands where."""
    try:
        npm = find_npm()
    except ToolMissing as missing:
        print(missing, file=sys.stderr)
        return 2
    install(npm)
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for package, files in FILES.items():
        copy_package(package, files)
    names = icon_names()
    (VENDOR / "icons.svg").write_text(sprite(names), encoding="utf-8")
    copy_licence(ICONS)
    compress(["--quiet", str(VENDOR), "txt"])
    print(f"page assets: {sum(map(len, FILES.values()))} files and {len(names)} icons")
    return 0


def install(npm: list[str]) -> None:
    """Run `npm ci` without any package's scripts; npm's own launcher must find its node on the PATH."""
    beside = Path(npm[0]).parent
    environment = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=True)


def copy_package(package: str, files: list[str]) -> None:
    """Copy the files of one package, without their reference to a source map that is not served."""
    for file in files:
        source = MODULES / package / file
        text = source.read_text(encoding="utf-8")
        text = re.sub(r"\n?(//|/\*)# sourceMappingURL=[^\n]*", "", text)
        (VENDOR / source.name).write_text(text, encoding="utf-8")
    copy_licence(package)


def copy_licence(package: str) -> None:
    """The notices of the packages travel with their files; where a package has none, the banner says it."""
    for name in ("LICENSE", "LICENSE.md", "LICENSE.txt"):
        source = MODULES / package / name
        if source.exists():
            plain = package.replace("/", "-").removeprefix("@")
            shutil.copyfile(source, VENDOR / f"LICENSE-{plain}.txt")
            return


def icon_names() -> list[str]:
    """The names in icons.txt, without blank lines and comments."""
    lines = (STATIC / "icons.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def sprite(names: list[str]) -> str:
    """One SVG with a symbol for each icon, drawn in the colour of the text around it."""
    symbols = "\n".join(symbol(name) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def symbol(name: str) -> str:
    """One outline icon as a symbol; an unknown name stops the set-up and is named."""
    source = MODULES / ICONS / "icons" / "outline" / f"{name}.svg"
    if not source.exists():
        raise SystemExit(f"icons.txt: there is no Tabler outline icon named {name!r}")
    inside = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", source.read_text(encoding="utf-8"), flags=re.DOTALL)
    drawing = " ".join(inside.split())
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{drawing}</symbol>'
    )


if __name__ == "__main__":
    raise SystemExit(main())
