import pytest

from app.errors import Invalid
from app.queries import invariants, invariants_loading
from app.usecases.loading.measuring import read_sides


def test_sides_come_together_or_not_at_all():
    assert read_sides(None, None, None) is None
    assert read_sides(1, 2, 3) == (1, 2, 3)
    with pytest.raises(Invalid) as refused:
        read_sides(1, None, 3)
    assert refused.value.errors[0].field == "width_cm"


def test_fsck_looks_at_every_invariant_of_units():
    assert set(invariants_loading.INVARIANTS) <= set(invariants.INVARIANTS)
