"""Check a list: each line against its mode, its documents and its booking, and what the message lacks as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import DeclarationLine, DeclarationList, PaymentReceipt
from app.usecases.declaring.candidates import Candidate, as_booked, day_of
from app.usecases.declaring.codes import Missing, missing_codes, read_codes
from app.usecases.declaring.finding import stepped
from trade.customs_modes import ModeRule, mode_rule
from trade.declaration_checks import (
    ERROR,
    HS_CODES,
    MATCH_CODES,
    Booked,
    Check,
    DeclaredParcel,
    check_parcel,
    differences,
    match_documents,
)
from trade.declarations import LIST_STEPS

OPEN = ("draft", "pre_check_failed")


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line, the payment noted for it, how its documents match, what is wrong with it, and what moved since."""

    line: DeclarationLine
    receipt: PaymentReceipt | None
    documents: dict[str, str]
    checks: list[Check]
    moved: list[str]
    candidate: Candidate | None

    @property
    def is_wrong(self) -> bool:
        """Whether it stands in the way of handing the list over."""
        return bool(self.moved) or any(one.severity == ERROR for one in self.checks)

    def has(self, codes: frozenset[str]) -> bool:
        """Whether one of these checks speaks of it."""
        return any(one.code in codes for one in self.checks)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a list found; `rule` is None where no rule of its mode is in force."""

    rule: ModeRule | None
    lines: list[CheckedLine]
    missing: list[Missing]

    @property
    def passes(self) -> bool:
        """Whether the list may be handed over."""
        return self.rule is not None and not self.missing and not any(one.is_wrong for one in self.lines)


def check(session: Session, found: DeclarationList, on: date) -> Checked:
    """Look at a list with its rows loaded; nothing is changed."""
    rule = mode_rule(found.customs_mode, on)
    ids = [row.parcel_id for row in found.rows]
    receipts = {
        one.parcel_id: one
        for one in session.scalars(select(PaymentReceipt).where(PaymentReceipt.parcel_id.in_(ids)))
    }
    booked = as_booked(session, ids)
    lines = [
        _checked(found, row, receipts.get(row.parcel_id), booked.get(row.parcel_id), rule, on)
        for row in found.rows
    ]
    codes = read_codes(session, (found.exporter.public_id, found.port.public_id))
    # A form of the single window is typed there: it asks for its numbers itself.
    wanted = missing_codes(codes, found.exporter, found.port) if found.channel == "ceb" else []
    return Checked(rule, lines, [one for one in wanted if one.kind != "net_percent"])


def _checked(
    found: DeclarationList,
    row: DeclarationLine,
    receipt: PaymentReceipt | None,
    candidate: Candidate | None,
    rule: ModeRule | None,
    on: date,
) -> CheckedLine:
    declared = declared_parcel(row, receipt)
    return CheckedLine(
        row,
        receipt,
        match_documents(declared, rule) if rule else {},
        check_parcel(declared, rule, found.channel, found.statistics_flag, on) if rule else [],
        differences(declared_booking(found, row), candidate.booked if candidate else None),
        candidate,
    )


def declared_parcel(row: DeclarationLine, receipt: PaymentReceipt | None) -> DeclaredParcel:
    """A line as the rules look at it."""
    return DeclaredParcel(
        order_number=row.order_number, waybill_number=row.waybill_number, value_minor=row.value_minor,
        currency=row.currency, value_cny_minor=row.value_cny_minor, hs_code=row.hs_code, name=row.name,
        country=row.country, net_g=row.net_g, paid_minor=receipt.amount_minor if receipt else None,
        paid_currency=receipt.currency if receipt else None, departure_number=row.departure_number,
    )  # fmt: skip


def declared_booking(found: DeclarationList, row: DeclarationLine) -> Booked:
    """What a line says that its booking says as well."""
    return Booked(
        mode=found.customs_mode, port_id=found.port_id, transport_mode=found.transport_mode,
        departs_on=row.departs_on, departure_number=row.departure_number, waybill_number=row.waybill_number,
        value_minor=row.value_minor, currency=row.currency, gross_g=row.gross_g, country=row.country,
    )  # fmt: skip


def recheck(session: Session, found: DeclarationList, now: datetime) -> Checked:
    """Check a list and keep the counts; a list that was not handed over passes or fails by it."""
    result = check(session, found, day_of(now))
    found.mismatched = sum(one.has(MATCH_CODES) for one in result.lines)
    found.warned = sum(one.has(HS_CODES) for one in result.lines)
    found.moved = sum(bool(one.moved) for one in result.lines)
    found.checked_at = now
    if found.status in OPEN:
        stepped(LIST_STEPS, found, "pass" if result.passes else "fail")
    session.flush()
    return result


def add_up(found: DeclarationList) -> None:
    """Bring the sums of a list to those of its lines."""
    rows = found.rows
    found.lines, found.gross_g = len(rows), sum(row.gross_g for row in rows)
    nets = [row.net_g for row in rows]
    found.net_g = None if None in nets else sum(net for net in nets if net is not None)
    found.value_minor = sum(row.value_cny_minor or 0 for row in rows)


def problems(result: Checked) -> Iterator[tuple[str, int]]:
    """Code and number of lines of everything that was found, the most frequent first."""
    counts: dict[str, int] = {}
    for line in result.lines:
        for code in [one.code for one in line.checks] + (["moved"] if line.moved else []):
            counts[code] = counts.get(code, 0) + 1
    yield from sorted(counts.items(), key=lambda pair: -pair[1])
