import pytest

from routing.departures import after


@pytest.mark.parametrize(
    ("step", "state", "leads_to"),
    [
        ("open", "planned", "open"),
        ("open", "closed", "open"),
        ("close", "open", "closed"),
        ("cancel", "closed", "cancelled"),
        ("cancel", "departed", None),
        ("open", "cancelled", None),
        ("close", "arrived", None),
    ],
)
def test_a_departure_is_changed_until_it_leaves_or_is_cancelled(step, state, leads_to):
    assert after(step, state) == leads_to
