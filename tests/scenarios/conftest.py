"""Processes take long to start and to kill: `make test` shows each story on one database, `make test-full` on both."""

import pytest

EMBEDDED = {"test_bookings.py", "test_webhooks.py"}
"""Shown on SQLite, as the product comes; the others on PostgreSQL, where locks and recovery are proved."""
ALIKE = {"test_contest.py"}
"""What is promised of both databases alike."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Leave the other database of a story to `make test-full`."""
    for item in items:
        backend = getattr(getattr(item, "callspec", None), "params", {}).get("backend")
        if backend is None or item.path.parent.name != "scenarios" or item.path.name in ALIKE:
            continue
        if (backend == "sqlite") != (item.path.name in EMBEDDED):
            item.add_marker(pytest.mark.full)
