"""Small workbooks and histories made on the spot, and the way to the public data sets."""

from pathlib import Path

import pytest
import xlsxwriter

from app.backtests.brunel import SHEETS
from tests.unit.backtests.histories import write_history

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

# Two warehouses with one port each; W1 has one place, W2 has two and a list of customers.
TABLES = {
    "OrderList": [
        [1.7, "P1", "X", "DTD", "C1", 11, "W1", "PX", 10, 2.001],
        [2.7, "P1", "X", "DTD", "C2", 11, "W1", "PX", 20, 4.0],
        [3.7, "P1", "X", "CRF", "C1", 11, "W1", "PX", 30, 6.0],
        [4.7, "P1", "X", "DTD", "C1", 12, "W1", "PX", 10, 2.0],
        [5.7, "P1", "X", "DTD", "C2", 13, "W2", "PX", 10, 2.0],
        [6.7, "P1", "X", "DTD", "C1", 11, "W1", "PX", 10, 900.0],
    ],
    "FreightRates": [
        ["R1", "P1", "PX", 0.0, 99.99, "DTD", 3.0, 1.0, "AIR"],
        ["R2", "P1", "PX", 0.0, 99.99, "DTD", 1.0, 2.0, "AIR"],
        ["R3", "P2", "PX", 0.0, 99.99, "DTD", 0.5, 0.1, "GROUND"],
    ],
    "WhCosts": [["W1", 0.5], ["W2", 2.0]],
    "WhCapacities": [["W1", 1], ["W2", 2]],
    "ProductsPerPlant": [["W1", 11], ["W2", 11], ["W2", 13], ["GONE", 12]],
    "VmiCustomers": [["W2", "C1"]],
    "PlantPorts": [["W1", "P1"], ["W2", "P2"]],
}


def write_workbook(path: Path, **changed) -> Path:
    """Write the tables above; a changed sheet may be a list of rows, or None to leave it out."""
    with xlsxwriter.Workbook(path) as book:
        for sheet, columns in SHEETS.items():
            rows = changed.get(sheet, TABLES[sheet])
            if rows is None:
                continue
            page = book.add_worksheet(sheet)
            for number, row in enumerate([columns, *rows]):
                page.write_row(number, 0, row)
    return path


@pytest.fixture
def workbook(tmp_path):
    def make(**changed):
        return write_workbook(tmp_path / "orders.xlsx", **changed)

    return make


@pytest.fixture
def history_file(tmp_path):
    def make(rows, **how):
        return write_history(tmp_path / "history.csv", rows, **how)

    return make


def public(name: str) -> Path:
    """The path of a public data set; the test is skipped, saying so, where it does not stand beside us."""
    path = DATA / name
    if not path.exists():
        pytest.skip(
            f"the public data set {name} is not there (expected in ../shared/data beside the repository)"
        )
    return path


@pytest.fixture
def brunel_workbook():
    return public("brunel-supply-chain-logistics.xlsx")


@pytest.fixture
def scms_history():
    return public("scms-delivery-history.csv.gz")
