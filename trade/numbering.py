"""Numbers of parcels, waybills and transport documents: two letters, 17 random digits and a check digit.

The letters say the kind: FP a parcel (tracking number), FW a house waybill, FD a through transport document; the
document of leg n is the through document's number with "-n". The check digit is MOD 11,10 of ISO/IEC 7064 over the
17 digits; it finds every single wrong digit. Of 10^17 numbers ten million parcels get the same one twice with a
chance of 1 in 2,000 (a unique column refuses it then), and nobody finds one by trying. Digits only, because Code 128
packs two into a symbol and people of any language can read them out.
"""

import re
import secrets

TRACKING = "FP"
WAYBILL = "FW"
DOCUMENT = "FD"
KINDS = (TRACKING, WAYBILL, DOCUMENT)
RANDOM_DIGITS = 17
MAX_LENGTH = 24
MAX_LEGS = 99

_SHAPE = re.compile(
    rf"(?P<kind>{'|'.join(KINDS)})(?P<digits>[0-9]{{{RANDOM_DIGITS + 1}}})(?P<leg>-[1-9][0-9]?)?"
)


def tracking_number(serial: int | None = None) -> str:
    """A fresh number for a parcel, 20 characters. `serial` (0 to 10^17 - 1) is for tests and examples."""
    return _numbered(TRACKING, serial)


def waybill_number(serial: int | None = None) -> str:
    """A fresh number for a house waybill, 20 characters; `serial` as in `tracking_number`."""
    return _numbered(WAYBILL, serial)


def document_number(serial: int | None = None) -> str:
    """A fresh number for a through transport document, 20 characters; `serial` as in `tracking_number`."""
    return _numbered(DOCUMENT, serial)


def leg_document_number(through: str, leg_seq: int) -> str:
    """The number of the document of leg `leg_seq` (1 to 99) under the through document `through`."""
    if not 1 <= leg_seq <= MAX_LEGS:
        raise ValueError(f"a leg has a number from 1 to {MAX_LEGS}, not {leg_seq}")
    return f"{through}-{leg_seq}"


def check_number(text: str) -> bool:
    """Whether `text`, as `compact` leaves it, is a number of ours with the right check digit."""
    match = _SHAPE.fullmatch(text)
    if match is None or (match["leg"] and match["kind"] != DOCUMENT):
        return False
    digits = match["digits"]
    return digits[-1] == check_digit(digits[:-1])


def compact(text: str) -> str:
    """A number as people type it, without blanks and in capitals: what `check_number` and look-ups take."""
    return "".join(text.split()).upper()


def spaced(number: str) -> str:
    """A number for reading: "FP 123456 789012 345678"; `compact` takes the blanks out again."""
    kind, digits, leg = number[:2], number[2:20], number[20:]
    groups = " ".join(digits[start : start + 6] for start in range(0, len(digits), 6))
    return f"{kind} {groups}{leg}"


def check_digit(digits: str) -> str:
    """The check digit of ISO/IEC 7064 MOD 11,10 for a string of ASCII digits."""
    product = 10
    for digit in digits:
        product = (product + int(digit)) % 10 or 10
        product = product * 2 % 11
    return str((11 - product) % 10)


def _numbered(kind: str, serial: int | None) -> str:
    number = secrets.randbelow(10**RANDOM_DIGITS) if serial is None else serial
    digits = f"{number:0{RANDOM_DIGITS}d}"
    if len(digits) != RANDOM_DIGITS or number < 0:
        raise ValueError(f"a serial has at most {RANDOM_DIGITS} digits, not {serial}")
    return f"{kind}{digits}{check_digit(digits)}"
