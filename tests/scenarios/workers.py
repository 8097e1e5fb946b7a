"""Workers as real processes that can be killed with everything below them."""

import contextlib
import os
import signal
import subprocess

from tests.live import PROGRAM

LEASE_S = "2"


@contextlib.contextmanager
def worker(env, queue="solver"):
    """A worker in a session of its own, so that all of it can be killed at once."""
    command = [PROGRAM, "worker", "--queue", queue, "--lease", LEASE_S]
    process = subprocess.Popen(command, env=env, start_new_session=True)
    try:
        yield process
    finally:
        kill(process)


def kill(process):
    """SIGKILL to the supervisor, its RQ worker and the job's own process."""
    for group in groups_below(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    process.wait()


def groups_below(pid):
    """The process groups of a process and all its descendants: RQ gives each job one of its own."""
    table = subprocess.run(["ps", "-eo", "pid,ppid,pgid"], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in table.splitlines()[1:]]
    family = {pid}
    for _ in rows:
        family |= {child for child, parent, _ in rows if parent in family}
    return {group for child, _, group in rows if child in family}
