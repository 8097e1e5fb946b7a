"""The places of the reference network are where they say they are."""

import re
from itertools import combinations
from zoneinfo import available_timezones

import pytest
from geopy.distance import great_circle

from tests.unit.seeds.reference_rows import rows

BOXES = {
    "AE": (22, 27, 51, 57), "AU": (-44, -10, 112, 154), "AZ": (38, 42, 44, 51), "BE": (49.4, 51.6, 2.5, 6.5),
    "BR": (-34, 6, -74, -34), "BY": (51, 57, 23, 33), "CA": (41, 84, -142, -52), "CN": (18, 54, 73, 135.1),
    "CZ": (48.5, 51.1, 12, 19), "DE": (47, 55.1, 5.8, 15.1), "ES": (36, 44, -9.4, 3.4), "FR": (42, 51.2, -5, 8.3),
    "GB": (49.8, 59, -8, 2), "GR": (34, 42, 19, 29), "HU": (45.7, 48.6, 16, 23), "ID": (-11, 6, 95, 141),
    "IN": (6, 36, 68, 98), "IT": (36, 47.2, 6.5, 19), "JP": (24, 46, 122, 146), "KG": (39, 43.4, 69, 81),
    "KR": (33, 39, 124, 131), "KZ": (40, 56, 46, 88), "MN": (41, 52.2, 87, 120), "MX": (14, 33, -118, -86),
    "MY": (0.8, 7.5, 99, 120), "NL": (50.7, 53.6, 3.3, 7.3), "NZ": (-47.5, -34, 166, 179), "PH": (4, 21.5, 116, 127),
    "PK": (23, 37.1, 60, 78), "PL": (49, 55, 14, 24.2), "RU": (41, 82, 19, 180), "SG": (1.1, 1.5, 103.5, 104.1),
    "TH": (5, 21, 97, 106), "US": (24, 50, -125, -66), "UZ": (37, 46, 55, 74), "VN": (8, 24, 102, 110),
}  # fmt: skip
"""South, north, west and east edge in degrees, a little generous."""

TWINS = [
    ("CNAKL-BORD", "KZDOS-BORD"), ("CNHRS-BORD", "KZALT-BORD"), ("CNERC-BORD", "MNZUU-BORD"),
    ("CNMLX-BORD", "RUZBK-BORD"), ("CNSFH-BORD", "RUGRK-BORD"), ("BYBQT-BORD", "PLMAA-BORD"),
]  # fmt: skip
LONGEST_BORDER_KM = 30

PLACES = rows("locations")
BY_CODE = {place["code"]: place for place in PLACES}


def point(code):
    return float(BY_CODE[code]["latitude"]), float(BY_CODE[code]["longitude"])


def count(kind):
    return sum(place["kind"] == kind for place in PLACES)


def test_every_place_lies_in_its_country():
    for place in PLACES:
        south, north, west, east = BOXES[place["country"]]
        assert south <= float(place["latitude"]) <= north, place
        assert west <= float(place["longitude"]) <= east, place


def test_every_place_has_a_zone_two_names_and_codes_of_the_right_shape():
    zones = available_timezones()
    for place in PLACES:
        assert place["time_zone"] in zones, place
        assert place["name_zh"] != place["name_en"], place
        assert bool(place["iata"]) == (place["kind"] == "airport"), place
        if place["unlocode"]:
            assert re.fullmatch(r"[A-Z]{2}[A-Z2-9]{3}", place["unlocode"]), place
            assert place["unlocode"][:2] == place["country"], place


def test_there_are_more_than_sixty_places_each_at_its_own_position():
    assert len(PLACES) >= 60
    assert len({(place["latitude"], place["longitude"]) for place in PLACES}) == len(PLACES)
    assert min(map(count, ("port", "airport", "station", "border", "zone", "origin_hub"))) >= 8


@pytest.mark.parametrize(("here", "there"), TWINS)
def test_the_two_stations_of_a_border_are_neighbours_in_two_countries(here, there):
    assert great_circle(point(here), point(there)).km < LONGEST_BORDER_KM
    assert BY_CODE[here]["country"] != BY_CODE[there]["country"]


@pytest.mark.parametrize(
    ("one", "other", "nearest_km", "farthest_km"),
    [
        ("CNTAO-PORT", "KRINC-PORT", 500, 650),
        ("CNWEI-PORT", "KRINC-PORT", 350, 450),
        ("KRINC-PORT", "KRICN-AIR", 5, 40),
        ("CNTAO-AIR", "BELGG-AIR", 8300, 8700),
        ("CNSHY-HUB", "CNSHY-AIR", 5, 30),
        ("DEDUI-RAIL", "DEDUI-WH", 2, 40),
    ],
)
def test_known_distances_come_out(one, other, nearest_km, farthest_km):
    assert nearest_km < great_circle(point(one), point(other)).km < farthest_km


def test_a_zone_of_one_country_is_the_clock_of_that_country():
    clocks = {}
    for place in PLACES:
        clocks.setdefault(place["time_zone"], set()).add(place["country"])
    assert {zone: lands for zone, lands in clocks.items() if len(lands) > 1} == {}


def test_forty_public_overseas_warehouses_stand_in_twenty_countries():
    listed = {row["location_code"]: row for row in rows("warehouses")}
    overseas = {place["code"]: place["country"] for place in PLACES if place["kind"] == "overseas"}
    assert overseas.keys() <= listed.keys()
    assert len(overseas) >= 40
    assert len(set(overseas.values())) >= 20
    assert "CN" not in overseas.values()


def test_a_warehouse_with_a_named_operator_names_a_page():
    for row in rows("warehouses"):
        if row["operator"] != "example":
            assert "." in row["source"], row
        assert 0 <= int(row["free_m2"]) <= int(row["area_m2"])


def test_every_warehouse_of_a_kind_has_its_line_and_every_line_its_place():
    kinds = {"overseas", "origin_hub", "returns_centre", "supervised_site"}
    assert {row["location_code"] for row in rows("warehouses")} == {
        place["code"] for place in PLACES if place["kind"] in kinds
    }


def test_no_two_airports_are_the_same_one():
    airports = [place["code"] for place in PLACES if place["kind"] == "airport"]
    for one, other in combinations(airports, 2):
        assert great_circle(point(one), point(other)).km > 20
