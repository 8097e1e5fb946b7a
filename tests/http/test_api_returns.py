"""Returns over the API: asked for, received, graded, decided and carried out, and nobody else's."""

import io

import pytest

from app.models import Party
from app.schemas.return_answers import AdoptedShape, PhotoShape, ReturnDetail, ReturnPage
from tests.http.answers import faults, good, problem
from tests.return_rows import PIXEL, SENDER
from tests.stock_rows import a_sku


@pytest.fixture
def stocked(house):
    """An article of acme's; globex has none."""
    with house.database.transaction() as session:
        owner = session.query(Party).filter_by(reference="acme").one()
        return a_sku(session, owner, 1).code


@pytest.fixture
def wanted(stocked):
    return {
        "reason": "unwanted", "items": [{"sku": stocked, "quantity": 2}], "sender": SENDER, "reference": "RMA-1",
        "exported_on": "2026-09-01", "customs_mode": "9810",
    }  # fmt: skip


@pytest.fixture
def made(acme, wanted):
    return good(acme.post("/returns", wanted), ReturnDetail, 201)


def test_a_return_has_its_warehouse_label_and_clock_at_once(acme, made):
    assert (made["status"], made["warehouse"], made["clock"]) == ("label_issued", "DEDUI-WHS", "open")
    assert (made["relief_deadline"], made["chosen_because"]["rule"]) == ("2027-03-01", "only_one")
    label = acme.get(made["label_pdf"].removeprefix("/api/v1"))
    assert (label.status_code, label.data[:5]) == (200, b"%PDF-")
    printed = acme.get(made["label_zpl"].removeprefix("/api/v1"))
    assert printed.data.startswith(b"^XA")
    assert [one["id"] for one in good(acme.get("/returns", reference="RMA-1"), ReturnPage)["items"]] == [
        made["id"]
    ]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"original": "nothing"}, {"original": "original_unknown"}),
        ({"items": [{"sku": "none", "quantity": 1}]}, {"items.0.sku": "sku_unknown"}),
        (
            {"items": [{"sku": "SKU-1", "quantity": 1, "value": "3"}]},
            {"items.0.currency": "value_incomplete"},
        ),
        ({"sender": SENDER | {"country_code": "FR"}}, {"sender.country_code": "no_returns_warehouse"}),
        ({"warehouse": "CNTAO-HUB"}, {"warehouse": "warehouse_unknown"}),
        ({"reason": "bored"}, {"reason": "not_one_of"}),
    ],
)
def test_what_cannot_be_taken_back_is_refused_at_its_place(acme, wanted, change, found):
    assert faults(acme.post("/returns", wanted | change)) == found


def test_it_can_be_too_late(acme, wanted):
    old = {"exported_on": "2025-01-01", "customs_mode": "9610", "wished": "return_to_china"}
    refused = acme.post("/returns", wanted | old)

    assert faults(refused, code="window_closed") == {"original": "window_closed"}


def test_the_staff_receives_grades_and_decides_and_nothing_moves_by_that(operator, acme, made):
    at = f"/returns/{made['id']}"
    body = {"scan_id": "gun-1"}
    for _ in range(2):
        came = good(operator.post(f"{at}/receive", body), ReturnDetail)
    assert [one["status"] for one in came["items"]] == ["received"]
    lines = [{"item": 1, "quantity": 1, "grade": "A"}, {"item": 1, "quantity": 1, "grade": "D"}]
    graded = good(operator.post(f"{at}/grade", {"items": lines}), ReturnDetail)
    assert [(one["item"], one["grade"]) for one in graded["items"]] == [(1, "A"), (2, "D")]
    chosen = [{"item": 1, "disposition": "restock"}, {"item": 2, "disposition": "destroy"}]
    decided = good(operator.post(f"{at}/dispositions", {"items": chosen}), ReturnDetail)
    assert {one["status"] for one in decided["items"]} == {"chosen"}
    assert faults(operator.post(f"{at}/carry-out", {"item": 1})) == {"place": "place_missing"}
    assert faults(operator.post(f"{at}/carry-out", {"item": 2, "note": "crushed"})) == {
        "photo": "proof_missing"
    }
    done = good(operator.post(f"{at}/carry-out", {"item": 1, "place": "WORLD"}), ReturnDetail)
    assert done["items"][0]["status"] == "done"
    problem(operator.post(f"{at}/send-off", {"items": [2]}), 409, "wrong_state")
    problem(acme.post(f"{at}/receive", {}), 403, "forbidden")


