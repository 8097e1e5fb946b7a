"""The services of the reference network can run, can be reached, and are priced."""

import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from geopy.distance import great_circle

from app.models.services import CUTOFF_CODES
from app.seeds.demand import demand
from app.seeds.reference import KINDS, reference_file
from tests.unit.seeds.reference_rows import rows
from trade.goods import goods_classes, refusal

PLACES = {row["code"]: row for row in rows("locations")}
SERVICES = {row["code"]: row for row in rows("services")}
DATED = [code for code, row in SERVICES.items() if row["schedule"] == "dated"]
CALLS = defaultdict(list)
for _row in rows("service-calls"):
    CALLS[_row["service_code"]].append(_row)

FASTEST_KMH = {"air": 1000, "sea": 45, "rail": 75, "ferry": 55}
"""Great circle over time between two calls stays below; a sea lane or railway is longer than that."""
MONDAY = date(2026, 11, 23)
DAY = date(2026, 11, 22)


def instant(call, side):
    local = datetime.strptime(call[f"{side}_local"], "%H:%M").time()
    zone = ZoneInfo(PLACES[call["location_code"]]["time_zone"])
    return datetime.combine(MONDAY + timedelta(days=int(call[f"{side}_day"])), local, zone)


def km(one, other):
    here, there = (PLACES[call["location_code"]] for call in (one, other))
    return great_circle((here["latitude"], here["longitude"]), (there["latitude"], there["longitude"])).km


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_file_with_a_source_wherever_the_columns_name_one(kind):
    assert reference_file(kind).exists()
    without = {"parties", "service-calls", "surcharges"}
    if kind not in without:
        assert all(row["source"] for row in rows(kind))


def test_sixty_services_and_several_hundred_departures_in_eight_weeks():
    assert len(DATED) >= 60
    weekly = sum(len(SERVICES[code]["weekdays"]) / int(SERVICES[code]["every_weeks"]) for code in DATED)
    assert 8 * weekly >= 300
    modes = Counter(SERVICES[code]["mode"] for code in DATED)
    assert min(modes[mode] for mode in ("air", "sea", "rail", "ferry")) >= 8
    assert sum(row["mode"] == "last_mile" for row in SERVICES.values()) >= 30


def test_dated_services_run_forward_in_time_and_no_faster_than_their_mode():
    for code in DATED:
        calls = CALLS[code]
        assert [int(call["seq"]) for call in calls] == list(range(1, len(calls) + 1))
        for one, other in pairwise(calls):
            hours = (instant(other, "arrive") - instant(one, "depart")).total_seconds() / 3600
            assert hours > 0, (code, other["location_code"])
            assert km(one, other) / hours < FASTEST_KMH[SERVICES[code]["mode"]], (
                code,
                other["location_code"],
            )
        for call in calls[1:-1]:
            assert instant(call, "depart") > instant(call, "arrive"), (code, call["location_code"])


def test_services_stop_at_known_places_with_known_cutoffs():
    for code, service in SERVICES.items():
        calls = CALLS[code]
        assert len(calls) >= 2, code
        assert all(call["location_code"] in PLACES for call in calls), code
        named = set(re.findall(r"[A-Z]{3}(?==)", " ".join(call["cutoffs"] for call in calls)))
        assert named <= set(CUTOFF_CODES), code
        dated = service["schedule"] == "dated"
        assert bool(calls[0]["cutoffs"]) == dated, code
        assert bool(service["transit_min"]) != dated, code
        assert dated or len(calls) == 2, code


def test_no_service_takes_goods_that_its_mode_refuses():
    known = goods_classes(DAY)
    wrong = {
        (code, name)
        for code, service in SERVICES.items()
        for name in service["accepts"].split()
        if refusal(known[name], service["mode"], service["aircraft"] or None)
    }
    assert wrong == set()
    assert all(service["accepts"] for service in SERVICES.values())


def test_trains_leave_china_at_a_border_station_and_change_gauge():
    for code in DATED:
        service = SERVICES[code]
        if service["mode"] == "rail":
            assert service["border_location"] in {call["location_code"] for call in CALLS[code]}
            assert int(service["gauge_changes"]) >= 1
            assert int(service["wagon_count"]) > 0


def test_every_service_is_bought_and_sold_on_a_day_of_the_demo():
    sides = defaultdict(set)
    for row in rows("tariffs"):
        if row["valid_from"] <= DAY.isoformat() and (
            not row["valid_to"] or DAY.isoformat() < row["valid_to"]
        ):
            sides[row["service_code"]].add(row["side"])
    assert {code: sides[code] for code in SERVICES if sides[code] != {"buy", "sell"}} == {}


