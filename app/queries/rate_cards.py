"""Rate cards as people read them: what space costs and what is asked, by service and lane, with their days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.errors import NotFound
from app.models import Location, Party, Service, Tariff, TariffBreak, TariffSurcharge
from app.queries.paging import AnySelect, Keyset, Page, word
from trade.charging import ChargeLine, charge, total
from trade.errors import TradeError
from trade.tariff import Surcharge, WeightBreak
from trade.tariff import Tariff as PricedTariff

BY_CODE = Keyset(Tariff.code, Tariff.id, read=word)
SIDES = ("sell", "buy")
STATES = ("holds", "ending", "future", "ended")
SOON = timedelta(days=30)
SAMPLES = ((500, 3_000), (5_000, 30_000), (45_000, 300_000), (100_000, 500_000), (1_000_000, 5_000_000))
"""Grams and cm3 of the shipments a card is shown with."""
ORIGIN = aliased(Location, name="origin")
DESTINATION = aliased(Location, name="destination")
COLUMNS = (
    Tariff.id, Tariff.code, Tariff.side, Service.code.label("service"), Service.public_id.label("service_id"),
    Service.mode, Tariff.channel, ORIGIN.code.label("origin"), DESTINATION.code.label("destination"),
    Party.reference.label("exporter"), Tariff.currency, Tariff.divisor_cm3_per_kg, Tariff.rounding_g,
    Tariff.minimum_minor, Tariff.flat_minor, Tariff.per_m3_micros, Tariff.valid_from, Tariff.valid_to,
    Tariff.source,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CardFilter:
    """What narrows the list; None does not."""

    q: str | None = None
    """Begins the code of the card, its service or its channel."""
    side: str | None = None
    place: str | None = None
    """Code of a place at either end, or its UN/LOCODE."""
    exporter: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class CardRow:
    """The head of a card."""

    id: int
    code: str
    side: str
    service: str | None
    service_id: str | None
    mode: str | None
    channel: str | None
    origin: str | None
    destination: str | None
    exporter: str | None
    currency: str
    divisor_cm3_per_kg: int | None
    rounding_g: int
    minimum_minor: int
    flat_minor: int
    per_m3_micros: int
    valid_from: date
    valid_to: date | None
    source: str

    def state(self, today: date) -> str:
        """One of `STATES`."""
        if self.valid_from > today:
            return "future"
        if self.valid_to is None or self.valid_to > today + SOON:
            return "holds"
        return "ending" if self.valid_to > today else "ended"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a card asks for one shipment; `lines` add up to it."""

    weight_g: int
    volume_cm3: int
    total_minor: int
    lines: Sequence[ChargeLine]


@dataclass(frozen=True, slots=True)
class Card:
    """A card with its breaks, its surcharges, prices of samples and the cards beside it."""

    row: CardRow
    breaks: Sequence[WeightBreak]
    surcharges: Sequence[Surcharge]
    samples: Sequence[Sample]
    fault: str
    """Why it cannot be used, if it contradicts itself."""
    family: Sequence[CardRow]
    """All cards of the same side, service, lane and exporter, the latest first: its history."""


