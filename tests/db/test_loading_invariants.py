"""Each invariant of units finds what it is for: everything is right first, then one row is made wrong."""

import pytest
from sqlalchemy import text, update

from app.models import LoadContent, LoadUnit, Parcel, ParcelMeasure
from app.queries.invariants_loading import INVARIANTS
from app.usecases.loading.building import scan_in
from app.usecases.loading.finding import Hand
from app.usecases.loading.measuring import measure_parcel
from app.usecases.loading.sealing import seal_unit
from tests.factories import NOW
from tests.load_rows import SEAL, a_hub, a_unit, packed

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def built(session):
    """A pallet with a sealed bag of two parcels on it, and a parcel beside them."""
    hub = a_hub(session)
    for _ in range(2):
        measure_parcel(session, hub.actor, NOW, hub.code, Hand(hub.parcels[0].tracking_number), 1_500)
    pallet, bag = a_unit(session, hub, "pallet", "EURPAL"), a_unit(session, hub)
    packed(session, hub, bag, *hub.parcels[:2])
    seal_unit(session, hub.actor, NOW, bag.public_id, gross_g=3_500, **SEAL)
    scan_in(session, hub.actor, NOW, pallet.public_id, Hand(bag.number))
    assert broken(session) == set()
    session.execute(text("PRAGMA ignore_check_constraints = ON"))
    yield hub, pallet, bag
    session.execute(text("PRAGMA ignore_check_constraints = OFF"))


def broken(session):
    return {one.__name__ for one in INVARIANTS if any(one(session, NOW))}


def spoil(session, model, row_id, **values):
    session.execute(
        update(model).where(model.id == row_id).values(**values).execution_options(synchronize_session=False)
    )
    session.expire_all()


def test_a_sum_that_is_not_what_is_inside(session, built):
    _, pallet, _ = built
    spoil(session, LoadUnit, pallet.id, net_g=LoadUnit.net_g + 1)

    assert "units_are_the_sum_of_what_is_in_them" in broken(session)


def test_a_unit_beyond_its_limit(session, built):
    _, pallet, _ = built
    spoil(session, LoadUnit, pallet.id, max_g=1)

    assert broken(session) == {"units_within_their_limits"}


def test_a_parcel_that_names_a_unit_it_is_not_in(session, built):
    hub, pallet, _ = built
    spoil(session, Parcel, hub.parcels[0].id, load_unit_id=pallet.id)
    assert broken(session) == {"parcels_are_in_one_unit"}

    spoil(session, Parcel, hub.parcels[0].id, load_unit_id=None)
    assert broken(session) == {"parcels_are_in_one_unit"}


def test_a_parcel_that_names_a_unit_and_is_in_none(session, built):
    hub, pallet, _ = built
    spoil(session, Parcel, hub.parcels[2].id, load_unit_id=pallet.id)

    assert broken(session) == {"parcels_are_in_one_unit"}


def test_a_parcel_in_two_units(session, built):
    hub, pallet, _ = built
    session.execute(text("DROP INDEX uq_load_content_parcel_inside"))
    session.add(
        LoadContent(
            unit_id=pallet.id, parcel_id=hub.parcels[0].id, weight_g=0, volume_cm3=0, put_by="x", put_at=NOW
        )
    )
    session.flush()

    assert broken(session) == {"parcels_are_in_one_unit"}


def test_a_smaller_unit_that_is_counted_elsewhere_or_with_another_weight(session, built):
    hub, _, bag = built
    other = a_unit(session, hub, "pallet", "EURPAL")
    spoil(session, LoadUnit, bag.id, parent_id=other.id)
    assert broken(session) == {"smaller_units_stand_in_their_parent"}

    spoil(session, LoadUnit, bag.id, parent_id=built[1].id, tare_g=5)
    assert broken(session) == {"smaller_units_stand_in_their_parent"}


def test_a_sealed_unit_that_was_changed_behind_its_seal(session, built):
    _, _, bag = built
    row = session.query(LoadContent).filter_by(unit_id=bag.id).first()
    spoil(session, LoadContent, row.id, taken_at=NOW, way_out="out", taken_by="x")

    assert "sealed_units_are_as_they_were_sealed" in broken(session)


def test_an_open_unit_in_a_sealed_one(session, built):
    _, pallet, bag = built
    seal_unit(session, built[0].actor, NOW, pallet.public_id, gross_g=29_000, accept_variance=True, **SEAL)
    spoil(session, LoadUnit, bag.id, status="open")

    assert broken(session) == {"sealed_units_are_as_they_were_sealed"}


def test_a_unit_that_is_over_with_something_in_it(session, built):
    _, _, bag = built
    spoil(session, LoadUnit, bag.id, status="cancelled")

    assert broken(session) == {"over_units_are_empty"}


def test_two_measures_of_a_parcel_that_both_count(session, built):
    hub = built[0]
    measures = session.query(ParcelMeasure).filter_by(parcel_id=hub.parcels[0].id).order_by(ParcelMeasure.id)
    spoil(session, ParcelMeasure, measures.first().id, latest=True)

    assert broken(session) == {"parcels_have_one_latest_measure"}
