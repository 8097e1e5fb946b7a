"""The order pool over HTTP: what is refused, and who sees what."""

import pytest
from sqlalchemy import func, select

from app.models import Parcel
from app.schemas.parcels import ParcelPage
from tests.http.answers import faults, good, problem
from tests.http.world import NEW_PARCEL as NEW

SHARED = True


def references(caller, **query):
    return [item["reference"] for item in good(caller.get("/parcels", **query), ParcelPage)["items"]]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"weight_kg": "0"}, "weight_kg", "not_positive"),
        ({"weight_kg": "-1"}, "weight_kg", "not_positive"),
        ({"weight_kg": "2.0005"}, "weight_kg", "too_many_decimals"),
        ({"weight_kg": "1e3"}, "weight_kg", "not_a_number"),
        ({"weight_kg": "١٢"}, "weight_kg", "not_a_number"),
        ({"origin": "CNTAO-HUBB"}, "origin", "unknown_location"),
        ({"destination": "CNTAO-HUB"}, "destination", "same_place"),
        ({"currency": "USX"}, "currency", "unknown_currency"),
        ({"goods_class": "fireworks"}, "goods_class", "unknown_goods_class"),
        ({"deliver_by": "2026-11-25T01:59:00Z"}, "deliver_by", "deliver_by_before_ready"),
        ({"ready_at": "2026-11-25T10:00:00"}, "ready_at", "naive_time"),
        ({"ready_at": "0001-01-01T00:00:00+14:00"}, "ready_at", "not_an_instant"),
        ({"height_cm": None}, "length_cm", "dimension_missing"),
        ({"hard_deadline": True, "deliver_by": None}, "deliver_by", "deadline_missing"),
        ({"reference": "=cmd|' /C calc'!A0"}, "reference", "formula"),
        ({"reference": ""}, "reference", "required"),
        ({"exporter": "globex"}, "exporter", "unknown_exporter"),
    ],
)
def test_the_rules_of_the_file_import_hold_with_their_codes(acme, changes, field, code):
    response = acme.post("/parcels", NEW | changes)

    assert faults(response) == {field: code}
    (error,) = response.get_json()["errors"]
    assert error["json_path"] == f"$.{field}"
    assert error["suggestion"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"weight_kg": True}, "weight_kg", "wrong_type"),
        ({"weight_kg": ["2"]}, "weight_kg", "wrong_type"),
        ({"reference": 7}, "reference", "wrong_type"),
        ({"hard_deadline": "on"}, "hard_deadline", "wrong_type"),
        ({"reference": "a\0b"}, "reference", "bad_character"),
        ({"reference": None}, "reference", "required"),
        ({"reference": "x" * 501}, "reference", "bad_length"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_a_member_of_the_wrong_kind_is_named(acme, changes, field, code):
    assert faults(acme.post("/parcels", NEW | changes)) == {field: code}


@pytest.mark.parametrize("missing", ["reference", "direction", "origin", "weight_kg", "currency", "ready_at"])
def test_what_must_be_given_must_be_given(acme, missing):
    assert faults(acme.post("/parcels", {key: NEW[key] for key in NEW if key != missing})) == {
        missing: "required"
    }


BAD_BODIES = {
    "half a surrogate pair": (rb'{"reference": "\ud800"}', 422),
    "a key twice": (b'{"reference": "a", "reference": "b"}', 400),
    "too many digits": (b'{"weight_kg": ' + b"9" * 5000 + b"}", 400),
    "a huge exponent": (b'{"weight_kg": 1e999999}', 422),
    "an exponent beyond Decimal": (b'{"weight_kg": 1e99999999999999999999}', 400),
    "not a number": (b'{"weight_kg": NaN}', 400),
    "nested too deep": (b"[" * 5000 + b"]" * 5000, 400),
    "not UTF-8": (b'{"reference": "\xff"}', 400),
    "cut off": (b'{"reference": ', 400),
    "empty": (b"", 400),
    "a list": (b"[]", 422),
    "null": (b"null", 422),
    "too large": (b'{"reference": "' + b"x" * 1_000_001 + b'"}', 413),
}


@pytest.mark.parametrize(("body", "status"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_malformed_body_is_refused_and_nothing_is_kept(acme, house, body, status):
    response = acme.post("/parcels", data=body, headers={"Content-Type": "application/json"})

    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Parcel)) == 2


def test_a_body_that_is_not_json_is_unsupported(acme):
    problem(acme.post("/parcels", data="reference=1"), 415, "unsupported_media_type")
    problem(acme.post("/parcels", data=b"{}", content_type="text/plain"), 415, "unsupported_media_type")


def test_an_exporter_sees_its_own_parcels_only(acme, globex, operator, world):
    assert references(acme) == ["mine-1"]
    assert references(globex) == ["other-1"]
    assert sorted(references(operator)) == ["mine-1", "other-1"]
    assert references(acme, exporter="globex") == []
    problem(acme.get(f"/parcels/{world.ids['other_parcel']}"), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"direction": "export"}, 2),
        ({"direction": "return"}, 0),
        ({"exporter": "acme"}, 1),
        ({"origin": "CNTAO-HUB", "destination": "DEDUI"}, 2),
        ({"goods_class": "liquid"}, 0),
        ({"status": "pending"}, 2),
        ({"ready_from": "2026-11-24T09:30:00+08:00"}, 2),
        ({"ready_to": "2026-11-24T09:30:00+08:00"}, 0),
        ({"reference": "mine"}, 1),
        ({"reference": "%"}, 0),
    ],
)
def test_filters_narrow_the_pool(operator, query, count):
    assert len(references(operator, **query)) == count


@pytest.mark.parametrize("role", ["warehouse", "customs", "finance", "regulator"])
def test_others_read_the_pool_and_do_not_fill_it(call, role):
    assert len(references(call(role))) == 2
    problem(call(role).post("/parcels", NEW | {"exporter": "acme"}), 403, "forbidden")
