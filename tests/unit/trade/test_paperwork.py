"""Which papers goods need, and when one that is missing is late."""

from datetime import UTC, date, datetime, timedelta

import pytest

from trade.goods import goods_class
from trade.paperwork import KINDS, paper_state, papers, papers_needed

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVERYBODY = ["label", "house_waybill", "packing_list", "commercial_invoice"]


def needed(modes="sea", customs_mode=None, *goods):
    found = papers_needed(
        TODAY, modes.split(), customs_mode, [goods_class(code, TODAY) for code in goods or ("general",)]
    )
    return [paper.code for paper in found]


def test_all_goods_need_what_all_goods_need():
    assert needed() == [*EVERYBODY, "manifest", "through_document"]
    assert needed("last_mile") == EVERYBODY


@pytest.mark.parametrize(
    ("customs_mode", "paper"),
    [("0110", "export_declaration"), ("9710", "export_declaration"), ("9810", "export_declaration"),
     ("9610", "export_list"), ("1210", "export_list")],
)  # fmt: skip
def test_each_customs_mode_has_its_paper(customs_mode, paper):
    assert [code for code in needed("sea", customs_mode) if code.startswith("export_")] == [paper]


def test_batteries_need_their_test_summary_by_every_mode():
    assert "battery_test_summary" in needed("road", None, "general", "li_ion_contained")
    assert "dangerous_goods_declaration" not in needed("air", None, "li_ion_contained")


@pytest.mark.parametrize(("mode", "declared"), [("air", True), ("sea", True), ("road", False)])
def test_what_only_freighters_carry_is_declared_by_air_and_sea(mode, declared):
    assert ("dangerous_goods_declaration" in needed(mode, None, "li_ion_alone")) == declared


def test_every_paper_says_how_it_is_told_to_be_there():
    assert {paper.kind for paper in papers(TODAY).values()} <= set(KINDS)


@pytest.mark.parametrize(
    ("there", "ahead_h", "state"),
    [(True, -1, "present"), (False, 1, "missing"), (False, None, "missing"), (False, 0, "late"), (False, -1, "late")],
)  # fmt: skip
def test_a_missing_paper_is_late_from_its_cut_off_on(there, ahead_h, state):
    due_at = None if ahead_h is None else NOON + timedelta(hours=ahead_h)
    assert paper_state(there=there, due_at=due_at, now=NOON) == state
