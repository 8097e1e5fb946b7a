"""Problem and plan files, `.npz` without pickles or small `.json`, written whole or not at all."""

from __future__ import annotations

import io
import json
import math
import os
import secrets
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from routing import plan as plan_module
from routing import problem as problem_module
from routing.arrays import Column, ProblemError
from routing.plan import PLAN_COLUMNS, Plan
from routing.problem import COUNTS, PROBLEM_COLUMNS, Problem

NAMES = ("item", "option", "resource", "unit", "dimension", "feature")
PLAN_SCALARS = ("status", "objective", "lower_bound", "bound_source", "problem_sha256")
RUN_SCALARS = ("seed", "threads", "version", "seconds")

Keys = dict[str, Any]


def read_problem(path: Path | str) -> Problem:
    """Read a problem from `.npz` or, by suffix, `.json`; `ProblemError` says what is wrong and where."""
    return _problem_of(_read(Path(path)), counts_required=Path(path).suffix == ".json")


def write_problem(
    problem: Problem, path: Path | str, *, names: Mapping[str, list[str]] | None = None
) -> None:
    """Write a problem by suffix, atomically, and names for people beside it where given."""
    path = Path(path)
    _write(path, _keys_of_problem(problem))
    if names is not None:
        unknown = set(names) - set(NAMES)
        if unknown:
            raise ProblemError("unknown_name", min(unknown), f"names are kept for {', '.join(NAMES)}")
        text = json.dumps(dict(names), ensure_ascii=False)
        _replace(names_path(path), text.encode())


def names_path(path: Path | str) -> Path:
    """Where the names for people of a problem file stand."""
    return Path(path).with_suffix(".refs.json")


def read_names(path: Path | str) -> dict[str, list[str]]:
    """Read the names beside a problem file; empty where there are none."""
    beside = names_path(path)
    if not beside.exists():
        return {}
    names = _json_of(_bytes_of(beside), str(beside))
    for key, values in names.items():
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ProblemError("wrong_type", f"{beside.name} {key}", "must be a list of strings")
    return names


def read_plan(path: Path | str) -> Plan:
    """Read a plan from `.npz` or, by suffix, `.json`."""
    return _plan_of(_read(Path(path)))


def write_plan(plan: Plan, path: Path | str) -> None:
    """Write a plan by suffix, atomically."""
    _write(Path(path), _keys_of_plan(plan))


def problem_to_bytes(problem: Problem) -> bytes:
    """Return the compressed `.npz` of a problem, for a database or a wire."""
    return _npz_of(_keys_of_problem(problem))


def problem_from_bytes(content: bytes) -> Problem:
    """Read what `problem_to_bytes` wrote."""
    return _problem_of(_keys_of_npz(io.BytesIO(content), "problem"), counts_required=False)


def plan_to_bytes(plan: Plan) -> bytes:
    """Return the compressed `.npz` of a plan, for a database or a wire."""
    return _npz_of(_keys_of_plan(plan))


def plan_from_bytes(content: bytes) -> Plan:
    """Read what `plan_to_bytes` wrote."""
    return _plan_of(_keys_of_npz(io.BytesIO(content), "plan"))


def _keys_of_problem(problem: Problem) -> Keys:
    scalars = {"format": problem_module.FORMAT, "currency": problem.currency}
    return {**scalars, **problem.counts(), **problem.columns()}


def _keys_of_plan(plan: Plan) -> Keys:
    scalars = {key: getattr(plan, key) for key in PLAN_SCALARS + RUN_SCALARS}
    scalars["seconds"] = json.dumps({phase: round(value, 6) for phase, value in plan.seconds.items()})
    return {"format": plan_module.FORMAT, **scalars, **plan.columns()}


def _problem_of(keys: Keys, *, counts_required: bool) -> Problem:
    _check_format(keys, problem_module.FORMAT)
    stated = {name: _whole(keys, name) for name in COUNTS if counts_required or name in keys}
    arrays = {column.key: _array(keys, column, stated) for column in PROBLEM_COLUMNS}
    problem = Problem(currency=_text(keys, "currency"), **arrays)
    for name, value in problem.counts().items():
        if stated.get(name, value) != value:
            raise ProblemError("wrong_count", name, f"says {stated[name]}, the arrays hold {value}")
    return problem


def _plan_of(keys: Keys) -> Plan:
    _check_format(keys, plan_module.FORMAT)
    arrays = {column.key: _array(keys, column, {}) for column in PLAN_COLUMNS}
    return Plan(
        status=_text(keys, "status"),
        objective=_number(keys, "objective"),
        lower_bound=_number(keys, "lower_bound"),
        bound_source=_text(keys, "bound_source"),
        problem_sha256=_text(keys, "problem_sha256"),
        seed=_whole(keys, "seed"),
        threads=_whole(keys, "threads"),
        version=_text(keys, "version"),
        seconds=_seconds(_text(keys, "seconds")),
        **arrays,
    )


