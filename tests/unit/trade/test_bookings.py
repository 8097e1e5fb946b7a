"""The statuses of a booking follow from its events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trade.bookings import FINAL, KINDS, Status, derive, follow
from trade.errors import TradeError


def test_a_booking_is_received_then_confirmed():
    assert derive(["received"]) == Status("RECEIVED")
    assert derive(["received", "confirmed"]) == Status("CONFIRMED")


def test_amending_is_told_apart_from_the_booking_itself():
    assert derive(["received", "confirmed", "amended"]) == Status("CONFIRMED", "AMENDMENT_CONFIRMED")
    declined = derive(["received", "confirmed", "amendment_asked", "amendment_declined"])
    assert declined == Status("PENDING_AMENDMENT", "AMENDMENT_DECLINED")


def test_cancelling_ends_it():
    cancelled = derive(["received", "confirmed", "amended", "cancelled"])
    assert cancelled == Status("CANCELLED", "AMENDMENT_CONFIRMED", "CANCELLATION_CONFIRMED")
    with pytest.raises(TradeError, match="a booking that is CANCELLED cannot be amended"):
        follow(cancelled, "amended")


def test_nothing_happens_before_it_was_received():
    with pytest.raises(TradeError, match="not there yet"):
        derive(["confirmed"])


def test_an_unknown_event_is_named():
    with pytest.raises(TradeError, match="'vanished' is no event"):
        follow(Status("CONFIRMED"), "vanished")


@given(st.lists(st.sampled_from(KINDS), max_size=12))
def test_after_its_end_only_notes_follow(kinds):
    status = Status()
    for kind in kinds:
        before = status
        try:
            status = follow(status, kind)
        except TradeError:
            continue
        assert before.booking not in FINAL or (kind == "noted" and status == before)
