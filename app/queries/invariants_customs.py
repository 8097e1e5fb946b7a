"""What must hold of customs declarations at every moment."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import DeclarationLine, DeclarationList, DeclarationSummary, Parcel
from trade.declarations import LIST_STEPS, SUMMARY_STEPS, is_walk, month_of

Rows = Iterator[tuple[str, str]]


def declared_lists_add_up(session: Session, now: datetime) -> Rows:
    """A list says as many lines, as much weight and value as its lines make."""
    del now
    row, line = DeclarationList, DeclarationLine
    sums = (
        func.count(line.id),
        func.coalesce(func.sum(line.gross_g), 0),
        func.coalesce(func.sum(line.value_cny_minor), 0),
    )
    query = (
        select(row.public_id, row.lines, row.gross_g, row.value_minor, *sums)
        .outerjoin(line, line.list_id == row.id)
        .group_by(row.id)
    )
    for public_id, *said, lines, gross, value in session.execute(query):
        if said != [lines, int(gross or 0), int(value or 0)]:
            yield public_id, f"says {said} (lines, grams, fen), its lines make {[lines, gross, value]}"


def declarations_went_through_their_states(session: Session, now: datetime) -> Rows:
    """Every list and declaration is where its path ends, and each step of the path was possible."""
    del now
    for row, steps in ((DeclarationList, LIST_STEPS), (DeclarationSummary, SUMMARY_STEPS)):
        for public_id, status, path in session.execute(select(row.public_id, row.status, row.path)):
            if path[-1:] != [status] or not is_walk(steps, path):
                yield public_id, f"is {status} by way of {path}"


def lists_are_refunded_with_their_declaration(session: Session, now: datetime) -> Rows:
    """A list is refunded exactly if the declaration it is in is."""
    del now
    query = (
        select(DeclarationList.public_id, DeclarationList.status, DeclarationSummary.status)
        .join(DeclarationSummary, DeclarationSummary.id == DeclarationList.summary_id)
        .where((DeclarationList.status == "refunded") != (DeclarationSummary.status == "refunded"))
    )
    for public_id, status, other in session.execute(query):
        yield public_id, f"is {status}, its declaration is {other}"


def lists_hold_one_month(session: Session, now: datetime) -> Rows:
    """What a list declares leaves in its month."""
    del now
    row, line = DeclarationList, DeclarationLine
    query = select(row.public_id, row.month, line.seq, line.departs_on).join(line, line.list_id == row.id)
    for public_id, month, seq, day in session.execute(query):
        if month_of(day) != month:
            yield public_id, f"line {seq} leaves on {day}"


def lists_hold_parcels_of_one_exporter(session: Session, now: datetime) -> Rows:
    """What a list declares belongs to the exporter it names."""
    del now
    query = (
        select(DeclarationList.public_id, DeclarationLine.seq)
        .join(DeclarationLine, DeclarationLine.list_id == DeclarationList.id)
        .join(Parcel, Parcel.id == DeclarationLine.parcel_id)
        .where(Parcel.exporter_id != DeclarationList.exporter_id)
    )
    for public_id, seq in session.execute(query):
        yield public_id, f"line {seq} belongs to another exporter"


INVARIANTS: tuple[Callable[[Session, datetime], Rows], ...] = (
    declared_lists_add_up,
    declarations_went_through_their_states,
    lists_are_refunded_with_their_declaration,
    lists_hold_one_month,
    lists_hold_parcels_of_one_exporter,
)
