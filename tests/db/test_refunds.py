"""What lists are expected to earn back, by the rates of the day they were handed to customs."""

from app.usecases.declaring import steps
from app.usecases.declaring.refunds import expected_refund
from tests.declaration_rows import DESK, built, customs_world
from tests.factories import DAY, NOW


def test_the_rate_of_the_day_it_was_handed_over_holds_and_after_undoing_that_of_today(session):
    customs_world(session, mode="9710")
    found, next_year = built(session, "9710"), NOW + 60 * DAY
    for row in found.rows:
        row.hs_code = "8507600090"  # batteries: 6 % this year, nothing from 2027 on
    assert expected_refund(session, [found], next_year) == 0
    steps.submit_list(session, DESK, NOW, found.public_id)
    session.flush()
    assert expected_refund(session, [found], next_year) == expected_refund(session, [found], NOW) > 0
    steps.undo_list_step(session, DESK, NOW, found.public_id)
    assert expected_refund(session, [found], next_year) == 0


def test_the_rate_of_the_day_a_list_was_handed_over_holds_for_what_is_split_off_it(session):
    customs_world(session, mode="9710", count=3)
    found, next_year = built(session, "9710"), NOW + 60 * DAY
    for row in found.rows:
        row.hs_code = "8507600090"
    steps.submit_list(session, DESK, NOW, found.public_id)
    part = steps.answer_list(session, DESK, NOW, found.public_id, "release", lines="2-3")
    last = steps.answer_list(session, DESK, NOW, part.public_id, "take_back", lines="3")
    for one in (found, part, last):
        assert expected_refund(session, [one], next_year) == expected_refund(session, [one], NOW) > 0
