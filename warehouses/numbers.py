"""Numbers on handling units: SSCC of GS1, container numbers and size-type codes of ISO 6346, ULD codes of IATA."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from warehouses.errors import WarehouseError
from warehouses.facts import Fact, in_force, read_rows

SSCC_DIGITS = 18
SYMBOLOGY_MARKS = ("]C1", "]E0")
"""What scanners put before a GS1-128 or EAN code to say which it was."""
_CONTAINER = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
_ULD = re.compile(r"(?P<type>[A-Z]{2}[A-Z0-9])(?P<serial>[0-9]{4,5})(?P<owner>[A-Z0-9]{2,3})")
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True))
"""ISO 6346: the values of letters leave out the multiples of 11."""


@dataclass(frozen=True, slots=True)
class NumberRange:
    """The GS1 company prefix of an SSCC in one period."""

    kind: str
    prefix: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class SizeCode:
    """One character or pair of an ISO 6346 size-type code: `part` is length, height or group."""

    part: str
    code: str
    name_en: str
    name_zh: str
    value_mm: int | None
    fact: Fact


@dataclass(frozen=True, slots=True)
class Uld:
    """A unit load device: what it is, its number, and the airline or company whose it is."""

    type_code: str
    serial: str
    owner: str


def compact(text: str) -> str:
    """A number as a scanner or a person gives it, without what is not part of it, in capitals."""
    found = re.sub(r"[\s()./-]", "", text).upper()
    for prefix in SYMBOLOGY_MARKS:
        found = found.removeprefix(prefix)
    is_sscc_with_identifier = len(found) == SSCC_DIGITS + 2 and found.isdigit() and found.startswith("00")
    return found[2:] if is_sscc_with_identifier else found


def gs1_check_digit(digits: str) -> str:
    """The check digit of a GS1 number without it: weights 3 and 1 from the right, modulo 10."""
    weighed = sum(int(digit) * (1 if at % 2 else 3) for at, digit in enumerate(reversed(digits)))
    return str(-weighed % 10)


def sscc(serial: int, company_prefix: str) -> str:
    """The SSCC of a serial number: its first digit is the extension digit, the check digit comes last.

    Raises WarehouseError `bad_prefix`, `serial_out_of_range`.
    """
    if not re.fullmatch(r"[0-9]{4,12}", company_prefix):
        raise WarehouseError("bad_prefix", "company_prefix", "a GS1 company prefix has 4 to 12 digits")
    room = SSCC_DIGITS - 1 - len(company_prefix)
    if not 0 <= serial < 10**room:
        raise WarehouseError("serial_out_of_range", "serial", f"a serial has at most {room} digits")
    text = f"{serial:0{room}}"
    body = f"{text[0]}{company_prefix}{text[1:]}"
    return body + gs1_check_digit(body)


def sscc_serials(company_prefix: str) -> int:
    """How many numbers a company prefix leaves."""
    return int(10 ** (SSCC_DIGITS - 1 - len(company_prefix)))


def is_sscc(text: str) -> bool:
    """Whether it is an SSCC with the right check digit."""
    return bool(re.fullmatch(r"[0-9]{18}", text)) and text[-1] == gs1_check_digit(text[:-1])


def container_check_digit(code: str) -> str:
    """The check digit of a container's owner code, category and serial number, ten characters."""
    total = sum((_LETTERS[one] if one in _LETTERS else int(one)) << at for at, one in enumerate(code))
    return str(total % 11 % 10)


def is_container_number(text: str) -> bool:
    """Whether it is a container number with the right check digit."""
    return bool(_CONTAINER.fullmatch(text)) and text[-1] == container_check_digit(text[:-1])


def read_uld(text: str) -> Uld:
    """A ULD code such as AKE12345CA in its parts; WarehouseError `bad_number`.

    The owner is an airline's two characters, of which one is a letter, or a company's three letters.
    """
    found = _ULD.fullmatch(text)
    owner = found["owner"] if found else ""
    two, three = len(owner) == 2 and not owner.isdigit(), len(owner) == 3 and owner.isalpha()
    if found is None or not (two or three):
        raise WarehouseError(
            "bad_number",
            "number",
            "a ULD code is three letters, four or five digits and the owner, e.g. AKE12345CA",
        )
    return Uld(found["type"], found["serial"], owner)


def read_number(kind: str, text: str) -> str:
    """The number of a unit of this kind as it is kept; WarehouseError `bad_number`, `bad_check_digit`."""
    number = compact(text)
    if kind == "uld":
        read_uld(number)
    elif kind == "container":
        if not _CONTAINER.fullmatch(number):
            raise WarehouseError(
                "bad_number",
                "number",
                "a container number is four letters, the last of them U, J or Z, and seven digits",
            )
        _check(number, container_check_digit(number[:-1]))
    else:
        if not re.fullmatch(r"[0-9]{18}", number):
            raise WarehouseError(
                "bad_number", "number", "the number of a bag or pallet is an SSCC of 18 digits"
            )
        _check(number, gs1_check_digit(number[:-1]))
    return number


def _check(number: str, digit: str) -> None:
    if number[-1] != digit:
        raise WarehouseError(
            "bad_check_digit", "number", f"{number} does not end with its check digit: look at it again"
        )


def spaced(kind: str, number: str) -> str:
    """A number for reading: containers and ULDs in their parts, an SSCC with its application identifier."""
    if kind == "container":
        return f"{number[:4]} {number[4:10]} {number[10:]}"
    if kind == "uld":
        parts = read_uld(number)
        return f"{parts.type_code} {parts.serial} {parts.owner}"
    return f"(00) {number[0]} {number[1:8]} {number[8:17]} {number[17:]}"


@cache
def _ranges() -> tuple[NumberRange, ...]:
    return tuple(
        NumberRange(row["kind"], row["prefix"], Fact.read(row)) for row in read_rows("number_ranges.csv")
    )


def company_prefix(on: date) -> NumberRange:
    """The GS1 company prefix SSCCs are made with on a day; WarehouseError `no_prefix`."""
    for row in in_force(_ranges(), on):
        if row.kind == "sscc":
            return row
    raise WarehouseError("no_prefix", "company_prefix", f"there is no GS1 company prefix for {on}")


@cache
def _sizes() -> tuple[SizeCode, ...]:
    return tuple(
        SizeCode(
            row["part"], row["code"], row["name_en"], row["name_zh"],
            int(row["value_mm"]) if row["value_mm"] else None, Fact.read(row),
        )
        for row in read_rows("container_codes.csv")
    )  # fmt: skip


def read_size_type(code: str, on: date) -> tuple[SizeCode, SizeCode, SizeCode]:
    """Length, height and group of a size-type code such as 45G1; WarehouseError `size_type_unknown`."""
    known = {(row.part, row.code): row for row in in_force(_sizes(), on)}
    wanted = (("length", code[:1]), ("height", code[1:2]), ("group", code[2:]))
    try:
        length, height, group = (known[key] for key in wanted)
    except KeyError:
        raise WarehouseError(
            "size_type_unknown", "size_type", f"{code!r} is no size-type code known here"
        ) from None
    return length, height, group
