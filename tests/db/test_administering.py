"""Administration: doors, roles, jobs, credit and rate cards in the hands of a person, each change in the log."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor, system
from app.errors import Conflict, Invalid
from app.models import AuditEvent, OptimizationRun, Tariff, TariffBreak, User
from app.queries import audit, job_runs, people, rate_cards
from app.queries.admin import overview
from app.queries.admin_clients import ClientFilter, list_clients
from app.queries.credit import overdue_of
from app.usecases import administering, administering_credit, administering_jobs, working
from app.usecases.administering_rates import set_end
from app.usecases.api_keys import add_api_key, revoke_api_key, rotate_api_key
from app.usecases.people import add_exporter, add_user, set_password
from tests import factories as make

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
SYSTEM = system("test")
PASSWORD = "correct horse battery"


def person(session, email, role="operator", **facts):
    user, token = add_user(session, SYSTEM, NOW, email, role, **facts)
    return set_password(session, NOW, token, PASSWORD) or user


def as_actor(user):
    return Actor("user", user.public_id, user.role)


def last_event(session, action):
    query = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id.desc()).limit(1)
    return session.scalars(query).one()


@pytest.fixture
def admin(session):
    session.execute(User.__table__.update().where(User.role == "admin").values(disabled=True))
    return person(session, "root@example.com", "admin")


def test_a_role_is_changed_with_what_it_was_before(session, admin):
    user = person(session, "ann@example.com")
    epoch = user.session_epoch
    add_exporter(session, SYSTEM, NOW, "acme")
    administering.change_role(session, as_actor(admin), NOW, user.public_id, "exporter", exporter="acme")

    assert (user.role, user.session_epoch) == ("exporter", epoch + 1)
    event = last_event(session, "user.role_changed")
    assert (event.actor, event.before["role"], event.after["exporter"]) == (
        admin.public_id,
        "operator",
        "acme",
    )
    with pytest.raises(Invalid, match="exporter"):
        administering.change_role(session, as_actor(admin), NOW, user.public_id, "exporter")


def test_the_last_administrator_stays_and_nobody_shuts_himself_out(session, admin):
    invited, _ = add_user(session, SYSTEM, NOW, "new@example.com", "admin")
    boss = as_actor(invited)
    for change in (
        lambda: administering.deactivate(session, as_actor(admin), NOW, admin.public_id),
        lambda: administering.change_role(session, as_actor(admin), NOW, admin.public_id, "finance"),
        lambda: administering.deactivate(session, boss, NOW, admin.public_id),
        lambda: administering.change_role(session, boss, NOW, admin.public_id, "finance"),
    ):
        with pytest.raises(Conflict):
            change()

    second = person(session, "second@example.com", "admin")
    administering.deactivate(session, as_actor(second), NOW, admin.public_id)
    assert admin.disabled


def test_a_closed_door_ends_sessions_and_links_and_opens_again(session, admin):
    user, token = add_user(session, SYSTEM, NOW, "ann@example.com", "operator")
    epoch = user.session_epoch
    administering.deactivate(session, as_actor(admin), NOW, user.public_id)
    assert user.session_epoch == epoch + 1
    with pytest.raises(Exception, match="used or is too old"):
        set_password(session, NOW, token, PASSWORD)
    with pytest.raises(Conflict):
        administering.renew_link(session, as_actor(admin), NOW, user.public_id)

    administering.reactivate(session, as_actor(admin), NOW, user.public_id)
    _, fresh = administering.renew_link(session, as_actor(admin), NOW, user.public_id)
    assert set_password(session, NOW, fresh, PASSWORD) is user
    rows = people.list_people(session, people.PersonFilter(q="ANN@", state="active")).items
    assert [row.email for row in rows] == ["ann@example.com"]


def test_the_log_is_found_by_who_what_and_when_and_shows_what_changed(session, admin):
    user = person(session, "ann@example.com")
    administering.change_role(session, as_actor(admin), NOW, user.public_id, "customs")
    find = audit.AuditFilter(who="root@", action="user", subject=user.public_id, since=NOW)

    (row,) = audit.list_events(session, find).items
    assert [(one.name, one.before, one.after) for one in row.changes] == [("role", "operator", "customs")]
    assert audit.list_events(session, audit.AuditFilter(who="root@", before=NOW)).items == []
    assert list(audit.all_events(session, find)) == [row]


def a_job(session, kind="invoice_bookings", **facts):
    job = working.enqueue(session, kind, "default", facts.pop("subject", "2026-11-25"), NOW)
    for name, value in facts.items():
        setattr(job, name, value)
    session.flush()
    return job


def test_a_failed_job_is_tried_again_with_a_new_token(session):
    job = a_job(session, status="failed", attempt=3, error="internal_error: KeyError", finished_at=NOW)
    administering_jobs.retry(session, SYSTEM, NOW, job.id)

    claim = working.claim(session, job.id, NOW)
    assert claim.attempt == 4
    assert last_event(session, "job.retried").before["error"] == "internal_error: KeyError"
    with pytest.raises(Conflict):
        administering_jobs.retry(session, SYSTEM, NOW, job.id)


def test_a_run_that_is_given_up_ends_and_its_worker_writes_nothing(session):
    run = make.make_run(session, status="running", phase="whole")
    job = a_job(session, "solve_run", subject=run.public_id)
    claim = working.claim(session, job.id, NOW)
    administering_jobs.abandon(session, SYSTEM, NOW, job.id)

    session.expire_all()
    assert session.get_one(OptimizationRun, run.id).failure_code == "abandoned"
    assert not working.renew(session, claim, NOW)
    with pytest.raises(Conflict, match="anew"):
        administering_jobs.retry(session, SYSTEM, NOW, job.id)


def test_a_silent_worker_is_seen(session):
    job = a_job(session)
    working.claim(session, job.id, NOW)
    later = NOW + timedelta(hours=1)
    (row,) = job_runs.list_jobs(session, later, job_runs.JobFilter(state="silent")).items
    assert (row.id, row.state) == (job.id, "silent")
    assert job_runs.waiting(session)["default"].running >= 1


def test_a_hold_needs_a_reason_and_its_end_keeps_one(session):
    acme = add_exporter(session, SYSTEM, NOW, "acme")
    session.flush()
    with pytest.raises(Invalid, match="reason"):
        administering_credit.hold(session, SYSTEM, NOW, acme, " ")
    administering_credit.ask(session, SYSTEM, NOW, acme, "hold", "two invoices are late")
    administering_credit.hold(session, SYSTEM, NOW, acme, "INV-1 is overdue")
    (client,) = list_clients(session, NOW, ClientFilter(q="acm", state="hold")).items
    assert client.credit.hold_reason == "INV-1 is overdue"

    administering_credit.lift(session, SYSTEM, NOW, acme, "paid today")
    assert last_event(session, "exporter.hold_lifted").after == {"reason": "paid today"}
    assert overdue_of(session, [acme.id], NOW.date()) == {}
    with pytest.raises(Conflict):
        administering_credit.lift(session, SYSTEM, NOW, acme, "again")


def test_a_rate_card_is_retired_and_its_samples_are_priced(session):
    service = make.make_service(session)
    card = Tariff(code="SELL-X", side="sell", service_id=service.id, currency="CNY", minimum_minor=5_000,
                  valid_from=date(2026, 1, 1), source="example",
                  breaks=[TariffBreak(from_g=0, rate_micros_per_kg=20_000_000)])  # fmt: skip
    session.add(card)
    session.flush()
    found = rate_cards.get_card(session, card.id)
    assert [one.total_minor for one in found.samples] == [5_000, 10_000, 90_000, 200_000, 2_000_000]

    with pytest.raises(Invalid, match="today at the earliest"):
        set_end(session, SYSTEM, NOW, card.id, date(2026, 11, 25))
    set_end(session, SYSTEM, NOW, card.id, NOW.date())
    assert last_event(session, "tariff.end_set").after["valid_to"] == "2026-11-26"
    where = rate_cards.CardFilter(q="sell-x", state="ended")
    assert [row.code for row, _ in rate_cards.list_cards(session, NOW.date(), where).items] == ["SELL-X"]


def test_a_key_is_rotated_to_one_that_may_the_same(session):
    add_exporter(session, SYSTEM, NOW, "acme")
    old, secret = add_api_key(session, SYSTEM, NOW, exporter="acme", name="erp", scopes=["quotes:read"])
    new, fresh = rotate_api_key(session, SYSTEM, NOW, old.public_id)

    assert (new.scopes, new.exporter_id, new.name) == (old.scopes, old.exporter_id, "erp")
    assert fresh != secret
    assert old.revoked_at is None
    revoke_api_key(session, SYSTEM, NOW, old.public_id)
    with pytest.raises(Conflict):
        rotate_api_key(session, SYSTEM, NOW, old.public_id)


def test_the_overview_counts_what_wants_attention(session):
    before = overview(session, NOW, NOW - timedelta(days=1))
    a_job(session, status="failed", finished_at=NOW)
    a_job(session)
    after = overview(session, NOW, NOW - timedelta(days=1))
    assert (after.jobs_failed - before.jobs_failed, after.jobs_waiting - before.jobs_waiting) == (1, 1)
