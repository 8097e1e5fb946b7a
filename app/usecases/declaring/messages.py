"""The files of a list and of a declaration: messages for the single window, and tables for everybody else."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.exchange import ceb
from app.exchange.cells import escape
from app.models import DeclarationLine, DeclarationList, DeclarationSummary, Party
from app.usecases.declaring.candidates import ZONE
from app.usecases.declaring.checking import OPEN, Checked
from app.usecases.declaring.codes import HOUSE, Codes, missing_codes, read_codes
from app.usecases.declaring.summaries import merged_lines
from trade.customs_modes import customs_words
from trade.declarations import LIST_LINES
from trade.money import Money
from trade.numbers import format_scaled

LIST_COLUMNS = (
    "list", "line", "order", "waybill", "hs_code", "name", "country", "departure", "exit_on", "value", "currency",
    "value_cny", "gross_kg", "net_kg", "receipt", "paid", "paid_currency", "order_state", "receipt_state",
    "waybill_state", "checks", "changed",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "declaration",
    "country",
    "hs_code",
    "currency",
    "parcels",
    "value",
    "gross_kg",
    "net_kg",
    "lists",
)
GRAM_PLACES = 3
LONGEST_NAME = 100


def list_xml(session: Session, now: datetime, found: DeclarationList, checked: Checked) -> bytes:
    """CEB603 of a list. Conflict where it is declared form by form, lacks what the message needs, or passes no more."""
    if found.channel != "ceb":
        raise Conflict(f"{found.number} is declared form by form in the single window: take its table")
    fails = found.status in OPEN and not checked.passes
    if fails or checked.missing or any(not _is_whole(row) for row in found.rows):
        raise Conflict(f"{found.number} lacks what the message needs: see what stands in the way")
    codes = read_codes(session, (found.exporter.public_id, found.port.public_id))
    owner = found.exporter.public_id
    message = ceb.ListMessage(
        public_id=found.public_id, version=found.version, customs_office=codes[found.port.public_id, "office"],
        trade_mode=found.customs_mode, transport=customs_words("transport")[found.transport_mode],
        statistics_flag=found.statistics_flag, exporter_code=codes[owner, "enterprise"],
        exporter_name=_name(found.exporter), platform_code=codes[owner, "platform"],
        platform_name=codes[owner, "platform_name"], sender=_sender(codes),
        inventories=tuple(_inventory(row) for row in found.rows),
    )  # fmt: skip
    return ceb.list_message(message, now.astimezone(ZONE))


def _is_whole(row: DeclarationLine) -> bool:
    known = row.country in customs_words("country") and row.currency in customs_words("currency")
    return bool(known and row.hs_code and row.net_g and row.waybill_number)


def _inventory(row: DeclarationLine) -> ceb.Inventory:
    return ceb.Inventory(
        number=row.number, order_number=row.order_number,
        waybill_number=row.waybill_number or "", voyage=row.departure_number,
        country=customs_words("country")[row.country], currency=customs_words("currency")[row.currency],
        hs_code=row.hs_code or "", name=row.name, value=Money(row.value_minor, row.currency).format(),
        gross_kg=format_scaled(row.gross_g, GRAM_PLACES), net_kg=format_scaled(row.net_g or 0, GRAM_PLACES),
        exit_on=row.departs_on,
    )  # fmt: skip


def summary_parts(found: DeclarationSummary) -> int:
    """How many messages a declaration takes: each names a hundred parcels at most."""
    numbers = [row.customs_number for one in found.lists for row in one.rows]
    return -(-len(numbers) // LIST_LINES) if all(numbers) else 1


def summary_xml(session: Session, now: datetime, found: DeclarationSummary, part: int = 1) -> bytes:
    """CEB701 of a declaration: by the numbers of its lines, or while one is not noted by its month.

    Conflict where it is declared form by form, lacks numbers, or where its month holds more than it declares.
    """
    if any(one.channel != "ceb" for one in found.lists):
        raise Conflict(f"{found.number} is declared form by form in the single window: take its table")
    codes = read_codes(session, (found.exporter.public_id, found.port.public_id))
    if missing_codes(codes, found.exporter, found.port):
        raise Conflict(f"{found.number} lacks numbers that the message needs: see the numbers of customs")
    numbers = [row.customs_number for one in found.lists for row in one.rows]
    named = tuple(number for number in numbers if number) if all(numbers) else ()
    if not named and (others := _others(session, found)):
        raise Conflict(
            f"its month holds {', '.join(others)} as well: note the number customs gave each parcel"
        )
    begins = datetime(found.month.year, found.month.month, 1, tzinfo=ZONE)
    following = (begins + timedelta(days=32)).replace(day=1)
    message = ceb.SummaryMessage(
        public_id=found.public_id, number=found.number, customs_office=codes[found.port.public_id, "office"],
        exporter_code=codes[found.exporter.public_id, "enterprise"], exporter_name=_name(found.exporter),
        sender=_sender(codes), starts_at=begins, ends_at=following - timedelta(seconds=1),
        invt_numbers=named[(part - 1) * LIST_LINES : part * LIST_LINES], part=part, parts=summary_parts(found),
    )  # fmt: skip
    return ceb.summary_message(message, now.astimezone(ZONE))


def _others(session: Session, found: DeclarationSummary) -> Sequence[str]:
    """Other lists of the same exporter, port and month that customs would take for this declaration as well."""
    row = DeclarationList
    return session.scalars(
        select(row.number).outerjoin(DeclarationSummary, DeclarationSummary.id == row.summary_id).where(
            row.exporter_id == found.exporter_id, row.port_id == found.port_id, row.month == found.month,
            row.statistics_flag == "B", row.channel == "ceb", row.status.in_(("released", "summarised")),
            row.summary_id.is_distinct_from(found.id), DeclarationSummary.entry_id.is_(None),
        ).order_by(row.id)
    ).all()  # fmt: skip


def _name(exporter: Party) -> str:
    if len(exporter.name) > LONGEST_NAME:
        raise Conflict(f"{exporter.reference} has a name of more than {LONGEST_NAME} signs: declare by hand")
    return exporter.name


def _sender(codes: Codes) -> ceb.Sender:
    return ceb.Sender(codes[HOUSE, "enterprise"], codes[HOUSE, "name"], codes[HOUSE, "dxp"])


def list_rows(found: DeclarationList, checked: Checked) -> Iterator[Sequence[str]]:
    """The table of a list: what is declared, the payment noted, how the documents match, what stands in the way."""
    for one in checked.lines:
        row, receipt = one.line, one.receipt
        cny = "" if row.value_cny_minor is None else Money(row.value_cny_minor, "CNY").format()
        yield [
            found.number, str(row.seq), *map(escape, (row.order_number, row.waybill_number or "")),
            row.hs_code or "", escape(row.name), row.country, escape(row.departure_number or ""),
            row.departs_on.isoformat(), Money(row.value_minor, row.currency).format(), row.currency, cny,
            format_scaled(row.gross_g, GRAM_PLACES),
            "" if row.net_g is None else format_scaled(row.net_g, GRAM_PLACES),
            escape(receipt.number) if receipt else "",
            Money(receipt.amount_minor, receipt.currency).format() if receipt else "",
            receipt.currency if receipt else "",
            *(one.documents.get(name, "") for name in ("order", "receipt", "waybill")),
            " ".join(check.code for check in one.checks), " ".join(one.moved),
        ]  # fmt: skip


def summary_rows(found: DeclarationSummary) -> Iterator[Sequence[str]]:
    """The table of a declaration: its merged lines."""
    lists = " ".join(one.number for one in found.lists)
    for line in merged_lines(found):
        key = line.key
        yield [
            found.number, key.country, key.hs_code, key.currency, str(line.count),
            Money(line.value_minor, key.currency).format(), format_scaled(line.gross_g, GRAM_PLACES),
            format_scaled(line.net_g, GRAM_PLACES), lists,
        ]  # fmt: skip
