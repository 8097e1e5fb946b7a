from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from app.actor import Actor
from app.errors import Forbidden, TooLarge
from app.exchange import rows as limits
from app.jobs import give_up, perform_with
from app.models import ImportBatch, Job, Location, Parcel, Party
from app.usecases.importing import request_import, run_batch
from tests.db.importing import LOCATIONS, NOW, OPERATOR, as_csv, load_network, parcel

LATER = datetime(2026, 11, 23, 2, tzinfo=UTC)


def batch_of(session, batch):
    query = select(ImportBatch).where(ImportBatch.id == batch.id).options(undefer(ImportBatch.content))
    return session.scalars(query.execution_options(populate_existing=True)).one()


def ask(session, rows, kind="locations", actor=OPERATOR, **options):
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    return request_import(session, actor, NOW, kind, "C:\\files\\orders.csv", content, **options)


def test_an_upload_is_stored_and_handed_to_a_worker(session):
    batch = ask(session, LOCATIONS)
    assert (batch.status, batch.filename, batch.kind) == ("queued", "orders.csv", "locations")
    job = session.scalars(select(Job)).one()
    assert (job.kind, job.queue, job.subject) == ("import_batch", "default", batch.public_id)


def test_a_worker_imports_it_and_drops_the_content(session):
    batch = ask(session, LOCATIONS)
    run_batch(session, batch.public_id, LATER)
    done = batch_of(session, batch)
    assert (done.status, done.rows_read, done.rows_added, done.rows_rejected) == ("completed", 5, 5, 0)
    assert (done.content, done.finished_at, done.errors) == (None, LATER, [])


def test_the_second_time_there_is_nothing_to_do(session):
    batch = ask(session, LOCATIONS)
    run_batch(session, batch.public_id, LATER)
    run_batch(session, batch.public_id, datetime(2027, 1, 1, tzinfo=UTC))
    assert batch_of(session, batch).finished_at == LATER


@pytest.mark.parametrize(
    ("options", "status", "kept"),
    [
        ({}, "failed", 0),
        ({"partial": True}, "completed_with_errors", 1),
        ({"dry_run": True}, "completed_with_errors", 0),
    ],
)
def test_rows_with_errors_are_told(session, options, status, kept):
    batch = ask(session, [LOCATIONS[0], {**LOCATIONS[1], "country": "XX"}], **options)
    run_batch(session, batch.public_id, LATER)
    done = batch_of(session, batch)
    assert (done.status, done.rows_rejected) == (status, 1)
    assert [(error["row"], error["column"], error["code"]) for error in done.errors] == [
        (3, "country", "unknown_country")
    ]
    assert session.scalar(select(func.count()).select_from(Location)) == kept


def test_a_file_that_cannot_be_read_fails_with_its_reason(session):
    batch = ask(session, b"\xff\xfecode")
    run_batch(session, batch.public_id, LATER)
    done = batch_of(session, batch)
    assert (done.status, [error["code"] for error in done.errors]) == ("failed", ["bad_encoding"])


def test_the_parcels_know_their_batch_and_belong_to_who_asked(session):
    load_network(session)
    key = session.scalars(select(Party.id).where(Party.reference == "ACME")).one()
    asking = Actor("key", "key_acme", "exporter", key)
    batch = ask(session, [parcel("A"), parcel("B", exporter="BOLT")], "parcels", asking, partial=True)
    run_batch(session, batch.public_id, LATER)
    assert session.execute(select(Parcel.reference, Parcel.batch_id, Parcel.exporter_id)).all() == [
        ("A", batch.id, key)
    ]
    assert [error["code"] for error in batch_of(session, batch).errors] == ["unknown_exporter"]


def test_who_may_not_import_a_kind_cannot_ask_for_it(session):
    with pytest.raises(Forbidden):
        ask(session, LOCATIONS, actor=Actor("user", "usr_1", "customs"))


def test_an_upload_beyond_the_limit_is_not_stored(session, monkeypatch):
    monkeypatch.setattr("app.usecases.importing.batches.MAX_BYTES", 10)
    assert limits.MAX_BYTES > 10
    with pytest.raises(TooLarge):
        ask(session, LOCATIONS)
    assert session.scalar(select(func.count()).select_from(ImportBatch)) == 0


def test_the_job_does_it_all(database):
    with database.transaction() as session:
        batch = ask(session, LOCATIONS)
        job_id = session.scalars(select(Job.id)).one()
    perform_with(database, job_id)
    with database.reading() as session:
        assert batch_of(session, batch).status == "completed"
        assert session.get(Job, job_id).status == "done"
        assert session.scalar(select(func.count()).select_from(Location)) == 5


def test_an_import_that_no_worker_finishes_is_failed(database):
    with database.transaction() as session:
        batch = ask(session, LOCATIONS)
        give_up(session, "import_batch", batch.public_id, "worker_lost")
    with database.reading() as session:
        done = batch_of(session, batch)
        assert (done.status, done.errors[0]["code"], done.content) == ("failed", "not_finished", None)
