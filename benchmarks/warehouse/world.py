"""A ledger of any size, written by the database itself from numbers: every lot has lived the same eight moves.

Twenty pieces are received, put away, eight of them moved to another bin, five picked and handed over, one comes back
and is put away, and one is counted away. Two lots share a posting. Balances, promises and the fill of bins are added
up from moves and reservations by the statements `fourport fsck` compares them with, so that every invariant holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, insert, select, text
from sqlalchemy.orm import Session

from app.actor import system
from app.db import Database
from app.ids import new_id
from app.models import Location, Sku, StockBalance, StockPlace, Warehouse, WarehouseFee, Zone
from app.queries.invariants_stock import moved, promised
from app.usecases import api_keys, people
from app.usecases.warehousing.layout import places_of
from benchmarks.http.rows import Rows
from warehouses.stock import OPEN_ENDED

ACTOR = system("benchmark")
HOUSES = 4
BINS = 2_000
"""Of each warehouse."""
OWNERS = 50
KEYS = 32
HISTORY = (
    ("receive", "supplier", "receiving", 20),
    ("put_away", "receiving", "first", 20),
    ("move", "first", "second", 8),
    ("pick", "first", "staging", 5),
    ("hand_over", "staging", "customer", 5),
    ("return", "customer", "returns", 1),
    ("put_away", "returns", "first", 1),
    ("count", "first", "adjustment", 1),
)
"""Kind, from, to and pieces of each move of a lot; `first` and `second` are its bins."""
EACH = len(HISTORY)
BLOCK = 2 * HOUSES
"""Lots whose moves are posted in pairs."""
ROUND = 200
"""The number of lots is a multiple of it: of whole blocks, and of SKUs of which every twentieth is asked for often."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many moves there are, in the small ledger and in the large one."""

    moves: tuple[int, int] = (100_000, 1_000_000)

    def lots(self, moves: int) -> int:
        """How many lots have lived about so many moves; four fifths as many SKUs have them."""
        return moves // EACH // ROUND * ROUND


FULL, SMALL, TINY = Size(), Size((10_000, 100_000)), Size((1_600, 16_000))


@dataclass(slots=True)
class World:
    """Ids that callers need. SKUs that are asked for often have six lots, the others one."""

    houses: list[int]
    codes: list[str]
    places: list[dict[str, int]]
    """Of each warehouse, by kind; `bin` is the first of BINS in a row."""
    owners: list[int]
    exporter_keys: tuple[str, ...]
    staff_keys: tuple[str, ...]
    lots: int = 0

    @property
    def skus(self) -> int:
        """How many SKUs there are."""
        return self.lots * 4 // 5

    def lot_at(self, lot: int) -> tuple[int, int]:
        """The warehouse of a lot, and its first bin, by id."""
        house = lot % HOUSES
        return self.houses[house], self.places[house]["bin"] + lot // HOUSES % BINS


def build(database: Database, now: datetime) -> World:
    """Warehouses with bins and prices, exporters and keys on an empty, migrated database."""
    with database.transaction() as session:
        rows = Rows(session)
        owners = [people.add_exporter(session, ACTOR, now, f"OWNER-{n}") for n in range(OWNERS)]
        session.flush()
        houses = [_house(session, now, n) for n in range(HOUSES)]
        places = [_places(session, house.id) for house in houses]
        for house in houses:
            rows.add(
                WarehouseFee, warehouse_id=house.id, code="storage", basis="m3_day", band_from=0, price_micros=500_000,
                currency="EUR", free_days=0, minimum_minor=0, source="benchmark",
                effective_from=now.date() - timedelta(days=900),
            )  # fmt: skip
        rows.write()
        exporter = [api_keys.add_api_key(session, ACTOR, now, exporter="OWNER-0")[1] for _ in range(KEYS)]
        codes = [f"BENCH-{n}" for n in range(HOUSES)]
        staff = [
            api_keys.add_api_key(session, ACTOR, now, role="warehouse", warehouse=codes[0], name="bench")[1]
            for _ in range(KEYS)
        ]
        ids = [one.id for one in houses], [one.id for one in owners]
        return World(ids[0], codes, places, ids[1], tuple(exporter), tuple(staff))


def fill(database: Database, world: World, lots: int, now: datetime) -> None:
    """Write the history of so many lots."""
    world.lots = lots
    with database.transaction() as session:
        # The rows refer to each other by construction, and fsck looks at what else must hold.
        postgres = database.engine.dialect.name == "postgresql"
        roomy = "SET LOCAL session_replication_role = replica" if postgres else "PRAGMA cache_size = -500000"
        session.execute(text(roomy))
        _Writer(session, world, now).write()
    database.engine.dispose()


