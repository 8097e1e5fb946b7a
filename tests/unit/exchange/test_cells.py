from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.call_list import CallList
from app.exchange.cells import (
    Amount,
    Choice,
    Code,
    Country,
    Currency,
    Cutoffs,
    Date,
    Flag,
    Instant,
    ListOf,
    LocalTime,
    Number,
    Text,
    TimeZone,
    Weekdays,
    escape,
    from_minor,
    to_minor,
    unescape,
)
from app.exchange.faults import CellError, ErrorLog, did_you_mean

GRAMS = Number(1000, positive=True, highest=1000)


def refusal(cell, text):
    with pytest.raises(CellError) as refused:
        cell.read(text)
    return refused.value


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        (GRAMS, " 2.5 ", 2500),
        (Number(0, -90, 90), "-33.86", -33.86),
        (Number(), "0007", 7),
        (Amount(), "1250.50", Decimal("1250.50")),
        (Text(), "  青岛  ", "青岛"),
        (Text(), "Cafe\u0301", "Caf\u00e9"),
        (Text(), "'=1+1", "=1+1"),
        (Code(), "CNTAO-PORT", "CNTAO-PORT"),
        (ListOf(Code()), "a; b  a;c", ["a", "b", "c"]),
        (Flag(), "Yes", True),
        (Flag(), "0", False),
        (Date(), "2026-02-28", date(2026, 2, 28)),
        (LocalTime(), "8:05", "08:05"),
        (Instant(), "2026-12-01T08:00+08:00", datetime(2026, 12, 1, tzinfo=UTC)),
        (Instant(), "2026-12-01 00:00:00.5Z", datetime(2026, 12, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        (Cutoffs(("FCO", "DGC")), "FCO=48h; DGC=90m", {"FCO": 2880, "DGC": 90}),
        (Weekdays(), "531", "135"),
        (Country(), "DE", "DE"),
        (Currency(), "KWD", "KWD"),
        (TimeZone(), "Asia/Almaty", "Asia/Almaty"),
    ],
)
def test_a_cell_reads_what_people_write(cell, text, value):
    assert cell.read(text) == value


@pytest.mark.parametrize(
    ("cell", "text", "code"),
    [
        (GRAMS, "-1", "not_positive"),
        (GRAMS, "0", "not_positive"),
        (GRAMS, "1000.001", "out_of_range"),
        (GRAMS, "0.0005", "too_many_decimals"),
        (GRAMS, "1,5", "not_a_number"),
        (GRAMS, "1e3", "not_a_number"),
        (GRAMS, "NaN", "not_a_number"),
        (GRAMS, "1_000", "not_a_number"),
        (GRAMS, "١٢", "not_a_number"),
        (GRAMS, "9" * 5000, "not_a_number"),
        (GRAMS, "=2+3", "not_a_number"),
        (Number(), "-1", "out_of_range"),
        (Text(), "=HYPERLINK(1)", "formula"),
        (Text(), " +1", "formula"),
        (Text(), "\t=1", "formula"),
        (Text(), "＝1", "formula"),
        (Text(), "@SUM(A1)", "formula"),
        (Text(), "two\nlines", "control_character"),
        (Text(), "nul\x00", "control_character"),
        (Text(5), "longer", "too_long"),
        (Code(), "two words", "bad_code"),
        (Choice(("air", "sea")), "see", "unknown_choice"),
        (Flag(), "on", "not_a_flag"),
        (Date(), "2026-02-30", "not_a_date"),
        (Date(), "20260228", "not_a_date"),
        (Date(), "0001-01-01", "not_a_date"),
        (LocalTime(), "24:00", "not_a_time"),
        (Instant(), "2026-12-01T08:00", "naive_time"),
        (Instant(), "2026-12-01", "not_an_instant"),
        (Instant(), "2026-12-01T25:00Z", "not_an_instant"),
        (Instant(), "2026-12-01T08:00+99:00", "not_an_instant"),
        (Cutoffs(("FCO",)), "FCO=48", "bad_cutoff"),
        (Cutoffs(("FCO",)), "FCX=48h", "unknown_cutoff"),
        (Weekdays(), "08", "bad_weekdays"),
        (Country(), "EU", "unknown_country"),
        (Currency(), "RMB", "unknown_currency"),
        (TimeZone(), "Asia/Peking", "unknown_time_zone"),
        (CallList(), "CNTAO-PORT", "bad_call"),
        (CallList(), "CNTAO-PORT@/2026-12-01T08:00", "naive_time"),
    ],
)
def test_a_cell_refuses_with_a_code(cell, text, code):
    assert refusal(cell, text).code == code


