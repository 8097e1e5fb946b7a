"""What holds for every operation of the API, walked from its own description."""

import json
import re

import pytest

from app.actor import SCOPES
from app.api.base import read_json
from app.api.description import document
from app.schemas.base import Answer, Shape
from tests.http.answers import problem

METHODS = ("get", "post", "patch", "delete")
EVERYBODYS = ("dep_id", "whs_id")
"""Departures and warehouses are everybody's to see."""
QUESTIONS = ("/api/v1/rates/estimate", "/api/v1/promises")
"""POSTs that change nothing."""
SIGNED = ("/api/v1/carriers/{party_reference}/events",)
"""POSTs that a signature lets in, and that are harmless to repeat."""
NAMING = {
    "createBooking", "createOutboundOrder", "createWave", "createStockMove", "regradePieces", "scrapPieces",
    "listStockMoves", "listReplenishment", "adoptReturnPlan", "createLoadUnit",
}  # fmt: skip
"""Operations that name in a body or a query what may not be there."""
PUBLIC_ID = re.compile(r"\{(\w+)_id\}")
CODES = {"{box_number}": "FP000000000000000003",
         "{number}": "FP000000000000000003", "{party_reference}": "LINER", "{zone_code}": "WORLD",
         "{bin_code}": "WORLD", "{dock_code}": "WORLD", "{photo}": "0" * 32}  # fmt: skip
"""What is in a path and is no public id."""


def operations():
    """(method, path, description) of every operation."""
    found = [
        (method, path, item[method])
        for path, item in document()["paths"].items()
        for method in METHODS
        if method in item
    ]
    assert len(found) >= 20
    return found


OPERATIONS = operations()
NAMES = [operation["operationId"] for _, _, operation in OPERATIONS]


SHARED = True


@pytest.fixture(scope="module")
def backend():
    return "sqlite"


def test_there_is_one_document_and_it_is_the_one_that_is_served(visitor):
    response = visitor.get("/api/v1/openapi.json")

    assert response.content_type == "application/json"
    assert response.get_json() == document()
    assert document()["openapi"] == "3.1.0"
    assert document()["security"] == [{"apiKey": []}]