def test_selling_is_dearer_than_buying_on_the_same_leg():
    first = {}
    for row in rows("tariffs"):
        if row["service_code"] and float(row["from_kg"]) == 0 and not row["valid_to"]:
            leg = (row["service_code"], row["from_location"], row["to_location"])
            first.setdefault(leg, {})[row["side"]] = row
    for leg, sides in first.items():
        price = {
            side: 10 * float(row["rate_per_kg"])
            + 0.1 * float(row["per_m3"])
            + float(row["break_flat"])
            + float(row["flat"])
            for side, row in sides.items()
        }
        assert price["sell"] > price["buy"], leg


def test_rows_of_one_tariff_agree_and_its_breaks_ascend_from_zero():
    groups = defaultdict(list)
    for row in rows("tariffs"):
        groups[row["code"]].append(row)
    apart = {"from_kg", "rate_per_kg", "break_flat"}
    for code, lines in groups.items():
        assert len({tuple(v for k, v in line.items() if k not in apart) for line in lines}) == 1, code
        starts = [float(line["from_kg"]) for line in lines]
        assert starts[0] == 0
        assert starts == sorted(set(starts))
    assert {row["tariff_code"] for row in rows("surcharges")} <= groups.keys()


def test_tariff_legs_are_calls_of_their_service_in_travel_order():
    for row in rows("tariffs"):
        if row["from_location"] and row["service_code"]:
            stops = [call["location_code"] for call in CALLS[row["service_code"]]]
            assert stops.index(row["from_location"]) < stops.index(row["to_location"]), row["code"]


def test_there_is_space_on_every_dated_service_and_units_fit_the_space():
    takes = {row["code"]: row["takes_dimension"] for row in rows("unit-types")}
    space = defaultdict(set)
    for row in rows("service-space"):
        space[row["service_code"]].add(row["dimension"])
        assert float(row["capacity"]) > 0
    units = defaultdict(list)
    for row in rows("service-units"):
        units[row["service_code"]].append(row)
        assert takes[row["unit_type"]] == "" or takes[row["unit_type"]] in space[row["service_code"]]
        assert float(row["cost"]) > 0
    assert set(DATED) == space.keys()
    charters = {code for code in DATED if SERVICES[code]["charter"] == "true"}
    assert len(charters) >= 5
    assert all(units[code] and SERVICES[code]["min_payload_kg"] for code in charters)


def test_allotments_belong_to_exporters_and_stay_within_the_whole():
    exporters = {row["reference"] for row in rows("parties") if "exporter" in row["roles"]}
    whole = {
        (row["service_code"], row["dimension"]): float(row["capacity"])
        for row in rows("service-space")
        if not row["exporter"]
    }
    blocks = [row for row in rows("service-space") if row["exporter"]]
    assert {SERVICES[row["service_code"]]["mode"] for row in blocks} >= {"sea", "rail", "air", "ferry"}
    for row in blocks:
        assert row["exporter"] in exporters
        assert float(row["capacity"]) <= whole[row["service_code"], row["dimension"]]
    assert any("Customised train" in SERVICES[row["service_code"]]["name_en"] for row in blocks)


def test_every_currency_in_use_has_a_rate_to_the_yuan_and_the_dollar():
    used = {row["currency"] for row in (*rows("tariffs"), *rows("service-units"))}
    rates = {(row["base"], row["quote"]) for row in rows("fx-rates")}
    for goal in ("CNY", "USD"):
        assert {currency for currency in used if currency != goal and (currency, goal) not in rates} == set()


def test_the_samples_places_and_clients_are_in_the_network():
    facts = demand()
    assert set(facts.locations) <= PLACES.keys()
    assert set(facts.exporters) <= {row["reference"] for row in rows("parties")}
    assert set(facts.goods) <= goods_classes(DAY).keys()


def test_route_groups_name_services_and_country_groups_cover_the_five_lists():
    assert {row["service_code"] for row in rows("route-groups")} <= SERVICES.keys()
    assert {row["code"] for row in rows("route-groups")} == {"RCEP", "BRI"}
    assert {row["code"] for row in rows("country-groups")} == {"RCEP", "SCO", "EU", "US", "BRI"}
    members = Counter(row["code"] for row in rows("country-groups"))
    assert (members["RCEP"], members["SCO"], members["EU"]) == (15, 10, 27)
