"""The one way arrays of a problem or plan are brought to the type and shape that the file format states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

type_names = {"<i4": "whole numbers", "<i8": "whole numbers", "<f8": "numbers"}

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Int32Array = npt.NDArray[np.int32]


class ProblemError(ValueError):
    """A problem or plan that cannot be read: a stable `code`, `where` it is, and one line for a person."""

    def __init__(self, code: str, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.code = code
        self.where = where
        self.message = message


@dataclass(frozen=True, slots=True)
class Column:
    """One array of a file: its key, little-endian type, shape in counts (``"d"``, ``"k+1"``) and presence."""

    key: str
    dtype: str
    shape: tuple[str, ...]
    optional: bool = False
    may_be_infinite: bool = False


def as_column(column: Column, value: Any) -> npt.NDArray[Any]:  # noqa: ANN401 - whatever a file holds
    """Return `value` as a read-only array of the column's type; `ProblemError` where it does not fit."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise ProblemError("wrong_shape", column.key, "is not a regular array") from error
    if array.size == 0 and array.dtype.kind not in "iuf":
        array = np.zeros(array.shape, column.dtype)
    whole = column.dtype.startswith("<i")
    if array.dtype.kind not in ("iu" if whole else "iuf") and array.size:
        raise ProblemError("wrong_type", column.key, f"must hold {type_names[column.dtype]}")
    if whole and array.size:
        limits = np.iinfo(column.dtype)
        if int(array.min()) < limits.min or int(array.max()) > limits.max:
            raise ProblemError("out_of_range", column.key, f"holds a value that does not fit {column.dtype}")
    result = np.ascontiguousarray(array, dtype=column.dtype)
    if array.ndim == 0:
        result = result.reshape(())
    if result.flags.writeable and np.may_share_memory(result, array):
        result = result.copy()
    result.flags.writeable = False
    return result


def first_index(mask: npt.NDArray[np.bool_]) -> str:
    """Position of the first true entry, for people: ``3`` or ``3, 1``."""
    return ", ".join(str(int(axis[0])) for axis in np.nonzero(mask))
