"""Make .venv from requirements.lock with venv and pip alone, then put the `fourport` program into it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
OLDEST = (3, 11)


def main() -> int:
    """Create or complete the environment; a second run with an unchanged lock file changes nothing."""
    if sys.version_info[:2] < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        return fail(
            f"Python 3.11 or newer is needed, {sys.executable} is {found}: `make PYTHON=python3.12 setup`"
        )
    if not usable() and not create():
        return fail("Python's venv module is incomplete: install python3-venv")
    print("installing the Python packages of requirements.lock into .venv (about a minute)", flush=True)
    # The lock file is complete; resolving it would let an extra of a pinned package ask for its newest release.
    pip("--requirement", "requirements.lock", "--require-hashes", "--no-deps")
    # The lock file holds setuptools, so nothing is fetched to build our own package.
    pip("--editable", ".", "--no-deps", "--no-build-isolation")
    return 0


def fail(line: str) -> int:
    """One clear line, and the exit code of unusable input."""
    print(line, file=sys.stderr)
    return 2


def usable() -> bool:
    """Whether the environment's own Python runs and has pip; a moved or upgraded Python leaves it broken."""
    if not PYTHON.exists():
        return False
    probe = [str(PYTHON), "-c", "import pip, sys; raise SystemExit(sys.version_info < (3, 11))"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def create() -> bool:
    """A fresh environment. Debian keeps a part of venv in a package of its own, which root may install."""
    command = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
    if quiet(*command):
        return True
    if os.geteuid() != 0 or os.environ.get("FOURPORT_INSTALL") == "0" or not shutil.which("apt-get"):
        return False
    print("installing the system package python3-venv; FOURPORT_INSTALL=0 forbids this", file=sys.stderr)
    return (
        quiet("apt-get", "-y", "update")
        and quiet("apt-get", "-y", "install", "python3-venv")
        and quiet(*command)
    )


def quiet(*command: str) -> bool:
    """Run a command that is not heard; whether it succeeded."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return (
        subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False
        ).returncode
        == 0
    )


def pip(*arguments: str) -> None:
    """Install with the environment's pip, which is heard only when it fails."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr.strip() or "pip failed")


if __name__ == "__main__":
    raise SystemExit(main())
