"""Price lists and statements of warehouses over HTTP."""

from datetime import date

import pytest
from sqlalchemy import select

from app.actor import system
from app.models import Party, Warehouse, WarehouseChargedDay, WarehouseFee, WarehouseStatement
from app.schemas.warehouse_fees import (
    ChargedMovePage,
    ChargePage,
    FeePage,
    WarehouseStatementPage,
    WarehouseStatementShape,
)
from app.usecases.billing import invoice_lines
from tests import factories as make
from tests.factories import NOW
from tests.http.answers import faults, good, problem
from trade.warehouse_fees import billed_line


@pytest.fixture
def fees(house):
    """Storage for everybody, and for acme alone from now on."""
    with house.database.transaction() as session:
        warehouse = session.scalars(select(Warehouse)).first()
        acme = session.scalars(select(Party).where(Party.reference == "acme")).one()
        for owner, micros, since in (
            (None, 600_000, date(2026, 1, 1)),
            (acme.id, 400_000, date(2026, 11, 1)),
        ):
            session.add(
                WarehouseFee(
                    warehouse_id=warehouse.id, exporter_id=owner, code="storage", basis="m3_day", band_from=0,
                    price_micros=micros, currency="EUR", effective_from=since,
                )
            )  # fmt: skip


def prices(caller, world, **query):
    found = good(caller.get(f"/warehouses/{world.ids['warehouse']}/fees", **query), FeePage)["items"]
    return [(row["price"], row["agreed"], row["replaced"]) for row in found]


def test_everybody_sees_the_published_prices_and_an_exporter_its_own_as_well(call, world, fees):
    published = [("0.600000", False, False)]
    agreed = [("0.400000", True, False), ("0.600000", False, True)]

    assert prices(call("acme"), world) == prices(call("finance"), world, exporter="acme") == agreed
    assert prices(call("globex"), world) == prices(call("customs"), world) == published
    assert prices(call("acme"), world, on="2026-06-01") == published
    assert prices(call("acme"), world, on="2025-06-01") == []


def test_what_was_agreed_with_another_is_not_shown(call, world, fees):
    path = f"/warehouses/{world.ids['warehouse']}/fees"

    assert faults(call("globex").get(path, exporter="acme")) == {"exporter": "unknown_exporter"}
    problem(call("regulator").get(path, exporter="acme"), 403, "forbidden")


def test_a_statement_is_read_from_its_total_down_to_its_charges(acme, world):
    (head,) = good(acme.get("/warehouse-statements"), WarehouseStatementPage)["items"]
    body = good(acme.get(f"/warehouse-statements/{head['id']}"), WarehouseStatementShape)
    (charge,) = good(acme.get(f"/warehouse-statements/{head['id']}/charges", line=1), ChargePage)["items"]

    assert (head["id"], head["total"], head["month"]) == (world.ids["my_statement"], "1.80", "2026-08")
    assert [(line["line"], line["code"], line["amount"]) for line in body["lines"]] == [
        (1, "outbound_order", "1.80")
    ]
    assert (charge["quantity"], charge["amount"], charge["lot"]) == ("2", "1.800000", None)
    moves = acme.get(f"/warehouse-statements/{head['id']}/moves", charge=charge["charge"])
    assert good(moves, ChargedMovePage)["items"] == []
    assert faults(acme.get(f"/warehouse-statements/{head['id']}/moves")) == {"charge": "required"}
    problem(acme.get(f"/warehouse-statements/{head['id']}/charges", line=2), 404, "not_found")


def test_a_statement_is_invoiced_line_by_line_and_printed(acme, world, house):
    invoiced(house.database, world.ids["my_statement"])
    head = good(acme.get(f"/warehouse-statements/{world.ids['my_statement']}"), WarehouseStatementShape)
    invoice = acme.get(f"/invoices/{head['invoice_id']}").get_json()

    assert [(line["code"], line["amount"]) for line in invoice["lines"]] == [("outbound_order", "1.80")]
    assert (invoice["total"], invoice["booking_id"]) == (head["total"], None)
    assert acme.get(f"/invoices/{head['invoice_id']}.pdf").data.startswith(b"%PDF")


def test_a_statement_comes_as_csv(acme, world):
    text = acme.get(f"/warehouse-statements/{world.ids['my_statement']}/lines.csv").data.decode("utf-8-sig")

    assert text.splitlines() == [
        "line,code,basis,quantity,unit_price,amount,currency",
        "1,outbound_order,order,2,0.900000,1.80,EUR",
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 2),
        ({"exporter": "acme"}, 1),
        ({"month": "2026-08"}, 2),
        ({"month": "2026-09"}, 0),
        ({"warehouse": "DEDUI-WHS"}, 2),
        ({"warehouse": "USLAX-WH"}, 0),
    ],
)
def test_statements_are_found_by_what_people_know_of_them(call, query, count):
    assert (
        len(good(call("finance").get("/warehouse-statements", **query), WarehouseStatementPage)["items"])
        == count
    )


def test_a_month_is_stated_once_it_is_over(call, house):
    body = {"warehouse": "DEDUI-WHS", "month": "2026-10"}
    problem(call("operator").post("/warehouse-statements", body), 409, "wrong_state")
    with house.database.transaction() as session:
        warehouse = session.scalars(select(Warehouse)).first()
        session.add(
            WarehouseChargedDay(warehouse_id=warehouse.id, day=date(2026, 10, 31), charges=0, charged_at=NOW)
        )

    assert good(call("finance").post("/warehouse-statements", body), WarehouseStatementPage)["items"] == []
    problem(call("acme").post("/warehouse-statements", body), 403, "forbidden")
    unknown = call("finance").post("/warehouse-statements", {"warehouse": "NOWHERE", "month": "2026-10"})
    assert faults(unknown) == {"warehouse": "unknown_warehouse"}


def invoiced(database, public_id):
    """Bill the one line of a statement."""
    with database.transaction() as session:
        row = session.scalars(
            select(WarehouseStatement).where(WarehouseStatement.public_id == public_id)
        ).one()
        lines = (billed_line("outbound_order", "order", 2, 900_000, row.currency),)
        bill = invoice_lines(session, system("test"), make.NOW, row.exporter_id, row.currency, lines)
        row.invoice_id = bill.id
