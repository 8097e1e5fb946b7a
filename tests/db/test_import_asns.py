"""Announced goods as a file: one row for each line, all or nothing, and back again."""

import csv
import io

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.models import Asn
from app.usecases.exporting import export_file
from app.usecases.importing import import_file
from tests.inbound_rows import announced, arrived
from tests.stock_rows import NOW, a_house

ROW = {
    "reference": "PO-7", "exporter": "acme", "warehouse": "DEDUI-WHS", "expected_on": "2027-01-04",
    "container": "CSQU3054383", "sku": "SKU-1", "quantity": "40", "cartons": "2",
}  # fmt: skip


@pytest.fixture(scope="session")
def backend():
    return "sqlite"


@pytest.fixture
def house(session):
    return a_house(session)


def load(session, house, rows, actor=None):
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return import_file(session, actor or house.actor, NOW, "asn", "asn.csv", text.getvalue().encode())


def stored(session):
    return session.execute(select(Asn.reference, Asn.status).order_by(Asn.reference)).all()


def test_rows_of_one_reference_are_one_asn(session, house):
    result = load(
        session,
        house,
        [ROW, ROW | {"sku": "SKU-2", "batch": "B7"}, ROW | {"reference": "PO-8", "announce": "true"}],
    )

    assert (result.errors, result.added, result.saved) == ((), 3, True)
    assert stored(session) == [("PO-7", "draft"), ("PO-8", "announced")]


def test_the_same_file_again_changes_nothing_and_another_one_changes_a_draft(session, house):
    rows = [ROW, ROW | {"sku": "SKU-2"}]
    load(session, house, rows)
    assert load(session, house, rows).unchanged == 2
    assert load(session, house, [ROW | {"quantity": "41"}]).updated == 1
    assert load(session, house, [ROW | {"quantity": "41", "announce": "true"}]).updated == 1
    refused = load(session, house, [ROW])
    assert [(one.row, one.column, one.code) for one in refused.errors] == [
        (2, "reference", "duplicate_reference")
    ]


def test_bad_rows_change_nothing_and_each_is_named(session, house):
    rows = [
        ROW,
        ROW | {"sku": "NONE"},
        ROW | {"reference": "PO-8", "container": "CSQU3054384"},
        ROW | {"reference": "PO-9", "exporter": "nobody"},
        ROW | {"reference": "PO-10", "warehouse": "NOWHERE"},
        ROW | {"reference": "PO-11", "quantity": "0"},
        ROW | {"reference": "PO-12"},
        ROW | {"reference": "PO-12", "sku": "SKU-2", "expected_on": "2027-01-05"},
    ]
    result = load(session, house, rows)

    assert not result.saved
    assert stored(session) == []
    assert {(one.row, one.column, one.code) for one in result.errors} == {
        (3, "sku", "sku_unknown"),
        (4, "container", "bad_check_digit"),
        (5, "exporter", "unknown_exporter"),
        (6, "warehouse", "unknown_warehouse"),
        (7, "quantity", "not_positive"),
        (9, "expected_on", "asn_rows_differ"),
    }


def test_an_exporter_names_only_itself(session, house):
    other = a_house(session, "PLWAW-WHS", "globex")
    actor = Actor("user", "usr_g", "exporter", other.owner.id)
    assert [one.code for one in load(session, house, [ROW], actor).errors] == ["unknown_exporter"]
    own = {name: value for name, value in ROW.items() if name != "exporter"}
    assert load(session, house, [own], actor).added == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_exported_is_taken_back_unchanged(session, house, form):
    load(
        session,
        house,
        [ROW, ROW | {"sku": "SKU-2", "batch": "B7", "expires_on": "2027-06-30", "condition": "B"}],
    )
    announced(session, house, "PO-1")
    arrived(session, house, announced(session, house, "PO-2"))
    stream = io.BytesIO()
    export_file(session, house.actor, NOW, "asn", form, stream)

    again = import_file(session, house.actor, NOW, "asn", f"asn.{form}", stream.getvalue())

    assert (again.errors, again.added, again.updated, again.unchanged) == ((), 0, 0, 6)
