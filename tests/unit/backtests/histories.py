"""Small delivery histories, as rows of text and as files."""

import csv
from datetime import date, timedelta
from pathlib import Path

from app.backtests.scms_history import COLUMNS


def history_row(number: int, **changed) -> dict[str, str]:
    """One row of a history by the names of `COLUMNS`, every cell as text."""
    row = {
        "id": str(number),
        "country": "Uganda",
        "via": "From RDC",
        "mode": "Truck",
        "quoted": "1/1/12",
        "ordered": "N/A - From RDC",
        "scheduled": "1-Mar-12",
        "delivered": "1-Mar-12",
        "value": "1000",
        "weight": "100",
        "freight": "250",
    }
    return row | changed


def write_history(path: Path, rows: list[dict[str, str]], *, end: str = "\r") -> Path:
    """Write rows as the public file is: UTF-8 with a byte order mark, lines ended by CR."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator=end)
        writer.writerow(COLUMNS.values())
        writer.writerows([[row[name] for name in COLUMNS] for row in rows])
    return path


def two_mode_history() -> list[dict[str, str]]:
    """40 rows before 2013 and 4 after: truck 100 + 1/kg planned in 60 days, air 50 + 3/kg in 50, all in time."""
    rows = []
    for number in range(40):
        mode, days = ("Truck", 60) if number % 2 else ("Air", 50)
        weight = 100 + 50 * number
        freight = 100 + weight if mode == "Truck" else 50 + 3 * weight
        day = f"{date(2012, 1, 1) + timedelta(days):%d-%b-%y}"
        rows.append(
            history_row(
                number, mode=mode, weight=str(weight), freight=str(freight), scheduled=day, delivered=day
            )
        )
    later = {"quoted": "1/1/13", "scheduled": "1-Mar-13", "delivered": "1-Mar-13"}
    rows += [history_row(40 + n, mode="Air", weight="1000", freight="3050", **later) for n in range(4)]
    return rows


def charter_history() -> list[dict[str, str]]:
    """Nigeria by air at 4/kg, and 6 flights of 3 consignments of 4 t for 10,000 each; then one month of both.

    In the later month three consignments of 4 t and one of 100 kg moved, all on a charter.
    """
    lane = {"country": "Nigeria", "quoted": "1/1/12"}
    rows = [
        history_row(n, **lane, mode="Air", weight=str(100 * n), freight=str(400 * n), delivered="1-Mar-12")
        for n in range(1, 21)
    ]
    for flight in range(6):
        day = f"{date(2012, 1, 10) + timedelta(30 * flight):%d-%b-%y}"
        rows += [
            history_row(
                100 + 3 * flight + n,
                **lane,
                mode="Air Charter",
                weight="4000",
                freight="10000",
                scheduled=day,
                delivered=day,
            )
            for n in range(3)
        ]
    later = lane | {
        "mode": "Air Charter",
        "scheduled": "5-Mar-13",
        "delivered": "5-Mar-13",
        "freight": "9000",
    }
    rows += [history_row(200 + n, **later, weight="4000") for n in range(3)]
    return [*rows, history_row(203, **later, weight="100")]
