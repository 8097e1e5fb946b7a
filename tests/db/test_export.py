"""Every kind that is exported is taken back unchanged, in each of its formats."""

import csv
import io
from datetime import date

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Forbidden, Invalid, UnsupportedMedia
from app.exchange.ssim import WIDTH
from app.models import Departure, Party, Service
from app.usecases.exporting import export_file, form_of
from app.usecases.importing import KINDS, import_file
from app.usecases.scheduling import materialise
from tests.db.importing import CALLS, NOW, OPERATOR, SERVICES, faults, load, load_network, parcel, place

MORE = {
    "warehouses": [{"location_code": "DEHAM-WHS", "operator": "example", "area_m2": "9000", "free_m2": "100",
                    "daily_parcels": "0", "services": "returns;relabel", "data_as_of": "2026-11-01"}],
    "country-groups": [{"code": "RCEP", "country": "KR", "effective_from": "2022-02-01", "source": "example"}],
    "route-groups": [{"code": "RCEP", "service_code": "SEA-1", "effective_from": "2026-01-01", "source": "example"}],
    "surcharges": [{"tariff_code": "BUY-SEA-1", "code": "BAF", "basis": "percent", "amount": "6.5"},
                   {"tariff_code": "BUY-SEA-1", "code": "PSS", "basis": "per_kg", "amount": "0.25"}],
    "fx-rates": [{"base": "USD", "quote": "CNY", "rate": "7.0895", "as_of": "2026-11-20", "source": "example"}],
    "parcels": [parcel("'=P-1"), parcel("P-2", exporter="BOLT", hard_deadline="true", customs_mode="9610")],
    "returns": [parcel("R-1", direction="return", origin="DEHAM-WHS", destination="CNTAO-HUB", grade="C",
                       exported_on="2026-06-30")],
    "skus": [{"code": "MUG-350", "exporter": "ACME", "name_en": "mug", "name_zh": "杯", "barcode": "'-123",
              "weight_kg": "0.42", "length_cm": "12", "width_cm": "10", "height_cm": "10.5", "value": "3.20",
              "currency": "USD"},
             {"code": "CREAM", "exporter": "BOLT", "name_en": "cream", "weight_kg": "0.1", "volume_m3": "0.0001",
              "value": "200", "currency": "JPY", "issue_rule": "fefo", "goods_class": "cosmetics"}],
    "bins": [{"warehouse": "DEHAM-WHS", "zone": "A", "code": "A-01", "walk_seq": "1", "max_weight_kg": "500.5",
              "max_volume_m3": "1.2", "zone_name": "shelves"},
             {"warehouse": "DEHAM-WHS", "zone": "S", "code": "S-01", "customs_status": "supervised"}],
    "warehouse-fees": [
        {"warehouse_code": "DEHAM-WHS", "code": "storage", "basis": "m3_day", "band_from": "0", "price": "0.55",
         "currency": "EUR", "free_days": "30", "minimum": "25", "effective_from": "2026-01-01", "source": "example"},
        {"warehouse_code": "DEHAM-WHS", "exporter": "ACME", "code": "outbound_weight", "basis": "weight_band",
         "band_from": "0", "band_to": "2000", "price": "0.6", "currency": "EUR", "divisor_cm3_per_kg": "5022",
         "effective_from": "2026-01-01", "effective_to": "2027-01-01", "source": "example"},
    ],
    "stock": [{"warehouse": "DEHAM-WHS", "exporter": "ACME", "sku": "MUG-350", "place": "A-01", "quantity": "12",
               "received_on": "2026-10-01"},
              {"warehouse": "DEHAM-WHS", "exporter": "BOLT", "sku": "CREAM", "place": "S-01", "quantity": "5",
               "customs_status": "supervised", "batch": "'=L7", "expires_on": "2028-06-30", "received_on": "2026-10-01",
               "condition": "B"}],
    "asn": [{"reference": "PO-1", "exporter": "ACME", "warehouse": "DEHAM-WHS", "expected_on": "2027-01-04",
             "container": "CSQU3054383", "sku": "MUG-350", "quantity": "48", "cartons": "2", "announce": "true"},
            {"reference": "PO-2", "exporter": "BOLT", "warehouse": "DEHAM-WHS", "expected_on": "2027-01-05",
             "sku": "CREAM", "quantity": "5", "batch": "'=L7", "expires_on": "2028-06-30", "condition": "B"}],
    "outbound": [{"reference": "SO-1", "exporter": "ACME", "warehouse": "DEHAM-WHS", "sku": "MUG-350", "quantity": "2",
                  "person_name": "Ada", "city": "Bremen", "country_code": "DE", "ship_by": "2026-12-01T16:00+01:00"},
                 {"reference": "SO-2", "exporter": "BOLT", "warehouse": "DEHAM-WHS", "sku": "CREAM", "quantity": "1",
                  "confirm": "true", "condition": "B", "customs_status": "supervised"}],
}  # fmt: skip
AIR = [
    place("CNTAO-AIR", "airport", iata="TAO"),
    place("DEFRA-AIR", "airport", "Europe/Berlin", "50.03", "8.57", iata="FRA"),
    place("DELEJ-AIR", "airport", "Europe/Berlin", "51.42", "12.24", iata="LEJ"),
]
FLIGHT = {**SERVICES[0], "code": "CA123", "mode": "air", "aircraft": "freighter", "weekdays": "246"}
FLIGHT_CALLS = [
    {"service_code": "CA123", "seq": "1", "location_code": "CNTAO-AIR", "depart_day": "0", "depart_local": "23:30"},
    {"service_code": "CA123", "seq": "2", "location_code": "DEFRA-AIR", "arrive_day": "1", "arrive_local": "04:00",
     "depart_day": "1", "depart_local": "06:00"},
    {"service_code": "CA123", "seq": "3", "location_code": "DELEJ-AIR", "arrive_day": "1", "arrive_local": "07:00"},
]  # fmt: skip


