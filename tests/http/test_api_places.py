"""Locations and warehouses over HTTP."""

import pytest

from app.schemas.places import LocationPage, WarehouseDetail, WarehousePage
from tests.http.answers import faults, good, problem

SHARED = True


def codes(caller, **query):
    return [item["code"] for item in good(caller.get("/locations", **query), LocationPage)["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["CNTAO-HUB", "CNTAO-PORT", "DEDUI-WHS", "DEHAM-PORT"]),
        ({"code": "CNTAO-HUB"}, ["CNTAO-HUB"]),
        ({"code": "CNTAO"}, ["CNTAO-HUB", "CNTAO-PORT"]),
        ({"kind": "overseas"}, ["DEDUI-WHS"]),
        ({"country": "DE", "kind": "port"}, ["DEHAM-PORT"]),
        ({"q": "qingdao"}, ["CNTAO-HUB"]),
        ({"q": "集货"}, ["CNTAO-HUB"]),
        ({"q": "%"}, []),
    ],
)
def test_places_are_found_by_what_people_know_of_them(acme, query, found):
    assert codes(acme, **query) == found


def test_places_come_in_pages(acme):
    first = good(acme.get("/locations", limit=3), LocationPage)
    rest = good(acme.get("/locations", limit=3, cursor=first["next_cursor"]), LocationPage)

    assert [item["code"] for item in rest["items"]] == ["DEHAM-PORT"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"country": "DE"}, 1),
        ({"country": "PL"}, 0),
        ({"group": "EU"}, 1),
        ({"group": "SCO"}, 0),
        ({"service": "returns"}, 1),
        ({"service": "return"}, 0),
        ({"goods": "general"}, 1),
        ({"goods": "li_ion_alone"}, 0),
        ({"free_m2": 4000}, 1),
        ({"free_m2": 4001}, 0),
        ({"display_centre": "true"}, 0),
        ({"pre_exhibition": "true"}, 0),
        ({"near": "51.4, 6.8", "max_km": 10}, 1),
        ({"near": "Duisburg, Germany", "max_km": 20}, 1),
        ({"near": "DEDUI"}, 1),
        ({"near": "Shanghai, China", "max_km": 900}, 0),
        ({"near": "CNSHA", "max_km": 100}, 0),
    ],
)
def test_filters_narrow_the_directory(acme, query, count):
    assert len(good(acme.get("/warehouses", **query), WarehousePage)["items"]) == count


def test_a_warehouse_explains_its_readiness_point_by_point(acme, world):
    body = good(acme.get(f"/warehouses/{world.ids['warehouse']}"), WarehouseDetail)

    assert body["place"]["code"] == "DEDUI-WHS"
    assert body["groups"] == ["EU"]
    assert body["readiness"] == sum(part["points"] for part in body["readiness_parts"]) > 0
    assert {part["code"] for part in body["readiness_parts"]} >= {"free_space", "services", "data_freshness"}


def test_the_distance_is_told_and_the_directory_comes_as_files(acme):
    (item,) = good(acme.get("/warehouses", near="51.4, 6.8"), WarehousePage)["items"]
    table = acme.get("/warehouses.csv", near="51.4, 6.8").data.decode("utf-8-sig").splitlines()
    features = acme.get("/warehouses.geojson", group="EU").get_json(force=True)["features"]

    assert 6 < item["distance_km"] < 8
    assert len(table) == 2
    assert f",{item['distance_km']}," in table[1]
    assert [one["geometry"]["coordinates"] for one in features] == [[6.7, 51.4]]


def test_queries_that_cannot_be_meant_are_named(acme):
    assert faults(acme.get("/warehouses", near="Atlantis")) == {"near": "place_unresolved"}
    assert faults(acme.get("/warehouses", max_km=5)) == {"max_km": "near_needed"}
    assert faults(acme.get("/warehouses", country="Germany")) == {"query.country": "bad_length"}
    assert faults(acme.get("/warehouses", free_m2="-1")) == {"query.free_m2": "out_of_range"}
    assert faults(acme.get("/locations", kind="moon")) == {"query.kind": "not_one_of"}
    problem(acme.get("/locations", cursor="nonsense"), 400, "bad_request")
    problem(acme.get("/warehouses/whs_0000000000000000"), 404, "not_found")
