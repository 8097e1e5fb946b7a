"""The benchmark of warehouses runs from end to end on a tiny ledger; how fast it was is nobody's concern here."""

import json

import pytest

from benchmarks.warehouse import world
from benchmarks.warehouse.__main__ import run
from benchmarks.warehouse.measuring import Extent

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]
TINY = Extent(world.TINY, seconds=0.01, least=2, warm_up=0)
ASKED = ("stock page of an exporter", "FEFO allocation of two lines", "receive", "reserve", "post a promise")


@pytest.fixture(scope="module", params=["sqlite"])
def measured(request, tmp_path_factory):
    output = tmp_path_factory.mktemp("bench") / "results.jsonl"
    return {line.name: line for line in run(request.param, TINY, output)}, output


def test_everything_is_measured_at_both_sizes_beside_the_yardstick(measured):
    lines, output = measured

    for name in ASKED:
        few, many = (lines[f"sqlite: {name}, {moves} moves"].figures for moves in ("1,600", "16,000"))
        assert few["ratio_p50"] > 0
        assert "growth" not in few
        assert many["growth_met"] in ("yes", "no")
    kept = [json.loads(text)["problem"] for text in output.read_text(encoding="utf-8").splitlines()]
    assert kept == list(lines)


def test_stock_adds_up_after_eight_clients_and_a_night(measured):
    lines, _ = measured
    together, night, proof = (
        lines[f"sqlite: {name}"] for name in ("8 clients at once", "a night of storage", "fsck")
    )

    assert together.figures["units"] >= 8
    assert together.figures["invariants_broken"] == proof.figures["broken"] == 0
    assert night.figures["charges"] >= 2_000
    assert not any(line.wrong for line in lines.values())
