"""What is the same on both databases is shown on one: `make test` takes SQLite, `make test-full` both."""

import pytest

ALIKE = {"test_outbound.py", "test_outbound_voiding.py", "test_import_outbound.py"}
"""Rules and rows; what several hands do at once is shown on PostgreSQL (test_outbound_races.py)."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Leave the other database of these to `make test-full`."""
    for item in items:
        backend = getattr(getattr(item, "callspec", None), "params", {}).get("backend")
        if backend == "postgres" and item.path.parent.name == "db" and item.path.name in ALIKE:
            item.add_marker(pytest.mark.full)
