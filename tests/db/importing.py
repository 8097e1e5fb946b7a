"""Files for tests of imports: a small network of two ports, an airport and a warehouse, as rows of CSV."""

import csv
import io
from datetime import UTC, datetime

from app.actor import system
from app.usecases.importing import import_file

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
OPERATOR = system("test")

PARTIES = [
    {"reference": "ACME", "name": "Acme Lamps", "country": "CN", "roles": "exporter"},
    {"reference": "BOLT", "name": "Bolt Toys", "country": "CN", "roles": "exporter"},
    {"reference": "LINE", "name": "Harbour Line", "country": "CN", "roles": "carrier"},
]


def place(code, kind, time_zone="Asia/Shanghai", latitude="36.07", longitude="120.32", **facts):
    names = {"name_en": code, "name_zh": code, "country": code[:2], "unlocode": code[:5]}
    return {"code": code, "kind": kind, "time_zone": time_zone, "latitude": latitude, "longitude": longitude,
            **names, **facts}  # fmt: skip


LOCATIONS = [
    place("CNTAO-PORT", "port"),
    place("CNTAO-HUB", "origin_hub"),
    place("KRINC-PORT", "port", "Asia/Seoul", "37.45", "126.60"),
    place("DEHAM-PORT", "port", "Europe/Berlin", "53.54", "9.98"),
    place("DEHAM-WHS", "overseas", "Europe/Berlin", "53.55", "10.00"),
]
SERVICES = [
    {"code": "SEA-1", "name_en": "Loop", "name_zh": "环线", "mode": "sea", "schedule": "dated", "carrier": "LINE",
     "weekdays": "15", "every_weeks": "1", "valid_from": "2026-01-01", "accepts": "general;li_ion_packed"},
    {"code": "TRUCK", "name_en": "Truck", "name_zh": "卡车", "mode": "road", "schedule": "on_demand",
     "transit_min": "240", "valid_from": "2026-01-01", "accepts": "general"},
]  # fmt: skip
CALLS = [
    {"service_code": "SEA-1", "seq": "1", "location_code": "CNTAO-PORT", "depart_day": "0", "depart_local": "20:00",
     "cutoffs": "FCO=48h DGC=90m"},
    {"service_code": "SEA-1", "seq": "2", "location_code": "KRINC-PORT", "arrive_day": "1", "arrive_local": "18:00",
     "depart_day": "2", "depart_local": "06:00"},
    {"service_code": "SEA-1", "seq": "3", "location_code": "DEHAM-PORT", "arrive_day": "34", "arrive_local": "05:00"},
    {"service_code": "TRUCK", "seq": "1", "location_code": "CNTAO-HUB"},
    {"service_code": "TRUCK", "seq": "2", "location_code": "CNTAO-PORT"},
]  # fmt: skip
UNIT_TYPES = [
    {"code": "40HQ", "name_en": "40-foot high cube", "name_zh": "40尺高箱", "payload_kg": "28600",
     "volume_m3": "67.1", "takes_dimension": "teu", "takes_quantity": "2", "iso_code": "45G1"},
    {"code": "45HQ", "name_en": "45-foot high cube", "name_zh": "45尺高箱", "payload_kg": "27700",
     "volume_m3": "75.7", "takes_dimension": "teu", "takes_quantity": "2.25"},
]  # fmt: skip
SPACE = [
    {"service_code": "SEA-1", "segment_seq": "", "dimension": "teu", "capacity": "40"},
    {"service_code": "SEA-1", "segment_seq": "", "dimension": "teu", "capacity": "4.5", "exporter": "ACME",
     "release_days": "7"},
    {"service_code": "SEA-1", "segment_seq": "2", "dimension": "g", "capacity": "900000.5"},
]  # fmt: skip
UNITS = [
    {"service_code": "SEA-1", "unit_type": "40HQ", "max_count": "6", "cost": "2840.50", "currency": "USD"}
]
TARIFFS = [
    {"code": "BUY-SEA-1", "side": "buy", "service_code": "SEA-1", "currency": "USD", "divisor_cm3_per_kg": "6000",
     "rounding_kg": "0.5", "minimum": "12.50", "per_m3": "77.5821", "valid_from": "2026-01-01", "from_kg": start,
     "rate_per_kg": rate}
    for start, rate in (("0", "1.25"), ("45", "1.1"), ("100", "0.98"))
]  # fmt: skip
NETWORK = {
    "parties": PARTIES,
    "locations": LOCATIONS,
    "unit-types": UNIT_TYPES,
    "services": SERVICES,
    "service-calls": CALLS,
    "service-space": SPACE,
    "service-units": UNITS,
    "tariffs": TARIFFS,
}


def parcel(reference="P-1", **facts):
    """A parcel row that is right in every column."""
    return {
        "reference": reference, "exporter": "ACME", "direction": "export", "origin": "CNTAO-HUB",
        "destination": "DEHAM-WHS", "weight_kg": "2.5", "length_cm": "30", "width_cm": "20.5", "height_cm": "10",
        "volume_m3": "", "goods_class": "general", "value": "49.90", "currency": "USD",
        "ready_at": "2026-12-01T08:00:00+08:00", "deliver_by": "2027-01-20T18:00:00+01:00", **facts,
    }  # fmt: skip


def as_csv(rows):
    """The rows as bytes of a CSV file; the header has every column that some row names."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def load(session, kind, rows, **options):
    """Import rows (dictionaries, or bytes as they stand) as the operator."""
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    actor = options.pop("actor", OPERATOR)
    return import_file(session, actor, NOW, kind, f"{kind}.csv", content, **options)


def load_network(session, **changed):
    """The small network; a kind named in `changed` (with _ for -) is loaded with those rows instead."""
    for kind, rows in NETWORK.items():
        result = load(session, kind, changed.get(kind.replace("-", "_"), rows))
        assert not result.errors, result.errors


def faults(result):
    """(row, column, code) of each error, in order."""
    return [(error.row, error.column, error.code) for error in result.errors]