def test_every_operation_has_a_name_of_its_own_and_a_summary():
    assert len(set(NAMES)) == len(NAMES)
    assert all(operation["summary"].endswith(".") for _, _, operation in OPERATIONS)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_every_operation_shows_an_example_and_its_errors(method, path, operation):
    responses = operation["responses"]
    (good,) = [status for status in responses if status.startswith("2")]
    if good != "204":
        (content,) = responses[good]["content"].values()
        assert content.get("example") or content["schema"].get("format") == "binary"
    assert {"401", "429", "503"} <= set(responses)
    # What is not there was named by the path, or by the body: an offer is.
    assert ("404" in responses) == ("{" in path or operation["operationId"] in NAMING)
    assert "default" not in responses
    for status in set(responses) - {good}:
        name = responses[status]["$ref"].rpartition("/")[2]
        assert list(document()["components"]["responses"][name]["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(
    "operation",
    [op for method, path, op in OPERATIONS if method != "get" and path not in (*QUESTIONS, *SIGNED)],
    ids=lambda o: o["operationId"],
)
def test_every_change_takes_an_idempotency_key(operation):
    (header,) = [parameter for parameter in operation["parameters"] if parameter["in"] == "header"]

    assert (header["name"], header["required"]) == ("Idempotency-Key", True)
    assert {"400", "409", "422"} <= set(operation["responses"])


def answers(shape):
    return [shape, *(found for child in shape.__subclasses__() for found in answers(child))]


@pytest.mark.parametrize("shape", [s for s in answers(Shape) if s.example], ids=lambda s: s.__name__)
def test_every_example_is_valid(shape):
    shape().load(read_json(json.dumps(shape.example).encode()))


def test_answers_leave_no_member_out():
    with_members = [shape for shape in answers(Answer) if shape().fields]
    assert len(with_members) >= 30
    assert all(field.required for shape in with_members for field in shape().fields.values())


def filled(path, ids):
    """The path with the id of somebody's thing for each placeholder."""
    path = path.replace("{number}", ids["bkg"])
    return PUBLIC_ID.sub(lambda match: ids[match[1]], coded(path)).removeprefix("/api/v1")


def coded(path):
    """The path with a code for each placeholder of one."""
    for name, code in CODES.items():
        path = path.replace(name, code)
    return path


def send(caller, method, path, operation):
    """Send what the operation shows as its example: what is not there must be missed before anything else."""
    if method == "get":
        return caller.get(path, **({"item": "other-1"} if path.endswith("/why") else {}))
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example", {})
    return caller.change(method.upper(), path, body if method != "delete" else None)


def test_every_operation_names_the_scope_that_a_limited_key_needs():
    keyed = [operation for _, path, operation in OPERATIONS if path not in SIGNED]
    named = {operation["security"][0]["apiKey"][0] for operation in keyed}

    assert named <= set(SCOPES)
    assert len(named) > 10


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_nobody_gets_in_without_a_good_key(visitor, method, path, operation):
    path = PUBLIC_ID.sub(lambda match: f"{match[1]}_0000000000000000", coded(path))
    for headers in ({}, {"Authorization": "Bearer fp_wrong"}, {"Authorization": "fp_wrong"}):
        problem(visitor.open(path, method=method.upper(), headers=headers), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        row
        for row in OPERATIONS
        if "{" in row[1] and not any(name in row[1] for name in (*EVERYBODYS, *SIGNED))
    ],
    ids=[
        row[2]["operationId"]
        for row in OPERATIONS
        if "{" in row[1] and not any(n in row[1] for n in (*EVERYBODYS, *SIGNED))
    ],
)
def test_another_exporters_things_are_not_there(acme, world, method, path, operation):
    ids = {"pcl": world.ids["other_parcel"], "bat": world.ids["other_batch"], "run": world.ids["waiting"],
           "pln": world.ids["plan"], "whk": world.ids["other_webhook"], "msg": world.ids["other_message"],
           "key": world.ids["other_key"], "exp": world.ids["other_exporter"], "bkg": world.ids["other_booking"],
           "inv": world.ids["other_invoice"], "qte": world.ids["other_quote"], "ord": world.ids["other_order"],
           "wav": world.ids["wave"],
           "asn": world.ids["other_asn"], "wko": world.ids["other_work_order"], "cnt": world.ids["other_count"],
           "sku": world.ids["other_sku"], "pst": world.ids["other_posting"],
           "rtn": world.ids["other_return"], "lun": world.ids["load_unit"], "scn": world.ids["scenario"],
           "slt": world.ids["other_slot"], "wst": world.ids["other_statement"]}  # fmt: skip
    response = send(acme, method, filled(path, ids), operation)

    assert response.status_code in (403, 404)
    assert "globex" not in response.get_data(as_text=True)
    assert "other-1" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [
        path
        for method, path, _ in OPERATIONS
        if method == "get"
        and "{" not in path
        and "runs" not in path
        and "statements" not in path
        and "warehouses." not in path
        and "stock-counts" not in path
        and "outbound-waves" not in path
        and "stock/moves" not in path
        and "load-units" not in path
    ],
)
def test_no_list_shows_what_is_another_exporters(acme, path):
    text = acme.get(path.removeprefix("/api/v1"), limit=100).get_data(as_text=True)

    assert '"items"' in text
    assert "globex" not in text
    assert "other-1" not in text


@pytest.mark.parametrize("path", sorted({path for _, path, _ in OPERATIONS}))
def test_methods_that_are_not_there_are_refused(operator, visitor, path):
    there = {method.upper() for method, described, _ in OPERATIONS if described == path}
    path = PUBLIC_ID.sub(lambda match: f"{match[1]}_0000000000000000", coded(path))
    for method in {"PUT", "DELETE", "PATCH", "TRACE"} - there:
        problem(visitor.open(path, method=method, headers=operator.headers), 405, "method_not_allowed")
