"""What a run considers and how it weighs it."""

import pytest

from app.errors import Invalid
from app.usecases.pricing_facts import Exchange, PriceBook
from app.usecases.scoping import MAIN_MODES, MOST_PARCELS, Scope, Weights, narrowed, with_emissions_priced
from app.usecases.tariff_facts import TariffBook
from routing.network import Allotment, Call, Departure, Link, Location, Network, Space

PARCEL = "pcl_0h3vk5m8q2r7t9xz"
GOODS = frozenset({"general"})


def network(**more):
    """A sailing of two segments with loose space and a block, a flight, and a truck."""
    calls = tuple(Call(place, 100 * place, 100 * place + 10, 100 * place) for place in range(3))
    space = Space(loose={(0, 2): 1, (0, 1): 1}, allotments=(Allotment("block", {(1, 2): 0}),))
    return Network(
        goods=("general",),
        locations=tuple(Location(code) for code in "ABC"),
        departures=(
            Departure(7, 1, "sea", calls, GOODS, (2.0, 3.0)),
            Departure(8, 2, "air", calls[:2], GOODS, (900.0,)),
        ),
        spaces=(space, Space(loose={(0, 1): 2})),
        links=(Link(9, "road", 0, 1, 60, GOODS, 1, 50.0), Link(10, "last_mile", 1, 2, 60, GOODS, 1, 10.0)),
    )


def prices():
    """Rows 1 and 2 cost something once."""
    book = PriceBook(TariffBook([]), Exchange({}))
    assert [book.add("sea", one=5.0), book.add("air", one=50.0)] == [1, 2]
    return book


def test_what_is_stored_reads_back_and_old_scopes_have_all_modes_and_plain_weights():
    scope = Scope(("export",), 20, "acme", "A", "B", ("sea",), Weights(2.0, 80.0))
    assert Scope.from_dict(scope.to_dict()) == scope
    named = Scope(parcels=(PARCEL,))
    assert Scope.from_dict(named.to_dict()) == named
    old = Scope.from_dict({"directions": ["export"], "horizon_days": 7, "exporter": None})
    assert (old.modes, old.weights, old.parcels) == (MAIN_MODES, Weights(1.0, 0.0), ())


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"weights": {"time": 11}}, "scope.weights.time"),
        ({"weights": {"time": True}}, "scope.weights.time"),
        ({"weights": {"co2e_per_tonne": float("nan")}}, "scope.weights.co2e_per_tonne"),
        ({"weights": {"money": 1}}, "scope.weights.money"),
        ({"modes": ["last_mile"]}, "scope.modes"),
        ({"colour": "red"}, "scope.colour"),
        ({"parcels": PARCEL}, "scope.parcels"),
        ({"parcels": ["pcl_1"]}, "scope.parcels"),
        ({"parcels": [PARCEL] * (MOST_PARCELS + 1)}, "scope.parcels"),
        ({"parcels": [PARCEL], "origin": "CNTAO-HUB"}, "scope.parcels"),
        ({"parcels": [PARCEL], "directions": ["export"]}, "scope.parcels"),
    ],
)
def test_what_cannot_be_meant_is_named(values, field):
    with pytest.raises(Invalid) as caught:
        Scope.from_dict(values)
    assert [one.field for one in caught.value.errors] == [field]


def test_modes_left_out_are_not_there_and_the_last_mile_is():
    whole = network()
    assert narrowed(whole, MAIN_MODES) is whole
    found = narrowed(whole, ("sea",))
    assert [one.ref for one in found.departures] == [7]
    assert len(found.spaces) == 1
    assert [one.mode for one in found.links] == ["last_mile"]


def test_free_emissions_change_nothing():
    whole, book = network(), prices()
    assert with_emissions_priced(whole, book, 0.0) is whole
    assert len(book.rates().labels) == 3


def test_each_leg_pays_its_emissions_by_the_kilogram_and_keeps_what_it_cost():
    """At 80 CNY a tonne a gram costs 0.008 fen: A to C by sea emits 5 g per kg, that is 0.04 fen."""
    book = prices()
    found = with_emissions_priced(network(), book, 80.0)
    rates = book.rates()
    one, co2e = rates.names.index("one"), rates.names.index("co2e")

    def cost(row):
        row = rates.rows[row]
        return row[one], pytest.approx(row[co2e])

    sea, air = found.spaces
    assert cost(sea.loose[0, 2]) == (5.0, 5 * 0.008)
    assert cost(sea.loose[0, 1]) == (5.0, 2 * 0.008)
    assert cost(sea.allotments[0].rates[1, 2]) == (0.0, 3 * 0.008)
    assert cost(air.loose[0, 1]) == (50.0, 900 * 0.008)
    assert [cost(link.rate_row) for link in found.links] == [(5.0, 0.4), (5.0, 0.08)]
    assert rates.labels[sea.loose[0, 2]] == "sea"
