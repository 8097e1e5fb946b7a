"""One message to one webhook address: checked, signed, sent once, never led elsewhere, over within seconds."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util.ssl_match_hostname import CertificateError

from app.carriers.addresses import Allowed, Target, read_url

PATIENCE_S = 10.0
"""From the first packet to the last line of the answer's head."""
MOST_ADDRESSES = 4
"""So many of a name's addresses are tried."""
KEPT_BYTES = 1024
"""So much of an answer is read."""
USER_AGENT = "Fourport-Webhooks/1"

Resolver = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one attempt: a status, or the reason why there is none."""

    took_ms: int
    status: int | None = None
    error: str = ""
    """A code, a colon and words; empty where the message was taken."""
    body: str = ""
    """The first kilobyte of the answer."""
    headers: dict[str, str] = field(default_factory=dict)
    """Of the request, the signature shortened."""

    @property
    def taken(self) -> bool:
        """Whether the receiver said that it has the message."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether the receiver asks to be told nothing more."""
        return self.status == http.client.GONE


class Undeliverable(Exception):
    """No answer can be had; the message is the code and the reason."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which the system would try them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Undeliverable(f"host_unknown: {host} has no address ({error})") from error
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def send(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    allowed: Allowed,
    *,
    resolver: Resolver = resolve,
    patience_s: float = PATIENCE_S,
) -> Reply:
    """POST `body` once. Whatever goes wrong is told in the reply; redirects are not followed.

    The host is resolved once, and the connection goes to the address that was checked; the certificate must be
    the host's.
    """
    sent = {"Content-Type": "application/json", "User-Agent": USER_AGENT, **headers}
    started = time.monotonic()
    status, error, text = None, "", ""
    try:
        target = read_url(url)
        addresses = _checked(target, allowed, resolver)
        status, text = _post(target, addresses, sent, body, patience_s)
    except Undeliverable as refused:
        error = str(refused)
    except ValueError as refused:
        error = f"bad_url: {refused}"
    else:
        error = _refusal(status)
    took_ms = round(1000 * (time.monotonic() - started))
    return Reply(took_ms, status, error, text, _shown(sent))


def _refusal(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"redirect: HTTP {status}; redirects are not followed"
    return f"http_status: HTTP {status}"


def _checked(target: Target, allowed: Allowed, resolver: Resolver) -> list[str]:
    """Return the addresses that may be connected to; Undeliverable where there is none."""
    found = resolver(target.host, target.port)
    good = [address for address in found if allowed.permits(target, address)]
    if not good:
        # Which address it is stays untold: whoever reads the log must learn nothing about the network inside.
        plain = " by plain http" if target.scheme == "http" else ""
        raise Undeliverable(f"address_refused: what {target.host} stands for may not be called{plain}")
    return good[:MOST_ADDRESSES]


class _Deadline:
    """A moment at which a connection ends, however busy it is: a timeout starts anew with every byte that comes."""

    def __init__(self, patience_s: float) -> None:
        self.patience_s = patience_s
        self.ends = time.monotonic() + patience_s

    def left(self, parts: int = 1) -> float:
        """Seconds until then, or the share of each of so many parts."""
        return max(0.1, (self.ends - time.monotonic()) / parts)

    def check(self, error: Exception | None = None) -> None:
        """Undeliverable once it is over, or where `error` says so."""
        if time.monotonic() >= self.ends or isinstance(error, TimeoutError):
            raise Undeliverable(f"timeout: no answer within {self.patience_s:g} seconds") from error

    @contextlib.contextmanager
    def over(self, connection: HTTPConnection) -> Iterator[None]:
        """Cut the connection off at that moment."""
        timer = threading.Timer(self.left(), self._cut, [connection])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self, connection: HTTPConnection) -> None:
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                # The socket's own method: one of TLS would want to say goodbye first.
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _post(
    target: Target, addresses: list[str], headers: Mapping[str, str], body: bytes, patience_s: float
) -> tuple[int, str]:
    """Send to the first of the addresses that can be connected to."""
    deadline = _Deadline(patience_s)
    for number, address in enumerate(addresses, 1):
        connection = _connection(target, address, deadline.left(len(addresses) - number + 1))
        try:
            with contextlib.closing(connection), deadline.over(connection):
                connection.connect()
                deadline.check()
                return _exchange(connection, target, headers, body, deadline)
        except (ssl.SSLError, CertificateError) as error:
            deadline.check(error)
            raise Undeliverable(f"tls: {_words(error)}") from error
        except (OSError, HTTPError, http.client.HTTPException) as error:
            deadline.check(error)
            reached = not isinstance(error, ConnectTimeoutError | NewConnectionError)
            if reached or number == len(addresses):
                raise Undeliverable(f"connection: {_words(error)}") from error
    raise Undeliverable("connection: no address answered")


def _exchange(
    connection: HTTPConnection, target: Target, headers: Mapping[str, str], body: bytes, deadline: _Deadline
) -> tuple[int, str]:
    connection.timeout = deadline.left()
    connection.sock.settimeout(connection.timeout)
    named = {**headers, "Host": target.authority, "Connection": "close"}
    connection.request("POST", target.path, body, named, preload_content=False, decode_content=False)
    response = connection.getresponse()
    # A head that ends where the connection was cut looks complete, and is not.
    deadline.check()
    text = b""
    with contextlib.suppress(OSError, HTTPError, http.client.HTTPException):
        # The status has decided; an answer that breaks off changes nothing.
        text = response.read(KEPT_BYTES)
    return response.status, text.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _connection(target: Target, address: str, timeout_s: float) -> HTTPConnection:
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=timeout_s)
    return HTTPSConnection(address, target.port, timeout=timeout_s, server_hostname=target.host)


def _words(error: BaseException) -> str:
    """The innermost reason, without the objects that urllib3 shows around it."""
    while error.__cause__ is not None or (isinstance(error, HTTPError) and error.__context__ is not None):
        error = error.__cause__ or error.__context__ or error
    return str(error) or type(error).__name__


def _shown(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers as the log keeps them: nobody who reads it can use the signature."""
    hidden = "webhook-signature"
    return {name: f"{value[:10]}…" if name == hidden else value for name, value in headers.items()}
