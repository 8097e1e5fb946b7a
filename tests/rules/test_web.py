"""Every route says who may use it, every queue has a worker, every message has its Chinese."""

import ast
import json
import re

import pytest

from app.actor import ROLES
from app.auth import PUBLIC
from app.factory import create_app
from app.jobs import GIVE_UP, HANDLERS
from app.queue import QUEUES
from tests.rules.sources import ROOT, python_files, tree
from tools import translations

FEWEST_ROUTES = 30
FEWEST_MESSAGES = 100

OPEN_TO_ALL = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/openapi.json",
    "/api/docs",
    "/sign-in",
    "/password/<token>",
    "/language",
    "/offer/<token>",
    "/verify",
    "/verify/<number>",
    "/track",
    "/track/<number>",
    "/directory",
    "/directory.csv",
    "/directory.geojson",
    "/directory/<code>",
    "/api/v1/carriers/<code:party_reference>/events",
}
"""The only paths that need no sign-in. Whoever adds one says so here."""


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def rules(app):
    """The routes, without the files of the pages."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_route_says_who_may_use_it(app, rules):
    assert len(rules) >= FEWEST_ROUTES
    silent = [rule.rule for rule in rules if not getattr(app.view_functions[rule.endpoint], "access", ())]
    assert silent == []


def test_scripts_get_the_address_of_others_from_the_page_which_knows_their_digest():
    scripts = sorted((ROOT / "app/web/static/js").glob("*.js"))
    named = [one.name for one in scripts if re.search(r"(from|import\(?)\s*[\"']", one.read_text("utf-8"))]
    assert (len(scripts) > 5, named) == (True, [])


def test_only_the_listed_routes_are_open_to_all(app, rules):
    public = {
        rule.rule for rule in rules if PUBLIC in getattr(app.view_functions[rule.endpoint], "access", ())
    }
    assert public <= OPEN_TO_ALL


def test_routes_name_roles_that_exist(app, rules):
    named = {role for rule in rules for role in getattr(app.view_functions[rule.endpoint], "access", ())}
    assert named <= {*ROLES, PUBLIC}
    assert len(named) > 2


def test_a_route_without_a_rule_is_open_to_nobody(settings, database):
    app = create_app(settings, database)
    app.add_url_rule("/forgotten", view_func=lambda: "secret")
    assert app.test_client().get("/forgotten").status_code in (302, 303, 401, 403)


def test_the_served_api_is_the_described_one(rules):
    described = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    served = {
        re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in rules
        if rule.rule.startswith("/api/v1/")
    }
    assert served - set(described) == {"/api/v1/openapi.json"}
    assert {path for path in described if path.startswith("/api/v1/")} <= served


def test_every_queue_that_work_is_put_on_has_a_worker():
    """Jobs are made by `working.enqueue(session, kind, queue, …)` alone; its arguments are constants."""
    put = [pair for path in python_files("app/usecases", "app/jobs") for pair in enqueued(tree(path))]
    assert {queue for _, queue in put} <= set(QUEUES)
    assert {kind for kind, _ in put} == set(HANDLERS) == set(GIVE_UP)


def enqueued(module):
    """The kind and the queue of every job that a module makes."""
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] == "enqueue":
            told = dict(zip(("session", "kind", "queue"), call.args, strict=False))
            told |= {word.arg: word.value for word in call.keywords}
            yield tuple(
                constants.get(ast.unparse(told[name]), told[name]).value for name in ("kind", "queue")
            )


def test_the_demo_runs_a_worker_for_every_queue():
    demo = (ROOT / "app" / "cli" / "demo.py").read_text(encoding="utf-8")
    assert "for queue in QUEUES" in demo


def chinese():
    paths = sorted(translations.CATALOGUES.glob("zh*/LC_MESSAGES/messages.po"))
    assert len(paths) == 1, "there is one Chinese catalogue"
    return translations.catalogue(paths[0])


def test_every_message_has_its_chinese():
    known, missing = chinese(), []
    messages = [message for message in translations.collected() if message.id]
    assert len(messages) >= FEWEST_MESSAGES
    for message in messages:
        there = known.get(message.id, message.context)
        strings = (
            there.string if there and isinstance(there.string, tuple) else (there.string if there else "",)
        )
        if there is None or there.fuzzy or not all(strings):
            missing.append(message.id)
    assert missing == []


def test_translations_keep_the_placeholders():
    placeholder = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}")
    changed = []
    for message in filter(lambda message: message.id, chinese()):
        plain = isinstance(message.id, str)
        if plain and sorted(placeholder.findall(message.id)) != sorted(placeholder.findall(message.string)):
            changed.append(message.id)
    assert changed == []
