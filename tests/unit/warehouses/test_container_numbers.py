"""Container numbers by ISO 6346."""

import pytest

from warehouses.errors import WarehouseError
from warehouses.loading import container_number


@pytest.mark.parametrize("text", ["CSQU3054383", "csqu 305438 3", "MSKU-123456-5", "TGHU7599330"])
def test_numbers_with_the_right_check_digit_are_taken_without_their_dashes(text):
    assert len(container_number(text)) == 11


@pytest.mark.parametrize(("text", "code"), [
    ("CSQU3054384", "container_check_digit"),
    ("CSQU3045383", "container_check_digit"),
    ("CSQX3054383", "container_shape"),
    ("CSQU30543", "container_shape"),
    ("", "container_shape"),
])  # fmt: skip
def test_mistyped_numbers_are_refused(text, code):
    with pytest.raises(WarehouseError) as refused:
        container_number(text)
    assert refused.value.code == code
