"""The one door to Numba: loops over items and options, compiled once and kept on disk beside the source.

Numba notices a change of the file a function stands in, not of the files it calls into: a compiled function
calls only compiled functions of its own file. No function sees the clock or a random generator of its own;
none releases memory it did not make, and all run without the interpreter lock, so two threads use two cores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function of arrays and numbers at its first call; exact IEEE arithmetic, no fast math."""
    return cast("Function", numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inside(function: Function) -> Function:
    """Compile a function that only compiled ones call: without the door from Python, a quarter less to compile."""
    options = {"cache": True, "nogil": True, "error_model": "numpy"}
    return cast(
        "Function", numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)(function)
    )
