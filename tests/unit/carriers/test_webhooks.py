"""One attempt: what reaches a real receiver, and what never does."""

import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress

import pytest

from app.carriers import webhooks
from app.carriers.addresses import Allowed
from app.carriers.webhooks import send
from tests.receiver import receiving

LOOPBACK = Allowed.read(["127.0.0.1"])
HEADERS = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,c2lnbmF0dXJlIG9mIGl0"}
BODY = b'{"type":"ping"}'


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture
def connections(monkeypatch):
    """Every address a connection was opened to."""
    made, real = [], webhooks._connection

    def note(target, address, timeout_s):
        made.append(address)
        return real(target, address, timeout_s)

    monkeypatch.setattr(webhooks, "_connection", note)
    return made


def post(url, allowed=LOOPBACK, **options):
    return send(url, HEADERS, BODY, allowed, **options)


def test_the_receiver_gets_the_very_bytes_and_headers(receiver):
    receiver.answers = [(201, {}, b"thank you")]
    reply = post(receiver.url + "?a=1")

    ((path, headers, body),) = receiver.requests
    assert (path, body) == ("/hook?a=1", BODY)
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert headers["Content-Type"] == "application/json"
    assert headers["webhook-signature"] == HEADERS["webhook-signature"]
    assert reply.taken
    assert (reply.status, reply.error, reply.body) == (201, "", "thank you")


def test_the_log_holds_no_whole_signature(receiver):
    assert post(receiver.url).headers["webhook-signature"] == "v1,c2lnbmF…"


def test_a_redirect_is_not_followed(receiver):
    receiver.answers = [(302, {"Location": receiver.url}, b"")]
    reply = post(receiver.url)

    assert len(receiver.requests) == 1
    assert not reply.taken
    assert (reply.status, reply.error.partition(":")[0]) == (302, "redirect")


def test_of_an_answer_one_kilobyte_is_kept_and_nothing_that_text_cannot_hold(receiver):
    receiver.answers = [(500, {}, b"\0\xff" + b"x" * 5000)]
    reply = post(receiver.url)

    assert reply.error == "http_status: HTTP 500"
    assert reply.body == "\ufffd\ufffd" + "x" * 1022


def test_410_asks_for_silence(receiver):
    receiver.answers = [(410, {}, b"")]
    assert post(receiver.url).gone


def test_an_address_inside_is_not_connected_to(receiver, connections):
    for url in (
        receiver.url,
        receiver.url.replace("http:", "https:"),
        receiver.url.replace("127.0.0.1", "localhost"),
    ):
        reply = post(url, Allowed())
        assert (reply.status, reply.error.partition(":")[0]) == (None, "address_refused")
    assert connections == receiver.requests == []


def test_a_name_that_turns_to_an_address_inside_is_refused_when_it_is_called(receiver, connections):
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    resolver = lambda host, port: next(answers)  # noqa: E731
    # What was public when it was registered is judged by what it stands for now.
    assert list(resolver("rebind.example", 443)) == ["93.184.215.14"]
    reply = post(f"https://rebind.example:{receiver.port}/", Allowed(), resolver=resolver)

    assert reply.error.startswith("address_refused")
    assert connections == receiver.requests == []


def test_a_name_is_asked_for_once_and_the_checked_address_is_the_one_connected_to(receiver, connections):
    asked = []

    def changing(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    reply = post(f"http://rebind.example:{receiver.port}/hook", resolver=changing)

    assert reply.taken
    assert asked == ["rebind.example"]
    assert connections == ["127.0.0.1"]
    assert receiver.requests[0][1]["Host"] == f"rebind.example:{receiver.port}"


def test_of_several_addresses_only_those_allowed_are_tried(receiver, connections):
    reply = post(
        f"http://both.example:{receiver.port}/", resolver=lambda host, port: ["10.0.0.1", "::1", "127.0.0.1"]
    )

    assert reply.taken
    assert connections == ["127.0.0.1"]


def test_where_one_address_cannot_be_reached_the_next_is_tried(receiver, connections):
    allowed = Allowed.read(["127.0.0.0/8"])
    url = f"http://both.example:{receiver.port}/"
    reply = post(url, allowed, resolver=lambda host, port: ["127.0.0.2", "127.0.0.1"])

    assert reply.taken
    assert connections == ["127.0.0.2", "127.0.0.1"]


@contextmanager
def speaking(talk):
    """A server whose `talk(connection)` a thread runs for the first caller."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection, suppress(OSError):
                talk(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


def until_closed(connection):
    while connection.recv(4096):
        pass


def drip(connection):
    """One more header line every few milliseconds, for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not threading.Event().wait(0.01):
        connection.sendall(b"a: b\r\n")


@pytest.mark.parametrize("talk", [until_closed, drip], ids=["silent", "dripping"])
def test_a_receiver_that_never_finishes_is_cut_off(talk):
    with speaking(talk) as url:
        reply = post(url, patience_s=0.2)

    assert (reply.status, reply.error.partition(":")[0]) == (None, "timeout")


@pytest.mark.parametrize(
    "said", [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200, b"x" * 100_000]
)
def test_what_is_not_http_is_no_delivery(said):
    def talk(connection):
        connection.recv(4096)
        connection.sendall(said)

    with speaking(talk) as url:
        reply = post(url)

    assert not reply.taken
    assert reply.error.partition(":")[0] in ("connection", "http_status")


def test_an_answer_that_breaks_off_after_its_head_counts():
    def talk(connection):
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")

    with speaking(talk) as url:
        assert post(url).taken


def test_nobody_there_and_unknown_hosts_are_told_apart():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert post(f"http://127.0.0.1:{port}/").error.startswith("connection: ")
    assert post("https://nowhere.invalid/").error.startswith("host_unknown: nowhere.invalid")
    assert post("gopher://127.0.0.1/").error.startswith("bad_url: ")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of erp.example.com that signs itself."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
               "3650", "-subj", "/CN=erp.example.com", "-addext", "subjectAltName=DNS:erp.example.com",
               "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def secure(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    names = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with receiving(context) as found:
        found.names = names
        yield found


def test_https_asks_for_the_host_by_name_and_checks_its_certificate(secure, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    at = {"resolver": lambda host, port: ["127.0.0.1"]}

    assert post(f"https://erp.example.com:{secure.port}/hook", **at).taken
    assert secure.names == ["erp.example.com"]
    assert secure.requests[0][1]["Host"] == f"erp.example.com:{secure.port}"
    other = post(f"https://other.example.com:{secure.port}/hook", **at)
    assert other.error.startswith("tls: ")
    assert len(secure.requests) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(secure):
    reply = post(f"https://erp.example.com:{secure.port}/", resolver=lambda host, port: ["127.0.0.1"])

    assert reply.error.startswith("tls: ")
    assert secure.requests == []
