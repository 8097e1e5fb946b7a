"""The form that starts a run: what it considers, how it weighs it, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext

from app.models.pool import DIRECTIONS
from app.usecases.scoping import HORIZON_DAYS, MAIN_MODES, MOST_PARCELS
from app.web import formats

DEFAULTS = {
    "time_limit_s": "60",
    "gap_percent": "0",
    "seed": "1",
    "horizon_days": str(HORIZON_DAYS),
    "time": "1",
    "co2e_per_tonne": "0",
}
PLACES = ("exporter", "origin", "destination")
PER_CENT = 100.0


@dataclass(slots=True)
class RunForm:
    """The form as typed, and what is wrong with it by field."""

    values: dict[str, str] = field(default_factory=lambda: dict(DEFAULTS))
    directions: tuple[str, ...] = DIRECTIONS
    modes: tuple[str, ...] = MAIN_MODES
    exporter: str = ""
    origin: str = ""
    destination: str = ""
    parcels: tuple[str, ...] = ()
    """Public ids of the parcels that were selected; then nothing else narrows the goods."""
    left_out: int = 0
    """Selected as well, and do not wait to be planned."""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def shown(cls) -> "RunForm":
        """As it is shown first; the pool's filters come in the address."""
        exporter, origin, destination = (request.args.get(name, "")[:64] for name in PLACES)
        form = cls(exporter=exporter, origin=origin, destination=destination)
        direction = request.args.get("direction", "")
        if direction in DIRECTIONS:
            form.directions = (direction,)
        return form

    @classmethod
    def selected(cls, waiting: Sequence[str], chosen: int) -> "RunForm":
        """As it is shown for rows of the pool, `chosen` of which these wait."""
        form = cls(parcels=tuple(waiting), left_out=chosen - len(waiting))
        if chosen > MOST_PARCELS:
            form.parcels, form.left_out = (), 0
            form.errors["parcels"] = gettext(
                "A run takes %(most)s selected parcels at most, and these are more: narrow the filter of the pool, or"
                " plan what the fields below say.",
                most=formats.number(MOST_PARCELS),
            )
        elif not waiting:
            form.errors["parcels"] = gettext("None of the parcels that were selected waits to be planned.")
        return form

    @classmethod
    def read(cls) -> "RunForm":
        """From the request."""
        values = {name: request.form.get(name, default) for name, default in DEFAULTS.items()}
        lists = [tuple(request.form.getlist(name)) for name in ("directions", "modes")]
        if not request.form.get("modes_shown"):  # sent by a form that does not offer them
            lists[1] = MAIN_MODES
        exporter, origin, destination = (request.form.get(name, "") for name in PLACES)
        parcels = tuple(request.form.get("parcels", "").split())
        if parcels:
            return cls(values, modes=lists[1], parcels=parcels)
        return cls(values, lists[0], lists[1], exporter, origin, destination)

    def scope(self) -> dict[str, Any]:
        """The scope as the use case takes it."""
        weights = {name: self.number(name) for name in ("time", "co2e_per_tonne")}
        places = {name: getattr(self, name) or None for name in PLACES}
        return {
            "directions": list(self.directions),
            "horizon_days": self.whole("horizon_days"),
            "modes": list(self.modes),
            "weights": weights,
            "parcels": list(self.parcels),
            **places,
        }

    @property
    def gap_limit(self) -> float:
        """The gap at which the run may stop, as a share."""
        return self.number("gap_percent") / PER_CENT

    def number(self, name: str) -> float:
        """A field as a number; what is none becomes a value every rule refuses."""
        try:
            return float(self.values[name])
        except ValueError:
            return -1.0

    def whole(self, name: str) -> int:
        """A field as a whole number; what is none becomes a value every rule refuses."""
        return int(self.values[name]) if self.values[name].isascii() and self.values[name].isdecimal() else -1
