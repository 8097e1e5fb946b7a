"""The public directory of overseas warehouses: found by place, group and goods, by people and by programs."""

import csv
import io
import json
import re
from datetime import date

import pytest

from app.models import CountryGroup, Warehouse, WarehouseFee
from tests import factories as make
from tests.http.pages import person, words
from tests.stock_rows import TODAY, a_house, stocked

DUISBURG, ONTARIO = (51.43, 6.76), (34.06, -117.65)


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def houses(database):
    """One in Germany with a display centre, one in California."""
    with database.transaction() as session:
        for code, country, (lat, lon), name, facts in (
            (
                "DEDUI-WH",
                "DE",
                DUISBURG,
                "Duisburg",
                {"services": ["returns", "pre_exhibition"], "display_centre": True},
            ),
            ("USONT-WH", "US", ONTARIO, "Ontario", {"services": ["returns"], "accepts": ["general"]}),
        ):
            place = make.make_location(
                session, code, "overseas", country=country, name_en=f"{name} overseas warehouse",
                name_zh=f"{name}海外仓", unlocode=code[:5], latitude=lat, longitude=lon,
            )  # fmt: skip
            make.make_warehouse(session, place, **facts)
        make.make_country_group(session, "EU", "DE")


@pytest.fixture
def visitor(app, houses):
    return app.test_client()


def codes(answer):
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    return [row["code"] for row in rows]


def test_whoever_comes_sees_the_directory_without_signing_in(visitor):
    text = words(visitor.get("/directory"))

    assert "Duisburg overseas warehouse" in text
    assert "Sign in" in text
    assert "% of the floor is free" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["DEDUI-WH", "USONT-WH"]),
        ({"group": "EU"}, ["DEDUI-WH"]),
        ({"country": "US"}, ["USONT-WH"]),
        ({"service": "returns"}, ["DEDUI-WH", "USONT-WH"]),
        ({"display_centre": "1"}, ["DEDUI-WH"]),
        ({"pre_exhibition": "1"}, ["DEDUI-WH"]),
        ({"goods": "li_ion_alone"}, []),
        ({"near": "Los Angeles, US"}, ["USONT-WH", "DEDUI-WH"]),
        ({"near": "Los Angeles, US", "max_km": "200"}, ["USONT-WH"]),
        ({"near": "51.2, 6.8", "max_km": "50"}, ["DEDUI-WH"]),
        ({"near": "DEDUI", "max_km": "1"}, ["DEDUI-WH"]),
        ({"near": "Musterstrasse 5, 47051 Duisburg, Germany", "max_km": "9"}, ["DEDUI-WH"]),
        ({"near": "Atlantis"}, ["DEDUI-WH", "USONT-WH"]),
    ],
)
def test_filters_narrow_it_and_the_nearest_comes_first(visitor, query, found):
    assert codes(visitor.get("/directory.csv", query_string=query)) == found


def test_a_place_nobody_knows_is_said_at_its_field(visitor):
    text = words(visitor.get("/directory?near=Atlantis"))

    assert "This place is not known here." in text
    assert "Duisburg" in text


def test_a_map_can_draw_it(visitor):
    answer = visitor.get("/directory.geojson?near=Duisburg")
    body = json.loads(answer.data)
    first = body["features"][0]

    assert answer.content_type == "application/geo+json"
    assert (body["type"], first["geometry"]) == (
        "FeatureCollection",
        {"type": "Point", "coordinates": [DUISBURG[1], DUISBURG[0]]},
    )
    assert (first["properties"]["distance_km"], first["properties"]["groups"]) == (0.0, ["EU"])


@pytest.mark.parametrize("query", ["max_km=far", "free_m2=-1", "group=NATO", "cursor=abc", "near=a%00b"])
def test_an_address_that_cannot_be_meant_is_a_bad_request(visitor, query):
    assert visitor.get(f"/directory?{query}").status_code == 400


def test_the_nearest_come_in_pages(app, houses):
    with app.extensions["fourport"]["database"].transaction() as session:
        for number in range(105):
            make.make_warehouse(
                session, make.make_location(session, f"W{number:03}", "overseas", country="DE")
            )
    client = app.test_client()
    first = client.get("/directory?near=Duisburg").text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = client.get(following.replace("&amp;", "&")).text
    shown = [re.findall(r"<code>([^<]+)</code>", page) for page in (first, second)]

    assert (shown[0][0], len(shown[0]), len({*shown[0], *shown[1]})) == ("DEDUI-WH", 100, 107)
    assert 'rel="next"' not in second


def test_a_warehouse_shows_its_reasons_and_its_published_prices(database, visitor):
    with database.transaction() as session:
        house = session.query(Warehouse).order_by(Warehouse.id).first()
        acme = make.make_party(session, "ACME")
        for owner, micros in ((None, 600_000), (acme.id, 123_000)):
            session.add(
                WarehouseFee(warehouse_id=house.id, exporter_id=owner, code="storage", basis="m3_day",
                             price_micros=micros, currency="EUR", effective_from=TODAY.replace(year=2025)),
            )  # fmt: skip
    text = words(visitor.get("/directory/DEDUI-WH"))

    assert "There is a display centre where buyers see the goods." in text
    assert "0.6 EUR" in text
    assert "0.123" not in text
    assert visitor.get("/directory/NOWHERE").status_code == 404


def test_it_speaks_chinese(visitor):
    visitor.set_cookie("language", "zh")
    assert "展示中心" in words(visitor.get("/directory/DEDUI-WH"))


def test_it_is_not_for_scraping(visitor):
    answers = [visitor.get("/directory.csv").status_code for _ in range(61)]

    assert (answers[59], answers[60]) == (200, 429)


def test_behind_the_door_it_is_the_same_search(app, houses):
    text = words(person(app).get("/warehouses?near=Duisburg&max_km=10"))

    assert "Duisburg" in text
    assert "Ontario" not in text


def test_behind_the_door_stock_by_age_and_what_waits_stand_beside_it(app, database, visitor):
    with database.transaction() as session:
        house = a_house(session, code="PLWAW-WHS")
        stocked(session, house, next(iter(house.skus)), 7, received_on=date(2020, 1, 1))
    text = words(person(app).get("/warehouses"))

    assert re.search(r"7 pieces 100% old over 365 days: 7 dwell \d+ days? 0 due in 0 to go out", text)
    assert "due in" not in words(visitor.get("/directory"))


def test_the_operation_keeps_the_country_groups(app, database, houses):
    operator = person(app)
    member = {"code": "sco", "country": "ir", "effective_from": "2023-07-04", "source": "SCO summit of 2023"}

    assert operator.post("/country-groups", data=member).status_code == 303
    assert operator.post("/country-groups", data=member).status_code == 409
    assert operator.post("/country-groups", data=member | {"country": "XX"}).status_code == 422
    assert operator.post("/country-groups", data=member | {"effective_from": "soon"}).status_code == 400
    with database.reading() as session:
        row = session.query(CountryGroup).filter_by(code="SCO").one()
    assert (
        operator.post(f"/country-groups/{row.id}/end", data={"effective_to": "2023-01-01"}).status_code == 422
    )
    assert (
        operator.post(f"/country-groups/{row.id}/end", data={"effective_to": "2027-01-01"}).status_code == 303
    )
    assert "SCO summit of 2023" in words(operator.get("/country-groups?group=SCO"))
    assert person(app, "finance").get("/country-groups").status_code == 403
