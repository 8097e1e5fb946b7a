"""Codes of bins, many at once: `A-01..A-20` names twenty, `A-01-1..A-20-4` eighty."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product

from warehouses.errors import WarehouseError

CODE = r"[A-Z0-9][A-Z0-9._-]{0,23}"
MOST = 2000
"""Bins that are named in one go."""
_PARTS = re.compile(r"[0-9]+|[A-Z]+|[._-]+")


def bin_codes(pattern: str) -> list[str]:
    """Return the codes a pattern names, in the order in which they are written.

    Codes and ranges stand between commas or blanks; both ends of a range are written alike, and what differs between
    them counts up: numbers with their leading zeros, single letters. Small letters become capitals.
    Raises WarehouseError `no_code`, `bad_code`, `bad_range`, `too_many` or `twice`, each for `codes`.
    """
    text = re.sub(r"\s*\.\.\s*", "..", pattern.strip().upper())
    codes: list[str] = []
    for part in filter(None, re.split(r"[,;\s]+", text)):
        codes.extend(_expand(part, MOST - len(codes)))
    if not codes:
        raise WarehouseError("no_code", "codes", "no code is named")
    twice = [code for code, count in Counter(codes).items() if count > 1]
    if twice:
        raise WarehouseError("twice", "codes", f"{twice[0]} is named twice")
    return codes


def _expand(part: str, room: int) -> list[str]:
    first, dots, last = part.partition("..")
    for code in (first, last) if dots else (first,):
        if not re.fullmatch(CODE, code):
            raise WarehouseError(
                "bad_code", "codes", f"{code[:40]!r} is no code: letters, digits, dots and dashes, at most 24"
            )
    found = _range(first, last) if dots else [[first]]
    size = 1
    for choices in found:
        size *= len(choices)
    if size > room:
        raise WarehouseError("too_many", "codes", f"more than {MOST} codes; name them in several goes")
    return ["".join(parts) for parts in product(*found)]


def _range(first: str, last: str) -> list[list[str]]:
    starts, ends = _PARTS.findall(first), _PARTS.findall(last)
    if len(starts) != len(ends):
        raise _bad_range(first, last)
    return [list(_steps(start, end, first, last)) for start, end in zip(starts, ends, strict=True)]


def _steps(start: str, end: str, first: str, last: str) -> Iterator[str]:
    if start == end:
        yield start
    elif start.isdigit() and end.isdigit() and len(start) <= len(end) and int(start) < int(end):
        if int(end) - int(start) >= MOST:
            raise WarehouseError("too_many", "codes", f"more than {MOST} codes; name them in several goes")
        yield from (str(number).zfill(len(start)) for number in range(int(start), int(end) + 1))
    elif len(start) == len(end) == 1 and start.isalpha() and end.isalpha() and start < end:
        yield from map(chr, range(ord(start), ord(end) + 1))
    else:
        raise _bad_range(first, last)


def _bad_range(first: str, last: str) -> WarehouseError:
    return WarehouseError("bad_range", "codes", f"{first}..{last} is no range: write it like A-01..A-20")
