"""What each role may see and do, read from what every page and every endpoint declares about itself."""

from collections import defaultdict
from dataclasses import dataclass, field

from flask import Blueprint, current_app

from app import auth
from app.actor import ROLES
from app.web.admin_frame import render
from app.web.admin_labels import PARTS, part_of
from app.web.labels import Words
from app.web.languages import lazy as _l

pages = Blueprint("admin_roles", __name__)
LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
OWNERS: Words = {
    "exporter": _l("sees and changes what is its own, and nothing of other exporters"),
    "warehouse": _l("where it belongs to one warehouse, works in that one alone"),
    "regulator": _l("looks, and changes nothing"),
    "admin": _l("may do everything"),
}


@dataclass(slots=True)
class Area:
    """The routes of one part of the product; each is a verb, a path and the roles it is for."""

    name: str
    looks: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    acts: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    def looked(self, role: str) -> int:
        """How many pages a role may open."""
        return sum(role in roles for _path, roles in self.looks)

    def acted(self, role: str) -> int:
        """How many things a role may do."""
        return sum(role in roles for _path, roles in self.acts)


@pages.get("/admin/roles")
@auth.allow("regulator")
def show() -> str:
    """The matrix of pages and of the API."""
    seen, called = areas()
    return render("roles", pages=seen, api=called, roles=ROLES, notes=OWNERS)


def areas() -> tuple[list[Area], list[Area]]:
    """The areas of the pages and those of the API, in the order of the navigation.

    What is open to everybody stands in neither.
    """
    found: dict[tuple[bool, str], Area] = {}
    paths: dict[tuple[str, str], set[str]] = defaultdict(set)
    for rule in current_app.url_map.iter_rules():
        access = getattr(current_app.view_functions[rule.endpoint], "access", ())
        if not access or auth.PUBLIC in access:
            continue
        roles = frozenset({*access, "admin"})
        name = part_of(rule.endpoint.partition(".")[0])
        area = found.setdefault((rule.rule.startswith("/api/"), name), Area(name))
        for verb in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if verb in paths[rule.endpoint, rule.rule]:
                continue
            paths[rule.endpoint, rule.rule].add(verb)
            side = area.looks if verb in LOOKING else area.acts
            side.append((f"{verb} {rule.rule}", roles))
    order = list(PARTS)
    by_name = sorted(found.items(), key=lambda one: order.index(one[0][1]))
    return [one for (api, _), one in by_name if not api], [one for (api, _), one in by_name if api]