def _house(session: Session, now: datetime, number: int) -> Warehouse:
    location = Location(
        public_id=new_id("loc"), code=f"BENCH-{number}", kind="overseas", name_en="bench", name_zh="bench",
        country="DE", time_zone="Europe/Berlin", latitude=51.4, longitude=6.8,
    )  # fmt: skip
    session.add(location)
    session.flush()
    house = Warehouse(
        public_id=new_id("whs"), location_id=location.id, operator="example", area_m2=1, free_m2=0, daily_parcels=0,
        data_as_of=now.date(), updated_at=now,
    )  # fmt: skip
    session.add(house)
    session.flush()
    return house


def _places(session: Session, house: int) -> dict[str, int]:
    places = {kind: place.id for kind, place in places_of(session, house).items()}
    zone = Zone(warehouse_id=house, code="A", name="shelves", customs_status="free", walk_seq=1)
    session.add(zone)
    session.flush()
    rows = Rows(session)
    bins = [
        rows.add(StockPlace, warehouse_id=house, zone_id=zone.id, kind="bin", code=f"B-{n:04}", walk_seq=n)
        for n in range(BINS)
    ]
    rows.write()
    return places | {"bin": bins[0]}


class _Writer:
    """The rows of all lots, as `INSERT … SELECT` over their numbers: lot and SKU number n have the id n + 1."""

    def __init__(self, session: Session, world: World, now: datetime) -> None:
        self.session, self.world, self.now = session, world, now
        self.postgres = session.get_bind().dialect.name == "postgresql"

    def write(self) -> None:
        """Everything, table by table."""
        self._skus()
        self._lots()
        for step, (kind, source, target, pieces) in enumerate(HISTORY):
            self._postings(step, kind)
            self._moves(step, source, target, pieces)
        self._reservations()
        self._analyse()
        self._balances()
        self._analyse()
        self._bins()
        if self.postgres:
            for table in ("sku", "stock_lot", "stock_posting", "stock_move", "stock_reservation"):
                sequence = f"pg_get_serial_sequence('{table}', 'id')"
                self.session.execute(text(f"SELECT setval({sequence}, (SELECT max(id) FROM {table}))"))

    def _insert(
        self, table: str, columns: str, values: str, where: str = "true", count: int | None = None
    ) -> None:
        last = (count or self.world.lots) - 1
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
        statement = f"INSERT INTO {table} ({columns}) {numbers} SELECT {values} FROM n WHERE {where}"
        self.session.execute(text(statement))

    def _public(self, prefix: str, number: str) -> str:
        digits = f"'0000000000000000' || ({number})"
        return f"'{prefix}_' || " + (f"right({digits}, 16)" if self.postgres else f"substr({digits}, -16)")

    def _day(self, days_ago: str) -> str:
        today = f"{self.now:%Y-%m-%d}"
        if self.postgres:
            return f"(DATE '{today}' - ({days_ago})::int)"
        return f"date('{today}', (-({days_ago})) || ' days')"

    def _instant(self, days_ago: str, hour: int) -> str:
        if self.postgres:
            return f"({self._day(days_ago)} + interval '{hour} hours') AT TIME ZONE 'UTC'"
        return f"{self._day(days_ago)} || ' {hour:02}:00:00.000000'"

    def _skus(self) -> None:
        now = f"{self.now:%Y-%m-%d %H:%M:%S.%f}" + ("+00" if self.postgres else "")
        self._insert(
            "sku",
            "id, public_id, owner_id, code, name_en, name_zh, weight_g, volume_cm3, goods_class, value_minor,"
            " currency, issue_rule, created_at",
            f"i + 1, {self._public('sku', 'i')}, {self.world.owners[0]} + i % {OWNERS}, 'S' || i, 'article ' || i, '',"
            f" 100 + i % 900, 500 + i % 4000, 'general', 1500, 'EUR', 'fefo', '{now}'",
            count=self.world.skus,
        )

    def _sku_of_lot(self) -> str:
        """The first lots have a SKU each; the last fifth are five more of every twentieth SKU."""
        skus = self.world.skus
        return f"(CASE WHEN i < {skus} THEN i ELSE (i - {skus}) % {skus // 20} * 20 END)"

    def _lots(self) -> None:
        sku = self._sku_of_lot()
        self._insert(
            "stock_lot",
            "id, owner_id, sku_id, batch, expires_on, condition, customs_status, received_on",
            f"i + 1, {self.world.owners[0]} + ({sku}) % {OWNERS}, {sku} + 1, 'b' || i, {self._day('-30 - i % 700')},"
            f" 'A', 'free', {self._day('i % 360')}",
        )

    def _posting_of(self, step: int) -> str:
        """Lots i and i + HOUSES of a block, in the same warehouse, share it."""
        return f"{step * self.world.lots // 2} + 1 + i / {BLOCK} * {HOUSES} + i % {HOUSES}"

    def _postings(self, step: int, kind: str) -> None:
        number = self._posting_of(step)
        self._insert(
            "stock_posting",
            "id, public_id, warehouse_id, kind, reason, content_sha256, actor_kind, actor, at",
            f"{number}, {self._public('pst', number)}, {self._house()}, '{kind}', '', '{64 * '0'}', 'system', 'bench',"
            f" {self._instant(f'1 + i / {BLOCK} % 300', 2 + step)}",
            f"i / {HOUSES} % 2 = 0",
        )

    def _moves(self, step: int, source: str, target: str, pieces: int) -> None:
        start = step * self.world.lots
        self._insert(
            "stock_move",
            "id, posting_id, seq, lot_id, from_id, to_id, quantity",
            f"{start} + 1 + i, {self._posting_of(step)}, 1 + i / {HOUSES} % 2, i + 1,"
            f" {self._place(source)}, {self._place(target)}, {pieces}",
        )

    def _reservations(self) -> None:
        """Two pieces of every tenth lot are promised."""
        created = self._instant("1", 12)
        self._insert(
            "stock_reservation",
            "subject, line_seq, lot_id, from_id, quantity, state, created_at",
            f"{self._public('ord', 'i')}, 1, i + 1, {self._place('first')}, 2, 'pending', {created}",
            "i % 10 = 0",
        )

    def _house(self) -> str:
        return _by_house(self.world.houses)

    def _place(self, kind: str) -> str:
        if kind not in ("first", "second"):
            return _by_house([places[kind] for places in self.world.places])
        ahead = {"first": 0, "second": 7}[kind]
        return f"{_by_house([places['bin'] for places in self.world.places])} + (i / {HOUSES} + {ahead}) % {BINS}"

    def _balances(self) -> None:
        """What fsck finds missing, in its own words."""
        there, kept = moved().subquery(), promised().subquery()
        found = (
            select(
                there.c.lot_id, there.c.place_id, there.c.there, func.coalesce(kept.c.there, 0),
                StockPlace.kind.in_(sorted(OPEN_ENDED)),
            )
            .join(StockPlace, StockPlace.id == there.c.place_id)
            .outerjoin(
                kept, and_(kept.c.lot_id == there.c.lot_id, kept.c.place_id == there.c.place_id)
            )
        )  # fmt: skip
        columns = ["lot_id", "place_id", "on_hand", "reserved", "open_ended"]
        self.session.execute(insert(StockBalance).from_select(columns, found, include_defaults=False))

    def _analyse(self) -> None:
        """PostgreSQL does it by itself a while after many rows have come."""
        if self.postgres:
            self.session.execute(text("ANALYZE"))

    def _bins(self) -> None:
        lies = (
            "SELECT sum(b.on_hand * s.{size}) FROM stock_balance b JOIN stock_lot l ON l.id = b.lot_id"
            " JOIN sku s ON s.id = l.sku_id WHERE b.place_id = stock_place.id"
        )
        self.session.execute(
            text(
                f"UPDATE stock_place SET used_g = ({lies.format(size='weight_g')}),"
                f" used_cm3 = ({lies.format(size='volume_cm3')}) WHERE kind = 'bin'"
                " AND id IN (SELECT place_id FROM stock_balance)"
            )
        )


def _by_house(ids: Sequence[int]) -> str:
    cases = " ".join(f"WHEN {number} THEN {row_id}" for number, row_id in enumerate(ids))
    return f"CASE i % {HOUSES} {cases} END"


def hot_skus(session: Session, world: World) -> list[tuple[int, str]]:
    """Id and code of SKUs that have six lots."""
    query = select(Sku.id, Sku.code).where(Sku.id % 20 == 1, Sku.id <= world.skus).order_by(Sku.id)
    return [(row.id, row.code) for row in session.execute(query)]
