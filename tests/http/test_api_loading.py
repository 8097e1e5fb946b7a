"""Hubs and load building over HTTP: one parcel from the dock to the manifest, and what stands in its way."""

import pytest

from app.actor import system
from app.schemas.hubs import (
    HubParcelPage,
    HubReceipt,
    HubReceiptPage,
    MeasureShape,
    MeasuresShape,
    VariancePage,
)
from app.schemas.loading import DepartureLoadShape, LoadContentPage, LoadUnitPage, LoadUnitShape, ScannedShape
from app.usecases import api_keys
from tests import factories as make
from tests.http.answers import faults, good, problem
from tests.http.conftest import Caller
from tests.load_rows import a_hub
from tests.quote_rows import sell
from tests.unit.documents.reading import Pdf
from tests.unit.documents.zpl_reader import read


@pytest.fixture
def hub(house):
    with house.database.transaction() as session:
        found = a_hub(session, received=False)
        session.expunge_all()
        return found


@pytest.fixture
def staff(house, visitor, hub):
    """Somebody who works at the hub."""
    return worker(house, visitor, hub.code)


def worker(house, visitor, code):
    with house.database.transaction() as session:
        _, secret = api_keys.add_api_key(session, system("test"), make.NOW, role="warehouse", warehouse=code)
    return Caller(visitor, secret)


def new_unit(hub, **facts):
    return {
        "place": hub.code,
        "kind": "bag",
        "type": "MAILBAG",
        "departure_id": hub.departure.public_id,
    } | facts


def test_a_parcel_is_received_measured_packed_sealed_and_loaded(staff, hub):
    place = f"/warehouses/{hub.place.public_id}"
    first, second, third = hub.parcels
    expected = good(staff.get(f"{place}/expected-parcels"), HubParcelPage)["items"]
    assert {one["id"] for one in expected} == {one.public_id for one in hub.parcels}
    for parcel in (first, second):
        receipt = good(staff.post(f"{place}/receipts", {"scan": parcel.tracking_number}), HubReceipt)
        assert (receipt["outcome"], receipt["parcel"]["status"]) == ("received", "picked_up")
        assert receipt["parcel"]["departure_id"] == hub.departure.public_id
    again = good(staff.post(f"{place}/receipts", {"scan": first.reference}), HubReceipt)
    assert again["outcome"] == "already_received"
    assert len(good(staff.get(f"{place}/receipts"), HubReceiptPage)["items"]) == 2

    weighed = {"place": hub.code, "weight_kg": "1.6", "length_cm": "20", "width_cm": "15", "height_cm": "10"}
    measure = good(staff.post(f"/parcels/{first.public_id}/measures", weighed), MeasureShape, 201)
    assert (measure["varies"], measure["declared_kg"]) == (True, "1.000")
    alert = good(staff.get(f"{place}/variances"), VariancePage)["items"][0]
    assert alert["parcel"]["id"] == first.public_id

    unit = good(staff.post("/load-units", new_unit(hub)), LoadUnitShape, 201)
    path = f"/load-units/{unit['id']}"
    for parcel in (first, second):
        done = good(staff.post(f"{path}/contents", {"scan": parcel.tracking_number}), ScannedShape)
        assert done["outcome"] == "in"
    assert (done["unit"]["net_kg"], done["unit"]["parcels"]) == ("2.600", 2)
    assert faults(staff.post(f"{path}/contents", {"scan": third.tracking_number})) == {"scan": "not_received"}
    inside = good(staff.get(f"{path}/contents"), LoadContentPage)["items"]
    assert [one["variance"] for one in inside] == [False, True]

    seal = {"seal_number": "CN1", "gross_kg": "3.6"}
    assert faults(staff.post(f"{path}/seal", seal | {"gross_kg": "9"})) == {"gross_kg": "gross_varies"}
    assert good(staff.post(f"{path}/seal", seal), LoadUnitShape)["status"] == "sealed"
    problem(
        staff.post(f"{path}/contents", {"scan": second.tracking_number, "action": "out"}), 409, "wrong_state"
    )
    opened = staff.post(f"{path}/unseal", {"reason": "look"})
    assert good(opened, LoadUnitShape)["seal_number"] is None
    good(staff.post(f"{path}/seal", seal), LoadUnitShape)
    assert good(staff.post(f"{path}/load"), LoadUnitShape)["loaded_at"]

    load = good(staff.get(f"/departures/{hub.departure.public_id}/load"), DepartureLoadShape)
    assert (load["planned"]["packages"], load["loaded"]["packages"]) == (3, 2)
    assert [(one["kind"], one["id"]) for one in load["differences"]] == [("missing", third.public_id)]


def test_the_manifest_says_what_was_loaded_with_seals_and_differences(operator, staff, hub):
    manifest = f"/departures/{hub.departure.public_id}/manifest.pdf"
    before = Pdf(operator.get(manifest).data).text
    unit = loaded(staff, hub, hub.parcels[:2])
    text = Pdf(operator.get(manifest).data).text

    assert "as loaded" not in before
    for word in (
        "as loaded",
        "SEAL9",
        unit["shown"][-12:],
        "Booked, in no unit",
        hub.parcels[0].tracking_number,
    ):
        assert word in text, word


def loaded(staff, hub, parcels):
    unit = staff.post("/load-units", new_unit(hub)).get_json()
    path = f"/load-units/{unit['id']}"
    for parcel in parcels:
        staff.post(f"/warehouses/{hub.place.public_id}/receipts", {"scan": parcel.tracking_number})
        good(staff.post(f"{path}/contents", {"scan": parcel.tracking_number}), ScannedShape)
    gross = str(1 + len(parcels))
    good(staff.post(f"{path}/seal", {"seal_number": "SEAL9", "gross_kg": gross}), LoadUnitShape)
    good(staff.post(f"{path}/load"), LoadUnitShape)
    return unit


