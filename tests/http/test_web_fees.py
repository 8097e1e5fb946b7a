"""Price lists and statements of warehouses as people see them."""

from datetime import date

import pytest
from sqlalchemy import select

from app.models import Warehouse, WarehouseFee
from app.usecases.warehousing.statements import issue_statements
from app.usecases.warehousing.storage_billing import charge_day
from tests import factories as make
from tests.db.test_warehouse_statements import ACTOR, FIRST, LAST, filled
from tests.fee_rows import day_after
from tests.http.pages import person, words


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def stated(database):
    """A house with a month stated for its exporter: the warehouse's code, the exporter, and the statement's id."""
    with database.transaction() as session:
        house = filled(session)
        for day in (FIRST, date(2026, 11, 3), LAST):
            charge_day(session, day_after(day), house.warehouse.id, day)
        (statement,) = issue_statements(session, ACTOR, day_after(LAST), house.warehouse, FIRST)
        return "DEDUI-WHS", house.owner, statement.public_id


def test_a_statement_leads_from_its_total_to_the_moves(app, stated):
    _, owner, public_id = stated
    client = person(app, "exporter", exporter=owner)

    assert "November 2026" in words(client.get("/warehouse-statements"))
    text = words(client.get(f"/warehouse-statements/{public_id}"))
    assert "Storage" in text
    assert "Order sent out" in text
    lines = client.get(f"/warehouse-statements/{public_id}").text
    number = 1 + lines[: lines.index(">Picking<")].count("row-link") - 1
    charges = client.get(f"/warehouse-statements/{public_id}/lines/{number}")
    assert "Tue 3 Nov 2026" in words(charges)
    link = next(
        part.split('"')[0] for part in charges.text.split('href="') if "/charges/" in part.split('"')[0]
    )
    moves = words(client.get(link))
    assert "A-01 → staging" in moves
    assert "SKU-1" in moves
    assert client.get(f"/warehouse-statements/{public_id}/lines/99").status_code == 404


def test_what_lay_there_is_explained_by_every_move_until_that_night(app, stated):
    public_id = stated[2]
    client = person(app, "finance")
    page = client.get(f"/warehouse-statements/{public_id}").text
    number = page[: page.index(">Storage<")].count("row-link")
    charges = client.get(f"/warehouse-statements/{public_id}/lines/{number + 1}")
    link = next(
        part.split('"')[0] for part in charges.text.split('href="') if "/charges/" in part.split('"')[0]
    )

    assert "There at the end of the day 990" in words(client.get(link))


def test_another_exporters_statement_is_not_there(app, stated, database):
    with database.transaction() as session:
        stranger = make.make_party(session, "STRANGER")
    client = person(app, "exporter", exporter=stranger)

    for path in ("", "/lines/1", "/lines/1/charges/1"):
        assert client.get(f"/warehouse-statements/{stated[2]}{path}").status_code == 404
    assert "No statement here" in words(client.get("/warehouse-statements"))
    assert person(app, "warehouse").get("/warehouse-statements").status_code == 403


def test_statements_are_narrowed_to_houses_that_have_some(app, stated, database):
    code, owner, public_id = stated
    with database.transaction() as session:
        stranger = make.make_party(session, "STRANGER")
        house, exporter = session.scalars(select(Warehouse)).one().public_id, owner.public_id
    finance = person(app, "finance")

    assert f'<option value="{code}">' in finance.get("/warehouse-statements").text
    assert code not in person(app, "exporter", exporter=stranger).get("/warehouse-statements").text
    for query, told in (
        (f"warehouse={code}", f'<option value="{code}" selected>'),
        (f"warehouse={house}", f"<option selected>{house}</option>"),
        (f"exporter={exporter}", f'<option value="{owner.reference}" selected>'),
    ):
        page = finance.get(f"/warehouse-statements?{query}").text
        assert told in page
        assert public_id in page
    assert finance.get("/warehouse-statements?exporter=NOBODY").status_code == 404


def test_a_price_list_shows_bands_and_what_was_agreed(app, stated, database):
    code, owner, _ = stated
    with database.transaction() as session:
        house = session.scalars(select(Warehouse)).first()
        session.add(
            WarehouseFee(
                warehouse_id=house.id, exporter_id=owner.id, code="storage", basis="m3_day", free_days=30,
                price_micros=400_000, currency="EUR", effective_from=date(2026, 1, 1),
            )
        )  # fmt: skip
    published = words(person(app, "customs").get(f"/warehouses/{code}/fees"))
    assert "day 31 to 60" in published
    assert "up to 1.999 kg" in published
    assert "agreed" not in published
    own = words(person(app, "exporter", exporter=owner).get(f"/warehouses/{code}/fees"))
    assert "agreed with you" in own
    assert "30 days free." in own
    asked = words(person(app, "finance").get(f"/warehouses/{code}/fees?exporter={owner.reference}"))
    assert "an agreed price holds instead" in asked
    assert "No prices on this day" in words(
        person(app, "finance").get(f"/warehouses/{code}/fees?on=2020-01-01")
    )
