"""Articles over the API."""

import pytest

from app.schemas.skus import NEW
from tests.stock_rows import a_house, stocked


@pytest.fixture
def backend():
    return "sqlite"


def test_an_article_is_added_read_and_changed(acme):
    made = acme.post("/skus", NEW)
    assert made.status_code == 201, made.text
    sku = made.get_json()
    assert {name: sku[name] for name in NEW} == NEW
    assert (sku["exporter"], sku["volume_m3"]) == ("acme", "0.001260")
    assert acme.get(made.headers["Location"].removeprefix("/api/v1")).get_json() == sku

    changed = acme.patch(
        f"/skus/{sku['id']}", {"volume_m3": "0.002", "issue_rule": "fefo", "value": "4"}
    ).get_json()
    assert (changed["length_cm"], changed["volume_m3"], changed["issue_rule"]) == (None, "0.002000", "fefo")
    assert changed["value"] == "4.00"
    assert changed["name_en"] == sku["name_en"]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"goods_class": "magic"}, "goods_class", "goods_class_unknown"),
        ({"width_cm": None}, "length_cm", "size_incomplete"),
        ({"length_cm": None, "width_cm": None, "height_cm": None}, "volume_m3", "size_missing"),
        ({"currency": "XXZ"}, "currency", "currency_unknown"),
        ({"weight_kg": "0"}, "weight_kg", "out_of_range"),
        ({"code": "A B"}, "code", "bad_shape"),
    ],
)
def test_what_is_wrong_with_an_article_is_named(acme, changed, field, code):
    answer = acme.post("/skus", NEW | changed)

    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.get_json()["errors"]] == [(field, code)]


def test_code_and_barcode_are_unique_for_their_exporter_alone(acme, globex):
    sku = acme.post("/skus", NEW).get_json()
    assert acme.post("/skus", NEW | {"barcode": None}).status_code == 409
    assert acme.post("/skus", NEW | {"code": "OTHER"}).status_code == 409
    assert globex.post("/skus", NEW).status_code == 201
    assert acme.patch(f"/skus/{sku['id']}", {"barcode": NEW["barcode"]}).status_code == 200


def test_articles_are_found_by_what_is_known_of_them(acme):
    acme.post("/skus", NEW)
    acme.post("/skus", NEW | {"code": "CUP", "barcode": None, "name_en": "Cup", "name_zh": ""})

    def found(**query):
        return [row["code"] for row in acme.get("/skus", **query).get_json()["items"]]

    assert found() == ["CUP", "MUG-350-BLUE"]
    assert found(q="mug") == found(barcode=NEW["barcode"]) == found(q="马克") == ["MUG-350-BLUE"]
    assert found(code="CUP") == found(q="Cup") == ["CUP"]


def test_exporters_see_and_touch_only_their_own(acme, globex, operator, call):
    sku = acme.post("/skus", NEW).get_json()["id"]
    assert sku not in [one["id"] for one in globex.get("/skus").get_json()["items"]]
    assert globex.get(f"/skus/{sku}").status_code == 404
    assert globex.patch(f"/skus/{sku}", {"weight_kg": "1"}).status_code == 404
    assert operator.post("/skus", NEW).get_json()["errors"][0]["code"] == "required"
    assert operator.post("/skus", NEW | {"exporter": "globex"}).status_code == 201
    assert call("finance").post("/skus", NEW | {"exporter": "globex"}).status_code == 403


def test_another_size_counts_for_the_bins_it_lies_in_and_may_be_too_much(house, operator):
    with house.database.transaction() as session:
        found = a_house(session, "DETST-WHS")
        stocked(session, found, "SKU-1", 10, "A-01")
        stocked(session, found, "SKU-1", 15, "A-03")
        sku, whs = found.skus["SKU-1"].public_id, found.warehouse.public_id

    def used():
        rows = operator.get(f"/warehouses/{whs}/places", code="A-0").get_json()["items"]
        return [(row["used_kg"], row["used_m3"]) for row in rows]

    assert operator.patch(f"/skus/{sku}", {"weight_kg": "1.3", "volume_m3": "0.003"}).status_code == 200
    assert used() == [("13.000", "0.030000"), ("0.000", "0.000000"), ("19.500", "0.045000")]
    full = operator.patch(f"/skus/{sku}", {"weight_kg": "1.4"})
    assert (full.status_code, full.get_json()["code"]) == (409, "bin_full")
    assert used() == [("13.000", "0.030000"), ("0.000", "0.000000"), ("19.500", "0.045000")]
