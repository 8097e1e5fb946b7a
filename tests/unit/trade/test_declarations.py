"""The life of a declaration, its days, and what one declaration merges."""

from datetime import date

import pytest

from trade.declarations import (
    LIST_STEPS,
    SUMMARY_STEPS,
    MergeKey,
    follow,
    is_walk,
    lines_named,
    may_be_given_up,
    merge,
    next_steps,
    settle_by,
    summary_due,
    undo,
)
from trade.errors import TradeError


def test_a_list_goes_from_draft_to_refund_and_each_step_is_undone():
    path = ["draft"]
    for step in ("submit", "accept", "release", "summarise", "refund"):
        path = follow(LIST_STEPS, path, step)
    assert path == ["draft", "submitted", "accepted", "released", "summarised", "refunded"]
    assert is_walk(LIST_STEPS, path)
    while len(path) > 1:
        path = undo(path)
    with pytest.raises(TradeError, match="nothing has been done"):
        undo(path)


@pytest.mark.parametrize(
    ("path", "may"),
    [
        (["draft"], True),
        (["draft", "submitted"], False),
        (["draft", "submitted", "rejected", "pre_check_failed"], True),
        (["draft", "submitted", "released", "taken_back"], True),
        (["draft", "submitted", "released", "draft"], False),
    ],
)
def test_a_list_is_given_up_only_if_customs_has_nothing_of_it(path, may):
    assert is_walk(LIST_STEPS, path)
    assert may_be_given_up(path) is may


def test_lines_are_named_by_number_and_range():
    assert lines_named("3, 7-9；12") == {3, 7, 8, 9, 12}
    assert lines_named("") == set()
    for text in ("x", "3-", "-1", "99999", "1\x00"):
        with pytest.raises(TradeError):
            lines_named(text)


def test_what_failed_its_check_is_not_handed_over_and_a_rejected_list_is_opened_again():
    failed = follow(LIST_STEPS, ["draft"], "fail")
    assert failed == ["pre_check_failed"]
    with pytest.raises(TradeError, match="cannot take the step"):
        follow(LIST_STEPS, failed, "submit")
    passed = follow(LIST_STEPS, failed, "pass")
    again = follow(LIST_STEPS, [*passed, "submitted", "rejected"], "reopen")
    assert again == ["draft", "submitted", "rejected", "draft"]
    assert is_walk(LIST_STEPS, follow(LIST_STEPS, again, "fail"))


def test_a_path_that_leaves_a_step_out_is_no_walk():
    assert not is_walk(LIST_STEPS, ["draft", "released"])
    assert not is_walk(LIST_STEPS, ["submitted"])
    assert not is_walk(SUMMARY_STEPS, ["draft", "accepted"])
    assert not is_walk(SUMMARY_STEPS, [])


def test_what_may_come_next():
    assert next_steps(LIST_STEPS, "submitted") == ("accept", "release", "reject", "take_back")
    assert next_steps(SUMMARY_STEPS, "refunded") == ()


@pytest.mark.parametrize(
    ("month", "due"),
    [(date(2026, 11, 1), date(2026, 12, 15)), (date(2026, 12, 1), date(2027, 1, 15))],
)
def test_lists_of_a_month_are_declared_by_the_15th_of_the_next(month, due):
    assert summary_due(month) == due


def test_a_refund_before_the_sale_is_settled_by_april_of_the_next_year():
    assert settle_by(date(2026, 1, 1)) == settle_by(date(2026, 12, 31)) == date(2027, 4, 30)


def test_lines_merge_by_country_code_and_currency_alone():
    us, de = MergeKey("US", "6912001000", "USD"), MergeKey("DE", "6912001000", "USD")
    lines = merge([(us, 100, 10, 9), (de, 7, 2, 1), (us, 50, 5, 4)])
    assert [(one.key, one.count, one.value_minor, one.gross_g, one.net_g) for one in lines] == [
        (de, 1, 7, 2, 1),
        (us, 2, 150, 15, 13),
    ]