def test_a_refusal_says_what_to_write_instead():
    assert "1.5" in refusal(GRAMS, "1,5").suggestion
    assert "sea" in refusal(Choice(("air", "sea")), "see").suggestion
    assert "2026-12-01T08:00+08:00" in refusal(Instant(), "2026-12-01T08:00").suggestion
    assert "Asia/" in refusal(TimeZone(), "Asia/Shanghia").suggestion


def test_money_has_the_decimals_of_its_currency():
    assert to_minor(Decimal("12.5"), "USD", "cost") == 1250
    assert to_minor(Decimal("12.5"), "KWD", "cost") == 12_500
    assert from_minor(1250, "JPY") == 1250
    with pytest.raises(CellError) as refused:
        to_minor(Decimal("12.5"), "JPY", "cost")
    assert (refused.value.code, refused.value.column) == ("too_many_decimals", "cost")


def test_a_near_word_is_found_and_a_far_one_is_not():
    assert did_you_mean("KRINC-PROT", ("KRINC-PORT", "DEHAM-PORT")).startswith("did you mean KRINC-PORT")
    assert did_you_mean("zzz", tuple(f"CODE{number}" for number in range(50))) == ""
    assert did_you_mean("x" * 100_000, ("a", "b")) == "one of: a, b"


def test_the_log_keeps_some_errors_and_counts_all():
    log = ErrorLog(limit=2)
    for row in (2, 2, 3):
        log.add(row, CellError("not_positive", "…"), "weight_kg")
    assert (len(log.kept), log.count, log.rows) == (2, 3, {2, 3})


def test_a_remedy_that_is_not_told_is_not_searched():
    log = ErrorLog(limit=1)
    searches = []
    for row in (2, 3):
        log.add(row, CellError("unknown_location", "…", lambda row=row: searches.append(row) or "KRINC-PORT"))
    assert (searches, [error.suggestion for error in log.kept]) == ([2], ["KRINC-PORT"])


def test_of_many_codes_only_the_likely_ones_are_compared():
    many = [f"{chr(65 + number % 26)}{number:05}" for number in range(5000)]
    assert "B00027" in did_you_mean("B000271", many)


printable = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=50)


@given(printable)
def test_text_written_is_read_back_and_no_spreadsheet_runs_it(text):
    value = Text().read(escape(text))
    written = Text().write(value)
    assert written[0] not in "=+-@＝＋－＠"
    assert Text().read(written) == value


@given(st.text(max_size=20))
def test_escaping_is_undone_exactly(text):
    stripped = text.strip()
    assert unescape(escape(stripped)) == stripped


@given(st.integers(0, 10**15))
def test_a_number_written_is_read_back(value):
    cell = Number(1000, highest=10**13)
    assert cell.read(cell.write(value)) == value


@given(st.floats(-180, 180))
def test_a_coordinate_written_is_read_back(value):
    cell = Number(0, -180, 180)
    if abs(value) < 1e-12:
        value = 0.0
    assert cell.read(cell.write(round(value, 9))) == round(value, 9)


@given(st.datetimes(datetime(1990, 1, 2), datetime(2100, 12, 30)))
def test_an_instant_written_is_read_back(value):
    moment = value.replace(tzinfo=UTC)
    assert Instant().read(Instant().write(moment)) == moment


@given(st.text(max_size=30))
@pytest.mark.parametrize(
    "cell",
    [GRAMS, Amount(), Text(), Code(), ListOf(Code()), Flag(), Date(), LocalTime(), Instant(), Cutoffs(("FCO",)),
     Weekdays(), Country(), Currency(), TimeZone(), CallList()],
    ids=lambda cell: type(cell).__name__,
)  # fmt: skip
def test_no_text_makes_a_cell_raise_anything_but_a_cell_error(cell, text):
    try:
        cell.read(text)
    except CellError as fault:
        assert fault.code
        assert fault.message
