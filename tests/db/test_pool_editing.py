"""Many parcels are changed at once: what is locked is refused with a reason, and all of it can be undone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Conflict, Invalid, NotFound
from app.models import AuditEvent, BulkEditRow
from app.usecases import pool_editing
from app.usecases.channel_rules import Rule, rules_of
from app.usecases.pool_editing import NONE, Wanted, apply_edit, plan_edit, undo_edit
from tests import factories as make
from tests.booking_rows import make_booking
from tests.factories import DAY, NOW

STAFF = Actor("user", "usr_test", "operator")
LATER = NOW + 40 * DAY


@pytest.fixture
def parcels(session):
    exporter, hub, home = make.make_party(session), make.make_location(session), make.make_location(session)
    return [make.make_parcel(session, exporter, hub, home) for _ in range(3)]


def ids(parcels):
    return [one.id for one in parcels]


def test_what_is_locked_is_refused_with_its_reason_and_the_rest_changes(session, parcels, monkeypatch):
    monkeypatch.setattr(pool_editing, "BATCH", 2)
    free, booked, gone = parcels
    booked.booking_line_id = make_booking(session).lines[0].id
    gone.status = "in_transit"
    session.flush()

    edit = apply_edit(session, STAFF, NOW, ids(parcels), Wanted(deliver_by=LATER, goods_class="li_ion_alone"))

    assert (edit.changed, edit.unchanged, edit.refused) == (1, 0, {"booked": 1, "under_way": 1})
    session.refresh(free)
    assert (free.deliver_by, free.goods_class) == (LATER, "li_ion_alone")
    assert booked.goods_class == gone.goods_class == "general"
    row = session.scalars(select(BulkEditRow)).one()
    assert row.before == {"deliver_by": (NOW + 30 * DAY).isoformat(), "goods_class": "general"}
    told = session.scalars(select(AuditEvent).where(AuditEvent.action == "pool.edited")).one()
    assert (told.subject, told.actor, told.after["changed"]) == (edit.public_id, "usr_test", 1)
    assert told.before == {free.public_id: row.before}


def test_the_preview_says_the_same_and_changes_nothing(session, parcels):
    parcels[0].ready_at = LATER
    parcels[0].deliver_by = None
    found = plan_edit(session, ids(parcels), Wanted(deliver_by=LATER - DAY), NOW)
    assert [one.refusal for one in found] == ["deliver_by_before_ready", None, None]
    session.expire_all()
    assert parcels[1].deliver_by == NOW + 30 * DAY


def test_a_firm_date_needs_a_date(session, parcels):
    (found,) = plan_edit(session, ids(parcels[:1]), Wanted(deliver_by=NONE, hard_deadline=True), NOW)
    assert found.refusal == "deadline_missing"


def test_undoing_gives_back_what_nobody_changed_since(session, parcels):
    rule = Rule("forbid", "mode", "air")
    edit = apply_edit(session, STAFF, NOW, ids(parcels), Wanted(customs_mode="9610", rule=rule))
    assert rules_of(session, ids(parcels)) == {one: [rule] for one in ids(parcels)}
    apply_edit(session, STAFF, NOW, ids(parcels[:1]), Wanted(customs_mode="9810"))

    assert undo_edit(session, STAFF, NOW, edit.public_id) == (2, 1)

    session.flush()
    session.expire_all()
    assert [one.customs_mode for one in parcels] == ["9810", None, None]
    assert list(rules_of(session, ids(parcels))) == ids(parcels[:1])
    with pytest.raises(Conflict):
        undo_edit(session, STAFF, NOW, edit.public_id)
    with pytest.raises(NotFound):
        undo_edit(session, STAFF, NOW, "edt_x")


def test_what_is_withdrawn_waits_again_once_it_is_reactivated(session, parcels):
    apply_edit(session, STAFF, NOW, ids(parcels), Wanted(state="withdraw"))
    (found, *_) = plan_edit(session, ids(parcels), Wanted(customs_mode="9810"), NOW)
    assert found.refusal == "withdrawn"
    again = apply_edit(session, STAFF, NOW, ids(parcels), Wanted(state="reactivate"))
    session.expire_all()
    assert (again.changed, parcels[0].status) == (3, "pending")


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted(), "edit"),
        (Wanted(goods_class="magic"), "goods_class"),
        (Wanted(customs_mode="1"), "customs_mode"),
        (Wanted(state="sell"), "state"),
        (Wanted(rule=Rule("pin", "mode", "air", (NOW - timedelta(1)).isoformat())), "until"),
    ],
)
def test_what_cannot_be_meant_is_refused_as_a_whole(session, parcels, wanted, field):
    with pytest.raises(Invalid) as refused:
        apply_edit(session, STAFF, NOW, ids(parcels), wanted)
    assert [one.field for one in refused.value.errors] == [field]
