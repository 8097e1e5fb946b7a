"""What the desk adds to a list that the product does not know by itself: payments of orders, and HS codes."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models import DeclarationLine, DeclarationList, PaymentReceipt
from app.usecases import auditing
from app.usecases.declaring.checking import OPEN, recheck
from app.usecases.declaring.finding import lock_list
from app.usecases.declaring.splitting import named_lines
from trade.declaration_checks import FULL_DIGITS
from trade.errors import TradeError
from trade.money import Money

HS = re.compile(r"[0-9]{4,10}")
LONGEST_RECEIPT = 60
FIELDS = 4
LONGEST_LINE, MOST_LINES, LONGEST_TEXT = 500, 10_000, 500_000
"""What is pasted at once: beyond it nothing is read, rather than a part of it."""
MOST_FAULTS = 20
"""So many lines at fault are named at once."""
NOT_DECLARED = ("draft", "pre_check_failed", "submitted", "accepted", "rejected", "released")
SEPARATORS = ("\t", ";", ",")


def note_payments(session: Session, actor: Actor, now: datetime, public_id: str, text: str) -> int:
    """Note payments of a list, a line each as `order, receipt number, amount, currency`; returns how many.

    One noted before is replaced. Nothing is kept of a text with a line that cannot be read or whose order is not on
    the list: Invalid names each. Raises NotFound.
    """
    found = lock_list(session, public_id)
    return _note(session, actor, now, [found], text)


def note_payments_of_all(session: Session, actor: Actor, now: datetime, text: str) -> int:
    """The same for orders of any list that is in no declaration yet.

    An order number that two exporters use is refused: it is noted on its list.
    """
    orders = {cells[0] for _number, cells in _lines(text)}
    wanted = (
        select(DeclarationList.public_id)
        .join(DeclarationLine, DeclarationLine.list_id == DeclarationList.id)
        .where(DeclarationLine.order_number.in_(orders), DeclarationList.status.in_(NOT_DECLARED))
        .order_by(DeclarationList.id)
        .distinct()
        .add_columns(DeclarationList.id)
    )
    lists = [lock_list(session, public_id) for public_id, _id in session.execute(wanted).all()]
    return _note(session, actor, now, lists, text)


def _note(session: Session, actor: Actor, now: datetime, lists: Sequence[DeclarationList], text: str) -> int:
    rows = [(row, found) for found in lists for row in found.rows]
    times = Counter(row.order_number for row, _found in rows)
    orders = {row.order_number: row for row, _found in rows}
    faults: list[FieldError] = []
    read: dict[int, tuple[str, Money]] = {}
    for number, cells in _lines(text):
        try:
            row, receipt, amount = _payment(cells, orders, times)
        except (TradeError, ValueError) as error:
            detail = error.detail if isinstance(error, TradeError) else str(error)
            faults.append(FieldError("payments", "payment_unreadable", f"line {number}: {detail}"))
        else:
            read[row.parcel_id] = (receipt, amount)
    if faults or not read:
        raise Invalid("the payments were not noted", tuple(faults[:MOST_FAULTS]) or (_nothing(),))
    _keep(session, actor, now, read)
    for found in lists:
        count = sum(row.parcel_id in read for row in found.rows)
        auditing.record(
            session, actor, now, "customs.payments_noted", found.public_id, after={"payments": count}
        )
        recheck(session, found, now)
    return len(read)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    lines = text.splitlines() if len(text) <= LONGEST_TEXT else []
    if len(text) > LONGEST_TEXT or len(lines) > MOST_LINES:
        raise _too_much(f"at most {MOST_LINES} lines at once, and {LONGEST_TEXT} characters")
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            raise _too_much(f"line {number} is longer than {LONGEST_LINE} characters")
        if line.strip():
            separator = next((one for one in SEPARATORS if one in line), ",")
            yield number, [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]


def _payment(
    cells: list[str], orders: dict[str, DeclarationLine], times: Counter[str]
) -> tuple[DeclarationLine, str, Money]:
    if len(cells) != FIELDS:
        raise ValueError(f"{len(cells)} values instead of order, receipt number, amount, currency")
    order, receipt, amount, currency = cells
    if order not in orders:
        raise ValueError(f"the order {order[:64]!r} is on no list here")
    if times[order] > 1:
        raise ValueError(f"two exporters have an order {order[:64]!r}: note it on its list")
    if not 0 < len(receipt) <= LONGEST_RECEIPT:
        raise ValueError("the receipt has no number, or one that is too long")
    money = Money.parse(amount, currency.upper())
    if money.minor < 0:
        raise ValueError("a payment is not below zero")
    return orders[order], receipt, money


def _keep(session: Session, actor: Actor, now: datetime, read: dict[int, tuple[str, Money]]) -> None:
    query = select(PaymentReceipt).where(PaymentReceipt.parcel_id.in_(read))
    there = {one.parcel_id: one for one in session.scalars(query)}
    for parcel_id, (number, amount) in read.items():
        row = there.get(parcel_id) or PaymentReceipt(parcel_id=parcel_id)
        row.number, row.amount_minor, row.currency = number, amount.minor, amount.currency
        row.noted_at, row.noted_by = now, actor.reference
        session.add(row)
    session.flush()


def take_payment_back(session: Session, actor: Actor, now: datetime, public_id: str, seq: int) -> None:
    """Take the payment noted for a line away. Raises NotFound where there is none."""
    found = lock_list(session, public_id)
    parcels = [row.parcel_id for row in found.rows if row.seq == seq]
    receipt = session.scalar(select(PaymentReceipt).where(PaymentReceipt.parcel_id.in_(parcels)))
    if receipt is None:
        raise NotFound("no payment is noted for this line")
    before = {
        "line": seq,
        "receipt": receipt.number,
        "paid": str(Money(receipt.amount_minor, receipt.currency)),
    }
    session.delete(receipt)
    session.flush()
    auditing.record(session, actor, now, "customs.payment_taken_back", public_id, before=before)
    recheck(session, found, now)


def set_hs_code(
    session: Session,
    actor: Actor,
    now: datetime,
    public_id: str,
    code: str,
    goods: str,
    *,
    replace: bool = False,
    lines: str = "",
) -> int:
    """Give the lines of a goods class that have none, or a shorter one, an HS code; with `replace` the others too.

    Where `lines` are named, as `3, 7-9`, those get it, whatever they had.

    Returns how many. Raises NotFound, Conflict where the list was handed over, Invalid.
    """
    found = lock_list(session, public_id)
    if found.status not in OPEN:
        raise Conflict(f"{found.number} is {found.status}: undo that first")
    if not HS.fullmatch(code):
        raise Invalid("an HS code has 4 to 10 digits", (FieldError("hs_code", "hs_shape", "4 to 10 digits"),))
    of_class = [row for row in found.rows if row.goods_class == goods]
    wanted = [row for row in of_class if replace or len(row.hs_code or "") < len(code)]
    rows = [row for row in (named_lines(found, lines) or wanted) if row.hs_code != code]
    if not rows:
        raise Invalid("no line needs it", (FieldError("goods", "nothing_to_do", "no line needs this code"),))
    before = sorted({row.hs_code or "" for row in rows})
    for row in rows:
        row.hs_code = code
    auditing.record(
        session, actor, now, "customs.hs_code_set", public_id,
        before={"hs_code": before}, after={"hs_code": code, "goods": goods, "lines": len(rows)},
    )  # fmt: skip
    recheck(session, found, now)
    return len(rows)


def _too_much(message: str) -> Invalid:
    return Invalid(message, (FieldError("payments", "payments_too_long", message),))


def _nothing() -> FieldError:
    return FieldError("payments", "required", "there is no line")


def goods_on(found: DeclarationList) -> list[str]:
    """Goods classes of the lines: those first whose HS code is missing or shorter than ten digits."""
    short = {row.goods_class for row in found.rows if len(row.hs_code or "") < FULL_DIGITS}
    return sorted({row.goods_class for row in found.rows}, key=lambda goods: (goods not in short, goods))
