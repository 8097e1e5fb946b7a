"""The pages of one warehouse: its own staff find it, the staff of another do not."""

import pytest

from tests import factories as make
from tests.http.pages import person, words


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def houses(database):
    """Two warehouses by code."""
    with database.transaction() as session:
        return {
            code: make.make_warehouse(session, make.make_location(session, code, "overseas"))
            for code in ("DEDUI-WHS", "USLAX-WHS")
        }


def test_staff_find_their_own_warehouse_and_no_other(app, houses):
    worker = person(app, "warehouse", warehouse_id=houses["DEDUI-WHS"].id)

    assert worker.get("/warehouses/DEDUI-WHS").status_code == 200
    assert worker.get("/warehouses/USLAX-WHS").status_code == 404


def test_the_operation_finds_every_warehouse(app, houses):
    operator = person(app)

    for code in houses:
        assert "Overview" in words(operator.get(f"/warehouses/{code}"))
    assert operator.get("/warehouses/NOWHERE").status_code == 404
