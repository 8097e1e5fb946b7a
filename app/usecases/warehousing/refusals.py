"""What the pure rules refuse, as the errors people and programs are told."""

from app.errors import AppError, Conflict, FieldError, Invalid
from warehouses.errors import WarehouseError
from warehouses.states import Steps, after


def refusal(error: WarehouseError, at: str = "", suggestion: str = "") -> AppError:
    """The error to raise for a rule that said no; `at` is the place in what was sent, e.g. `lines.0.`."""
    if error.code == "wrong_state":
        return Conflict(error.detail)
    place = FieldError(f"{at}{error.field}", error.code, error.detail, suggestion, f"$.{at}{error.field}")
    return Invalid(error.detail, (place,))


def step(steps: Steps, name: str, state: str) -> str:
    """The state a step leads to; Conflict where it may not be taken now."""
    try:
        return after(steps, name, state)
    except WarehouseError as error:
        raise refusal(error) from error