def test_costs_of_space_are_told_to_the_operation_alone(operator, acme, made):
    at = f"/returns/{made['id']}"
    operator.post(f"{at}/receive", {})
    operator.post(f"{at}/grade", {"items": [{"item": 1, "quantity": 2, "grade": "A"}]})

    theirs, ours = (
        good(who.get(at), ReturnDetail)["items"][0]["proposal"]["options"][0] for who in (acme, operator)
    )
    assert (theirs["parts"]["transport"], theirs["parts"]["time"]) == (None, None)
    assert ours["parts"]["transport"] is not None


def test_the_exporter_has_a_word_where_its_contract_says_so(house, operator, acme, made):
    at = f"/returns/{made['id']}"
    operator.post(f"{at}/receive", {})
    operator.post(f"{at}/grade", {"items": [{"item": 1, "quantity": 2, "grade": "A"}]})
    problem(acme.post(f"{at}/judge", {"item": 1, "approved": False}), 403, "forbidden")
    with house.database.transaction() as session:
        session.query(Party).filter_by(reference="acme").one().approves_returns = True
    operator.post(f"{at}/dispositions", {"items": [{"item": 1, "disposition": "relabel"}]})

    vetoed = good(acme.post(f"{at}/judge", {"item": 1, "approved": False}), ReturnDetail)

    assert [(one["approval"], one["vetoed"]) for one in vetoed["items"]] == [("vetoed", ["relabel"])]
    again = operator.post(f"{at}/dispositions", {"items": [{"item": 1, "disposition": "relabel"}]})
    assert faults(again) == {"items.0.disposition": "disposition_refused"}
    assert "vetoed" in problem(again, 422, "validation_error")["detail"]


def test_photos_are_shown_to_those_who_may_see_the_return(operator, acme, globex, made, monkeypatch):
    for module in ("app.api.returns", "app.usecases.returning.photos"):
        monkeypatch.setattr(f"{module}.MOST_BYTES", 1000)
    at = f"/returns/{made['id']}/photos"

    def upload(content, who=operator):
        form = {"file": (io.BytesIO(content), "photo.jpg"), "item": "0"}
        return who.post(at, data=form, content_type="multipart/form-data")

    photo = good(upload(PIXEL), PhotoShape, 201)
    assert photo["media_type"] == "image/png"
    path = photo["url"].removeprefix("/api/v1")
    shown = acme.get(path)
    assert (shown.data, shown.content_type) == (PIXEL, "image/png")
    problem(globex.get(path), 404, "not_found")
    problem(upload(b"<html>"), 415, "unsupported_media_type")
    problem(upload(b"\xff\xd8\xff" + b"0" * 1000), 413, "too_large")
    problem(upload(PIXEL, acme), 403, "forbidden")


def test_others_meet_nothing_of_it(globex, acme, made):
    for path in ("", "/label.pdf", "/label.zpl"):
        problem(globex.get(f"/returns/{made['id']}{path}"), 404, "not_found")
    problem(globex.post(f"/returns/{made['id']}/cancel"), 404, "not_found")
    assert made["id"] not in [one["id"] for one in good(globex.get("/returns"), ReturnPage)["items"]]
    assert good(acme.post(f"/returns/{made['id']}/cancel"), ReturnDetail)["status"] == "cancelled"
    problem(acme.get(f"/returns/{made['id']}/label.pdf"), 409, "nothing_to_print")


def test_a_plan_that_proposes_nothing_for_returns_decides_nothing(operator, world, made):
    answer = operator.post("/returns/adopt", {"plan_id": world.ids["plan"]})
    assert good(answer, AdoptedShape) == {"returns": []}
    problem(operator.post("/returns/adopt", {"plan_id": "pln_0000000000000000"}), 404, "not_found")
