"""Which warehouse serves an order: the cheapest in time, with the reason of each that is not chosen."""

from datetime import UTC, date, datetime, timedelta

import pytest

from warehouses.promise import House, Offer, leaves_at, promise, zones_of

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
TODAY = date(2026, 11, 26)
SOON = NOW + timedelta(days=2)


class Prices:
    """So much for a consignment and a piece from each warehouse, and so many days on the way."""

    def __init__(self, **by_code):
        self.by_code = by_code

    def __call__(self, code, pieces):
        if isinstance(self.by_code[code], str):
            return Offer(refused=self.by_code[code])
        flat, piece, days = self.by_code[code]
        return Offer("LM", NOW, NOW + timedelta(days=days), flat + piece * sum(pieces.values()))


def reasons(found):
    return {one.code: one.reason for one in found.judged}


def test_the_cheapest_warehouse_in_time_serves():
    houses = [House(code, {"cup": 5}) for code in ("A", "B", "C")]
    prices = Prices(A=(500, 100, 1), B=(300, 100, 2), C=(100, 100, 3))

    found = promise(houses, {"cup": 2}, prices, SOON)

    assert [(part.code, part.pieces, part.offer.cost_minor) for part in found.parts] == [
        ("B", {"cup": 2}, 500)
    ]
    assert reasons(found) == {"A": "dearer", "B": "chosen", "C": "too_late"}
    assert [one.code for one in found.judged] == ["B", "A", "C"]
    assert promise(houses, {"cup": 2}, prices, None).parts[0].code == "C"


def test_of_equally_dear_ones_the_earlier_and_then_the_first_by_code_serves():
    houses = [House(code, {"cup": 5}) for code in ("B", "A", "C")]
    assert (
        promise(houses, {"cup": 1}, Prices(A=(1, 1, 2), B=(1, 1, 2), C=(1, 1, 1)), SOON).parts[0].code == "C"
    )
    assert (
        promise(houses, {"cup": 1}, Prices(A=(1, 1, 2), B=(1, 1, 2), C=(9, 1, 1)), SOON).parts[0].code == "A"
    )


def test_every_other_warehouse_says_why_it_cannot():
    houses = [
        House("FEW", {"cup": 1}), House("NONE", {}), House("FAR", {"cup": 9}), House("DEAR", {"cup": 9}),
        House("DANGER", {"cup": 9}),
    ]  # fmt: skip
    prices = Prices(FAR="no_service", DEAR="no_price", DANGER="goods_refused")

    found = promise(houses, {"cup": 3}, prices, SOON)

    assert found.parts == ()
    assert reasons(found) == {
        "FEW": "stock_short", "NONE": "no_stock", "FAR": "no_service", "DEAR": "no_price",
        "DANGER": "goods_refused",
    }  # fmt: skip
    assert {one.code: one.missing for one in found.judged}["FEW"] == {"cup": 2}


def test_an_order_is_shared_out_only_where_that_is_asked_and_no_one_has_it_all():
    houses = [House("A", {"cup": 2, "pot": 1}), House("B", {"pot": 5, "cup": 1}), House("C", {"pot": 5})]
    prices = Prices(A=(100, 10, 1), B=(200, 10, 1), C=(150, 10, 1))
    wanted = {"cup": 2, "pot": 3}

    assert promise(houses, wanted, prices, SOON).parts == ()
    found = promise(houses, wanted, prices, SOON, split=True)

    assert {part.code: dict(part.pieces) for part in found.parts} == {
        "A": {"cup": 2, "pot": 1}, "C": {"pot": 2},
    }  # fmt: skip
    assert found.cost_minor == 300
    assert reasons(found) == {"A": "chosen", "B": "stock_short", "C": "chosen"}
    assert found.arrives_at == NOW + timedelta(days=1)
    whole = [*houses, House("D", {"cup": 9, "pot": 9})]
    assert [
        part.code for part in promise(whole, wanted, Prices(**prices.by_code, D=(999, 99, 1)), SOON, split=True).parts
    ] == ["D"]  # fmt: skip


def test_a_share_that_is_late_or_refused_is_no_share():
    houses = [House("A", {"cup": 2}), House("B", {"pot": 2})]
    wanted = {"cup": 1, "pot": 1}
    assert promise(houses, wanted, Prices(A=(1, 1, 1), B=(1, 1, 9)), SOON, split=True).parts == ()
    assert promise(houses, wanted, Prices(A=(1, 1, 1), B="no_service"), SOON, split=True).parts == ()


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        (datetime(2026, 11, 26, 14, 59, tzinfo=UTC), datetime(2026, 11, 26, 15, tzinfo=UTC)),
        (datetime(2026, 11, 26, 15, 0, tzinfo=UTC), datetime(2026, 11, 27, 15, tzinfo=UTC)),
        (datetime(2027, 3, 27, 15, 0, tzinfo=UTC), datetime(2027, 3, 28, 14, tzinfo=UTC)),
    ],
)
def test_goods_leave_at_the_next_cut_off_on_the_warehouses_own_clock(now, leaves):
    assert leaves_at(now, "16:00", "Europe/Berlin") == leaves


def test_a_postal_code_lies_in_a_delivery_zone_by_its_longest_listed_beginning():
    assert zones_of("US", "90210", TODAY) == {"US-W-ZONE"}
    assert zones_of("US", "10 001", TODAY) == {"US-E-ZONE"}
    assert zones_of("CA", "v5k 0a1", TODAY) == {"CA-W-ZONE"}
    assert zones_of("RU", "690000", TODAY) == {"RU-F-ZONE"}
    assert zones_of("RU", "620000", TODAY) == {"RU-U-ZONE"}
    assert zones_of("DE", "47051", TODAY) == frozenset()
