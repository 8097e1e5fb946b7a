from sqlalchemy import func, select

from app.models import (
    Location,
    Service,
    ServiceSpace,
    ServiceUnit,
    Tariff,
    TariffBreak,
    UnitType,
)
from app.models.watching import CHANGED, network_is_changed
from tests.db.importing import (
    CALLS,
    LOCATIONS,
    NETWORK,
    SERVICES,
    SPACE,
    TARIFFS,
    UNITS,
    faults,
    load,
    load_network,
    place,
)


def one(session, query):
    return session.scalars(query).one()


def test_a_network_is_loaded_in_integers_of_the_small_unit(session):
    load_network(session)
    assert one(session, select(UnitType.takes_quantity).where(UnitType.code == "45HQ")) == 225
    assert one(session, select(ServiceUnit.cost_minor)) == 284_050
    spaces = session.execute(
        select(ServiceSpace.dimension, ServiceSpace.capacity).order_by(ServiceSpace.id)
    ).all()
    assert spaces == [("teu", 4000), ("teu", 450), ("g", 900_000_500)]
    assert one(session, select(Tariff.per_m3_micros)) == 77_582_100
    assert session.scalars(select(TariffBreak.rate_micros_per_kg).order_by(TariffBreak.from_g)).all() == [
        1_250_000, 1_100_000, 980_000,
    ]  # fmt: skip


def test_the_same_files_again_add_nothing(session):
    load_network(session)
    session.connection().info.pop(CHANGED)
    for kind, rows in NETWORK.items():
        again = load(session, kind, rows)
        assert (again.added, again.updated, again.unchanged, again.rejected) == (0, 0, len(rows), 0), kind
    assert not network_is_changed(session.connection())


def test_a_changed_row_is_updated_by_its_natural_key(session):
    load_network(session)
    changed = load(session, "locations", [{**LOCATIONS[0], "name_en": "Qingdao"}, LOCATIONS[1]])
    assert (changed.added, changed.updated, changed.unchanged) == (0, 1, 1)
    assert one(session, select(Location.name_en).where(Location.code == "CNTAO-PORT")) == "Qingdao"


def test_a_column_that_the_file_does_not_have_is_left_alone(session):
    load(session, "locations", [{**LOCATIONS[0], "source": "UN/LOCODE"}])
    again = load(session, "locations", [LOCATIONS[0]])
    assert again.unchanged == 1
    assert one(session, select(Location.source)) == "UN/LOCODE"


def test_one_bad_row_keeps_all_others_out(session):
    result = load(session, "locations", [LOCATIONS[0], {**LOCATIONS[1], "latitude": "99"}])
    assert faults(result) == [(3, "latitude", "out_of_range")]
    assert (result.rows_read, result.added, result.rejected, result.saved) == (2, 0, 1, False)
    assert session.scalar(select(func.count()).select_from(Location)) == 0


def test_partial_keeps_the_good_rows(session):
    result = load(session, "locations", [LOCATIONS[0], {**LOCATIONS[1], "latitude": "99"}], partial=True)
    assert (result.added, result.rejected, result.saved) == (1, 1, True)
    assert session.scalars(select(Location.code)).all() == ["CNTAO-PORT"]


def test_a_dry_run_says_what_would_happen_and_saves_nothing(session):
    result = load(session, "locations", LOCATIONS, dry_run=True)
    assert (result.added, result.saved, result.errors) == (len(LOCATIONS), False, ())
    assert session.scalar(select(func.count()).select_from(Location)) == 0


def test_unknown_codes_are_named_with_the_nearest_known_ones(session):
    load_network(session)
    wrong = [{**CALLS[0], "location_code": "CNTAO-PROT"}, {**CALLS[1], "service_code": "SEA-l"}]
    result = load(session, "service-calls", wrong)
    assert faults(result) == [
        (2, "location_code", "unknown_location"),
        (3, "service_code", "unknown_service"),
    ]
    assert "CNTAO-PORT" in result.errors[0].suggestion
    assert "SEA-1" in result.errors[1].suggestion


