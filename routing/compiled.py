"""The one door to Numba: loops over items and options, compiled once and kept on disk beside the source.

No compiled function sees the clock or a random generator, and all run without the interpreter's lock, so two
threads use two cores. A compiled function must not call itself: loaded from disk it crashes (Numba 0.68).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}


def _folder() -> Path:
    """Where compiled code is kept: a folder named by the text of all that is compiled.

    Numba notices a change of the file a function stands in, but not of the files it calls into.
    """
    here = Path(__file__).parent
    texts = [path.read_bytes() for path in sorted(here.glob("*.py"))]
    key = hashlib.sha256(b"".join(text for text in texts if b"import compiled" in text)).hexdigest()[:16]
    return here / "__pycache__" / f"compiled-{key}"


if "NUMBA_CACHE_DIR" not in os.environ and os.access(Path(__file__).parent, os.W_OK):
    vars(numba.config)["CACHE_DIR"] = str(_folder())


def compiled(function: Function) -> Function:
    """Compile a function of arrays and numbers at its first call; exact IEEE arithmetic, no fast math."""
    return cast("Function", numba.njit(**OPTIONS)(function))


def inside(function: Function) -> Function:
    """Compile a function that only compiled ones call: without the door from Python, a quarter less to compile.

    Python must not call it: there is no door, and the process would crash.
    """
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **OPTIONS}
    return cast("Function", numba.njit(**options)(function))