def test_what_the_scale_makes_of_the_price_is_shown_and_a_person_decides(operator, staff, hub, house):
    with house.database.transaction() as session:
        sell(session, session.get_one(make.Service, hub.service.id))
    parcel = hub.parcels[0]
    weighed = {"place": hub.code, "weight_kg": "4"}
    good(staff.post(f"/parcels/{parcel.public_id}/measures", weighed), MeasureShape, 201)

    found = good(operator.get(f"/parcels/{parcel.public_id}/measures"), MeasuresShape)
    assert found["effect"]["measured"] == 1
    leg = found["effect"]["legs"][0]
    assert (leg["chargeable_before_kg"], leg["chargeable_after_kg"]) == ("3.000", "6.000")
    assert float(found["effect"]["difference"]) == float(leg["after"]) - float(leg["before"]) > 0
    path = f"/parcels/{parcel.public_id}/variance"
    problem(staff.post(path, {"decision": "accepted"}), 403, "forbidden")
    decided = good(operator.post(path, {"decision": "accepted", "note": "by phone"}), MeasureShape)
    assert decided["decision"] == "accepted"
    problem(operator.post(path, {"decision": "amended"}), 409, "wrong_state")


def test_labels_scan_as_sscc_and_placards_as_the_containers_number(staff, hub):
    bag = good(staff.post("/load-units", new_unit(hub)), LoadUnitShape, 201)
    box = new_unit(hub, kind="container", type="40HQ", number="csqu 305438-3")
    container = good(staff.post("/load-units", box), LoadUnitShape, 201)
    pdf = Pdf(staff.get(f"/load-units/{bag['id']}/label.pdf").data)

    codes = pdf.codes()
    assert any(kind.startswith("Code128") and text.endswith(bag["number"]) for kind, text in codes)
    assert f"http://127.0.0.1:8000/load-units/{bag['id']}" in {text for _, text in codes}
    (zpl,) = read(staff.get(f"/load-units/{bag['id']}/label.zpl").data)
    assert zpl.data("BC") == [f">;>800{bag['number']}"]
    placard = Pdf(staff.get(f"/load-units/{container['id']}/label.pdf").data)
    assert ("Code128", "CSQU3054383") in placard.codes()
    assert "CSQU 305438 3" in placard.text


def test_a_unit_is_unpacked_where_it_came_and_only_there_and_at_home_it_is_found(house, visitor, staff, hub):
    unit = loaded(staff, hub, hub.parcels)
    other = worker(house, visitor, "DEDUI-WHS")
    path = f"/warehouses/{house.world.ids['warehouse']}/unpackings"

    problem(other.get(f"/load-units/{unit['id']}"), 404, "not_found")
    problem(other.post(path, {"scan": unit["number"]}), 404, "not_found")
    left = {"eventClassifierCode": "ACT", "code": "DEPA", "eventDateTime": make.NOW.isoformat()}
    operator = Caller(visitor, house.world.secrets["operator"])
    assert operator.post(f"/departures/{hub.departure.public_id}/events", left).status_code == 200
    assert operator.get(f"/load-units/{unit['id']}").get_json()["status"] == "departed"
    there = good(other.post(path, {"scan": f"]C100{unit['number']}"}), LoadUnitShape)
    assert (there["status"], there["place"], there["parcels"]) == ("unpacked", "DEDUI-WHS", 3)


def test_nobody_else_builds_and_staff_sees_only_its_own_place(house, visitor, call, acme, staff, hub):
    unit = good(staff.post("/load-units", new_unit(hub)), LoadUnitShape, 201)
    other = worker(house, visitor, "DEDUI-WHS")
    path = f"/load-units/{unit['id']}"

    problem(acme.get("/load-units"), 403, "forbidden")
    problem(acme.get(f"/departures/{hub.departure.public_id}/load"), 403, "forbidden")
    problem(call("customs").post("/load-units", new_unit(hub)), 403, "forbidden")
    assert good(call("customs").get(path), LoadUnitShape)["id"] == unit["id"]
    for answer in (
        other.get(path),
        other.post("/load-units", new_unit(hub)),
        other.post(f"{path}/contents", {"scan": "x"}),
        other.post(f"{path}/cancel"),
        other.get(f"{path}/label.pdf"),
        other.get(f"/warehouses/{hub.place.public_id}/receipts"),
        other.post(f"/parcels/{hub.parcels[0].public_id}/measures", {"place": hub.code, "weight_kg": "1"}),
    ):
        problem(answer, 404, "not_found")
    assert unit["id"] not in [one["id"] for one in good(other.get("/load-units"), LoadUnitPage)["items"]]
    assert len(good(staff.get("/load-units", place=hub.code, status="open"), LoadUnitPage)["items"]) == 1
    load = good(other.get(f"/departures/{hub.departure.public_id}/load"), DepartureLoadShape)
    assert (load["units"], load["differences"], load["planned"]["packages"]) == ([], [], 0)
    assert good(staff.post(f"{path}/cancel"), LoadUnitShape)["status"] == "cancelled"
    problem(staff.get(f"{path}/label.pdf"), 409, "nothing_to_print")


def test_an_exporter_sees_the_measures_of_its_own_parcels(acme, globex, house):
    path = f"/parcels/{house.world.ids['my_parcel']}/measures"

    assert good(acme.get(path), MeasuresShape) == {"items": [], "effect": None}
    problem(globex.get(path), 404, "not_found")
