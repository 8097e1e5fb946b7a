"""What space on departures costs us beside the units: the buy rates per kilogram of their services."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.db import fetch
from app.models import Service, Tariff, TariffBreak
from app.queries.timetable import kept

ON = bindparam("on", type_=Date)
RATES = (
    select(
        Service.code,
        Tariff.currency,
        func.min(TariffBreak.rate_micros_per_kg),
        func.max(TariffBreak.rate_micros_per_kg),
    )
    .join(Tariff, Tariff.service_id == Service.id)
    .join(TariffBreak, TariffBreak.tariff_id == Tariff.id)
    .where(
        Service.code.in_(bindparam("services", expanding=True)),
        Tariff.side == "buy",
        Tariff.exporter_id.is_(None),
        Tariff.valid_from <= ON,
        or_(Tariff.valid_to.is_(None), Tariff.valid_to > ON),
    )
    .group_by(Service.code, Tariff.currency)
    .order_by(Service.code, Tariff.currency)
)
"""Buy rates of services on a day."""


@dataclass(frozen=True, slots=True)
class VariableCost:
    """The lowest and the highest rate of a service by weight, in millionths of the currency a kilogram."""

    currency: str
    least_micros: int
    most_micros: int


def variable_costs(session: Session, services: Collection[str], on: date) -> dict[str, VariableCost]:
    """Code of a service → its buy rate on a day; services that are paid by the unit alone are left out.

    A rate per cubic metre is no part of it.
    """
    found = kept(
        session,
        "variable_cost",
        [(code, on) for code in services],
        lambda missing: _read(session, [code for code, _ in missing], on),
    )
    return {code: cost for (code, _), cost in found.items() if cost}


def _read(session: Session, services: list[str], on: date) -> dict[tuple[str, date], VariableCost | None]:
    found: dict[tuple[str, date], VariableCost | None] = {(code, on): None for code in services}
    for code, currency, least, most in fetch(session, RATES, services=services, on=on):
        if most:
            found[code, on] = VariableCost(currency, least, most)
    return found
