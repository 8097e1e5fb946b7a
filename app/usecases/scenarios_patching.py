"""What may be assumed in a scenario, checked against what the kept problem knows, and made into patches of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.errors import Conflict
from app.models import Departure, DepartureUnit, Location, Plan, RunInput, UnitType, Warehouse
from app.models import Tariff as TariffRow
from app.usecases.pricing_facts import CURRENCY, load_exchange
from app.usecases.scenarios import Patch, invalid
from app.usecases.scenarios_cutoffs import check_cutoff, is_later
from app.usecases.scenarios_warehouses import check_new_warehouse, new_warehouses
from app.usecases.tariff_facts import as_tariff
from routing.catalogue import Catalogue
from routing.problem import Problem
from routing.scenarios import Charge, Known, Patches, known
from trade.charging import charge_many
from trade.errors import TradeError
from trade.tariff import Tariff

NEEDS = {
    "drop": ("departure_id",), "cancelled": ("departure_id",), "delayed": ("departure_id", "delay_min"),
    "cutoff": ("departure_id", "before_min"), "capacity": ("departure_id", "percent"), "mode": ("mode",),
    "warehouse": ("location",), "intake": ("location", "percent"), "fuel": ("mode", "percent"),
    "fx": ("currency", "percent"), "new_warehouse": ("location", "daily_parcels", "percent"),
}  # fmt: skip
"""Kind of patch → the members it needs. `drop` and `mode` are decisions, `cancelled` a fact: see promoting."""
KINDS = tuple(NEEDS)
FUEL_CODES = ("FUEL", "FSC", "BAF", "EBS")
"""Codes of surcharges that price lists state for fuel: fuel, fuel surcharge, bunker adjustment, emergency bunker."""
LONGEST_MIN = 60 * 24 * 60
MOST_PERCENT = 1000.0
LEAST_CHANGE = -90.0
TARIFF = "tariff "
BATCH = 500


def check_patches(session: Session, plan: Plan, patches: Iterable[Patch], now: datetime) -> tuple[Patch, ...]:
    """Return the patches with what promoting will be held against; Invalid names the field of the first fault."""
    checker = _Checker(session, plan, snapshot_of(session, plan), plan.created_at.date(), now)
    found: list[Patch] = []
    for position, patch in enumerate(patches):
        if any((one.kind, one.target) == (patch.kind, patch.target) for one in found):
            raise invalid(f"patches.{position}.kind", "named_twice", "this is assumed twice")
        found.append(checker.checked(f"patches.{position}", patch))
    return tuple(found)


def snapshot_of(session: Session, plan: Plan) -> Known:
    """What the kept problem of a plan knows; Conflict where it cannot be read."""
    kept = session.scalar(select(RunInput.catalogue).where(RunInput.run_id == plan.run_id))
    try:
        return known(kept or b"")
    except (ValueError, KeyError, EOFError, BadZipFile) as error:
        raise Conflict("the problem of this plan cannot be read any more; start a run instead") from error


@dataclass(slots=True)
class _Checker:
    session: Session
    plan: Plan
    snapshot: Known
    on: date
    """The day of the plan, whose exchange rates it has."""
    now: datetime

    def checked(self, field: str, patch: Patch) -> Patch:
        """Return the patch without members its kind does not need, and with what it takes to be so."""
        needs = NEEDS.get(patch.kind)
        if needs is None:
            raise invalid(f"{field}.kind", "not_one_of", f"must be one of {', '.join(KINDS)}")
        for name in needs:
            if getattr(patch, name) in (None, ""):
                raise invalid(f"{field}.{name}", "required", "is needed for this kind of change")
        patch = Patch(patch.kind, **{name: getattr(patch, name) for name in needs})
        self._numbers(field, patch)
        judge: dict[str, Callable[[str, Patch], Patch]] = {
            "delayed": self._delayed, "cutoff": self._cutoff, "capacity": self._capacity, "mode": self._mode,
            "warehouse": self._place, "intake": self._intake, "fuel": self._fuel, "fx": self._currency,
            "new_warehouse": self._new_warehouse,
        }  # fmt: skip
        if patch.departure_id is not None and patch.kind != "cutoff":
            self._departure(field, patch)
        return judge[patch.kind](field, patch) if patch.kind in judge else patch

    def _numbers(self, field: str, patch: Patch) -> None:
        for name in ("delay_min", "before_min"):
            minutes = getattr(patch, name)
            fewest = 0 if name == "before_min" else 1
            if minutes is not None and not fewest <= minutes <= LONGEST_MIN:
                raise invalid(f"{field}.{name}", "out_of_range", f"from {fewest} to {LONGEST_MIN} minutes")
        percent, size = patch.percent, patch.kind in ("capacity", "intake")
        if percent is None:
            return
        least, same = (0.0, 100.0) if size else (LEAST_CHANGE, 0.0)
        if not least <= percent <= MOST_PERCENT:
            raise invalid(f"{field}.percent", "out_of_range", f"from {least:g} to {MOST_PERCENT:g} per cent")
        if percent == same and patch.kind != "new_warehouse":
            raise invalid(f"{field}.percent", "changes_nothing", f"{same:g} per cent is as it is")

    def _row(self, field: str, patch: Patch) -> Departure:
        row = self.session.scalar(select(Departure).where(Departure.public_id == patch.departure_id))
        if row is None:
            raise invalid(f"{field}.departure_id", "unknown_departure", "there is no such departure")
        return row

    def _departure(self, field: str, patch: Patch) -> Departure:
        row = self._row(field, patch)
        if row.id not in self.snapshot.departures:
            text = "the plan's goods had no way on this departure, so nothing would change"
            raise invalid(f"{field}.departure_id", "not_in_snapshot", text)
        return row

    def _delayed(self, field: str, patch: Patch) -> Patch:
        row = self._departure(field, patch)
        leaves = row.departs_at + timedelta(minutes=patch.delay_min or 0)
        return replace(patch, assumed={"departs_at": leaves.isoformat()})

    def _cutoff(self, field: str, patch: Patch) -> Patch:
        row = self._row(field, patch)
        patch = check_cutoff(self.session, self.plan, self.now, field, row, patch)
        if not is_later(patch):
            self._departure(field, patch)
        return patch

    def _capacity(self, field: str, patch: Patch) -> Patch:
        row = self._departure(field, patch)
        if row.id not in self.snapshot.limited:
            text = "all goods of the plan together could not fill this departure; leave it out instead"
            raise invalid(f"{field}.departure_id", "never_short", text)
        return patch

    def _mode(self, field: str, patch: Patch) -> Patch:
        if patch.mode not in self.snapshot.modes:
            raise invalid(f"{field}.mode", "not_in_snapshot", "no way of the plan's goods goes by this mode")
        return patch

    def _place(self, field: str, patch: Patch) -> Patch:
        if patch.location not in self.snapshot.places:
            raise invalid(f"{field}.location", "not_in_snapshot", "no way of the plan's goods leads there")
        return patch

    def _intake(self, field: str, patch: Patch) -> Patch:
        if patch.location not in self.snapshot.intakes:
            text = (
                "what this place takes in a day is not limited, or could not be reached by the plan's goods"
            )
            raise invalid(f"{field}.location", "never_short", text)
        daily = daily_parcels(self.session, patch.location) or 0
        return replace(patch, assumed={"daily_parcels": round(daily * (patch.percent or 0) / 100)})

    def _fuel(self, field: str, patch: Patch) -> Patch:
        self._mode(field, patch)
        fuelled = fuel_of(self.session, self.snapshot.columns[patch.mode or ""])
        if not fuelled:
            text = "no price list of this mode states fuel by itself"
            raise invalid(f"{field}.mode", "no_fuel_lines", text)
        return replace(patch, assumed={"fuel": round(fuelled * (1 + (patch.percent or 0) / 100))})

    def _currency(self, field: str, patch: Patch) -> Patch:
        if patch.currency not in currencies_of(self.session, self.snapshot):
            text = "nothing that the plan's goods could take is priced in this currency"
            raise invalid(f"{field}.currency", "not_in_snapshot", text)
        factor = load_exchange(self.session, self.on).factor(patch.currency or "")
        return replace(patch, assumed={"factor": factor * (1 + (patch.percent or 0) / 100)})

    def _new_warehouse(self, field: str, patch: Patch) -> Patch:
        check_new_warehouse(self.session, self.snapshot, field, patch)
        return patch


def currencies_of(session: Session, snapshot: Known) -> list[str]:
    """The foreign currencies in which anything the goods of a problem could take is priced."""
    columns = frozenset().union(*snapshot.columns.values())
    used = {tariff.currency for tariff in tariffs_of(session, columns).values()}
    limited = sorted(snapshot.limited)
    for begin in range(0, len(limited), BATCH):
        those = DepartureUnit.departure_id.in_(limited[begin : begin + BATCH])
        used |= set(session.scalars(select(DepartureUnit.currency).where(those).distinct()))
    return sorted(used - {CURRENCY})


def daily_parcels(session: Session, code: str | None) -> int | None:
    """How many parcels a warehouse takes in on a day."""
    query = select(Warehouse.daily_parcels).join(Location, Location.id == Warehouse.location_id)
    return session.scalar(query.where(Location.code == code))


def fuel_of(session: Session, columns: Iterable[str]) -> int:
    """The sum of what price lists state for fuel, in micros: what promoting compares."""
    return sum(
        extra.amount_micros
        for tariff in tariffs_of(session, columns).values()
        for extra in tariff.surcharges
        if extra.code in FUEL_CODES
    )


def tariffs_of(session: Session, columns: Iterable[str]) -> dict[str, Tariff]:
    """Name of a column of cost → the price list it charges by, as it is now; what is gone is left out."""
    codes = sorted(name.removeprefix(TARIFF) for name in columns if name.startswith(TARIFF))
    found: dict[str, Tariff] = {}
    for begin in range(0, len(codes), BATCH):
        query = (
            select(TariffRow)
            .where(TariffRow.code.in_(codes[begin : begin + BATCH]))
            .options(selectinload(TariffRow.breaks), selectinload(TariffRow.surcharges))
        )
        for row in session.scalars(query):
            try:
                found[TARIFF + row.code] = as_tariff(row)
            except TradeError:
                continue  # it contradicts itself by now, and charges nobody
    return found


def patches_for(
    session: Session, problem: Problem, catalogue: Catalogue, snapshot: Known, asked: tuple[Patch, ...]
) -> Patches:
    """Return what was asked as patches of the problem: ids as its numbers, prices by its columns and units."""
    of_kind = {kind: [one for one in asked if one.kind == kind] for kind in KINDS}
    ids = [one.departure_id for one in asked if one.departure_id is not None]
    query = select(Departure.public_id, Departure.id).where(Departure.public_id.in_(ids))
    number: dict[str | None, int] = {row.public_id: row.id for row in session.execute(query)}
    gone = [*of_kind["drop"], *of_kind["cancelled"]]
    factors = {str(one.currency): 1 + (one.percent or 0) / 100 for one in of_kind["fx"]}
    return Patches(
        cancelled=frozenset(number[one.departure_id] for one in gone),
        delays={number[one.departure_id]: one.delay_min or 0 for one in of_kind["delayed"]},
        cutoffs={
            number[one.departure_id]: one.before_min or 0 for one in of_kind["cutoff"] if not is_later(one)
        },
        capacity={number[one.departure_id]: (one.percent or 0) / 100 for one in of_kind["capacity"]},
        intake={str(one.location): (one.percent or 0) / 100 for one in of_kind["intake"]},
        modes=frozenset(str(one.mode) for one in of_kind["mode"]),
        closed=frozenset(str(one.location) for one in of_kind["warehouse"]),
        rates=_dearer_columns(session, catalogue, factors),
        unit_costs=_dearer_units(session, problem, catalogue, factors),
        charges=_fuel_charges(session, snapshot, of_kind["fuel"]),
        warehouses=new_warehouses(session, catalogue, of_kind["new_warehouse"]),
    )


def _dearer_columns(session: Session, catalogue: Catalogue, factors: dict[str, float]) -> dict[str, float]:
    if not factors:
        return {}
    priced = tariffs_of(session, map(str, catalogue.cost_name))
    return {name: factors[one.currency] for name, one in priced.items() if one.currency in factors}


def _dearer_units(
    session: Session, problem: Problem, catalogue: Catalogue, factors: dict[str, float]
) -> dict[int, float]:
    if not factors or not problem.t:
        return {}
    departures = catalogue.resource_departure[problem.unit_resource].tolist()
    query = (
        select(DepartureUnit.departure_id, UnitType.code, DepartureUnit.currency)
        .join(UnitType, UnitType.id == DepartureUnit.unit_type_id)
        .where(DepartureUnit.currency.in_(sorted(factors)))
    )
    paid = {(departure, code): factors[currency] for departure, code, currency in session.execute(query)}
    keys = zip(departures, map(str, catalogue.unit_label), strict=True)
    return {unit: paid[key] for unit, key in enumerate(keys) if key in paid}


def _fuel_charges(session: Session, snapshot: Known, patches: list[Patch]) -> dict[str, tuple[Charge, ...]]:
    found: dict[str, tuple[Charge, ...]] = {}
    for patch in patches:
        factor = 1 + (patch.percent or 0) / 100
        for name, tariff in tariffs_of(session, snapshot.columns.get(patch.mode or "", ())).items():
            dearer = _with_fuel(tariff, factor)
            if dearer != tariff:
                found[name] = (*found.get(name, ()), _difference(tariff, dearer))
    return found


def _with_fuel(tariff: Tariff, factor: float) -> Tariff:
    extras = tuple(
        replace(one, amount_micros=round(one.amount_micros * factor)) if one.code in FUEL_CODES else one
        for one in tariff.surcharges
    )
    return replace(tariff, surcharges=extras)


def _difference(tariff: Tariff, dearer: Tariff) -> Charge:
    """What goods pay more by one price list than by another, in minor units of their currency."""

    def charge(grams: npt.NDArray[np.int64], cm3: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return (charge_many(dearer, grams, cm3) - charge_many(tariff, grams, cm3)).astype(np.float64)

    return charge


def due_minutes(at: datetime | None, otherwise: int) -> int:
    """Minutes since 1970 by which goods are due."""
    return otherwise if at is None else int(at.timestamp() // 60)
