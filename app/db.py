"""The floor under every row: one Base, exact column types, and `transaction()`, the only way to a session."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Protocol

import orjson
import structlog
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

log = structlog.get_logger(__name__)

IDLE_S = 1.0
"""Connections that were used less long ago are not asked: asking costs as much as reading a row."""
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Naive values are refused; SQLite, which drops offsets, stores UTC and gets UTC back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse what has no offset; bring everything else to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored: say which time zone it is in")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back aware UTC on every database."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of Fourport."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        int: BigInteger().with_variant(Integer(), "sqlite"),
        str: String(),
        datetime: UTCDateTime(),
        dict[str, Any]: JSON(),
        dict[str, int]: JSON(),
        list[str]: JSON(),
        list[dict[str, Any]]: JSON(),
    }


Key = Annotated[int, mapped_column(primary_key=True)]


def choice(*values: str, name: str) -> Enum:
    """One of a few words, kept as text with a CHECK: native enums do not survive down-and-up migrations."""
    return Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def public_id() -> Mapped[str]:
    """The column that is shown outside; integers stay inside."""
    return mapped_column(String(20), unique=True)


def make_engine(url: str) -> Engine:
    """An engine with the habits both databases need.

    SQLite: WAL, enforced foreign keys, durable commits, and BEGIN sent by us, because the driver's own
    transactions read outside of them. PostgreSQL: statements that wait for a lock give up in the end, and a
    connection nobody has used for a while is asked whether it is still there.
    Errors, which end in logs, do not show the values they are about.
    """
    json: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": orjson.loads}
    if url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30}, **json)
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"options": "-c lock_timeout=10000 -c timezone=UTC"},
        **json,
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ask_idle, engine.dialect))
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _ask_idle(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401
    if time.monotonic() - record.info.get("used", math.inf) < IDLE_S:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as gone:
        raise InvalidatePoolError from gone


def _to_json(value: Any) -> str:  # noqa: ANN401 (any JSON)
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _open_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own connection)
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def fetch(
    session: Session,
    statement: Executable,
    **values: Any,  # noqa: ANN401 (of its parameters)
) -> CursorResult[*tuple[Any, ...]]:
    """The rows of a statement over columns, past the ORM: its own work on a query is ten times the database's.

    It pays for statements that are built once, with `bindparam` where values go.
    """
    session.flush()
    return session.connection().execute(statement, values)


class Doorbell(Protocol):
    """What wakes a worker for a job row once the row is durable."""

    def ring(self, queue: str, job_id: int, attempt: int) -> bool:
        """Ring for a job that was claimed `attempt` times so far; whether it was heard."""

    def listeners(self, queue: str) -> int:
        """How many workers take work from a queue."""


class Look(Session):
    """A session that only reads.

    It ends with COMMIT where nothing can have been changed: with every ROLLBACK psycopg forgets which statements it
    has prepared, and PostgreSQL plans them anew.
    """

    def close(self) -> None:
        """Give the connection back."""
        if self.info["read_only"] and self.in_transaction() and self.is_active:
            self.commit()
        super().close()


class Database:
    """Where sessions come from. Use cases get one, flush, and never commit."""

    def __init__(self, engine: Engine, doorbell: Doorbell | None = None) -> None:
        self.engine = engine
        self.doorbell = doorbell
        self._writing = sessionmaker(engine, expire_on_commit=False, info={"doorbell": doorbell})
        looking: dict[str, Any] = {"reading": True}
        read_only = engine.dialect.name == "postgresql"
        if read_only:
            # SQLite's transactions see one state of the database anyway.
            looking |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = sessionmaker(
            engine.execution_options(**looking),
            class_=Look,
            expire_on_commit=False,
            info={"read_only": read_only},
        )

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Session]:
        """One unit of work: all of it is kept, or none; then what waits for the commit is done."""
        with self._writing.begin() as session:
            yield session
        run_after_commit(session)

    def look(self) -> Look:
        """A session that sees one state and takes no write lock; whoever asks for it closes it."""
        return self._reading()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent look that takes no write lock; what is changed in it is not kept."""
        with self.look() as session:
            yield session


def after_commit(session: Session, call: Callable[[], object]) -> None:
    """Do `call` once the transaction is durable; not at all if it is rolled back."""
    session.info.setdefault("after_commit", []).append(call)


def run_after_commit(session: Session) -> None:
    """What is durable must not turn into an error: a failed call is logged and the sweeper makes up for it."""
    for call in session.info.pop("after_commit", []):
        try:
            call()
        except Exception:
            log.warning("after_commit_failed", exc_info=True)
