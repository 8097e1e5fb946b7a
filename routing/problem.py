"""The assignment problem in memory: exactly the arrays of `fourport-problem/1`, and never an invalid one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.arrays import Column, FloatArray, IntArray, ProblemError, as_column, first_index

__all__ = ["COUNTS", "FORMAT", "PROBLEM_COLUMNS", "Problem", "ProblemError"]

FORMAT = "fourport-problem/1"
COUNTS = ("n", "k", "o", "u", "r", "t", "d", "f")
_FEW_USES = 16
PROBLEM_COLUMNS = (
    Column("item_class", "<i4", ("n",)),
    Column("item_size", "<f8", ("n", "d")),
    Column("item_features", "<f8", ("n", "f")),
    Column("item_drop_cost", "<f8", ("n",), may_be_infinite=True),
    Column("class_ptr", "<i8", ("k+1",)),
    Column("option_rates", "<f8", ("o", "f")),
    Column("option_ptr", "<i8", ("o+1",)),
    Column("use_resource", "<i4", ("u",)),
    Column("use_factor", "<f8", ("u", "d")),
    Column("resource_free", "<f8", ("r", "d"), may_be_infinite=True),
    Column("unit_resource", "<i4", ("t",)),
    Column("unit_size", "<f8", ("t", "d")),
    Column("unit_cost", "<f8", ("t",)),
    Column("unit_max", "<i8", ("t",)),
    Column("unit_parent", "<i4", ("t",)),
    Column("unit_takes", "<f8", ("t", "d")),
    Column("item_option_now", "<i8", ("n",), optional=True),
    Column("item_change_cost", "<f8", ("n",), optional=True, may_be_infinite=True),
)


@dataclass(frozen=True, eq=False, slots=True)
class Problem:
    """Items, their options, the resources the options use and the units that can be opened.

    Shapes, types and meanings are those of `docs/problem-format.md`: costs in the minor unit of
    `currency`, sizes in whatever the dimensions count. Arrays are copied, brought to the type of the
    format and made read-only; construction raises `ProblemError` for anything the format forbids.
    """

    currency: str
    item_class: npt.NDArray[np.int32]
    item_size: FloatArray
    item_features: FloatArray
    item_drop_cost: FloatArray
    class_ptr: IntArray
    option_rates: FloatArray
    option_ptr: IntArray
    use_resource: npt.NDArray[np.int32]
    use_factor: FloatArray
    resource_free: FloatArray
    unit_resource: npt.NDArray[np.int32]
    unit_size: FloatArray
    unit_cost: FloatArray
    unit_max: IntArray
    unit_parent: npt.NDArray[np.int32]
    unit_takes: FloatArray
    item_option_now: IntArray | None = None
    item_change_cost: FloatArray | None = None

    def __post_init__(self) -> None:
        for column in PROBLEM_COLUMNS:
            value = getattr(self, column.key)
            if value is not None:
                object.__setattr__(self, column.key, as_column(column, value))
        self.validate()

    @property
    def n(self) -> int:
        """Items."""
        return len(self.item_class)

    @property
    def k(self) -> int:
        """Classes."""
        return len(self.class_ptr) - 1

    @property
    def o(self) -> int:
        """Options."""
        return len(self.option_rates)

    @property
    def u(self) -> int:
        """Uses of resources by options."""
        return len(self.use_resource)

    @property
    def r(self) -> int:
        """Resources."""
        return len(self.resource_free)

    @property
    def t(self) -> int:
        """Unit types."""
        return len(self.unit_resource)

    @property
    def d(self) -> int:
        """Size dimensions."""
        return int(self.item_size.shape[1])

    @property
    def f(self) -> int:
        """Cost features."""
        return int(self.item_features.shape[1])

    def counts(self) -> dict[str, int]:
        """Return the eight counts of the format by their letter."""
        return {name: int(getattr(self, name)) for name in COUNTS}

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays that are present, by key."""
        found = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "currency"}
        return {key: array for key, array in found.items() if array is not None}

    def validate(self) -> None:
        """Raise `ProblemError` at the first thing the format forbids."""
        _check_currency(self.currency)
        _check_shapes(self)
        _check_numbers(self)
        _check_pointers(self)
        _check_indices(self)
        _check_uses(self)
        _check_parents(self)


def _check_currency(currency: Any) -> None:  # noqa: ANN401 - whatever a file holds
    known = isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isupper()
    if not known:
        raise ProblemError("wrong_currency", "currency", "must be a code of three capital letters, e.g. CNY")


