import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trade import weight


@pytest.mark.parametrize(
    ("divisor", "grams"),
    [
        (weight.EXPRESS_DIVISOR, 200_000),
        (weight.AIR_DIVISOR, 166_667),
        (weight.SEA_DIVISOR, 1_000_000),
        (weight.RAIL_333_DIVISOR, 333_334),
        (weight.RAIL_500_DIVISOR, 500_000),
    ],
)
def test_a_cubic_metre_weighs_what_the_divisor_says(divisor, grams):
    assert weight.volumetric_g(1_000_000, divisor) == grams


def test_the_heavier_of_gross_and_volumetric_weight_is_charged_in_whole_steps():
    assert weight.chargeable_g(1_200, 12_000, 6000) == 2_000
    assert weight.chargeable_g(2_001, 12_000, 6000, step_g=500) == 2_500
    assert weight.chargeable_g(2_500, 12_000, 6000, step_g=500) == 2_500
    assert weight.chargeable_g(1_200, 12_000, None) == 1_200


def test_the_volume_of_a_box_is_rounded_up():
    assert weight.box_volume_cm3(100, 100, 100) == 1_000
    assert weight.box_volume_cm3(101, 100, 1) == 11


@given(
    st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 10**10)), min_size=1, max_size=8),
    st.sampled_from([None, 1000, 2000, 3000, 5000, 6000]),
    st.sampled_from([1, 10, 500, 1000]),
)
def test_arrays_agree_with_single_parcels(parcels, divisor, step_g):
    grams, volumes = np.array(parcels, dtype=np.int64).T
    many = weight.chargeable_many(grams, volumes, divisor, step_g)
    assert many.dtype == np.int64
    assert many.tolist() == [weight.chargeable_g(g, v, divisor, step_g) for g, v in parcels]
