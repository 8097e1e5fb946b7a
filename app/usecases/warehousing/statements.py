"""A month in a warehouse as an exporter is billed for it: its charges, added up line by line, and the invoice."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict
from app.ids import new_id
from app.models import Party, Warehouse, WarehouseCharge, WarehouseChargedDay, WarehouseStatement
from app.queries.warehouse_fees import Conditions, charged
from app.usecases.auditing import record
from app.usecases.billing import invoice_lines
from trade.billing import total_of
from trade.money import Money
from trade.warehouse_fees import statement_lines


def issue_statements(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    month: date,
    exporter: Party | None = None,
) -> list[WarehouseStatement]:
    """State and invoice what exporters owe a warehouse for a month (`month` is its first day), one or all of them.

    What a month before left, because it came late, is on it as well. Done again, nothing is issued. Nothing is
    issued either where nothing is owed. Conflict while some day of the month is not over, or not charged yet.
    """
    until = (month + timedelta(days=31)).replace(day=1)
    _check_over(session, warehouse, until - timedelta(days=1))
    # One after the other: whoever comes second finds the charges taken.
    session.execute(select(Warehouse.id).where(Warehouse.id == warehouse.id).with_for_update(key_share=True))
    open_charges: Conditions = [
        WarehouseCharge.warehouse_id == warehouse.id,
        WarehouseCharge.statement_id.is_(None),
        WarehouseCharge.day < until,
    ]
    owing = select(WarehouseCharge.exporter_id, WarehouseCharge.currency).where(*open_charges).distinct()
    if exporter is not None:
        owing = owing.where(WarehouseCharge.exporter_id == exporter.id)
    before = select(WarehouseStatement.exporter_id, WarehouseStatement.currency).where(
        WarehouseStatement.warehouse_id == warehouse.id, WarehouseStatement.month == month
    )
    stated = {(key, currency) for key, currency in session.execute(before)}
    found = [
        _issue(session, actor, now, warehouse, month, exporter_id, currency, open_charges)
        for exporter_id, currency in sorted((key, currency) for key, currency in session.execute(owing))
        if (exporter_id, currency) not in stated
    ]
    return [one for one in found if one is not None]


def _check_over(session: Session, warehouse: Warehouse, last: date) -> None:
    done = session.scalar(
        select(func.max(WarehouseChargedDay.day)).where(WarehouseChargedDay.warehouse_id == warehouse.id)
    )
    if done is None or done < last:
        upto = f"charged up to {done}" if done else "nothing is charged yet"
        raise Conflict(
            f"the month is not over there, or not charged to its end: {upto}; ask again after {last}"
        )


def _issue(
    session: Session,
    actor: Actor,
    now: datetime,
    warehouse: Warehouse,
    month: date,
    exporter_id: int,
    currency: str,
    open_charges: Conditions,
) -> WarehouseStatement | None:
    these = [
        *open_charges,
        WarehouseCharge.exporter_id == exporter_id,
        WarehouseCharge.currency == currency,
    ]
    lines = statement_lines(charged(session, these))
    total = total_of(lines, currency).minor
    if total <= 0:
        return None
    invoice = invoice_lines(session, actor, now, exporter_id, currency, lines)
    statement = WarehouseStatement(
        public_id=new_id("wst"), warehouse_id=warehouse.id, exporter_id=exporter_id, month=month,
        currency=currency, total_minor=total, invoice_id=invoice.id, created_at=now,
    )  # fmt: skip
    session.add(statement)
    session.flush()
    session.execute(
        update(WarehouseCharge)
        .where(*these)
        .values(statement_id=statement.id)
        .execution_options(synchronize_session=False)
    )
    facts = {
        "warehouse": warehouse.public_id, "month": f"{month:%Y-%m}", "invoice": invoice.public_id,
        "total": Money(total, currency).format(), "currency": currency,
    }  # fmt: skip
    record(session, actor, now, "warehouse_statement.issued", statement.public_id, after=facts)
    return statement
