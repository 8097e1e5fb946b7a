"""`fourport import` and `fourport export` as people type them."""

import sys

import pytest

from app.cli import main
from tests.db.importing import LOCATIONS, as_csv


@pytest.fixture
def fourport(settings, monkeypatch, capsys):
    """Run the program on this test's database: (exit code, standard output, standard error)."""
    monkeypatch.setenv("FOURPORT_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("FOURPORT_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("FOURPORT_SECRET_KEY", settings.secret_key)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["fourport", *map(str, words)])
        with pytest.raises(SystemExit) as done:
            main()
        out, err = capsys.readouterr()
        return done.value.code, out, err

    return run


@pytest.fixture
def file(tmp_path):
    def write(content, name="locations.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else as_csv(content))
        return path

    return write


def test_a_good_file_is_imported_and_summed_up(fourport, file):
    code, out, err = fourport("import", "locations", file(LOCATIONS))
    assert (code, err) == (0, "")
    assert out == "locations: 5 rows read, 5 added, 0 updated, 0 unchanged, 0 rejected\n"
    assert fourport("import", "locations", file(LOCATIONS))[1].endswith(
        "0 added, 0 updated, 5 unchanged, 0 rejected\n"
    )


def test_rejected_rows_are_listed_and_nothing_is_saved(fourport, file):
    code, out, err = fourport("import", "locations", file([LOCATIONS[0], {**LOCATIONS[1], "country": "XX"}]))
    assert code == 1
    assert err.startswith("3, country, unknown_country, ")
    assert "nothing was saved" in out
    assert "5 added" in fourport("import", "locations", file(LOCATIONS))[1]


def test_partial_keeps_the_good_rows_and_still_says_no(fourport, file):
    path = file([LOCATIONS[0], {**LOCATIONS[1], "country": "XX"}])
    code, out, _err = fourport("import", "locations", path, "--partial")
    assert (code, "1 added" in out, "1 rejected" in out) == (1, True, True)


def test_a_dry_run_only_says_what_would_be(fourport, file):
    code, out, _err = fourport("import", "locations", file(LOCATIONS), "--dry-run")
    assert (code, out) == (
        0,
        "locations: 5 rows read, 5 would be added, 0 would be updated, 0 unchanged, 0 rejected\n",
    )
    assert "5 added" in fourport("import", "locations", file(LOCATIONS))[1]


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("locations", "code\n青岛\n".encode("gb18030"), "bad_encoding"),
        ("locations", b"", "empty_file"),
        ("locations", b"PK\x03\x04rubbish", "truncated"),
        ("locations", b"kode\n1\n", "header_mismatch"),
        ("schedule-dcsa", b"{", "truncated"),
        ("schedule-ssim", b"hello", "bad_ssim"),
        ("locomotives", b"code\n", "locations"),
    ],
)
def test_what_cannot_be_read_ends_with_two_and_no_traceback(fourport, file, kind, content, words):
    code, out, err = fourport("import", kind, file(content))
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


def test_a_file_that_is_not_there_ends_with_two(fourport, tmp_path):
    code, _out, err = fourport("import", "locations", tmp_path / "none.csv")
    assert (code, err.count("\n")) == (2, 1)
    assert "none.csv" in err


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_an_exported_file_is_imported_back_unchanged(fourport, file, tmp_path, suffix):
    fourport("import", "locations", file(LOCATIONS))
    target = tmp_path / f"out.{suffix}"
    assert fourport("export", "locations", target)[0] == 0
    assert "5 unchanged" in fourport("import", "locations", target)[1]


def test_a_suffix_that_the_kind_does_not_have_ends_with_two(fourport, tmp_path):
    code, _out, err = fourport("export", "locations", tmp_path / "out.pdf")
    assert (code, "csv or xlsx" in err) == (2, True)
    assert not (tmp_path / "out.pdf").exists()
