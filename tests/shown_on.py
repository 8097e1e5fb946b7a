"""On which database `make test` shows what is the same on both; `make test-full` shows everything on both.

Rows, locks and recovery are shown on both where they live, in `tests/db`. What stands on them and takes long is
shown once: the longest name that begins a test's place in `tests`, a folder, a file or `file::test`, decides, and
what is not named runs on both.
"""

SHORT = {
    # A network is loaded, or a plan is made, for each of their tests; PostgreSQL would show the same rows.
    "db/test_blocks.py": "sqlite",
    "db/test_deciding.py": "sqlite",
    "db/test_export.py": "sqlite",
    "db/test_facts.py": "sqlite",
    "db/test_import_commands.py": "sqlite",
    "db/test_import_outbound.py": "sqlite",
    "db/test_outbound.py": "sqlite",
    "db/test_outbound_voiding.py": "sqlite",
    "db/test_quoting_network.py": "sqlite",
    "db/test_replanning.py": "sqlite",
    "db/test_scenarios.py": "sqlite",
    "db/test_seeds.py": "sqlite",
    # Answers and pages: their queries are shown in tests/db, their locks in the files that name PostgreSQL.
    "http/": "sqlite",
    "http/test_idempotency.py": "both",
    # Stories of processes: as the product comes on SQLite, locks and recovery on PostgreSQL.
    "scenarios/": "postgres",
    "scenarios/test_bookings.py": "sqlite",
    "scenarios/test_contest.py": "both",
    "scenarios/test_contest.py::test_over_http": "postgres",
    "scenarios/test_webhooks.py": "sqlite",
}


def in_full_only(place, backend):
    """Whether `make test` leaves this variant of a test out."""
    named = [name for name in SHORT if place.startswith(name)]
    return bool(named) and SHORT[max(named, key=len)] not in ("both", backend)
