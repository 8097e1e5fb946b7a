"""The navigation: whose entry a page is under."""

from types import SimpleNamespace

import pytest
from flask import g

from app.web.navigation import BELONGING, DIRECTORY, ENTRIES, FIND, MINE, START, current_area


def test_what_belongs_somewhere_is_there_and_belongs_to_an_entry(wired):
    assert set(BELONGING) <= set(wired.blueprints)
    assert set(BELONGING.values()) <= {one.area for one in ENTRIES}
    assert {one.endpoint for one in (*ENTRIES, DIRECTORY, FIND, MINE, START)} <= set(wired.view_functions)


@pytest.mark.parametrize(
    ("path", "role", "area"),
    [
        ("/", "operator", "tower"),
        ("/pool/import", "operator", "parcels"),
        ("/departures/dep_1/load", "operator", "departures"),
        ("/admin/users", "admin", "admin"),
        ("/warehouses/DEDUI-WH", "operator", "warehouses"),
        ("/warehouses/DEDUI-WH", "warehouse", "floor"),
        ("/warehouses/DEDUI-WH", "exporter", "directory"),
        ("/directory", "operator", "warehouses"),
        ("/directory", "exporter", "directory"),
        ("/directory", None, "directory"),
    ],
)
def test_a_page_is_under_the_entry_of_its_area(wired, path, role, area):
    with wired.test_request_context(path):
        g.user = role and SimpleNamespace(role=role)
        assert current_area() == area
