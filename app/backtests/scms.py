"""Mode choice for the later part of the delivery history, as an assignment problem, and its three columns."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.backtests.problems import Choice, UnitType, assemble
from app.backtests.scms_history import Consignment, Lane
from app.backtests.scms_model import CHARTER, Model
from routing.problem import Problem

__all__ = ["Column", "ModeOption", "Study", "as_modelled", "as_recorded", "flights_needed"]


class ModeOption(NamedTuple):
    """One mode for one consignment, in US dollars; freight is 0 where whole flights are paid instead."""

    mode: str
    freight_usd: float
    late_days: float
    late_share: float
    late_usd: float


class Space(NamedTuple):
    """What a resource of the problem is: one mode of one lane in one month."""

    lane: Lane
    mode: str
    month: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the report: consignments by mode, flights, money in US dollars, lateness."""

    modes: Counter[str]
    flights: int | None
    freight_usd: float
    late_share: float
    late_days: float
    late_usd: float

    @property
    def total_usd(self) -> float:
        """Freight and what lateness is taken to cost."""
        return self.freight_usd + self.late_usd


class Study:
    """The later consignments with the modes each could take, priced by the model.

    `late_day_share` is the share of the goods' value that one late day costs.
    """

    def __init__(self, rows: Sequence[Consignment], model: Model, late_day_share: float) -> None:
        self.rows, self.model, self.late_day_share = list(rows), model, late_day_share
        self.options = [self._options(row) for row in self.rows]
        names = {
            Space(row.lane, option.mode, row.month)
            for row, own in zip(self.rows, self.options, strict=True)
            for option in own
        }
        self.spaces = sorted(names)
        self._carried_g: dict[Space, int] = defaultdict(int)
        for row in self.rows:
            self._carried_g[Space(row.lane, row.mode, row.month)] += row.weight_g or 0

    def flies(self, lane: Lane, mode: str) -> bool:
        """Whether a mode of a lane is paid by the flight."""
        return mode == CHARTER and lane in self.model.flights

    def _options(self, row: Consignment) -> list[ModeOption]:
        modes = sorted({*self.model.modes.get(row.lane, ()), row.mode})
        return [self._option(row, mode) for mode in modes]

    def _option(self, row: Consignment, mode: str) -> ModeOption:
        tariff = self.model.tariffs.of(row.lane, mode)
        if tariff is None:
            raise KeyError(f"mode {mode} was never seen")
        days, share = self.model.lateness(row.lane, mode, row.mode)
        freight = 0.0 if self.flies(row.lane, mode) else tariff.freight_usd(row.weight_kg)
        return ModeOption(mode, freight, days, share, self.late_day_share * row.value_usd * days)

    def recorded(self) -> list[ModeOption]:
        """The option of the mode that was in fact used, for each consignment."""
        pairs = zip(self.rows, self.options, strict=True)
        return [next(option for option in own if option.mode == row.mode) for row, own in pairs]

    def problem(self) -> Problem:
        """Return the problem: costs in cents, sizes in grams; every consignment must be carried.

        Space in a month is what the lane and mode carried in the heaviest month before, or in that very
        month if it was more: so the recorded choice is a legal plan.
        """
        at = {space: index for index, space in enumerate(self.spaces)}
        choices = [
            [
                Choice(
                    100 * (option.freight_usd + option.late_usd), at[Space(row.lane, option.mode, row.month)]
                )
                for option in own
            ]
            for row, own in zip(self.rows, self.options, strict=True)
        ]
        return assemble(
            choices,
            size=[row.weight_g or 0 for row in self.rows],
            drop_cost_cents=math.inf,
            free=[self._free_g(space) for space in self.spaces],
            units=self._units(),
        )

    def _free_g(self, space: Space) -> float:
        if self.flies(space.lane, space.mode):
            return 0.0
        before = self.model.heaviest_month_g.get((space.lane, space.mode), 0)
        return max(before, self._carried_g[space])

    def _units(self) -> list[UnitType]:
        units = []
        for index, space in enumerate(self.spaces):
            if not self.flies(space.lane, space.mode):
                continue
            flights = self.model.flights[space.lane]
            most = max(flights.most_in_month, flights_needed(self._carried_g[space], flights.payload_g))
            units.append(UnitType(index, flights.payload_g, 100 * flights.cost_usd, most))
        return units

    def flight_costs(self, chosen: Sequence[ModeOption]) -> tuple[int, list[float]]:
        """Return the flights a choice needs and what falls on each consignment, shared by weight (US dollars)."""
        load: dict[Space, int] = defaultdict(int)
        used = [
            Space(row.lane, option.mode, row.month) for row, option in zip(self.rows, chosen, strict=True)
        ]
        for row, space in zip(self.rows, used, strict=True):
            if self.flies(space.lane, space.mode):
                load[space] += row.weight_g or 0
        needed = {
            space: flights_needed(weight, self.model.flights[space.lane].payload_g)
            for space, weight in load.items()
        }
        paid = {space: count * self.model.flights[space.lane].cost_usd for space, count in needed.items()}
        shares = [
            paid[space] * (row.weight_g or 0) / load[space] if load.get(space) else 0.0
            for row, space in zip(self.rows, used, strict=True)
        ]
        return sum(needed.values()), shares


def flights_needed(weight_g: int, payload_g: int) -> int:
    """Return the whole flights that carry a weight; loads are taken to split over flights without loss."""
    return -(-weight_g // payload_g)


def as_recorded(study: Study) -> Column:
    """Return what the file itself says: freight paid and days late."""
    rows = study.rows
    late = [max(0, row.late_days) for row in rows]
    return Column(
        modes=Counter(row.mode for row in rows),
        flights=None,
        freight_usd=sum(row.freight_usd or 0.0 for row in rows),
        late_share=sum(days > 0 for days in late) / len(rows),
        late_days=sum(late) / len(rows),
        late_usd=sum(
            study.late_day_share * row.value_usd * days for row, days in zip(rows, late, strict=True)
        ),
    )


def as_modelled(study: Study, chosen: Sequence[ModeOption]) -> Column:
    """Return what the model says of a choice of modes, one option for each consignment."""
    flights, shares = study.flight_costs(chosen)
    return Column(
        modes=Counter(option.mode for option in chosen),
        flights=flights,
        freight_usd=sum(option.freight_usd for option in chosen) + sum(shares),
        late_share=sum(option.late_share for option in chosen) / len(chosen),
        late_days=sum(option.late_days for option in chosen) / len(chosen),
        late_usd=sum(option.late_usd for option in chosen),
    )
