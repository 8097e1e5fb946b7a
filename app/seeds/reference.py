"""The reference network as files: one CSV per kind, in the columns of `fourport import`."""

from pathlib import Path

FOLDER = Path(__file__).parent / "reference"

KINDS = (
    "parties",
    "locations",
    "country-groups",
    "warehouses",
    "warehouse-fees",
    "unit-types",
    "services",
    "service-calls",
    "service-space",
    "service-units",
    "route-groups",
    "tariffs",
    "surcharges",
    "fx-rates",
)
"""In the order in which they refer to each other."""

WEEKS = 8
"""How far ahead departures are made from the patterns of the services."""


def reference_file(kind: str) -> Path:
    """The file of one kind in `KINDS`."""
    return FOLDER / f"{kind}.csv"
