"""What waits to be kept of failed requests is bounded, and what goes wrong with it goes wrong alone."""

import contextlib
from dataclasses import replace

import pytest

from app.config import Settings
from app.failures import MOST_WAITING, Failure, FailureLog, fit
from app.limits import Counter
from tests.factories import NOW
from tests.live import SECRET

LOST = Failure(NOW, "req_1", "GET", "/api/v1/bookings/x", 404, "not_found", "", "key_flood", None)


class Kept:
    """Stands for the database: takes what is written, or refuses it."""

    def __init__(self):
        self.rows, self.refuse = [], False

    @contextlib.contextmanager
    def transaction(self):
        if self.refuse:
            raise OSError("away")
        yield self

    def execute(self, _statement, rows):
        self.rows += rows


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def failures(kept, tmp_path):
    env = {"FOURPORT_DATA_DIR": str(tmp_path), "FOURPORT_SECRET_KEY": SECRET}
    return FailureLog(kept, Counter(Settings.from_env(env)))


def add(failures, one, times=1):
    for _ in range(times):
        failures.add(one)
    failures.flush()


def test_a_flood_of_one_key_is_kept_up_to_a_limit_and_others_are_kept_all_the_same(failures, kept):
    for _ in range(4):
        add(failures, LOST, MOST_WAITING // 2)
    assert len(kept.rows) == 100
    add(failures, replace(LOST, actor="key_other"))
    assert kept.rows[-1]["actor"] == "key_other"
    assert len(kept.rows) == 101


def test_refusals_by_the_rate_limit_are_kept_once_and_use_nothing_up(failures, kept):
    add(failures, replace(LOST, status=429), 150)
    add(failures, LOST)
    assert [row["status"] for row in kept.rows] == [429, 404]


def test_what_cannot_be_written_is_dropped_and_the_next_is_kept(failures, kept):
    kept.refuse = True
    add(failures, LOST)
    kept.refuse = False
    add(failures, LOST)
    assert len(kept.rows) == 1


def test_whatever_was_sent_fits_its_column():
    assert fit("/\0\ud800" + 300 * "x", 200) == "/?" + 198 * "x"
