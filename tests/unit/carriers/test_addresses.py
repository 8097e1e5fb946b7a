"""Only the public internet is called, and what the operator allows."""

import pytest

from app.carriers.addresses import Allowed, check_url, read_url
from app.errors import ConfigError, Invalid

NOBODY = Allowed()
INSIDE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "172.16.0.1", "172.31.255.254", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
OUTSIDE = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82a::200e",
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_called(address):
    assert not NOBODY.permits(read_url("https://erp.example.com/"), address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_public_addresses_are_called_over_https_alone(address):
    assert NOBODY.permits(read_url("https://erp.example.com/"), address)
    assert not NOBODY.permits(read_url("http://erp.example.com/"), address)


@pytest.mark.parametrize(
    "entry", ["127.0.0.1", "127.0.0.0/8", "::1", "fd00::/8", "erp.internal", "ERP.Internal", "localhost"]
)
def test_the_operator_allows_hosts_addresses_and_networks(entry):
    allowed = Allowed.read([entry])
    address = {"::1": "::1", "fd00::/8": "fd00::7"}.get(entry, "127.0.0.1")
    host = "localhost" if entry == "localhost" else "erp.internal"

    assert allowed.permits(read_url(f"http://{host}:8080/"), address)
    assert not allowed.permits(read_url("http://other.internal/"), "10.0.0.1")


def test_an_allowed_network_does_not_open_its_mapped_twin():
    assert not Allowed.read(["127.0.0.0/8"]).permits(read_url("https://x.example/"), "::ffff:127.0.0.1")


@pytest.mark.parametrize(
    "entry", ["10.0.0.1/8", "10.0.0.0/33", "http://erp.internal", "erp internal", "999.1.1.1", "*"]
)
def test_a_setting_that_is_neither_host_nor_network_is_an_error(entry):
    with pytest.raises(ConfigError, match="no host name"):
        Allowed.read([entry])


def test_a_url_is_taken_apart():
    target = read_url("https://ERP.Example.com:8443/hook?a=1")

    assert (target.host, target.port, target.path) == ("erp.example.com", 8443, "/hook?a=1")
    assert target.authority == "erp.example.com:8443"
    assert read_url("https://erp.example.com").path == "/"
    assert read_url("https://[2606:4700::1111]/").host == "2606:4700::1111"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://erp.example.com/", "bad_url"),
        ("//erp.example.com/", "bad_url"),
        ("https:///hook", "bad_url"),
        ("https://user:word@erp.example.com/", "bad_url"),
        ("https://@erp.example.com/", "bad_url"),
        ("https://erp.example.com/#part", "bad_url"),
        ("https://erp.example.com/a b", "bad_url"),
        ("https://erp.example.com\\@evil.example/", "bad_url"),
        ("https://erp.example.com:0/", "bad_url"),
        ("https://erp.example.com:99999/", "bad_url"),
        ("https://[fe80::1%25eth0]/", "bad_url"),
        ("https://[::1/", "bad_url"),
        ("https://例子.example/", "bad_url"),
        ("https://erp.example.com/" + "x" * 2048, "bad_url"),
        ("http://erp.example.com/", "https_only"),
        ("https://127.0.0.1/", "address_not_public"),
        ("https://[::1]/", "address_not_public"),
        ("https://169.254.169.254/latest/meta-data", "address_not_public"),
    ],
)
def test_addresses_that_can_never_be_called_are_refused_before_they_are_kept(url, code):
    with pytest.raises(Invalid) as refused:
        check_url(url, NOBODY)

    (place,) = refused.value.errors
    assert (place.field, place.code) == ("url", code)
    assert place.suggestion


def test_what_is_allowed_may_be_plain_http():
    assert check_url("http://erp.internal/hook", Allowed.read(["erp.internal"]))
    assert check_url("http://10.1.2.3/hook", Allowed.read(["10.0.0.0/8"]))
    with pytest.raises(Invalid):
        check_url("http://other.internal/hook", Allowed.read(["erp.internal"]))