@pytest.fixture
def network(session):
    load_network(session)
    for kind, rows in [
        *MORE.items(),
        ("locations", AIR),
        ("services", [FLIGHT]),
        ("service-calls", FLIGHT_CALLS),
    ]:
        result = load(session, kind, rows)
        assert not result.errors, result.errors
    materialise(session, date(2026, 11, 23), 3)
    return session


def exported(session, kind, form, actor=OPERATOR):
    stream = io.BytesIO()
    export_file(session, actor, NOW, kind, form, stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "form"), [(kind.name, form) for kind in KINDS.values() for form in kind.formats]
)
def test_an_export_is_imported_back_without_a_change(network, kind, form):
    content = exported(network, kind, form)
    again = import_file(network, OPERATOR, NOW, kind, f"x.{form}", content)
    assert again.errors == ()
    assert again.rows_read > 0
    assert (again.added, again.updated, again.unchanged) == (0, 0, again.rows_read)


def test_no_cell_of_an_export_is_run_by_a_spreadsheet(network):
    rows = list(csv.reader(io.StringIO(exported(network, "parcels", "csv").decode("utf-8-sig"))))
    assert rows[1][0] == "'=P-1"
    assert [cell for row in rows for cell in row if cell[:1] in "=+@\t" and cell] == []


def test_an_export_begins_with_a_mark_that_tells_excel_the_encoding(network):
    assert exported(network, "locations", "csv").startswith(b"\xef\xbb\xbfcode,kind,")


def test_sea_departures_are_exported_as_dcsa_and_flights_as_ssim(network):
    assert b'"carrierServiceCode": "SEA-1"' in exported(network, "schedule-dcsa", "json")
    lines = exported(network, "schedule-ssim", "ssim").decode().split("\r\n")
    legs = [line for line in lines if line[:1] == "3"]
    assert [(line[2:9], line[11:13], line[36:39], line[54:57], line[192:194]) for line in legs] == [
        ("CA 0123", "01", "TAO", "FRA", "01"),
        ("CA 0123", "02", "FRA", "LEJ", "11"),
    ]
    assert {len(line) for line in lines[:-1]} == {WIDTH}