def _check_shapes(problem: Problem) -> None:
    for column in PROBLEM_COLUMNS:
        array = getattr(problem, column.key)
        if array is not None and array.ndim != len(column.shape):
            axes = len(column.shape)
            raise ProblemError("wrong_shape", column.key, f"has {array.ndim} axes, must have {axes}")
    for pointer in ("class_ptr", "option_ptr"):
        if getattr(problem, pointer).size == 0:
            raise ProblemError("wrong_shape", pointer, "must hold at least the 0 it begins with")
    counts = problem.counts()
    if counts["d"] < 1:
        raise ProblemError("wrong_shape", "item_size", "needs at least one size dimension")
    sizes = counts | {"k+1": counts["k"] + 1, "o+1": counts["o"] + 1}
    for column in PROBLEM_COLUMNS:
        array = getattr(problem, column.key)
        wanted = tuple(sizes[letter] for letter in column.shape)
        if array is not None and array.shape != wanted:
            message = (
                f"has shape {_shape(array.shape)}, must have {_shape(wanted)} ({', '.join(column.shape)})"
            )
            raise ProblemError("wrong_shape", column.key, message)


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(str(axis) for axis in shape) or "()"


def _check_numbers(problem: Problem) -> None:
    for column in PROBLEM_COLUMNS:
        array = getattr(problem, column.key)
        if array is None or not column.dtype.startswith("<f") or _plain(array):
            continue
        if (bad := np.isnan(array)).any():
            raise ProblemError("not_finite", f"{column.key}[{first_index(bad)}]", "is not a number")
        if (bad := array < 0).any():
            raise ProblemError("negative", f"{column.key}[{first_index(bad)}]", "must not be negative")
        if not column.may_be_infinite and (bad := np.isinf(array)).any():
            raise ProblemError("not_finite", f"{column.key}[{first_index(bad)}]", "must not be infinite")
    if (bad := problem.unit_max < 0).any():
        raise ProblemError("negative", f"unit_max[{first_index(bad)}]", "must not be negative")


def _plain(array: FloatArray) -> bool:
    """Say whether all numbers are finite and not negative, without a mask as large as the array."""
    return not array.size or bool(array.min() >= 0 and array.max() < np.inf)


def _check_pointers(problem: Problem) -> None:
    for key, last in (("class_ptr", problem.o), ("option_ptr", problem.u)):
        pointer = getattr(problem, key)
        if pointer[0] != 0 or pointer[-1] != last:
            raise ProblemError("wrong_pointer", key, f"must begin with 0 and end with {last}")
        if (bad := np.diff(pointer) < 0).any():
            raise ProblemError("wrong_pointer", f"{key}[{first_index(bad)}]", "must not fall")


def _check_indices(problem: Problem) -> None:
    ranges = (
        ("item_class", 0, problem.k, "class"),
        ("use_resource", 0, problem.r, "resource"),
        ("unit_resource", 0, problem.r, "resource"),
        ("unit_parent", -1, problem.r, "resource"),
        ("item_option_now", -1, problem.o, "option"),
    )
    for key, low, high, what in ranges:
        array = getattr(problem, key)
        if array is not None and (bad := (array < low) | (array >= high)).any():
            value = int(array[bad][0])
            raise ProblemError("out_of_range", f"{key}[{first_index(bad)}]", f"{value} is no {what}")
    now = problem.item_option_now
    if now is not None:
        first, last = problem.class_ptr[problem.item_class], problem.class_ptr[problem.item_class + 1]
        bad = (now >= 0) & ((now < first) | (now >= last))
        if bad.any():
            message = "is an option of another class"
            raise ProblemError("out_of_range", f"item_option_now[{first_index(bad)}]", message)


def _check_uses(problem: Problem) -> None:
    """Hold each use against those before it of the same option, or sort where an option has very many."""
    many = np.diff(problem.option_ptr)
    most, resource = int(many.max(initial=0)), problem.use_resource
    option = np.repeat(np.arange(problem.o), many)
    if most > _FEW_USES:
        order = np.lexsort((resource, option))
        option, resource, most = option[order], resource[order], 2
    for apart in range(1, most):
        same = (resource[apart:] == resource[:-apart]) & (option[apart:] == option[:-apart])
        if same.any():
            first = int(np.argmax(same))
            message = f"the option uses resource {int(resource[first])} twice"
            raise ProblemError("resource_twice", f"option_ptr[{int(option[first])}]", message)


def _check_parents(problem: Problem) -> None:
    """A unit's resource takes room in its parent; strip leaves until nothing or only a circle is left."""
    edges = {
        (int(a), int(b)) for a, b in zip(problem.unit_resource, problem.unit_parent, strict=True) if b >= 0
    }
    while edges:
        parents = {parent for _, parent in edges}
        kept = {(child, parent) for child, parent in edges if child in parents}
        if len(kept) == len(edges):
            message = f"resource {min(edges)[0]} is, through its units, its own parent"
            raise ProblemError("circle", "unit_parent", message)
        edges = kept
