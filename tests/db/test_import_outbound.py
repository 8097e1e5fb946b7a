"""Orders in files: what is exported comes back unchanged, and a bad row changes nothing."""

import io

import pytest

from app.models import OutboundOrder
from app.usecases.exporting import export_file
from app.usecases.importing import import_file
from tests.outbound_rows import an_order, brought_to
from tests.stock_rows import NOW, a_house, stocked

HEADER = "reference,exporter,warehouse,person_name,address_line1,city,postal_code,country_code,confirm,sku,quantity\n"
ROW = "{0},acme,DEDUI-WHS,Ada,Allee 1,Duisburg,47051,DE,{1},{2},{3}\n"


@pytest.fixture
def house(session):
    rows = a_house(session)
    stocked(session, rows, "SKU-1", 10)
    return rows


def imported(session, house, text, actor=None):
    return import_file(session, actor or house.actor, NOW, "outbound", "orders.csv", text.encode())


def test_rows_of_one_reference_become_one_order_once(session, house):
    text = HEADER + ROW.format("A", "true", "SKU-1", 2) + ROW.format("A", "true", "4000000000002", 1)
    text += ROW.format("B", "false", "SKU-1", 3)
    assert imported(session, house, text).added == 3
    orders = {one.reference: one.status for one in session.query(OutboundOrder)}
    assert orders == {"A": "waiting_seller", "B": "draft"}

    again = imported(session, house, text)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 3)
    changed = imported(session, house, HEADER + ROW.format("B", "true", "SKU-1", 4))
    assert (changed.updated, changed.errors) == (1, ())
    refused = imported(session, house, HEADER + ROW.format("B", "true", "SKU-1", 5))
    assert [fault.code for fault in refused.errors] == ["duplicate_reference"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_exported_comes_back_unchanged(session, house, form):
    an_order(session, house, ("SKU-1", 2), ("SKU-2", 1))
    an_order(session, house, reference="SO-2", confirm=False)
    brought_to(session, house, "handed_over", "SO-3")
    stream = io.BytesIO()
    export_file(session, house.actor, NOW, "outbound", form, stream)

    back = import_file(session, house.actor, NOW, "outbound", f"orders.{form}", stream.getvalue())

    assert (back.rows_read, back.added, back.updated, back.unchanged) == (3, 0, 0, 3)


def test_a_bad_row_changes_nothing_and_is_named(session, house):
    text = HEADER + ROW.format("A", "true", "SKU-1", 2) + ROW.format("B", "true", "NONE", 1)
    text += ROW.format("B", "false", "SKU-1", 1) + ROW.format("C", "true", "SKU-1", 0)
    result = imported(session, house, text)
    assert not result.saved
    assert {(one.row, one.column, one.code) for one in result.errors} == {
        (4, "confirm", "order_rows_differ"), (5, "quantity", "not_positive"),
    }  # fmt: skip
    unknown = imported(session, house, HEADER + ROW.format("B", "true", "NONE", 1))
    assert [(one.row, one.column, one.code) for one in unknown.errors] == [(2, "sku", "sku_unknown")]
    assert session.query(OutboundOrder).count() == 0
