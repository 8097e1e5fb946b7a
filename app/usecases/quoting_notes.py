"""What a quote says beside its offers: which channels could not be offered, and what is not known."""

from dataclasses import dataclass, field

MOST_NOTES = 50
TEXTS = {
    "no_route": ("warning", "no way leads from there to there"),
    "no_departure": ("warning", "nothing leaves within {days} days of now that can still be reached"),
    "goods_refused": (
        "warning",
        "no way takes these goods: carriers, warehouses or the rules of the mode refuse them",
    ),
    "nothing_preferred": (
        "warning",
        "there is nothing by the modes asked for; ask again with fewer preferences",
    ),
    "no_sell_tariff": ("warning", "from {start} to {end} there is no price to sell it at"),
    "no_exchange_rate": ("warning", "{text}"),
    "not_priceable": ("warning", "the tariff cannot price this: {text}"),
    "too_slow": ("info", "ways that take longer than {days} days were left out"),
    "too_late": ("info", "ways that arrive after the deadline were left out, as it is a hard one"),
    "full": ("info", "not enough room is left on {departures}"),
    "no_capacity": ("info", "no room is sold on {departures}"),
    "unit_not_open": (
        "info",
        "on {departures} no open unit has room, and the freight does not pay for opening one",
    ),
    "duty_unknown": ("info", "duty and tax are not known: {text}"),
    "other_country": ("warning", "the nearest place served for the {field} is in another country"),
    "volume_missing": ("info", "no volume was given: it is priced by gross weight alone"),
    "practice": ("info", "a key of test mode takes no space: nothing is held"),
    "nothing_held": ("warning", "no space is held: that of leg {leg} went to somebody else"),
}
"""Code → how serious it is, and the sentence."""


@dataclass(slots=True)
class Notes:
    """Collects messages, each once."""

    _found: dict[tuple[str, str | None], dict[str, str | None]] = field(default_factory=dict)

    @property
    def codes(self) -> set[str]:
        """The codes that were added."""
        return {code for code, _ in self._found}

    def add(self, code: str, channel: str | None = None, **facts: object) -> None:
        """Keep a message about a channel (a service; none: the whole quote)."""
        severity, text = TEXTS[code]
        note = {"channel": channel, "code": code, "severity": severity, "text": text.format(**facts)}
        self._found.setdefault((code, channel), note)

    def listed(self) -> list[dict[str, str | None]]:
        """Return the messages, those of the whole quote first."""
        notes = sorted(
            self._found.values(), key=lambda one: (one["channel"] is not None, one["severity"] != "warning")
        )
        return notes[:MOST_NOTES]
