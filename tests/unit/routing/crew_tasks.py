"""Tasks for a crew of processes, importable by a process that knows nothing but the name of this module."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def square(task: int, should_stop: Callable[[], bool]) -> tuple[int, int]:
    """The square, and who made it."""
    return task * task, os.getpid()


def die_unless_marked(task: tuple[int, str], should_stop: Callable[[], bool]) -> int:
    """Die like a killed process at the first try of each task that names a file."""
    number, name = task
    if name and not Path(name).exists():
        Path(name).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_at_seven(task: int, should_stop: Callable[[], bool]) -> int:
    """Die of every seven."""
    if task == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def wait_to_be_told(task: float, should_stop: Callable[[], bool]) -> str:
    """Search for `task` seconds, or until told to stop."""
    until = time.monotonic() + task
    while time.monotonic() < until:
        if should_stop():
            return "stopped"
        time.sleep(0.01)
    return "searched"
