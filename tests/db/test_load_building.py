from dataclasses import replace

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import BinFull, Conflict, Forbidden, Invalid, NotFound, ScanReused
from app.models import LoadContent, LoadUnit, Parcel
from app.queries.invariants_loading import INVARIANTS
from app.usecases.loading.building import cancel_unit, scan_in, scan_out
from app.usecases.loading.finding import Hand
from app.usecases.loading.measuring import measure_parcel
from app.usecases.loading.moving import load_unit, unpack_unit
from app.usecases.loading.sealing import seal_unit, unseal_unit
from app.usecases.tracking import Report, Source, record_events
from tests import factories as make
from tests.factories import DAY, NOW
from tests.load_rows import SEAL, a_hub, a_unit, another, packed
from warehouses.numbers import is_sscc

pytestmark = pytest.mark.postgres


@pytest.fixture
def hub(session):
    return a_hub(session)


def scanned(session, hub, unit, parcel, **facts):
    return scan_in(session, hub.actor, NOW, unit.public_id, Hand(parcel.tracking_number, **facts))


def refusal(session, hub, unit, parcel):
    with pytest.raises(Invalid) as refused, session.begin_nested():
        scanned(session, hub, unit, parcel)
    assert all(place.suggestion for place in refused.value.errors)
    return [place.code for place in refused.value.errors]


def sums_hold(session):
    return [(one.__name__, *row) for one in INVARIANTS for row in one(session, NOW)]


def test_a_bag_gets_an_sscc_and_counts_what_is_scanned_into_it(session, hub):
    bag = packed(session, hub, a_unit(session, hub), *hub.parcels[:2])

    assert is_sscc(bag.number)
    assert (bag.net_g, bag.net_cm3, bag.max_g, bag.tare_g) == (2_000, 6_000, 30_000, 1_000)
    assert [one.load_unit_id for one in hub.parcels[:2]] == [bag.id, bag.id]
    assert sums_hold(session) == []


def test_a_parcel_is_counted_as_it_was_measured(session, hub):
    first = hub.parcels[0]
    measure_parcel(session, hub.actor, NOW, hub.code, Hand(first.tracking_number), 1_500, (200, 200, 100))
    bag = packed(session, hub, a_unit(session, hub), first)

    assert (bag.net_g, bag.net_cm3) == (1_500, 4_000)


def test_a_unit_never_takes_more_than_its_limits(session, hub):
    bag = a_unit(session, hub, max_g=2_500)
    packed(session, hub, bag, *hub.parcels[:2])

    with pytest.raises(BinFull, match=r"0\.5 kg of 2\.5 are left"), session.begin_nested():
        scanned(session, hub, bag, hub.parcels[2])

    assert packed(session, hub, bag, hub.parcels[0]).net_g == 2_000
    assert session.get(Parcel, hub.parcels[2].id, populate_existing=True).load_unit_id is None


def test_larger_units_count_what_is_put_into_the_smaller_ones_in_them(session, hub):
    pallet = a_unit(session, hub, "pallet", "EURPAL")
    container = a_unit(session, hub, "container", "40HQ", number="CSQU3054383", max_g=28_000)
    bag = packed(session, hub, a_unit(session, hub), hub.parcels[0])
    scan_in(session, hub.actor, NOW, pallet.public_id, Hand(f"(00){bag.number}"))
    scan_in(session, hub.actor, NOW, container.public_id, Hand(pallet.number))
    bag = packed(session, hub, bag, hub.parcels[1])
    session.refresh(pallet), session.refresh(container)

    assert (pallet.net_g, container.net_g) == (1_000 + 2_000, 25_000 + 1_000 + 2_000)
    with pytest.raises(BinFull, match="CSQU3054383"), session.begin_nested():
        scanned(session, hub, bag, hub.parcels[2])
    session.refresh(bag), session.refresh(container)
    assert (bag.net_g, container.net_g) == (2_000, 28_000)

    scan_out(session, hub.actor, NOW, bag.public_id, Hand(hub.parcels[1].tracking_number))
    scan_out(session, hub.actor, NOW, container.public_id, Hand(pallet.number))
    session.refresh(pallet), session.refresh(container)
    assert (pallet.net_g, container.net_g, pallet.parent_id) == (2_000, 0, None)
    assert sums_hold(session) == []


