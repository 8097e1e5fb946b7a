"""When, on what machine and from what code a figure was taken: it stands on every line of a result."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ("routing", "benchmarks", "app", "trade", "warehouses", "requirements.lock")
"""What changes a figure when it changes."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The conditions of a measurement; `load` is the number of programs that wanted a core before it began."""

    date: str
    cores: int
    memory_gb: int
    cpu: str
    load: float
    commit: str

    def __str__(self) -> str:
        """One line for the head of a table."""
        machine = f"{self.cores} cores, {self.memory_gb} GB, {self.cpu}, load {self.load:.1f}"
        return f"{self.date} · {machine} · {self.commit}"

    def to_dict(self) -> dict[str, str | int | float]:
        """The members of a result's line."""
        return asdict(self)


def circumstances(now: datetime) -> Circumstances:
    """Look at this machine and this working copy."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return Circumstances(
        date=now.strftime("%Y-%m-%d %H:%M UTC"),
        cores=os.cpu_count() or 1,
        memory_gb=round(pages * page_bytes / 2**30),
        cpu=_cpu(),
        load=round(os.getloadavg()[0], 1),
        commit=_commit(),
    )


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _commit() -> str:
    """The commit, with `+` where what is measured differs from it."""
    commit = _git("rev-parse", "--short", "HEAD")
    if not commit:
        return "no commit"
    return commit + ("+" if _git("status", "--porcelain", "--", *MEASURED) else "")


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
