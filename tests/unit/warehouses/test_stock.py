from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.stock_machine import ENDS, LIMITS, Crash, Refused, StockMachine, sequences
from warehouses.errors import WarehouseError
from warehouses.stock import (
    NEVER,
    Available,
    Balance,
    Change,
    Move,
    allocate,
    changes,
    may_lie,
    reversal,
    short,
)

TODAY = date(2026, 11, 26)


class PureLedger:
    """The rules alone, with dictionaries for rows; a client that dies leaves the dictionaries as they were."""

    def __init__(self):
        self.found, self.postings, self.reservations, self.taken_back = {}, {}, {}, {}

    def post(self, kind, moves, scan, settling=(), crash=None, reverses=None):
        if scan in self.postings:
            return scan
        if any(key not in self.reservations for key in settling):
            raise Refused("settled")
        made = [Move(*move) for move in moves]
        self.change(changes(made, [self.reservations[key][:2] for key in settling]), crash)
        for key in settling:
            del self.reservations[key]
        self.postings[scan] = made
        return scan

    def reverse(self, posting, scan, crash=None):
        if scan in self.postings:
            return scan
        if posting in self.taken_back:
            raise Refused("settled")
        back = [(one.lot, one.source, one.target, one.quantity) for one in reversal(self.postings[posting])]
        self.taken_back[posting] = self.post("reverse", back, scan, (), crash)
        return scan

    def reserve(self, subject, wanted, expires_at, now, crash=None):
        self.change({spot: Change(reserved=n) for spot, n in wanted.items()}, crash)
        made = [(subject, number) for number, _ in enumerate(wanted)]
        self.reservations |= {
            key: (spot, n, expires_at) for key, (spot, n) in zip(made, wanted.items(), strict=True)
        }
        return made

    def release(self, keys, crash=None):
        self.change(changes([], [self.reservations[key][:2] for key in keys]), crash)
        for key in keys:
            del self.reservations[key]

    def expire(self, now, crash=None):
        over = [key for key, (_, _, until) in self.reservations.items() if until and until <= now]
        self.release(over, crash)
        return len(over)

    def change(self, wanted, crash):
        found = dict(self.found)
        known = {spot: found.get(spot, Balance(open_ended=spot[1] in ENDS)) for spot in wanted}
        if list(short(known, wanted)):
            raise Refused("short")
        for number, (spot, change) in enumerate(wanted.items()):
            if number == crash:
                raise Crash
            before = known[spot]
            found[spot] = replace(
                before, on_hand=before.on_hand + change.on_hand, reserved=before.reserved + change.reserved
            )
        if crash is not None:
            raise Crash
        for place, limit in LIMITS.items():
            filled = sum(one.on_hand for (_, at), one in found.items() if at == place)
            if filled > limit:
                raise Refused("full")
        self.found = found

    def balances(self):
        return {spot: (one.on_hand, one.reserved) for spot, one in self.found.items()}

    def close(self):
        pass


class PureMachine(StockMachine):
    def make_ledger(self):
        return PureLedger()


@pytest.mark.parametrize("count", [200, pytest.param(2_000, marks=pytest.mark.full)])
def test_whatever_happens_stock_adds_up(count):
    run_state_machine_as_test(PureMachine, settings=sequences(count))


def test_what_moves_change_sums_to_nothing_for_every_lot():
    changed = changes([Move(1, 10, 20, 3), Move(1, 20, 30, 2), Move(2, 10, 30, 5)])

    assert changed == {
        (1, 10): Change(-3), (2, 10): Change(-5), (1, 20): Change(1), (1, 30): Change(2), (2, 30): Change(5),
    }  # fmt: skip
    sums = Counter()
    for (lot, _), change in changed.items():
        sums[lot] += change.on_hand
    assert set(sums.values()) == {0}


@pytest.mark.parametrize(
    ("move", "code"),
    [(Move(1, 1, 2, 0), "quantity"), (Move(1, 1, 2, -1), "quantity"), (Move(1, 2, 2, 1), "same_place")],
)
def test_a_move_of_nothing_or_to_nowhere_is_refused(move, code):
    with pytest.raises(WarehouseError) as refused:
        changes([move])
    assert refused.value.code == code


def test_what_is_promised_stays():
    there = {(1, 1): Balance(5, 3)}

    assert list(short(there, changes([Move(1, 1, 2, 2)]))) == []
    assert list(short(there, changes([Move(1, 1, 2, 4)]))) == [((1, 1), 2)]
    assert list(short(there, changes([Move(1, 1, 2, 5)], [((1, 1), 3)]))) == []


def test_no_more_is_given_back_than_was_promised():
    assert list(short({(1, 1): Balance(5, 1)}, changes([], [((1, 1), 2)]))) == [((1, 1), 1)]


def test_the_outside_ends_have_no_bottom():
    ends = {(1, 1): Balance(open_ended=True)}

    assert list(short(ends, changes([Move(1, 1, 2, 1_000)]))) == []
    assert list(short({}, changes([Move(1, 1, 2, 1)]))) == [((1, 1), 1)]


def test_a_reversal_goes_back_the_way_it_came():
    moves = [Move(1, 1, 2, 3), Move(2, 2, 3, 4)]

    assert reversal(moves) == [Move(2, 3, 2, 4), Move(1, 2, 1, 3)]
    assert reversal(reversal(moves)) == moves


OLD = Available(1, 1, 3, NEVER, date(2026, 1, 1), (9, 9))
NEW = Available(2, 2, 3, date(2026, 12, 1), date(2026, 6, 1), (1, 1))
GONE = Available(3, 3, 3, date(2026, 11, 25), date(2025, 1, 1), (0, 0))
LAST_DAY = Available(4, 4, 3, TODAY, date(2026, 10, 1), (0, 0))


@pytest.mark.parametrize(
    ("rule", "quantity", "days", "taken", "missing"),
    [
        ("fifo", 2, 0, [(OLD, 2)], 0),
        ("fefo", 2, 0, [(LAST_DAY, 2)], 0),
        ("fefo", 7, 0, [(LAST_DAY, 3), (NEW, 3), (OLD, 1)], 0),
        ("fifo", 7, 1, [(OLD, 3), (NEW, 3)], 1),
        ("fefo", 4, 6, [(OLD, 3)], 1),
        ("fefo", 0, 0, [], 0),
    ],
)
def test_stock_is_taken_by_the_owners_rule_and_never_when_it_has_expired(
    rule, quantity, days, taken, missing
):
    assert allocate([NEW, OLD, GONE, LAST_DAY], quantity, rule, TODAY, days) == (taken, missing)


def test_alike_stock_is_taken_on_the_way():
    far, near = (replace(OLD, place=place, walk=walk) for place, walk in ((1, (2, 1)), (2, (1, 5))))

    assert allocate([far, near], 4, "fifo", TODAY) == ([(near, 3), (far, 1)], 0)
    assert allocate([replace(near, free=0), replace(far, free=-1)], 1, "fifo", TODAY) == ([], 1)


def test_bonded_stock_lies_in_bonded_bins_only():
    assert may_lie("bin", "bonded", "bonded")
    assert not may_lie("bin", "free", "bonded")
    assert not may_lie("bin", "bonded", "free")
    assert may_lie("receiving", None, "bonded")
