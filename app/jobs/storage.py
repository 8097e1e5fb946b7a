"""Every night, by the clock of each warehouse: charge the day that is over, and state the month that is over."""

from datetime import date, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import system
from app.clock import now
from app.db import Database
from app.jobs import Work
from app.models import Job, StockPlace, Warehouse
from app.usecases import working
from app.usecases.warehousing.statements import issue_statements
from app.usecases.warehousing.storage_billing import charge_day, last_over, next_day, zone_of

log = structlog.get_logger(__name__)

KIND = "charge_warehouse"
ACTOR = system("storage")


def charge_warehouse(work: Work) -> None:
    """Charge every day of a warehouse that is over and not charged yet, a transaction each, and state whole months.

    Run twice, the second time finds nothing left to do.
    """
    public_id = work.subject.partition(":")[0]
    while True:
        with work.database.transaction() as session:
            if not work.still_ours(session):
                return
            warehouse = session.scalars(select(Warehouse).where(Warehouse.public_id == public_id)).one()
            day = next_day(session, warehouse.id, now())
            if day is None:
                working.finish(session, work.claim, now())
                return
            charge_day(session, now(), warehouse.id, day)
            if ends_month(day):
                issue_statements(session, ACTOR, now(), warehouse, day.replace(day=1))


def ends_month(day: date) -> bool:
    """Whether the next day is in another month."""
    return (day + timedelta(days=1)).day == 1


def give_up(session: Session, subject: str, reason: str) -> None:
    """Say that a day is not charged; the next night makes up for it."""
    del session
    log.error("warehouse_not_charged", subject=subject, reason=reason)


def ring_nightly(database: Database) -> None:
    """Ask for each warehouse whose day is over and not charged, once a day.

    Two supervisors that ask at the same moment do no harm.
    """
    with database.reading() as session:
        due = []
        houses = select(Warehouse.id, Warehouse.public_id).where(
            Warehouse.id.in_(select(StockPlace.warehouse_id).distinct())
        )
        for key, public_id in session.execute(houses.order_by(Warehouse.id)):
            if next_day(session, key, now()) is not None:
                due.append(f"{public_id}:{last_over(zone_of(session, key), now())}")
        asked = set(session.scalars(select(Job.subject).where(Job.kind == KIND, Job.subject.in_(due))))
    for subject in due:
        if subject not in asked:
            with database.transaction() as session:
                working.enqueue(session, KIND, "default", subject, now())
