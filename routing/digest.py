"""The fingerprint that ties a plan to the problem it answers."""

from __future__ import annotations

import hashlib

import numpy as np

from routing.problem import FORMAT, Problem


def digest(problem: Problem) -> str:
    """Return the sha256 of every key of the problem file, in hexadecimal.

    Keys in ASCII order, each as key, NUL, type, NUL, shape, NUL, bytes: little-endian, C order, -0.0 as
    0.0. The counts are keys too (``<i8``, no shape), and so are the optional arrays where present; names
    for people are not. The same arrays give the same digest from either encoding.
    """
    entries: dict[str, tuple[str, str, bytes]] = {
        "format": ("str", "", FORMAT.encode()),
        "currency": ("str", "", problem.currency.encode()),
    }
    for key, count in problem.counts().items():
        entries[key] = ("<i8", "", np.array(count, "<i8").tobytes())
    for key, array in problem.columns().items():
        clean = array + 0.0 if array.dtype.kind == "f" else array
        entries[key] = (array.dtype.str, ",".join(str(axis) for axis in array.shape), clean.tobytes())
    total = hashlib.sha256()
    for key in sorted(entries):
        dtype, shape, content = entries[key]
        total.update(b"\0".join((key.encode(), dtype.encode(), shape.encode(), content)))
    return total.hexdigest()
