"""The benchmark of the API runs from end to end on a tiny world; how fast it was is nobody's concern here."""

import json

import pytest

from benchmarks.http import world
from benchmarks.http.__main__ import run
from benchmarks.http.endpoints import ENDPOINTS
from benchmarks.http.measuring import Extent

pytestmark = pytest.mark.full
TINY = Extent(world.TINY, (12, 24), seconds=0.01, least=2, warm_up=0)


@pytest.fixture(scope="module", params=["sqlite"])
def measured(request, tmp_path_factory):
    output = tmp_path_factory.mktemp("bench") / "results.jsonl"
    return run(request.param, TINY, output), output


def test_every_endpoint_is_measured_at_both_sizes(measured):
    lines, _ = measured
    names = {line.name for line in lines}

    assert names >= {f"sqlite: {one.name}, {count} bookings" for one in ENDPOINTS for count in (12, 24)}
    for line in lines:
        if "ratio_p50" in line.figures:
            assert line.figures["requests"] >= 2
            assert line.figures["b_p50_ms"] > 0
            assert line.figures["met"] in ("yes", "no")
        assert ("growth" in line.figures) == (
            line.name.endswith("24 bookings") and "at once" not in line.name
        )


def test_clients_at_once_lose_nothing_and_space_adds_up(measured):
    lines, _ = measured
    line = lines[-1]

    assert line.name == "sqlite: 8 clients at once, 24 bookings"
    assert not line.wrong
    assert line.figures["lost"] == line.figures["invariants_broken"] == 0
    assert line.figures["bookings"] == line.figures["bookings_kept"] >= 8


def test_each_line_is_kept_with_its_circumstances(measured):
    lines, output = measured
    kept = [json.loads(text) for text in output.read_text(encoding="utf-8").splitlines()]

    assert [entry["problem"] for entry in kept] == [line.name for line in lines]
    assert {"commit", "cpu", "load", "date"} <= set(kept[0])
