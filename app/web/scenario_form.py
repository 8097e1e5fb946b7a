"""The form that asks what if: a name, and one block of fields for each thing that is assumed."""

from dataclasses import dataclass, field

from flask import request

from app.errors import FieldError, Invalid
from app.usecases.scenarios import MOST_PATCHES, Patch
from app.usecases.scenarios_patching import NEEDS
from app.web import addresses
from app.web.fault_labels import fault

HOUR_MIN = 60
DEFAULTS = {"name": "", "time_limit_s": "60", "seed": "1"}
FIELDS = {
    "departure_id": "departure", "mode": "mode", "location": "location", "currency": "currency",
    "delay_min": "hours", "before_min": "hours", "percent": "percent", "daily_parcels": "parcels",
}  # fmt: skip
"""Member of a patch → its field in the form."""
FIRST = {"delayed": {"hours": "24"}, "cutoff": {"hours": "48"}, "capacity": {"percent": "50"},
         "intake": {"percent": "50"}, "fuel": {"percent": "20"}, "fx": {"percent": "10"},
         "new_warehouse": {"parcels": "500", "percent": "0"}}  # fmt: skip
"""What stands in a field before anything is typed."""


@dataclass(slots=True)
class ScenarioForm:
    """The form as typed, and what is wrong with it by field."""

    rows: list[dict[str, str]] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=lambda: dict(DEFAULTS))
    errors: dict[str, str] = field(default_factory=dict)
    entered: int | None = None
    """The row that was just added: the cursor goes there."""

    @classmethod
    def empty(cls) -> "ScenarioForm":
        """As it is shown first; a kind of change and a departure may be named in the address."""
        kind = addresses.one_of("kind", NEEDS)
        if kind is None:
            return cls()
        return cls([_row(kind) | {"departure": addresses.text("departure") or ""}])

    @classmethod
    def read(cls) -> "ScenarioForm":
        """From the request, with a row more or less where one of those buttons was pressed."""
        values = {name: request.form.get(name, default).strip() for name, default in DEFAULTS.items()}
        rows = []
        for row in range(MOST_PATCHES):
            kind = request.form.get(f"kind-{row}", "")
            if kind in NEEDS:
                typed = {name: request.form.get(f"{name}-{row}", "").strip() for name in set(FIELDS.values())}
                rows.append(typed | {"kind": kind})
        form = cls(rows, values)
        form._press(request.form.get("rows", ""))
        return form

    def _press(self, button: str) -> None:
        what, _, number = button.partition("-")
        if what == "remove" and number.isdecimal() and len(number) < 3 and int(number) < len(self.rows):
            del self.rows[int(number)]
        elif what == "add" and len(self.rows) < MOST_PATCHES:
            kind = request.form.get("add_kind", "")
            if kind in NEEDS:
                self.entered = len(self.rows)
                self.rows.append(_row(kind))

    @property
    def edits_rows(self) -> bool:
        """Whether a button for a row was pressed, so nothing is to be asked yet."""
        return bool(request.form.get("rows"))

    def patches(self) -> tuple[Patch, ...]:
        """What was typed, as the use case takes it. Invalid names the field that cannot be read."""
        return tuple(self._patch(number, row) for number, row in enumerate(self.rows))

    def _patch(self, number: int, row: dict[str, str]) -> Patch:
        found: dict[str, str | int | float | None] = {}
        for name in NEEDS[row["kind"]]:
            text = row[FIELDS[name]]
            if name in ("delay_min", "before_min"):
                found[name] = round(_number(text, f"patches.{number}.{name}") * HOUR_MIN)
            elif name == "daily_parcels":
                found[name] = whole(text)
            elif name == "percent":
                found[name] = _number(text, f"patches.{number}.{name}")
            else:
                found[name] = text or None
        return Patch(row["kind"], **found)  # type: ignore[arg-type]

    def refuse(self, error: Invalid) -> None:
        """Put each fault beside its field."""
        for one in error.errors:
            first, _, rest = one.field.partition(".")
            number, _, member = rest.partition(".")
            name = f"{FIELDS.get(member, 'kind')}-{number}" if first == "patches" and number else one.field
            self.errors[name] = fault(one)


def whole(text: str) -> int:
    """A whole number; what is none becomes a value every rule refuses."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else -1


def _row(kind: str) -> dict[str, str]:
    return dict.fromkeys(FIELDS.values(), "") | FIRST.get(kind, {}) | {"kind": kind}


def _number(text: str, name: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not abs(found) < 1e9:
        raise Invalid(name, (FieldError(name, "not_a_number", "must be a decimal number"),))
    return found
