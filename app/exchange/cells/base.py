"""What every type of cell has."""

from typing import Any


class Cell:
    """A type of cell."""

    def read(self, text: str) -> Any:  # noqa: ANN401 (each type has its own value)
        """The value of a non-empty cell. Raises CellError."""
        raise NotImplementedError

    def write(self, value: Any) -> str:  # noqa: ANN401
        """The text that `read` takes back to `value`."""
        return str(value)