def test_flights_of_a_file_become_departures_of_the_service(network):
    content = exported(network, "schedule-ssim", "ssim")
    session = network
    for departure in session.scalars(select(Departure).join(Service).where(Service.code == "CA123")):
        session.delete(departure)
    session.flush()
    result = import_file(session, OPERATOR, NOW, "schedule-ssim", "x.ssim", content)
    assert (result.added, result.errors) == (9, ())
    made = session.scalars(
        select(Departure).join(Service).where(Service.code == "CA123").order_by(Departure.id)
    )
    assert [departure.service_date.isoweekday() for departure in made] == [2, 4, 6] * 3


def test_an_offset_that_is_not_the_airports_is_refused(network):
    content = exported(network, "schedule-ssim", "ssim").replace(b"23302330+0800", b"23302330+0900")
    result = import_file(network, OPERATOR, NOW, "schedule-ssim", "x.ssim", content)
    assert {error.code for error in result.errors} == {"utc_variation_differs"}
    assert (result.saved, result.rejected) == (False, 1)


def test_an_unknown_port_and_service_are_named_by_their_path(network):
    content = exported(network, "schedule-dcsa", "json")
    port = import_file(network, OPERATOR, NOW, "schedule-dcsa", "x", content.replace(b'"KRINC"', b'"KRINK"'))
    assert port.errors[0].code == "unknown_location"
    assert port.errors[0].column == "$[0].vesselSchedules[0].transportCalls[1].location.UNLocationCode"
    service = import_file(
        network, OPERATOR, NOW, "schedule-dcsa", "x", content.replace(b'"SEA-1"', b'"SEA-9"')
    )
    assert service.errors[0].code == "unknown_service"
    assert service.errors[0].column == "$[0].vesselSchedules[0] (service_code)"


def test_a_port_that_two_places_share_is_the_one_the_service_calls_at(network):
    load(network, "locations", [place("CNTAO-PORT2", "port")])
    content = exported(network, "schedule-dcsa", "json")
    assert import_file(network, OPERATOR, NOW, "schedule-dcsa", "x", content).errors == ()
    load(network, "service-calls", [{**CALLS[0], "location_code": "CNTAO-HUB"}])
    result = import_file(network, OPERATOR, NOW, "schedule-dcsa", "x", content)
    assert result.errors[0].code == "ambiguous_location"


def test_a_cutoff_after_the_departure_is_refused(network):
    content = exported(network, "schedule-dcsa", "json").replace(
        b"2026-11-23T10:30:00+00:00", b"2026-11-25T10:30:00Z"
    )
    result = import_file(network, OPERATOR, NOW, "schedule-dcsa", "x", content)
    assert [error.code for error in result.errors] == ["cutoff_after_departure"]


def test_dcsa_has_no_room_for_long_service_codes(network):
    network.scalars(select(Service).where(Service.code == "SEA-1")).one().code = "SEA-WITH-A-LONG-CODE"
    with pytest.raises(Invalid, match="SEA-WITH-A-LONG-CODE"):
        exported(network, "schedule-dcsa", "json")


def test_an_exporter_exports_nothing(network):
    key = network.scalars(select(Party.id).where(Party.reference == "ACME")).one()
    with pytest.raises(Forbidden):
        exported(network, "parcels", "csv", Actor("key", "key_test", "exporter", key))


def test_the_suffix_says_the_format():
    assert (form_of("parcels", ".XLSX"), form_of("schedule-dcsa", ".json")) == ("xlsx", "json")
    with pytest.raises(UnsupportedMedia, match="csv or xlsx"):
        form_of("parcels", ".ssim")


def test_voyages_that_stand_twice_are_duplicates(network):
    content = exported(network, "schedule-dcsa", "json").strip()
    twice = content[:-1] + b"," + content[1:]
    codes = {
        code
        for _row, _column, code in faults(import_file(network, OPERATOR, NOW, "schedule-dcsa", "x", twice))
    }
    assert codes == {"duplicate_reference"}
