"""What was loaded beside what was planned, and the manifest that says so."""

import pytest
from sqlalchemy.orm import selectinload

from app.actor import system
from app.documents.manifests import manifest_pdf
from app.models import Departure, HandlingUnit, SpaceAllocation
from app.queries import hub as hubs
from app.queries.departure_load import departure_load
from app.queries.manifests import manifest
from app.usecases.loading.building import scan_in
from app.usecases.loading.finding import Hand
from app.usecases.loading.measuring import decide_variance, measure_parcel
from app.usecases.loading.moving import load_unit, unpack_unit
from app.usecases.loading.sealing import seal_unit
from app.usecases.tracking import Report, Source, record_events
from tests import factories as make
from tests.factories import DAY, NOW
from tests.load_rows import SEAL, a_hub, a_unit, another, packed
from tests.unit.documents.reading import Pdf

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def hub(session):
    return a_hub(session)


def loaded(session, hub, unit):
    seal_unit(session, hub.actor, NOW, unit.public_id, gross_g=unit.tare_g + unit.net_g, **SEAL)
    return load_unit(session, hub.actor, NOW, unit.public_id)


def found(session, hub, place_id=None):
    load = departure_load(session, hub.departure.public_id, place_id)
    return load, [(one.kind, one.subject) for one in load.differences]


def opened(session, hub):
    """An open unit of the plan on the hub's departure."""
    kind = make.make_unit_type(session, payload_g=28_000_000, volume_cm3=60_000_000)
    unit = HandlingUnit(
        public_id=f"hun_{kind.id}", departure_id=hub.departure.id, unit_type_id=kind.id, board_seq=0,
        alight_seq=1, payload_g=kind.payload_g, volume_cm3=kind.volume_cm3, opened_by="test", opened_at=NOW,
    )  # fmt: skip
    session.add(unit)
    session.flush()
    return unit


def test_nothing_packed_means_everything_is_missing_and_the_manifest_says_what_is_booked(session, hub):
    load, differences = found(session, hub)

    assert {kind for kind, _ in differences} == {"missing"}
    assert (load.planned.packages, load.packed.packages, load.anything_loaded) == (3, 0, False)
    assert manifest(session, hub.departure.public_id, NOW).loaded is None


def test_what_is_packed_and_not_on_board_and_what_is_on_board_and_not_booked_is_told(session, hub):
    one, two, three = hub.parcels
    packed(session, hub, a_unit(session, hub), one)
    bag = packed(session, hub, a_unit(session, hub), two, rolled := another(session, hub))
    loaded(session, hub, bag)
    away = make.make_departure(session, hub.service).id
    from app.models import BookingLeg, BookingLine

    line = session.get_one(BookingLine, rolled.booking_line_id)
    session.query(BookingLeg).filter_by(booking_id=line.booking_id).update({"departure_id": away})
    load, differences = found(session, hub)

    assert differences == [
        ("missing", three.public_id), ("not_loaded", one.public_id), ("extra", rolled.public_id),
    ]  # fmt: skip
    assert (load.packed.packages, load.loaded.packages, load.loaded.weight_g) == (3, 2, 2_000)


def test_a_parcel_in_another_unit_than_its_booking_has_room_in_is_told(session, hub):
    mine, other = opened(session, hub), opened(session, hub)
    session.add(
        SpaceAllocation(
            unit_id=mine.id, dimension="g", quantity=3_000, state="booked", booking_id=hub.booking.id,
            created_at=NOW,
        )
    )  # fmt: skip
    box = a_unit(session, hub, "container", None, number="CSQU3054383", handling_unit=other.public_id)
    loaded(session, hub, packed(session, hub, box))
    load, differences = found(session, hub)

    assert (box.max_g, box.type_code) == (28_000_000, load.units[0].type_code)
    assert differences == [("other_unit", one.public_id) for one in hub.parcels]
    assert load.differences[0].planned == mine.public_id
    with pytest.raises(Exception, match="that unit already"):
        a_unit(session, hub, "container", None, number="MSKU0000000", handling_unit=other.public_id)


