"""Any sequence of what happens to stock, played to a ledger and to a model of it that keeps nothing but the moves.

The model adds every move up from the beginning each time it is asked, so that it shares neither code nor caches with
what it judges. A ledger is anything with the methods of `Ledger`.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from warehouses.stock import NEVER, Available, allocate

STEPS = 50
LOTS = ("1-old", "1-new", "2-old", "2-new")
"""Of two SKUs; the old one expires first."""
BINS = ("A-01", "A-02", "A-03")
REAL = (*BINS, "receiving", "staging", "returns", "scrap", "in_transit")
ENDS = ("supplier", "customer", "adjustment")
LIMITS = {"A-03": 20}
"""Pieces a bin takes."""
START = datetime(2026, 11, 26, 9, tzinfo=UTC)
TODAY = START.date()

lots, bins, places = st.sampled_from(LOTS), st.sampled_from(BINS), st.sampled_from(REAL)
pieces = st.integers(1, 9)
chosen = st.integers(0, 10**6)
crashes = st.one_of(st.none(), st.none(), st.integers(0, 12))
"""After how many steps of its work a client dies; None: it lives."""


class Refused(Exception):
    """The ledger said no: `short`, `full` or `settled`."""


class Crash(Exception):
    """A client that died in the middle of what it did."""


class Ledger(Protocol):
    """What is tried: all methods raise Refused, and Crash after `crash` steps of their work."""

    def post(self, kind, moves, scan, settling, crash): ...
    def reverse(self, posting, scan, crash): ...
    def reserve(self, subject, wanted, expires_at, now, crash): ...
    def release(self, reservations, crash): ...
    def expire(self, now, crash): ...
    def balances(self): ...
    def close(self): ...


@dataclass
class Model:
    """Every move there was, and every promise that is open."""

    moves: list = field(default_factory=list)
    promises: dict = field(default_factory=dict)
    """Id → (spot, pieces, until when)."""
    postings: dict = field(default_factory=dict)
    """Id → its moves."""
    taken_back: set = field(default_factory=set)

    def totals(self):
        """What all moves leave at each spot, and what is promised of it."""
        there, promised = Counter(), Counter()
        for lot, source, goal, n in self.moves:
            there[lot, source] -= n
            there[lot, goal] += n
        for spot, n, _ in self.promises.values():
            promised[spot] += n
        return there, promised

    def refusal(self, moves, settling=()):
        """Why these moves may not be made; None if they may."""
        if any(key not in self.promises for key in settling):
            return "settled"
        kept = {key: one for key, one in self.promises.items() if key not in settling}
        there, promised = Model([*self.moves, *moves], kept).totals()
        touched = {(lot, place) for lot, *both, _ in moves for place in both}
        if any(place in REAL and there[lot, place] < promised[lot, place] for lot, place in touched):
            return "short"
        filled = {goal for _, _, goal, _ in moves} & LIMITS.keys()
        if any(sum(there[lot, place] for lot in LOTS) > LIMITS[place] for place in filled):
            return "full"
        return None

    def refuses_promise(self, wanted):
        there, promised = self.totals()
        return any(there[spot] - promised[spot] < n for spot, n in wanted.items())


class StockMachine(RuleBasedStateMachine):
    """Plays to `self.ledger`, which subclasses make; some clients die on the way, and all send their scans again."""

    def __init__(self):
        super().__init__()
        self.ledger = self.make_ledger()
        self.model = Model()
        self.now = START
        self.scans = 0

    def make_ledger(self):
        raise NotImplementedError

    def teardown(self):
        self.ledger.close()

    @rule(lot=lots, n=pieces, crash=crashes)
    def receive(self, lot, n, crash):
        self.posts("receive", [(lot, "supplier", "receiving", n)], crash)

    @rule(lot=lots, n=pieces, bin_=bins, crash=crashes)
    def import_into_a_bin(self, lot, n, bin_, crash):
        self.posts("import", [(lot, "supplier", bin_, n)], crash)

    @rule(lot=lots, source=places, goal=places, n=pieces, crash=crashes)
    def move(self, lot, source, goal, n, crash):
        if source != goal:
            self.posts("move", [(lot, source, goal, n)], crash)

    @rule(first=lots, second=lots, n=pieces, bin_=bins, crash=crashes)
    def put_away_together(self, first, second, n, bin_, crash):
        self.posts("put_away", [(lot, "receiving", bin_, n) for lot in (first, second)], crash)

    @rule(lot=lots, place=bins, n=pieces, minutes=st.one_of(st.none(), st.integers(1, 30)), crash=crashes)
    def reserve(self, lot, place, n, minutes, crash):
        self.promises({(lot, place): n}, minutes, crash)

    @rule(
        sku=st.sampled_from("12"), n=st.integers(1, 15), how=st.sampled_from(["fifo", "fefo"]), crash=crashes
    )
    def allocate(self, sku, n, how, crash):
        """Reserve what the rule chooses: all that is free if need be, the oldest first."""
        found = self.ledger.balances()
        stock = [
            Available(LOTS.index(lot), BINS.index(place), on_hand - reserved, expiry(lot), TODAY, (0, 0))
            for (lot, place), (on_hand, reserved) in found.items()
            if lot.startswith(sku) and place in BINS and on_hand > reserved
        ]
        taken, missing = allocate(stock, n, how, TODAY)
        assert sum(count for _, count in taken) + missing == n
        assert not missing or missing == n - sum(one.free for one in stock)
        days = [one.expires_on for one, _ in taken]
        assert days == sorted(days)
        if taken:
            self.promises({(LOTS[one.lot], BINS[one.place]): count for one, count in taken}, None, crash)

    @precondition(lambda self: self.model.promises)
    @rule(which=chosen, less=st.integers(0, 3), crash=crashes)
    def pick(self, which, less, crash):
        """Post a promise, of which some pieces may be missing: they are free again."""
        key = self.any_of(self.model.promises, which)
        (lot, place), n, _ = self.model.promises[key]
        if n > less:
            self.posts("pick", [(lot, place, "staging", n - less)], crash, settling=[key])

    @rule(lot=lots, n=pieces, crash=crashes)
    def hand_over(self, lot, n, crash):
        self.posts("hand_over", [(lot, "staging", "customer", n)], crash)

    @rule(lot=lots, n=pieces, crash=crashes)
    def come_back(self, lot, n, crash):
        self.posts("return", [(lot, "customer", "returns", n)], crash)

    @precondition(lambda self: self.model.promises)
    @rule(which=chosen, crash=crashes)
    def void(self, which, crash):
        key = self.any_of(self.model.promises, which)
        self.try_twice(lambda at: self.ledger.release([key], at), crash)
        del self.model.promises[key]

    @precondition(lambda self: self.model.postings)
    @rule(which=chosen, crash=crashes)
    def take_back(self, which, crash):
        """Of two clients who take the same posting back the second is refused."""
        key = self.any_of(self.model.postings, which)
        moves = [(lot, target, source, n) for lot, source, target, n in reversed(self.model.postings[key])]
        refusal = "settled" if key in self.model.taken_back else self.model.refusal(moves)
        scan = self.next_scan()
        if self.sends(lambda at: self.ledger.reverse(key, scan, at), refusal, crash) is not None:
            self.model.moves += moves
            self.model.taken_back.add(key)

    @rule(lot=lots, bin_=bins, counted=st.integers(0, 12), crash=crashes)
    def count(self, lot, bin_, counted, crash):
        """What was promised and is not there cannot be counted away."""
        more = counted - self.model.totals()[0][lot, bin_]
        if more:
            way = ("adjustment", bin_) if more > 0 else (bin_, "adjustment")
            self.posts("count", [(lot, *way, abs(more))], crash)

    @rule(sku=st.sampled_from("12"), place=places, n=pieces, crash=crashes)
    def regrade(self, sku, place, n, crash):
        """Pieces of one lot become pieces of another: two moves, both or none."""
        old, new = (f"{sku}-{age}" for age in ("old", "new"))
        self.posts("regrade", [(old, place, "adjustment", n), (new, "adjustment", place, n)], crash)

    @rule(minutes=st.integers(1, 20), crash=crashes)
    def wait(self, minutes, crash):
        self.now += timedelta(minutes=minutes)
        over = {key for key, (_, _, until) in self.model.promises.items() if until and until <= self.now}
        assert self.try_twice(lambda at: self.ledger.expire(self.now, at), crash) == len(over)
        for key in over:
            del self.model.promises[key]

    @invariant()
    def adds_up(self):
        found = self.ledger.balances()
        there, promised = self.model.totals()
        spots = {*found, *there, *promised}
        expected = {spot: (there[spot], promised[spot]) for spot in spots}
        assert {spot: found.get(spot, (0, 0)) for spot in spots} == expected
        left = Counter()
        for (lot, place), (on_hand, reserved) in found.items():
            left[lot] += on_hand
            assert place in ENDS or 0 <= reserved <= on_hand
        assert not any(left.values())

    def posts(self, kind, moves, crash, settling=()):
        refusal, scan = self.model.refusal(moves, settling), self.next_scan()
        posting = self.sends(lambda at: self.ledger.post(kind, moves, scan, settling, at), refusal, crash)
        if posting is not None:
            self.model.moves += moves
            self.model.postings[posting] = moves
            for key in settling:
                del self.model.promises[key]

    def promises(self, wanted, minutes, crash):
        until = None if minutes is None else self.now + timedelta(minutes=minutes)
        refused = self.model.refuses_promise(wanted)
        try:
            made = self.try_twice(
                lambda at: self.ledger.reserve(self.next_scan(), wanted, until, self.now, at), crash
            )
        except Refused:
            assert refused
            return
        assert not refused
        self.model.promises |= dict(zip(made, ((spot, n, until) for spot, n in wanted.items()), strict=True))

    def sends(self, call, refusal, crash):
        """Send a scan until it is answered, some once more; the posting, or None where it was refused as expected."""
        try:
            posting = self.try_twice(call, crash)
        except Refused as no:
            assert str(no) == refusal
            return None
        assert refusal is None
        assert self.scans % 3 or call(None) == posting
        return posting

    def try_twice(self, call, crash):
        """Do it; where the client dies of it, nothing happened, and it is done again."""
        if crash is None:
            return call(None)
        try:
            call(crash)
        except Crash:
            self.adds_up()
        return call(None)

    def next_scan(self):
        self.scans += 1
        return f"scan-{self.scans}"

    @staticmethod
    def any_of(keys, which):
        return sorted(keys)[which % len(keys)]


def expiry(lot):
    """When a lot expires."""
    return date(2026, 12, 24) if lot.endswith("old") else NEVER


def sequences(count):
    """Settings for so many sequences of STEPS steps: always the same, so that a failure is there the next time too."""
    return settings(
        max_examples=count, stateful_step_count=STEPS, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