def test_each_scan_counts_once_and_its_id_is_used_once(session, hub):
    bag = a_unit(session, hub)
    first, again = (scanned(session, hub, bag, hub.parcels[0], scan_id="s1") for _ in range(2))

    assert (first.outcome, again.outcome, first.row.id) == ("in", "already_in", again.row.id)
    assert scanned(session, hub, bag, hub.parcels[0], scan_id="s2").outcome == "already_in"
    with pytest.raises(ScanReused):
        scanned(session, hub, bag, hub.parcels[1], scan_id="s1")
    out = [
        scan_out(session, hub.actor, NOW, bag.public_id, Hand(hub.parcels[0].tracking_number, "s3"))
        for _ in range(2)
    ]
    assert [one.outcome for one in out] == ["out", "out"]
    assert scanned(session, hub, bag, hub.parcels[0], scan_id="s1").outcome == "already_in"
    session.refresh(bag)
    assert bag.net_g == 0


def test_nothing_is_in_two_units(session, hub):
    packed(session, hub, a_unit(session, hub), hub.parcels[0])

    assert refusal(session, hub, a_unit(session, hub), hub.parcels[0]) == ["in_other_unit"]


def test_only_what_is_here_booked_free_and_on_this_departure_is_packed(session, hub):
    bag = a_unit(session, hub)
    later = make.make_departure(session, hub.service, [hub.location, make.make_location(session)])
    away = another(session, hub, received=False)
    held = another(session, hub)
    record_events(
        session,
        Source("customs"),
        NOW,
        [Report(event_id="h", code="CUSS", happens_at=NOW, parcel=held.public_id)],
    )
    loose = make.make_parcel(session, origin=hub.location, tracking_number="FP1")

    assert refusal(session, hub, bag, away) == ["not_received"]
    assert refusal(session, hub, bag, held) == ["parcel_held"]
    assert refusal(session, hub, bag, loose) == ["not_received", "no_booking"]
    assert refusal(session, hub, bag, another(session, hub, departure=later)) == ["other_departure"]


def test_goods_that_the_departure_or_their_neighbours_refuse_stay_out(session, hub):
    bag = a_unit(session, hub)
    liquid = another(session, hub, goods_class="liquid")
    food = another(session, hub, goods_class="food")
    power_bank = another(session, hub, goods_class="li_ion_alone")
    packed(session, hub, bag, food)

    assert refusal(session, hub, bag, liquid) == ["goods_not_listed"]
    assert refusal(session, hub, bag, power_bank) == ["segregated"]


def test_a_sealed_unit_stays_as_it_is_until_it_is_unsealed_with_a_reason(session, hub):
    bag = packed(session, hub, a_unit(session, hub), *hub.parcels[:2])
    with pytest.raises(Invalid) as varies:
        seal_unit(session, hub.actor, NOW, bag.public_id, gross_g=4_000, **SEAL)
    assert varies.value.errors[0].code == "gross_varies"
    sealed = seal_unit(session, hub.actor, NOW, bag.public_id, gross_g=4_000, accept_variance=True, **SEAL)

    assert (sealed.status, sealed.gross_varies) == ("sealed", True)
    with pytest.raises(Conflict):
        scanned(session, hub, bag, hub.parcels[2])
    with pytest.raises(Conflict):
        scan_out(session, hub.actor, NOW, bag.public_id, Hand(hub.parcels[0].tracking_number))
    opened = unseal_unit(session, hub.actor, NOW, bag.public_id, "one parcel forgotten")
    assert (opened.status, opened.seal_number, opened.gross_g) == ("open", None, None)
    assert packed(session, hub, bag).net_g == 3_000


def test_a_unit_is_sealed_after_the_smaller_ones_in_it(session, hub):
    pallet, bag = a_unit(session, hub, "pallet", "EURPAL"), packed(session, hub, a_unit(session, hub))
    with pytest.raises(Invalid):
        seal_unit(session, hub.actor, NOW, pallet.public_id, gross_g=25_000, **SEAL)
    scan_in(session, hub.actor, NOW, pallet.public_id, Hand(bag.number))
    with pytest.raises(Conflict, match="not sealed"):
        seal_unit(session, hub.actor, NOW, pallet.public_id, gross_g=29_000, **SEAL)
    seal_unit(session, hub.actor, NOW, bag.public_id, gross_g=4_000, **SEAL)
    seal_unit(session, hub.actor, NOW, pallet.public_id, gross_g=29_000, **SEAL)

    with pytest.raises(Conflict, match="unseal that first"):
        unseal_unit(session, hub.actor, NOW, bag.public_id, "look into it")
    with pytest.raises(Conflict):
        load_unit(session, hub.actor, NOW, bag.public_id)


