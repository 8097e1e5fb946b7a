"""Steps between states, as data: which step may be taken from where, and where it leads."""

from collections.abc import Mapping

from warehouses.errors import WarehouseError

Steps = Mapping[str, tuple[tuple[str, ...], str]]


def after(steps: Steps, step: str, state: str) -> str:
    """Return the state a step leads to. WarehouseError `wrong_state` where it may not be taken from `state`."""
    allowed, target = steps[step]
    if state not in allowed:
        raise WarehouseError(
            "wrong_state", "status", f"it is {state}; only what is {' or '.join(allowed)} can take this step"
        )
    return target
