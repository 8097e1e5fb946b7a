"""Price lists of warehouses come in and go out again, and rows that contradict each other come in not at all."""

import io

import pytest

from app.actor import system
from app.models import WarehouseFee
from app.usecases.exporting import export_file
from app.usecases.importing import import_file
from tests.stock_rows import NOW, a_house

ACTOR = system("test")
HEAD = (
    "warehouse_code,exporter,code,basis,band_from,band_to,price,currency,free_days,minimum,effective_from,"
    "effective_to"
)
GOOD = (
    "DEDUI-WHS,,storage,m3_day,0,31,0,EUR,,25.50,2026-01-01,",
    "DEDUI-WHS,,storage,m3_day,31,,0.756743,EUR,,25.50,2026-01-01,",
    "DEDUI-WHS,acme,storage,m3_day,0,,0.4,EUR,30,,2026-01-01,2027-01-01",
    "DEDUI-WHS,,pick,unit,,,0.15,EUR,,,2026-01-01,",
)


@pytest.fixture(autouse=True)
def house(session):
    return a_house(session)


def read(session, *rows, **options):
    content = "\n".join((HEAD, *rows)).encode()
    return import_file(session, ACTOR, NOW, "warehouse-fees", "fees.csv", content, **options)


@pytest.mark.postgres
def test_a_price_list_comes_out_as_it_went_in(session):
    assert (read(session, *GOOD).added, read(session, *GOOD).unchanged) == (4, 4)
    stream = io.BytesIO()
    export_file(session, ACTOR, NOW, "warehouse-fees", "csv", stream)
    again = import_file(session, ACTOR, NOW, "warehouse-fees", "again.csv", stream.getvalue())

    assert (again.unchanged, again.errors) == (4, ())
    kept = session.query(WarehouseFee).filter_by(band_from=31).one()
    assert (kept.price_micros, kept.minimum_minor, kept.exporter_id) == (756_743, 2_550, None)


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("DEDUI-WHS,,storage,m3_day,20,25,1,EUR,,25.50,2026-06-01,", "fee_bands_overlap", "band_from"),
        ("DEDUI-WHS,,receive_carton,carton,5,,1,EUR,,,2026-01-01,", "fee_bands_gap", "band_from"),
        ("DEDUI-WHS,,pick,unit,,,1,USD,,,2030-01-01,", "fee_rows_differ", "code"),
        ("DEDUI-WHS,,pick,order,,,1,EUR,,,2026-01-01,", "fee_basis", "basis"),
        ("DEDUI-WHS,,pick,unit,7,7,1,EUR,,,2026-01-01,", "band_empty", "band_to"),
        ("DEDUI-WHS,,pick,unit,,,1,EUR,,0.001,2026-01-01,", "too_many_decimals", "minimum"),
        ("DEDUI-WHS,nobody,pick,unit,,,1,EUR,,,2026-01-01,", "unknown_exporter", "exporter"),
        ("NOWHERE,,pick,unit,,,1,EUR,,,2026-01-01,", "unknown_warehouse", "warehouse_code"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_saved(session, row, code, column):
    result = read(session, *GOOD, row)

    assert (result.saved, session.query(WarehouseFee).count()) == (False, 0)
    assert (code, column) in {(fault.code, fault.column) for fault in result.errors}


def test_what_is_stored_counts_as_well(session):
    read(session, *GOOD)
    later = "DEDUI-WHS,,pick,unit,,,0.20,EUR,,,2027-01-01,"
    ended = GOOD[3].removesuffix(",") + ",2027-01-01"

    assert [fault.code for fault in read(session, later).errors] == ["fee_bands_overlap"]
    assert (read(session, ended, later).saved, session.query(WarehouseFee).count()) == (True, 5)