def _check_format(keys: Keys, wanted: str) -> None:
    found = _text(keys, "format")
    if found != wanted:
        raise ProblemError("unknown_format", "format", f"is {found!r}, this program reads {wanted}")


def _array(keys: Keys, column: Column, counts: Mapping[str, int]) -> Any:  # noqa: ANN401 - typed by the column
    value = keys.get(column.key)
    if value is None:
        if column.optional:
            return None
        raise ProblemError("missing_key", column.key, "is missing")
    if isinstance(value, list):
        value = _nested(value, column)
        sizes = dict(counts) | {f"{name}+1": counts[name] + 1 for name in counts}
        if value.size == 0 and all(letter in sizes for letter in column.shape):
            wanted = tuple(sizes[letter] for letter in column.shape)
            value = value.reshape(wanted) if math.prod(wanted) == 0 else value
    return value


def _nested(value: list[Any], column: Column) -> np.ndarray[Any, Any]:
    def number(entry: Any) -> Any:  # noqa: ANN401 - an entry of a JSON list
        if isinstance(entry, list):
            return [number(inner) for inner in entry]
        if entry == "inf":
            return math.inf
        if isinstance(entry, bool) or not isinstance(entry, int | float):
            raise ProblemError("wrong_type", column.key, f"holds {entry!r}, which is no number")
        return entry

    plain = number(value)
    try:
        array = np.array(plain)
    except (ValueError, OverflowError) as error:
        raise ProblemError("wrong_shape", column.key, "is not a regular array") from error
    return array if array.size else np.zeros(array.shape, column.dtype)


def _scalar(keys: Keys, key: str) -> Any:  # noqa: ANN401 - a string or a number
    if key not in keys:
        raise ProblemError("missing_key", key, "is missing")
    value = keys[key]
    if isinstance(value, np.ndarray):
        if value.ndim:
            raise ProblemError("wrong_shape", key, "must be a single value")
        return value.item()
    return value


def _text(keys: Keys, key: str) -> str:
    value = _scalar(keys, key)
    if not isinstance(value, str):
        raise ProblemError("wrong_type", key, "must be a string")
    return value


def _whole(keys: Keys, key: str) -> int:
    value = _scalar(keys, key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ProblemError("wrong_type", key, "must be a whole number")
    return value


def _number(keys: Keys, key: str) -> float:
    value = _scalar(keys, key)
    if value is None:
        return math.nan
    if value == "inf":
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProblemError("wrong_type", key, "must be a number or null")
    return float(value)


def _seconds(text: str) -> dict[str, float]:
    phases = _json_of(text.encode(), "seconds")
    if not all(isinstance(value, int | float) for value in phases.values()):
        raise ProblemError("wrong_type", "seconds", "must hold a number for each phase")
    return {phase: float(value) for phase, value in phases.items()}


def _read(path: Path) -> Keys:
    if path.suffix not in (".npz", ".json"):
        raise ProblemError("unknown_suffix", path.name, "must end in .npz or .json")
    content = _bytes_of(path)
    if path.suffix == ".json":
        return _json_of(content, path.name)
    return _keys_of_npz(io.BytesIO(content), path.name)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProblemError("not_readable", str(path), error.strerror or "cannot be read") from error


def _json_of(content: bytes, where: str) -> Keys:
    def refuse(constant: str) -> Any:  # noqa: ANN401 - never returns
        raise ProblemError("not_readable", where, f'{constant} is no JSON; infinity is "inf"')

    try:
        keys = json.loads(content, parse_constant=refuse)
    except ProblemError:
        raise
    except (ValueError, RecursionError) as error:
        raise ProblemError("not_readable", where, "is not valid JSON") from error
    if not isinstance(keys, dict):
        raise ProblemError("not_readable", where, "must be one JSON object")
    return keys


def _keys_of_npz(stream: io.BytesIO, where: str) -> Keys:
    try:
        with np.load(stream, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        reason = "holds a pickled object" if "Object arrays" in str(error) else "is not a whole .npz archive"
        raise ProblemError("not_readable", where, reason) from error
    except (MemoryError, NotImplementedError, RuntimeError) as error:
        raise ProblemError("not_readable", where, "cannot be unpacked in this machine's memory") from error


def _npz_of(keys: Keys) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **{key: np.asarray(value) for key, value in keys.items()})
    return stream.getvalue()


def _write(path: Path, keys: Keys) -> None:
    if path.suffix == ".npz":
        _replace(path, _npz_of(keys))
    elif path.suffix == ".json":
        _replace(
            path, json.dumps({key: _plain(value) for key, value in keys.items()}, allow_nan=False).encode()
        )
    else:
        raise ProblemError("unknown_suffix", path.name, "must end in .npz or .json")


def _plain(value: Any) -> Any:  # noqa: ANN401 - a scalar or an array
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "inf" if value > 0 else None
    return value


def _replace(path: Path, content: bytes) -> None:
    """A reader of `path` sees the old file or the whole new one, also after a crash in between."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ProblemError("not_writable", str(path), error.strerror or "cannot be written") from error
