"""The web server as a real process that can be killed with everything below it."""

import contextlib
import subprocess
import time

from tests.live import PROGRAM, answers, free_port
from tests.scenarios.workers import kill

PATIENCE_S = 180
"""A machine that does much else at once starts a server slowly."""


class Web:
    """`fourport serve` on one port, however often it is started."""

    def __init__(self, env, workers):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._env, self._workers = env | {"FOURPORT_BASE_URL": self.url}, workers
        self.process = None

    def start(self):
        """Start it, and wait until it answers."""
        command = [PROGRAM, "serve", "--port", str(self.port), "--workers", str(self._workers)]
        self.process = subprocess.Popen(command, env=self._env, start_new_session=True)
        deadline = time.monotonic() + PATIENCE_S
        while not answers(f"{self.url}/healthz"):
            assert self.process.poll() is None, "the web server ended by itself"
            assert time.monotonic() < deadline, "the web server does not answer"
            time.sleep(0.05)

    def kill(self):
        """SIGKILL to all of its processes, in the middle of whatever they do."""
        kill(self.process)


@contextlib.contextmanager
def web(env, workers=2):
    """A web server, killed at the end."""
    server = Web(env, workers)
    server.start()
    try:
        yield server
    finally:
        server.kill()
