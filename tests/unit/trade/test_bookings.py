"""The statuses of a booking follow from its events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trade.bookings import FINAL, KINDS, BookedLine, Status, derive, fill_lines, follow
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


LINE = BookedLine("general", count=2, weight_g=2_000, volume_cm3=10_000)


def test_packages_fill_the_first_line_with_room():
    battery = BookedLine("li_ion_contained", 1, 500, 2_000)
    packages = [("general", 900, 4_000), ("li_ion_contained", 500, 2_000), ("general", 1_100, 6_000)]
    assert fill_lines([LINE, battery], packages) == [0, 1, 0]


@pytest.mark.parametrize(
    "packages",
    [
        [("general", 1, 1)] * 3,
        [("general", 2_001, 1)],
        [("general", 1, 10_001)],
        [("general", 1_500, 1), ("general", 501, 1)],
        [("liquids", 1, 1)],
    ],
)
def test_more_than_was_booked_is_refused(packages):
    with pytest.raises(TradeError) as refused:
        fill_lines([LINE], packages)
    assert refused.value.code == "exceeds_booking"
    assert refused.value.field == str(len(packages) - 1)
