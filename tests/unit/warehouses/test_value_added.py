"""Value-added work makes nothing of nothing, and what comes out is as old as what went in."""

from dataclasses import replace
from datetime import date

import pytest

from warehouses.errors import WarehouseError
from warehouses.value_added import Part, Used, check_parts, produce

DAY, LATER = date(2026, 5, 1), date(2027, 5, 1)
LOT = Used(1, "A", "X", LATER, "free", DAY, 4)


def parts(*texts):
    """`-4 1A`: four pieces of SKU 1 in condition A go in; `+4 2B`: come out."""
    found = []
    for text in texts:
        number, thing = text.split()
        role = "consume" if number[0] == "-" else "produce"
        found.append(Part(role, int(thing[0]), thing[1], int(number[1:])))
    return found


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("relabel", ["-4 1A", "+4 2A"]),
        ("relabel", ["-4 1A", "+4 1C"]),
        ("repack", ["-4 1B", "+3 1A", "+1 1C"]),
        ("kit", ["-4 1A", "-2 2A", "+2 3A"]),
        ("kit", ["-2 3A", "+4 1A", "+2 2A"]),
        ("photo", ["-1 1A"]),
    ],
)
def test_work_that_adds_up_is_taken(kind, lines):
    check_parts(kind, parts(*lines))


@pytest.mark.parametrize(
    ("kind", "lines", "code"),
    [
        ("relabel", ["+4 2A"], "nothing_consumed"),
        ("relabel", ["-4 1A"], "nothing_produced"),
        ("relabel", ["-4 1A", "+5 2A"], "pieces_differ"),
        ("relabel", ["-4 1B", "+4 1A"], "better_condition"),
        ("relabel", ["-4 1A", "+4 1A"], "same_thing"),
        ("repack", ["-4 1B", "+3 1A"], "pieces_differ"),
        ("kit", ["-5 1A", "+2 3A"], "not_a_kit"),
        ("kit", ["-2 1A", "-2 2A", "+1 3A", "+1 4A"], "not_a_kit"),
        ("kit", ["-2 1B", "-2 2A", "+2 3A"], "better_condition"),
        ("photo", ["-1 1A", "+1 2A"], "photo_moves_nothing"),
        ("photo", [], "nothing_consumed"),
    ],
)
def test_work_that_does_not_add_up_is_refused(kind, lines, code):
    with pytest.raises(WarehouseError) as error:
        check_parts(kind, parts(*lines))
    assert error.value.code == code


def test_relabelled_pieces_stay_in_their_lots():
    newer = replace(LOT, batch="Y", received_on=LATER, quantity=3)
    made = produce("relabel", [LOT, newer], parts("+5 2A", "+2 2B"))
    assert [(one.sku, one.condition, one.batch, one.received_on, one.quantity) for one in made] == [
        (2, "A", "X", DAY, 4),
        (2, "A", "Y", LATER, 1),
        (2, "B", "Y", LATER, 2),
    ]


def test_a_kit_keeps_as_long_as_its_first_part_and_is_as_old_as_its_oldest():
    other = Used(2, "A", "", DAY, "free", LATER, 2)
    (made,) = produce("kit", [LOT, other], parts("+2 3A"), "KIT-1")
    assert (made.batch, made.expires_on, made.received_on, made.quantity) == ("KIT-1", DAY, DAY, 2)


def test_a_kit_does_not_mix_customs_statuses():
    with pytest.raises(WarehouseError) as error:
        produce("kit", [LOT, replace(LOT, customs_status="bonded")], parts("+2 3A"))
    assert error.value.code == "customs_mixed"
