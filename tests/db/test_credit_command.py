"""`fourport exporter credit` as people type it."""

import sys

import pytest

from app.cli import main
from tests.billing_rows import make_booking
from tests.factories import make_party


@pytest.fixture
def fourport(settings, database, monkeypatch, capsys):
    """Run the program on this test's database, where ACME has booked CNY 73.00: (exit code, output, errors)."""
    monkeypatch.setenv("FOURPORT_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("FOURPORT_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("FOURPORT_SECRET_KEY", settings.secret_key)
    with database.transaction() as session:
        make_booking(session, make_party(session, "ACME"), 7_300)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["fourport", "exporter", "credit", *words])
        with pytest.raises(SystemExit) as done:
            main()
        return done.value.code, *capsys.readouterr()

    return run


def test_without_an_option_it_only_looks(fourport):
    assert fourport("ACME") == (0, "ACME: no limit; owed and booked CNY 73.00; not on hold\n", "")


def test_a_limit_is_set_and_taken_away(fourport):
    assert fourport("ACME", "--limit", "50000", "--currency", "CNY")[:2] == (
        0,
        "ACME: limit CNY 50000.00; owed and booked CNY 73.00, left CNY 49927.00; not on hold\n",
    )
    assert "no limit" in fourport("ACME", "--limit", "none")[1]


def test_a_hold_is_set_with_a_reason_and_lifted(fourport):
    assert "; on hold: overdue" in fourport("ACME", "--hold", "--reason", "overdue")[1]
    assert "; not on hold" in fourport("ACME", "--release")[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["NOBODY"], "there is no such exporter"),
        (["ACME", "--limit", "much"], "limit: "),
        (["ACME", "--limit", "-1"], "not below zero"),
        (["ACME", "--hold"], "reason: say why"),
        (["ACME", "--limit", "1", "--currency", "XQX"], "currency: 'XQX' is not in ISO 4217"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(fourport, words, says):
    code, out, err = fourport(*words)

    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_what_is_owed_is_told_even_where_a_rate_is_missing(fourport):
    words = fourport("ACME", "--limit", "100", "--currency", "USD")[1]

    assert words == (
        "ACME: limit USD 100.00; owed and booked CNY 73.00, and a rate to USD is missing; not on hold\n"
    )
