from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouses import measuring
from warehouses.errors import WarehouseError
from warehouses.measuring import Size, variance

DAY = date(2026, 11, 26)
GRAMS = st.integers(1, 10_000_000)


def test_a_few_grams_are_no_variance_and_half_a_kilo_is_one():
    declared = Size(2_000, 12_000)

    assert not variance(declared, Size(2_100, 12_000), DAY).counts
    assert variance(declared, Size(2_101, 12_000), DAY).reasons == ("weight",)
    assert variance(declared, Size(2_000, 13_201), DAY).reasons == ("volume",)
    assert variance(declared, Size(1_000, 20_000), DAY).reasons == ("weight", "volume")
    assert variance(declared, Size(1_500, 12_000), DAY).weight_g == -500


@given(GRAMS, GRAMS)
def test_what_was_declared_never_varies_from_itself_and_more_difference_never_counts_less(weight, volume):
    declared = Size(weight, volume)
    limit = measuring.tolerance("parcel_weight", DAY).allowed(weight)

    assert not variance(declared, declared, DAY).counts
    assert not variance(declared, Size(weight + limit, volume), DAY).counts
    assert variance(declared, Size(weight + limit + 1, volume), DAY).reasons == ("weight",)


def test_the_gross_of_a_unit_has_a_tolerance_of_its_kind():
    assert not measuring.gross_varies("bag", 10_000, 10_300, DAY)
    assert measuring.gross_varies("bag", 10_000, 10_301, DAY)
    assert not measuring.gross_varies("container", 20_000_000, 21_000_000, DAY)


@pytest.mark.parametrize("subject", measuring.SUBJECTS)
def test_every_subject_has_a_dated_tolerance_with_a_source(subject):
    found = measuring.tolerance(subject, DAY)

    assert found.fact.source
    assert found.fact.standing == "example"
    with pytest.raises(WarehouseError):
        measuring.tolerance(subject, date(2020, 1, 1))
