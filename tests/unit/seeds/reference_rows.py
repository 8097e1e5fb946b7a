"""The reference files as dictionaries, read once."""

import csv
from functools import cache

from app.seeds.reference import reference_file


@cache
def rows(kind):
    with reference_file(kind).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