def test_a_carrier_must_be_known_as_one(session):
    load_network(session)
    result = load(session, "services", [{**SERVICES[0], "carrier": "ACME"}])
    assert faults(result) == [(2, "carrier", "unknown_carrier")]


def test_a_dated_service_needs_weekdays_and_one_on_demand_a_transit_time(session):
    load_network(session)
    result = load(session, "services", [{**SERVICES[0], "weekdays": ""}, {**SERVICES[1], "transit_min": ""}])
    assert faults(result) == [
        (2, "weekdays", "weekdays_of_dated"),
        (3, "transit_min", "transit_of_on_demand"),
    ]


def test_an_unknown_currency_or_country_or_zone_is_refused(session):
    load_network(session)
    assert faults(load(session, "service-units", [{**UNITS[0], "currency": "USB"}])) == [
        (2, "currency", "unknown_currency")
    ]
    bad = [place("XXTAO-PORT", "port"), place("CNTAO-2", "port", "Asia/Qingdao")]
    assert faults(load(session, "locations", bad)) == [
        (2, "country", "unknown_country"),
        (3, "time_zone", "unknown_time_zone"),
    ]


def test_calls_must_be_numbered_without_a_gap(session):
    load_network(session, service_calls=CALLS)
    lonely = [{**SERVICES[0], "code": "SEA-2"}]
    load(session, "services", lonely)
    result = load(session, "service-calls", [{**CALLS[0], "service_code": "SEA-2"},
                                             {**CALLS[2], "service_code": "SEA-2"}])  # fmt: skip
    assert faults(result) == [(3, "seq", "calls_incomplete")]


def test_a_call_cannot_be_left_before_it_is_reached(session):
    load_network(session)
    result = load(session, "service-calls", [{**CALLS[1], "depart_day": "1", "depart_local": "17:00"}])
    assert faults(result) == [(2, "depart_local", "departure_before_arrival")]


def test_the_first_call_has_no_arrival(session):
    load_network(session)
    result = load(session, "service-calls", [{**CALLS[0], "arrive_day": "0", "arrive_local": "10:00"}])
    assert faults(result) == [(2, "arrive_local", "call_times")]


def test_space_needs_a_segment_that_exists(session):
    load_network(session)
    result = load(session, "service-space", [{**SPACE[2], "segment_seq": "3"}])
    assert faults(result) == [(2, "segment_seq", "unknown_segment")]


def test_more_decimals_than_the_currency_has_are_refused(session):
    load_network(session)
    result = load(session, "service-units", [{**UNITS[0], "cost": "2840.5", "currency": "JPY"}])
    assert faults(result) == [(2, "cost", "too_many_decimals")]


def test_rows_of_one_tariff_must_agree(session):
    load_network(session)
    result = load(session, "tariffs", [TARIFFS[0], {**TARIFFS[1], "currency": "EUR"}, TARIFFS[2]])
    assert faults(result) == [
        (2, "code", "group_refused"),
        (3, "currency", "tariff_rows_differ"),
        (4, "code", "group_refused"),
    ]


def test_a_tariff_becomes_exactly_what_its_rows_say(session):
    load_network(session)
    result = load(session, "tariffs", [TARIFFS[0], {**TARIFFS[1], "rate_per_kg": "1.05"}])
    assert (result.added, result.updated, result.unchanged) == (0, 2, 0)
    breaks = session.execute(
        select(TariffBreak.from_g, TariffBreak.rate_micros_per_kg).order_by(TariffBreak.from_g)
    ).all()
    assert breaks == [(0, 1_250_000), (45_000, 1_050_000)]


def test_two_rows_with_one_key_are_a_duplicate(session):
    result = load(session, "locations", [LOCATIONS[0], {**LOCATIONS[0], "name_en": "Other"}])
    assert faults(result) == [(3, "code", "duplicate_reference")]


def test_a_service_that_is_stored_is_found_by_its_code(session):
    load_network(session)
    service = one(session, select(Service).where(Service.code == "SEA-1"))
    assert (service.weekdays, service.accepts) == ("15", ["general", "li_ion_packed"])
