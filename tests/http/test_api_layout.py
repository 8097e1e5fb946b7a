"""Zones, bins and docks over the API."""

import pytest
from sqlalchemy import select

from app.ids import new_id
from app.models import Asn, Party, Warehouse
from app.usecases import api_keys
from tests.stock_rows import NOW, TODAY, a_house, stocked


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def stock(house):
    """A warehouse with announced goods of acme and globex, and its staff."""
    with house.database.transaction() as session:
        found = a_house(session, "DETST-WHS", "acme")
        stocked(session, found, "SKU-1", 10)
        ids = {}
        for owner in ("acme", "globex"):
            party = session.scalars(select(Party).where(Party.reference == owner)).one()
            asn = Asn(public_id=new_id("asn"), warehouse_id=found.warehouse.id, owner_id=party.id, reference="DOCK-1",
                      status="announced", expected_on=TODAY, created_at=NOW, created_by="test")  # fmt: skip
            session.add(asn)
            ids[owner] = asn.public_id
        _, house.world.secrets["staff"] = api_keys.add_api_key(
            session, found.actor, NOW, role="warehouse", warehouse="DETST-WHS"
        )
        ids["path"] = f"/warehouses/{found.warehouse.public_id}"
        return ids


@pytest.fixture
def staff(call, stock):
    return call("staff")


def test_bins_are_made_many_at_once_and_walked_in_their_order(stock, staff):
    path = stock["path"]
    assert staff.post(f"{path}/zones", {"code": "B", "name": "floor"}).status_code == 201
    made = staff.post(
        f"{path}/bins", {"zone": "B", "codes": "B-01..B-03", "max_weight_kg": "500", "max_volume_m3": "1.2"}
    )
    assert made.get_json() == {"zone": "B", "codes": ["B-01", "B-02", "B-03"]}

    rows = staff.get(f"{path}/places", zone="B").get_json()["items"]
    assert [(row["code"], row["walk_seq"], row["max_weight_kg"]) for row in rows] == [
        ("B-01", 1, "500.000"), ("B-02", 2, "500.000"), ("B-03", 3, "500.000"),
    ]  # fmt: skip
    twice = staff.post(f"{path}/bins", {"zone": "B", "codes": "B-03..B-04"})
    assert (twice.status_code, twice.get_json()["detail"]) == (409, "there is a place B-03 already")
    wrong = staff.post(f"{path}/bins", {"zone": "B", "codes": "B-9..B-1"})
    assert wrong.get_json()["errors"][0]["code"] == "bad_range"


def test_a_bin_is_blocked_limited_and_removed_if_nothing_lay_in_it(stock, staff):
    path = stock["path"]
    assert staff.patch(f"{path}/bins/A-01", {"blocked": True}).get_json()["blocked"] is True
    low = staff.patch(f"{path}/bins/A-01", {"max_weight_kg": "9"})
    assert (low.status_code, low.get_json()["code"]) == (409, "wrong_state")
    assert staff.delete(f"{path}/bins/A-01").status_code == 409
    assert staff.delete(f"{path}/bins/A-02").status_code == 204
    assert staff.delete(f"{path}/bins/receiving").status_code == 404
    assert staff.delete(f"{path}/zones/A").status_code == 409


def test_a_bonded_zone_needs_a_bonded_warehouse(stock, staff, house):
    path = stock["path"]
    refused = staff.post(f"{path}/zones", {"code": "BOND", "customs_status": "bonded"})
    assert refused.get_json()["errors"][0]["code"] == "not_bonded"
    with house.database.transaction() as session:
        session.query(Warehouse).update({"bonded": True})
    assert staff.post(f"{path}/zones", {"code": "BOND", "customs_status": "bonded"}).status_code == 201
    assert staff.post(f"{path}/zones", {"code": "SUPV", "customs_status": "supervised"}).status_code == 201
    assert staff.post(f"{path}/zones", {"code": "SUPV"}).status_code == 409


def test_a_slot_is_whoevers_comes_first(stock, staff, acme, globex):
    dock = {"code": "D1", "opens_local": "08:00", "closes_local": "10:00", "slot_min": 60}
    assert staff.post(f"{stock['path']}/docks", dock).status_code == 201
    slots = f"{stock['path']}/docks/D1/slots"
    day = acme.get(slots, day="2026-11-27").get_json()["items"]
    assert [(one["starts_at"], one["free"]) for one in day] == [
        ("2026-11-27T08:00:00+01:00", True), ("2026-11-27T09:00:00+01:00", True),
    ]  # fmt: skip

    wanted = {"starts_at": day[0]["starts_at"], "subject": stock["acme"]}
    mine = acme.post(slots, wanted)
    assert mine.status_code == 201
    assert acme.post(slots, wanted).get_json() == mine.get_json()
    late = globex.post(slots, wanted | {"subject": stock["globex"]})
    assert (late.status_code, late.get_json()["code"]) == (409, "slot_taken")
    seen = globex.get(slots, day="2026-11-27").get_json()["items"][0]
    assert (seen["free"], seen["subject"], seen["id"]) == (False, None, None)

    booked = mine.get_json()["id"]
    assert globex.delete(f"/dock-slots/{booked}").status_code == 404
    assert staff.delete(f"{stock['path']}/docks/D1").status_code == 409
    assert acme.delete(f"/dock-slots/{booked}").status_code == 204
    assert globex.post(slots, wanted | {"subject": stock["globex"]}).status_code == 201


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"starts_at": "2026-11-27T08:30:00+01:00"}, "no_such_slot"),
        ({"starts_at": "2026-11-20T08:00:00+01:00"}, "in_the_past"),
        ({"subject": "globex"}, "unknown_subject"),
    ],
)
def test_an_appointment_that_cannot_be_is_refused(stock, staff, acme, changed, code):
    dock = {"code": "D1", "opens_local": "08:00", "closes_local": "10:00", "slot_min": 60}
    staff.post(f"{stock['path']}/docks", dock)
    wanted = {"starts_at": "2026-11-27T08:00:00+01:00", "subject": stock["acme"]} | changed
    wanted["subject"] = stock.get(wanted["subject"], wanted["subject"])

    answer = acme.post(f"{stock['path']}/docks/D1/slots", wanted)

    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, code)


def test_the_layout_is_the_staffs_own(stock, staff, acme, house, call):
    path = stock["path"]
    for caller in (acme, call("finance")):
        assert caller.post(f"{path}/zones", {"code": "X"}).status_code == 403
        assert caller.patch(f"{path}/bins/A-01", {"blocked": True}).status_code == 403
    other = f"/warehouses/{house.world.ids['warehouse']}"
    for answer in (
        staff.get(f"{other}/zones"),
        staff.get(f"{other}/places"),
        staff.get(f"{other}/docks"),
        staff.post(f"{other}/zones", {"code": "X"}),
        staff.post(f"{other}/bins", {"zone": "X", "codes": "A"}),
        staff.patch(f"{other}/bins/A-01", {"blocked": True}),
        staff.post(
            f"{other}/docks", {"code": "D", "opens_local": "08:00", "closes_local": "09:00", "slot_min": 60}
        ),
    ):
        assert answer.status_code == 404
    hidden = acme.get(f"{path}/places", code="A-01").get_json()["items"][0]
    assert (hidden["pieces"], hidden["used_kg"]) == (0, "0.000")
