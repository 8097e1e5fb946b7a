"""Static files: compressed where a browser takes it, kept for long, and few enough for a slow line."""

import re

import pytest

from tests.http.pages import person, small_world

LINKED = re.compile(r"\"(/static/[^\"#]+)")
FIRST_LOAD = 500_000
"""Bytes of a page with everything it loads, by a browser that has nothing yet."""


@pytest.fixture
def backend():
    return "sqlite"


def fetch(client, address, **headers):
    """Read a file to its end, and close it."""
    return client.get(address, headers=headers, buffered=True)


def test_static_files_come_compressed_and_may_be_kept(client):
    plain = fetch(client, "/static/vendor/tabler.min.css")
    packed = fetch(client, "/static/vendor/tabler.min.css", **{"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Content-Encoding" not in plain.headers
    assert len(packed.data) < len(plain.data) / 5
    assert packed.headers["Cache-Control"] == "max-age=31536000, public"
    assert packed.headers["X-Content-Type-Options"] == "nosniff"
    again = fetch(client, "/static/vendor/tabler.min.css", **{"If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["/static/nothing.css", "/static/../factory.py", "/static/vendor/", "/static/"]
)
def test_what_is_no_static_file_is_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "drawn"), [("/", True), ("/departures", False), ("/pool", False), ("/runs", False)]
)
def test_the_first_load_is_small_and_only_pages_with_a_chart_load_the_chart_library(
    app, database, path, drawn
):
    small_world(database)
    operator = person(app)
    page = operator.get(path)
    addresses = set(LINKED.findall(page.text))
    assert any("echarts" in address for address in addresses) == drawn
    loaded = [fetch(operator, address, **{"Accept-Encoding": "br"}) for address in addresses]
    assert {answer.status_code for answer in loaded} == {200}
    assert len(page.data) + sum(len(answer.data) for answer in loaded) <= FIRST_LOAD