def list_cards(
    session: Session, today: date, where: CardFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[tuple[CardRow, str]]:
    """Cards by code, each with its rate from the first break to the last in words of numbers."""
    query = _rows().where(*_conditions(where, today))
    found = session.execute(BY_CODE.slice(query, cursor, limit)).all()
    page = BY_CODE.page(found, limit, lambda row: (row.code, row.id))
    rows = [CardRow(*row) for row in page.items]
    rates = _rates(session, [row.id for row in rows])
    return Page([(row, rates.get(row.id, "")) for row in rows], page.next_cursor)


def get_card(session: Session, card_id: int) -> Card:
    """One card; NotFound if there is none."""
    found = session.execute(_rows().where(Tariff.id == card_id)).one_or_none()
    if found is None:
        raise NotFound("there is no such rate card")
    row = CardRow(*found)
    breaks = _breaks(session, card_id)
    surcharges = _surcharges(session, card_id)
    samples, fault = _priced(row, breaks, surcharges)
    return Card(row, breaks, surcharges, samples, fault, _family(session, card_id))


def _rows() -> AnySelect:
    return (
        select(*COLUMNS)
        .outerjoin(Service, Service.id == Tariff.service_id)
        .outerjoin(ORIGIN, ORIGIN.id == Tariff.from_location_id)
        .outerjoin(DESTINATION, DESTINATION.id == Tariff.to_location_id)
        .outerjoin(Party, Party.id == Tariff.exporter_id)
    )


def _conditions(where: CardFilter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if where.q:
        names = (Tariff.code, Service.code, Tariff.channel)
        found.append(or_(*(name.startswith(where.q.upper(), autoescape=True) for name in names)))
    if where.side:
        found.append(Tariff.side == where.side)
    if where.place:
        ends = (ORIGIN, DESTINATION)
        found.append(or_(*((end.code == where.place) | (end.unlocode == where.place) for end in ends)))
    if where.exporter:
        found.append(Party.reference == where.exporter)
    return [*found, *_days(where.state, today)]


def _days(state: str | None, today: date) -> list[ColumnElement[bool]]:
    begun, late = Tariff.valid_from <= today, today + SOON
    return {
        None: [],
        "future": [Tariff.valid_from > today],
        "holds": [begun, or_(Tariff.valid_to.is_(None), Tariff.valid_to > today)],
        "ending": [begun, Tariff.valid_to > today, Tariff.valid_to <= late],
        "ended": [Tariff.valid_to <= today],
    }[state]


def _rates(session: Session, ids: Sequence[int]) -> dict[int, str]:
    lowest, highest = func.min(TariffBreak.rate_micros_per_kg), func.max(TariffBreak.rate_micros_per_kg)
    query = select(TariffBreak.tariff_id, lowest, highest).where(TariffBreak.tariff_id.in_(ids))
    found = {}
    for tariff_id, low, high in session.execute(query.group_by(TariffBreak.tariff_id)):
        found[tariff_id] = micros(low) if low == high else f"{micros(low)}–{micros(high)}"
    return found


def micros(value: int) -> str:
    """Millionths as a plain decimal."""
    whole, part = divmod(value, 10**6)
    return f"{whole}.{part:06}".rstrip("0").rstrip(".")


def _breaks(session: Session, card_id: int) -> list[WeightBreak]:
    columns = (TariffBreak.from_g, TariffBreak.rate_micros_per_kg, TariffBreak.flat_minor)
    rows = session.execute(
        select(*columns).where(TariffBreak.tariff_id == card_id).order_by(TariffBreak.from_g)
    )
    return [WeightBreak(*row) for row in rows]


def _surcharges(session: Session, card_id: int) -> list[Surcharge]:
    columns = (TariffSurcharge.code, TariffSurcharge.basis, TariffSurcharge.amount_micros)
    rows: Any = session.execute(
        select(*columns).where(TariffSurcharge.tariff_id == card_id).order_by(TariffSurcharge.code)
    )
    return [Surcharge(*row) for row in rows]


def _priced(
    row: CardRow, breaks: Sequence[WeightBreak], surcharges: Sequence[Surcharge]
) -> tuple[list[Sample], str]:
    try:
        tariff = PricedTariff(
            row.code, "buy" if row.side == "buy" else "sell", row.currency, row.valid_from, row.valid_to,
            row.divisor_cm3_per_kg, row.rounding_g, row.minimum_minor, row.flat_minor, row.per_m3_micros,
            tuple(breaks), tuple(surcharges),
        )  # fmt: skip
        found = []
        for weight_g, volume_cm3 in SAMPLES:
            lines = charge(tariff, weight_g, volume_cm3)
            found.append(Sample(weight_g, volume_cm3, total(lines, row.currency).minor, lines))
    except TradeError as fault:
        return [], fault.detail
    return found, ""


def _family(session: Session, card_id: int) -> list[CardRow]:
    one = session.get_one(Tariff, card_id)
    scope = ("side", "service_id", "channel", "from_location_id", "to_location_id", "exporter_id")
    same = [getattr(Tariff, name).is_not_distinct_from(getattr(one, name)) for name in scope]
    query = _rows().where(and_(*same)).order_by(Tariff.valid_from.desc(), Tariff.id.desc()).limit(50)
    return [CardRow(*row) for row in session.execute(query)]
