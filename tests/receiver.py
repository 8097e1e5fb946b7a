"""A webhook receiver: a real server on a loopback port that answers as a test tells it to."""

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """What came, and what is answered."""

    port: int = 0
    answers: list = field(default_factory=list)
    """(status, headers, body) of the next requests; then 204."""
    requests: list = field(default_factory=list)
    """(path, headers, body) of all that came."""
    answering: threading.Event = field(default_factory=threading.Event)
    """Cleared to let callers wait for an answer."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def bodies(self):
        return [body for _, _, body in self.requests]


@contextmanager
def receiving(ssl_context=None):
    """A receiver that runs as long as the block."""
    receiver = Receiver()
    receiver.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append((self.path, dict(self.headers), body))
            receiver.answering.wait(60)
            status, headers, text = receiver.answers.pop(0) if receiver.answers else (204, {}, b"")
            with suppress(OSError):  # a caller that was killed does not wait for the answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        def log_message(self, *args):
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if ssl_context is not None:
        server.socket = ssl_context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
