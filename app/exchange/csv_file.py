"""CSV, read in a stream and written so that no spreadsheet runs what is in it."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import BinaryIO

from app.exchange.faults import Unreadable, refuse
from app.exchange.rows import RawRow

DELIMITERS = (",", ";", "\t")
MAX_LINE = 1024 * 1024
_SAMPLE = 64 * 1024
_WIDE_MARKS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
}
_REMEDY = "save it as “CSV UTF-8” (in Excel: Save As → CSV UTF-8) and import it again"


@contextmanager
def reading_csv(stream: BinaryIO) -> Iterator[tuple[list[str], Iterator[RawRow]]]:
    """The header and the rows after it; rows are read as they are asked for.

    The separator (`,` `;` or tab) is taken from the header line only. Raises Unreadable, also while iterating.
    """
    sample = stream.read(_SAMPLE)
    _check_encoding(sample)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="strict", newline="")
    try:
        yield _header_and_rows(_lines(text, _guess_encoding(sample)))
    finally:
        text.detach()


def _header_and_rows(lines: Iterator[str]) -> tuple[list[str], Iterator[RawRow]]:
    blank, first = 0, next(lines, None)
    while first is not None and not first.strip():
        blank, first = blank + 1, next(lines, None)
    if first is None:
        raise refuse("empty_file", "there is nothing in the file", "the first row names the columns")
    delimiter = max(DELIMITERS, key=first.count)
    reader = _records(chain([first], lines), delimiter, blank)
    _number, header = next(reader)
    return header, reader


def _records(lines: Iterator[str], delimiter: str, number: int) -> Iterator[RawRow]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken(number, str(error)) from None
        yield number, record


def _broken(row: int, reason: str) -> Unreadable:
    if "unexpected end of data" in reason:
        return refuse(
            "truncated",
            "a quotation mark that opens here is never closed",
            "close it, or get the whole file again",
            row=row,
        )
    if "field larger" in reason:
        return refuse("field_too_long", "one cell holds more than 131,072 characters", "shorten it", row=row)
    return refuse(
        "bad_quoting",
        f"the quotation marks do not fit ({reason})",
        'double each mark inside quoted text: ""',
        row=row,
    )


def _check_encoding(sample: bytes) -> None:
    for mark, name in _WIDE_MARKS.items():
        if sample.startswith(mark):
            raise refuse("bad_encoding", f"the file is {name}, not UTF-8", _REMEDY)
    if b"\x00" in sample:
        raise refuse("bad_encoding", "the file holds NUL bytes: it is UTF-16 or not a text file", _REMEDY)


def _guess_encoding(sample: bytes) -> str:
    """What the bytes may be if they are not UTF-8; only for the message."""
    for name, known_as in (("gb18030", "GBK (GB 18030)"), ("cp1252", "Windows-1252")):
        try:
            # Incremental: the sample may end in the middle of a character.
            codecs.getincrementaldecoder(name)().decode(sample)
        except UnicodeDecodeError:
            continue
        return known_as
    return "an unknown encoding"


def _lines(text: Iterable[str], guess: str) -> Iterator[str]:
    number = 0
    try:
        for line in text:
            number += 1
            if "\x00" in line:
                raise refuse("bad_encoding", "there is a NUL character in the text", _REMEDY, row=number)
            if len(line) > MAX_LINE:
                raise refuse("field_too_long", "one line holds more than a mebibyte", "split it", row=number)
            yield line
    except UnicodeDecodeError:
        # Text is decoded in pieces, ahead of the lines: which line it was is not known here.
        raise refuse("bad_encoding", f"the file is not UTF-8; it looks like {guess}", _REMEDY) from None


def write_csv(stream: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """UTF-8 with a byte order mark, so that Excel reads Chinese; cells are escaped by their types."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    text.flush()
    text.detach()
