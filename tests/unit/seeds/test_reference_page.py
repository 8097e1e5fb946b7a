"""The page about the reference network counts what is there."""

import re
from collections import Counter
from pathlib import Path

from app.seeds.reference import KINDS, WEEKS
from tests.unit.seeds.reference_rows import rows

PAGE = (Path(__file__).parents[3] / "docs" / "reference-network.md").read_text(encoding="utf-8")


def table(heading):
    """The lines of a table as lists of cells."""
    lines = PAGE[PAGE.index(heading) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_gives_the_number_of_rows_of_every_kind():
    given = {kind: int(number) for kind, number, _what in table("| kind | rows |")}
    assert given == {kind: len(rows(kind)) for kind in KINDS}


def test_the_page_gives_the_services_and_departures_of_every_mode():
    services, departures = Counter(), Counter()
    for row in rows("services"):
        if row["schedule"] == "dated":
            services[row["mode"]] += 1
            departures[row["mode"]] += WEEKS * len(row["weekdays"]) / int(row["every_weeks"])
    given = {mode: (int(lines), int(count)) for mode, lines, count in table("| mode | services")}
    assert given == {mode: (services[mode], departures[mode]) for mode in services}


def test_the_page_counts_places_warehouses_and_sourced_services():
    places = rows("locations")
    kinds = Counter(place["kind"] for place in places)
    overseas = {place["country"] for place in places if place["kind"] == "overseas"}
    on_demand = Counter(row["mode"] for row in rows("services") if row["schedule"] == "on_demand")
    dated = [row for row in rows("services") if row["schedule"] == "dated"]
    sourced = [row for row in dated if not row["source"].startswith("example")]
    for sentence in (
        f"{kinds['port']} ports, {kinds['airport']} airports, {kinds['station']} rail terminals",
        f"{kinds['border']} border stations, {kinds['zone']} delivery zones",
        f"in {len({place['country'] for place in places})} countries",
        f"{kinds['overseas']} public overseas warehouses in {len(overseas)} countries",
        f"({on_demand['road']} services, mode `road`)",
        f"({on_demand['last_mile']} services, mode `last_mile`)",
        f"{len(sourced)} of the {len(dated)} rest on a published",
    ):
        assert re.sub(r"\s+", " ", sentence) in re.sub(r"\s+", " ", PAGE)
