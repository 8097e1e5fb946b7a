"""Returns of the sample in every state, so that the desk has something on it."""

import csv
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Party, Return, StockPlace
from app.seeds.sample_returns import APPROVES, PLACES, RETURNS
from app.usecases.returning.carrying_out import carry_out
from app.usecases.returning.deciding import Chosen, choose_dispositions
from app.usecases.returning.grading import Graded, grade_return
from app.usecases.returning.receiving_returns import receive_return
from app.usecases.returning.requesting import NewReturn, WantedItem, request_return, send_return
from app.usecases.warehousing.access import find_owner

STAGES = ("asked", "sent", "received", "graded", "decided", "restocked")


def seed_sample_returns(session: Session, actor: Actor, now: datetime) -> int:
    """Load the returns that are not there yet; return how many. Needs the sample's articles and warehouses.

    Raises Invalid or NotFound naming what is missing.
    """
    rows = list(csv.DictReader(RETURNS.read_text(encoding="utf-8").splitlines()))
    there = set(session.scalars(select(Return.reference).where(Return.reference.startswith("RMA-S"))))
    for party in session.scalars(select(Party).where(Party.reference.in_(APPROVES))):
        party.approves_returns = True
    new = [row for row in rows if row["reference"] not in there]
    for row in new:
        _return(session, actor, now, row)
    return len(new)


def _return(session: Session, actor: Actor, now: datetime, row: dict[str, str]) -> None:
    began = now - timedelta(days=int(row["days_ago"]))
    owner = find_owner(session, actor, row["exporter"])
    made = request_return(session, actor, began, owner, _wanted(row, now))
    stage = STAGES.index(row["stage"])
    if stage >= STAGES.index("sent"):
        send_return(session, actor, began, made.public_id)
    if stage >= STAGES.index("received"):
        receive_return(session, actor, began + timedelta(days=1), made.public_id)
    if stage >= STAGES.index("graded"):
        grades = row["grades"]
        lines = [Graded(1, grades.count(letter), letter) for letter in sorted(set(grades))]
        grade_return(session, actor, began + timedelta(days=1), made.public_id, lines)
    if stage >= STAGES.index("decided"):
        choose_dispositions(
            session, actor, began + timedelta(days=2), made.public_id, [Chosen(1, row["disposition"])]
        )
    if stage >= STAGES.index("restocked"):
        bin_ = session.scalars(
            select(StockPlace.code)
            .where(
                StockPlace.warehouse_id == made.warehouse_id,
                StockPlace.kind == "bin",
                StockPlace.max_g.is_(None),
            )
            .order_by(StockPlace.code)
        ).first()
        carry_out(session, actor, began + timedelta(days=2), made.public_id, 1, place=bin_)


def _wanted(row: dict[str, str], now: datetime) -> NewReturn:
    ago = row["exported_days_ago"]
    sender: dict[str, Any] = {"person_name": row["customer"]} | PLACES[row["place"]]
    return NewReturn(
        original=None, reason=row["reason"], reference=row["reference"], condition=row["condition"] or None,
        items=[WantedItem(row["sku"], int(row["pieces"]))], sender=sender, warehouse=row["warehouse"] or None,
        exported_on=now.date() - timedelta(days=int(ago)) if ago else None, customs_mode=row["customs_mode"] or None,
    )  # fmt: skip
