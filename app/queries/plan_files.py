"""A plan as files: the problem and the answer that `fourport verify` reads, and who goes how as CSV."""

import csv
import io
from collections.abc import Callable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Plan, RunInput
from app.queries.plan_items import PlanItemRow, plan_items

HEADER = (
    "parcel_id", "reference", "exporter", "direction", "origin", "destination", "weight_kg", "volume_m3", "assigned",
    "disposition", "modes", "departures", "arrives_at", "late_min", "cost", "currency", "reason", "reason_fact",
)  # fmt: skip
ROWS = 1000
UNSAFE = ("=", "+", "-", "@", "\t", "\r")


def problem(session: Session, plan: Plan) -> bytes:
    """What was solved; NotFound where it was not kept."""
    kept = session.get(RunInput, plan.run_id)
    if kept is None:
        raise NotFound(f"the problem of plan {plan.public_id} was not kept")
    return kept.problem


def answer(session: Session, plan: Plan) -> bytes:
    """The answer, with its certificate."""
    return session.scalars(select(Plan.solution).where(Plan.id == plan.id)).one()


def assignments(session: Session, plan: Plan) -> bytes:
    """One line for each parcel, in UTF-8 with a byte order mark, so that spreadsheets read the names right."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(_lines(session, plan))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _lines(session: Session, plan: Plan) -> Iterator[list[str]]:
    cursor: str | None = None
    while True:
        page = plan_items(session, plan.id, cursor=cursor, limit=ROWS)
        yield from (_line(row, plan) for row in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def _line(row: PlanItemRow, plan: Plan) -> list[str]:
    goes = row.arrives_at is not None
    cells = [
        row.parcel_public_id, row.reference, row.exporter_reference, row.direction, row.origin.code,
        row.destination.code, f"{row.weight_g / 1000:.3f}", f"{row.volume_cm3 / 1_000_000:.6f}",
        "yes" if goes else "no", row.disposition or "", " ".join(leg.mode for leg in row.legs),
        " ".join(leg.number for leg in row.legs if leg.number), row.arrives_at.isoformat() if row.arrives_at else "",
        str(row.late_min), f"{row.cost_minor / 100:.2f}" if goes else "", plan.currency, row.reason or "",
        row.reason_fact or "",
    ]  # fmt: skip
    # A spreadsheet would run what begins like a formula.
    return [f"'{cell}" if cell.startswith(UNSAFE) else cell for cell in cells]


READERS: dict[str, Callable[[Session, Plan], bytes]] = {
    "assignments.csv": assignments,
    "problem.npz": problem,
    "plan.npz": answer,
}
