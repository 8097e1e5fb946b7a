"""The answer to a problem in memory: exactly the keys of `fourport-plan/1`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.arrays import Column, FloatArray, IntArray, ProblemError, as_column

__all__ = ["BOUND_SOURCES", "FORMAT", "PLAN_COLUMNS", "STATUSES", "Plan", "gap_between"]

FORMAT = "fourport-plan/1"
STATUSES = ("optimal", "feasible", "infeasible", "unknown")
BOUND_SOURCES = ("certificate", "solver", "none")
PLAN_COLUMNS = (
    Column("item_option", "<i8", ("n",)),
    Column("units", "<i8", ("t",)),
    Column("unplaced", "<i8", ("m",)),
    Column("certificate_price", "<f8", ("r", "d"), optional=True),
    Column("certificate_item_value", "<f8", ("n",), optional=True),
    Column("certificate_primary_use", "<i8", ("o",), optional=True),
    Column("certificate_use_share", "<f8", ("u",), optional=True),
    Column("certificate_theta", "<f8", ("r", "d"), optional=True),
)


def gap_between(objective: float, lower_bound: float) -> float:
    """``objective / lower_bound - 1``; 0 where both are 0, inf where only the bound is, NaN where one is."""
    if math.isnan(objective) or math.isnan(lower_bound):
        return math.nan
    if lower_bound <= 0:  # costs are never negative: a bound below 0 proves no more than 0 does
        return 0.0 if objective == 0 else math.inf
    return objective / lower_bound - 1


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """Option per item, units opened, what it costs, and what is proven about it.

    `item_option` [n] holds indices into the options or -1; `units` [t]; costs in the minor unit of the
    problem's currency. `objective` is NaN for `infeasible` and `unknown`, `lower_bound` is NaN where
    nothing is proven. `seconds` holds the time of each phase. Whether a plan is legal for a problem is
    judged by `routing.checks`, not here; construction raises `ProblemError` for wrong types only.
    """

    status: str
    item_option: IntArray
    units: IntArray
    objective: float
    unplaced: IntArray
    lower_bound: float
    bound_source: str
    problem_sha256: str
    seed: int = 1
    threads: int = 1
    version: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    certificate_price: FloatArray | None = None
    certificate_item_value: FloatArray | None = None
    certificate_primary_use: IntArray | None = None
    certificate_theta: FloatArray | None = None
    certificate_use_share: FloatArray | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ProblemError("unknown_status", "status", f"must be one of {', '.join(STATUSES)}")
        if self.bound_source not in BOUND_SOURCES:
            raise ProblemError("unknown_source", "bound_source", f"must be one of {', '.join(BOUND_SOURCES)}")
        for column in PLAN_COLUMNS:
            value = getattr(self, column.key)
            if value is None:
                continue
            array = as_column(column, value)
            if array.ndim != len(column.shape):
                axes = len(column.shape)
                raise ProblemError("wrong_shape", column.key, f"has {array.ndim} axes, must have {axes}")
            object.__setattr__(self, column.key, array)

    @property
    def gap(self) -> float:
        """How far the plan may be from the best one; NaN if nothing is proven."""
        return gap_between(self.objective, self.lower_bound)

    @property
    def legal(self) -> bool:
        """Whether the plan claims to be one that can be carried out."""
        return self.status in ("optimal", "feasible")

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays that are present, by key."""
        keys = {column.key for column in PLAN_COLUMNS}
        found = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name in keys}
        return {key: np.asarray(array) for key, array in found.items() if array is not None}
