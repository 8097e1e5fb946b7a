"""Departures over HTTP: what each caller may know of them."""

import pytest

from app.schemas.departures import DepartureDetail, DeparturePage
from tests.http.answers import faults, good, problem

SHARED = True


def found(caller, **query):
    return good(caller.get("/departures", **query), DeparturePage)["items"]


def test_a_departure_tells_its_times_where_they_happen(acme, world):
    (item,) = found(acme)

    assert item["id"] == world.ids["departure"]
    assert item["departs_at"] == "2026-11-26T09:30:00+08:00"
    assert item["arrives_at"] == "2026-11-27T02:30:00+01:00"
    assert (item["from"]["code"], item["to"]["unlocode"]) == ("CNTAO-PORT", "DEHAM")
    assert item["next_cutoff"] == {
        "code": "FCO",
        "at": "2026-11-25T09:30:00+08:00",
        "place_code": "CNTAO-PORT",
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"mode": "sea"}, 1),
        ({"mode": "air"}, 0),
        ({"from": "CNTAO"}, 1),
        ({"from": "CNTAO-PORT", "to": "DEHAM-PORT"}, 1),
        ({"from": "DEHAM", "to": "CNTAO"}, 0),
        ({"departs_from": "2026-11-26T09:30:00+08:00"}, 1),
        ({"departs_from": "2026-11-26T09:31:00+08:00"}, 0),
        ({"departs_to": "2026-11-26T09:30:00+08:00"}, 0),
        ({"status": "open"}, 1),
        ({"status": "cancelled"}, 0),
        ({"accepts": "li_ion_contained"}, 1),
        ({"accepts": "li_ion"}, 0),
    ],
)
def test_filters_narrow_the_list(acme, query, count):
    assert len(found(acme, **query)) == count


def test_an_exporter_sees_bands_and_its_own_block_alone(acme, world):
    body = good(acme.get(f"/departures/{world.ids['departure']}"), DepartureDetail)

    assert body["free_band"] == "low"
    assert body["segments"] == [
        {
            "seq": 0,
            "from_code": "CNTAO-PORT",
            "to_code": "DEHAM-PORT",
            "distance_km": 1000,
            "free_band": "low",
        }
    ]
    assert [(pool["allotment_of"], pool["capacity"]) for pool in body["pools"]] == [("acme", "300.000")]
    assert body["units"] == []


def test_the_operation_sees_every_pool_exactly(operator, world):
    body = good(operator.get(f"/departures/{world.ids['departure']}"), DepartureDetail)

    pools = {(pool["dimension"], pool["allotment_of"]): pool for pool in body["pools"]}
    assert pools["kg", None]["free"] == "1000.000"
    assert pools["teu", None]["capacity"] == "40.00"
    assert {owner for _, owner in pools} == {None, "acme", "globex"}
    assert body["calls"][0]["cutoffs"] == [{"code": "FCO", "at": "2026-11-25T09:30:00+08:00"}]


@pytest.mark.parametrize(
    ("role", "cost"), [("operator", "1800.00"), ("finance", "1800.00"), ("warehouse", None)]
)
def test_what_a_unit_costs_is_for_operators_and_finance(call, world, role, cost):
    (unit,) = good(call(role).get(f"/departures/{world.ids['departure']}"), DepartureDetail)["units"]

    assert (unit["cost"], unit["currency"]) == (cost, "USD" if cost else None)


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"mode": "rocket"}, "query.mode", "not_one_of"),
        ({"departs_from": "2026-11-26T09:30:00"}, "query.departs_from", "bad_instant"),
        ({"departs_from": "1999-11-26T09:30:00Z"}, "query.departs_from", "out_of_range"),
        ({"limit": "0"}, "query.limit", "out_of_range"),
        ({"limit": "1_0"}, "query.limit", "not_whole"),
        ({"limit": "١٠"}, "query.limit", "not_whole"),
        ({"from": "a\0b"}, "query.from", "bad_character"),
        ({"from": "x" * 25}, "query.from", "bad_length"),
        ({"colour": "red"}, "query.colour", "unknown_field"),
    ],
)
def test_a_query_that_cannot_be_meant_names_the_member(acme, query, field, code):
    assert faults(acme.get("/departures", **query)) == {field: code}


@pytest.mark.parametrize("cursor", ["nonsense", "WzEsMl0", "bnVsbA", "é"])
def test_a_cursor_that_is_not_ours_is_a_bad_request(acme, cursor):
    problem(acme.get("/departures", cursor=cursor), 400, "bad_request")


@pytest.mark.parametrize("path", ["dep_0000000000000000", "dep_nonsense", "whs_0000000000000000", "1"])
def test_what_is_not_there_is_not_found(operator, path):
    problem(operator.get(f"/departures/{path}"), 404, "not_found")
