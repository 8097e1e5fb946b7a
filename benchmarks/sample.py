"""The product's own problem: its reference network and sample pool, as a run of the product would see them."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime

from app import schema
from app.actor import system
from app.db import Database, make_engine
from app.usecases import facts, optimizing, seeding
from routing.assembling import assemble
from routing.problem import Problem

ACTOR = system("benchmark")
STARTS_AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""A fixed Monday, so that every run builds the same timetable and the same parcels."""


def sample_problem(parcels: int, seed: int = 1, now: datetime = STARTS_AT) -> Problem:
    """Seed a throw-away database with the network and `parcels` parcels, and build the problem from it."""
    with tempfile.TemporaryDirectory(prefix="fourport-bench-") as folder:
        database = Database(make_engine(f"sqlite:///{folder}/sample.db"))
        try:
            schema.upgrade(database.engine)
            with database.transaction() as session:
                seeding.seed_reference(session, ACTOR, now)
                seeding.seed_sample_pool(session, ACTOR, now, parcels, seed)
            with database.reading() as session:
                read = facts.load_facts(session, optimizing.Scope(), now)
        finally:
            database.engine.dispose()
    return assemble(read.network, read.pool, read.rates).problem
