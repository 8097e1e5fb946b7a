"""How much memory a process and its children take together, looked at from outside while they run."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Self

PROC = Path("/proc")
EVERY_S = 0.25


class Watch:
    """Within its block, notes the largest sum of the memory of a process session; pages they share count once.

    `peak_mb` stays 0 where the system has no /proc.
    """

    def __init__(self, session: int) -> None:
        """Watch the session (`start_new_session`) of a process id."""
        self.peak_mb = 0.0
        self._session = session
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            self.peak_mb = max(self.peak_mb, sum(map(share_mb, members(self._session))))
            if self._over.wait(EVERY_S):
                return


def members(session: int) -> list[Path]:
    """The processes of a session, as folders of /proc."""
    found = []
    for folder in PROC.glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            found.append(folder)
    return found


def share_mb(process: Path) -> float:
    """The memory of a process in MB, its part of shared pages (Pss); 0 where it has ended."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
