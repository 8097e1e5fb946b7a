"""A day at the customs desk of the demo, so that each of its pages has something to show; see `tools.screenshots`."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.actor import Actor
from app.cli.context import bare_database
from app.clock import now
from app.config import Settings
from app.models import DeclarationList
from app.queries.declarations import get_list, waiting_parcels
from app.usecases.declaring import summaries
from app.usecases.declaring.building import build_lists
from app.usecases.declaring.candidates import day_of
from app.usecases.declaring.checking import check
from app.usecases.declaring.noting import note_payments
from app.usecases.declaring.numbering import note_customs_numbers
from app.usecases.declaring.steps import answer_list, submit_list

DESK = Actor("user", "customs@demo.example", "customs")
LEFT = 2
"""So many groups go on waiting, and so many lists lack a payment."""


def work_the_desk(folder: str) -> None:
    """Of what a committed plan booked: lists that fail, wait, were cleared or rejected, and their declarations."""
    database = bare_database(Settings.from_env(data_dir=Path(folder)))
    with database.transaction() as session:
        groups = [one for one in waiting_parcels(session) if one.mode]
        for one in groups[: max(len(groups) - LEFT, 1)]:
            build_lists(session, DESK, now(), one.mode or "", one.port.code, one.month)
        built = session.query(DeclarationList).order_by(DeclarationList.lines.desc())
        lists = [get_list(session, one.public_id) for one in built]
        _pay(session, lists)
        passing = [one for one in lists if check(session, one, day_of(now())).passes]
        for one in passing[:-LEFT] or passing:
            submit_list(session, DESK, now(), one.public_id)
            if one is passing[0]:
                answer_list(
                    session, DESK, now(), one.public_id, "reject", answer="商品编码与品名不符", lines="1"
                )
            answer_list(session, DESK, now(), one.public_id, "release", number=f"I{one.id:017d}")
            numbers = "\n".join(f"{row.order_number},4200{row.id:014d}" for row in one.rows)
            note_customs_numbers(session, DESK, now(), one.public_id, numbers)
        _declare(session, [one for one in passing if one.status == "released"][::2])


def _pay(session: Session, lists: list[DeclarationList]) -> None:
    for one in lists[:-LEFT] or lists:
        paid = [
            f"{row.order_number},PAY-{row.id},{row.value_minor / 100:.2f},{row.currency}" for row in one.rows
        ]
        note_payments(session, DESK, now(), one.public_id, "\n".join(paid))


def _declare(session: Session, lists: list[DeclarationList]) -> None:
    for one in lists:
        if one.status == "released":
            made, *_more = summaries.build_summaries(
                session, DESK, now(), one.customs_mode, one.port.code, one.month
            )
            summaries.submit_summary(session, DESK, now(), made.public_id)
            summaries.accept_summary(session, DESK, now(), made.public_id, f"4200{one.id:014d}")
            if made.customs_mode == "9810":
                day = day_of(now()) - timedelta(days=1)
                summaries.note_refund(session, DESK, now(), made.public_id, 46_150, day)
