"""What the search of a quote works on: what is wished for, the candidates as columns, and the ways that are found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from app.usecases.network_facts import EPOCH
from app.usecases.quoting_lanes import PriceList, Want
from app.usecases.quoting_prices import Goods, Priced
from app.usecases.quoting_space import Berth
from routing.arrays import FloatArray, IntArray
from routing.punctuality import Outlook


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of the network. Instants are minutes since 1970, rounded up; `due_min` FOREVER: no deadline."""

    exporter_id: int | None
    goods: Goods
    classes: int
    """Goods classes as bits."""
    ready_min: int
    due_min: int
    hard: bool
    most_min: int | None
    """Longest time from ready to arrival."""
    modes: int
    charters: bool
    objective: str
    currency: str
    now: datetime
    live: bool = True
    """Whether only ways with room at this moment are offered."""

    @property
    def want(self) -> Want:
        """As lanes are asked."""
        now_min = int((self.now - EPOCH).total_seconds() // 60)
        return Want(self.ready_min, now_min, self.classes, self.modes, self.charters)


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way that is offered: legs are rows of the timetable, with what each costs and has room for."""

    legs: tuple[int, ...]
    priced: tuple[Priced, ...]
    berths: tuple[Berth | None, ...]
    total_minor: int
    arrives_min: int
    book_by_min: int
    """When goods must be on their way and papers in, to make every cut-off; FOREVER on demand."""
    co2e_g: int
    late: bool
    outlook: Outlook | None


@dataclass(slots=True, eq=False)
class Table:
    """Candidates of all lanes [n], column by column.

    `way` [n, longest] are rows of the timetable, -1 where there are no more; `code` beside them positions in the
    price list of the candidate's lane (`prices[at]`), `cost` what each leg charges. `objectives` are as
    `routing.offers` has them.
    """

    prices: list[PriceList]
    at: IntArray
    way: IntArray
    code: IntArray
    cost: FloatArray
    book_by: IntArray
    objectives: FloatArray
    late: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.at)

    def only(self, kept: npt.NDArray[np.bool_]) -> None:
        """Leave out the candidates that are not marked."""
        for name in ("at", "way", "code", "cost", "book_by", "objectives", "late"):
            setattr(self, name, getattr(self, name)[kept])


def among(lines: IntArray, some: IntArray) -> npt.NDArray[np.bool_]:
    """Mark the lines that are among some; all are counted from 0."""
    found = np.zeros(int(lines.max(initial=0)) + 1, dtype=np.bool_)
    found[some] = True
    return found[lines]


def widened(columns: npt.NDArray[Any], width: int, blank: float) -> npt.NDArray[Any]:
    """Return the columns with blank ones after them up to a width."""
    return np.pad(columns, ((0, 0), (0, width - columns.shape[1])), constant_values=blank)