def test_a_loaded_unit_leaves_with_the_departure_and_is_unpacked_where_it_came(session, hub):
    abroad = make.make_location(session, kind="overseas", country="DE")
    make.make_warehouse(session, abroad)
    pallet, bag = a_unit(session, hub, "pallet", "EURPAL"), packed(session, hub, a_unit(session, hub))
    seal_unit(session, hub.actor, NOW, bag.public_id, gross_g=4_000, **SEAL)
    scan_in(session, hub.actor, NOW, pallet.public_id, Hand(bag.number))
    seal_unit(session, hub.actor, NOW, pallet.public_id, gross_g=29_000, **SEAL)
    load_unit(session, hub.actor, NOW, pallet.public_id)
    statuses = set(
        session.scalars(select(Parcel.status).where(Parcel.id.in_([one.id for one in hub.parcels])))
    )
    left = Report(event_id="d", code="DEPA", happens_at=NOW, departure=hub.departure.public_id)
    record_events(session, Source("carrier"), NOW, [left])
    session.refresh(pallet)

    assert statuses == {"in_transit"}
    assert (pallet.status, pallet.departed_at) == ("departed", NOW)
    assert sums_hold(session) == []
    place = abroad.code
    with pytest.raises(Conflict, match="larger"):
        unpack_unit(session, hub.actor, NOW + DAY, hub.code, bag.number)
    unpack_unit(session, hub.actor, NOW + DAY, place, pallet.number)
    unpack_unit(session, hub.actor, NOW + DAY, place, bag.number)
    found = session.scalars(select(LoadUnit).execution_options(populate_existing=True)).all()
    assert {one.status for one in found} == {"unpacked"}
    assert {one.location_id for one in found} == {abroad.id}
    assert session.scalar(select(LoadContent.id).where(LoadContent.taken_at.is_(None))) is None
    assert sums_hold(session) == []


def test_what_was_rolled_away_meanwhile_is_named_when_the_unit_is_loaded(session, hub):
    bag = packed(session, hub, a_unit(session, hub))
    seal_unit(session, hub.actor, NOW, bag.public_id, gross_g=4_000, **SEAL)
    hub.booking.legs[0].departure_id = make.make_departure(session, hub.service).id
    session.flush()

    with pytest.raises(Invalid) as refused:
        load_unit(session, hub.actor, NOW, bag.public_id)
    assert [one.code for one in refused.value.errors] == ["other_departure"] * 3


def test_an_empty_unit_is_given_up_and_its_number_used_again(session, hub):
    box = a_unit(session, hub, "container", "20GP", number="CSQU3054383")
    with pytest.raises(Conflict, match="in use"):
        a_unit(session, hub, "container", "20GP", number="CSQU 305438 3")
    packed(session, hub, box, hub.parcels[0])
    with pytest.raises(Conflict):
        cancel_unit(session, hub.actor, NOW, box.public_id)
    scan_out(session, hub.actor, NOW, box.public_id, Hand(hub.parcels[0].tracking_number))
    cancel_unit(session, hub.actor, NOW, box.public_id)

    assert a_unit(session, hub, "container", "20GP", number="CSQU3054383").status == "open"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kind": "container", "type_code": "40HQ", "number": "CSQU3054384"}, "bad_check_digit"),
        ({"kind": "container", "type_code": "40HQ"}, "number_needed"),
        ({"kind": "uld", "type_code": "AKE", "number": "AKE1"}, "bad_number"),
        ({"kind": "bag", "type_code": "EURPAL"}, "other_kind"),
        ({"kind": "bag", "type_code": "SACK"}, "unit_type_unknown"),
        ({"kind": "bag", "type_code": "MAILBAG", "board": "CNSHA"}, "not_called_at"),
    ],
)
def test_a_unit_that_cannot_be_is_not_opened(session, hub, facts, code):
    with pytest.raises(Invalid) as refused:
        a_unit(session, hub, **facts)
    assert refused.value.errors[0].code == code


def test_staff_of_another_place_and_exporters_touch_nothing(session, hub):
    bag = packed(session, hub, a_unit(session, hub), hub.parcels[0])
    stranger = a_hub(session, count=1).staff
    theirs = replace(hub, actor=stranger)

    with pytest.raises(NotFound):
        scanned(session, theirs, bag, hub.parcels[1])
    with pytest.raises(NotFound):
        unpack_unit(session, stranger, NOW, hub.code, bag.number)
    with pytest.raises(Forbidden):
        scan_in(session, Actor("key", "key_x", "exporter", 1), NOW, bag.public_id, Hand("FP1"))
    assert scanned(session, replace(hub, actor=hub.staff), bag, hub.parcels[1]).outcome == "in"