def test_a_booking_with_fewer_parcels_than_packages_is_told(session, hub):
    hub.booking.lines[0].count = 5
    session.flush()

    assert ("unfilled", hub.booking.public_id) in found(session, hub)[1]
    assert all(kind != "unfilled" for kind, _ in found(session, hub, hub.location.id)[1])


def test_the_manifest_has_units_seals_weights_and_returned_goods_apart(session, hub):
    back = another(session, hub, direction="return", customs_mode="9810")
    measure_parcel(session, hub.actor, NOW, hub.code, Hand(hub.parcels[0].tracking_number), 1_250)
    pallet, bag = a_unit(session, hub, "pallet", "EURPAL"), a_unit(session, hub)
    bag = packed(session, hub, bag, hub.parcels[0], back)
    seal_unit(session, hub.actor, NOW, bag.public_id, gross_g=3_250, **SEAL)
    scan_in(session, hub.actor, NOW, pallet.public_id, Hand(bag.number))
    session.refresh(pallet)
    loaded(session, hub, pallet)
    paper = manifest(session, hub.departure.public_id, NOW)

    assert [(one.returned, one.customs_mode, one.weight_g) for one in paper.lines] == [
        (False, "9610", 1_250), (True, "9810", 1_000),
    ]  # fmt: skip
    (unit,) = paper.loaded.units
    assert (unit.seal_number, unit.packages, unit.net_g, len(unit.inside)) == ("CN0001", 2, 3_250, 1)
    text = Pdf(manifest_pdf(paper)).text
    for word in ("as loaded", "separate customs lines", "退运货物", "CN0001", "Differences", "1.250"):
        assert word in text, word

    report = Report(event_id="d", code="DEPA", happens_at=NOW, departure=hub.departure.public_id)
    record_events(session, Source("carrier"), NOW, [report])
    there = make.make_location(session, kind="overseas", country="DE")
    make.make_warehouse(session, there)
    for number in (pallet.number, bag.number):
        unpack_unit(session, hub.actor, NOW + DAY, there.code, number)
    after = manifest(session, hub.departure.public_id, NOW)
    assert (after.lines, after.loaded.units) == (paper.lines, paper.loaded.units)


def test_a_hub_sees_what_is_to_come_and_what_differs_until_it_is_decided(session):
    hub = a_hub(session, received=False)
    counts = hubs.counts(session, hub.location, NOW)
    measure_parcel(session, hub.actor, NOW, hub.code, Hand(hub.parcels[0].tracking_number), 5_000)

    assert (counts.expected, counts.received, counts.alerts) == (3, 0, 0)
    assert [row.parcel.id for row in hubs.expected(session, hub.location, NOW).items] == [
        one.id for one in hub.parcels
    ]
    assert hubs.expected(session, hub.location, NOW - DAY).items == []
    (alert,) = hubs.alerts(session, hub.location).items
    assert (alert.row.parcel.id, alert.row.departure_id) == (hub.parcels[0].id, hub.departure.public_id)
    assert len(hubs.alerts(session, booking_id=hub.booking.id).items) == 1
    decide_variance(session, system("t"), NOW, hub.parcels[0].public_id, "accepted")
    assert hubs.alerts(session, hub.location).items == []


def test_what_is_on_its_way_is_expected_where_it_ends_on_the_day_it_arrives(session, hub):
    from app.models import Location

    end = session.get_one(Location, hub.booking.destination_id)
    session.query(Departure).options(selectinload(Departure.calls)).filter_by(id=hub.departure.id).one()
    arrives = hub.departure.arrives_at

    assert hubs.counts(session, end, arrives - 2 * DAY).expected == 0
    assert hubs.counts(session, end, arrives).expected == 3
