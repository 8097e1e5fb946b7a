"""What edits of many parcels changed, in words."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.queries import parcels_grid
from app.usecases.pool_editing import NONE, TIMES
from app.web import formats, labels, pool_labels

Teller = Callable[[str, Any], str]


def teller(session: Session, kept: Iterable[dict[str, Any]]) -> Teller:
    """What says the values of these edits in words: it knows the names of the channels in them."""
    rules = [
        rule for values in kept for rule in (*(values.get("channels") or ()), values.get("rule")) if rule
    ]
    names = parcels_grid.channel_names(session, {(by, value) for _, by, value, _ in rules})

    def told(name: str, value: Any) -> str:  # noqa: ANN401 (a value kept with an edit)
        if value is None or value == []:
            return "–"
        if name in TIMES and value != NONE:
            return formats.moment(datetime.fromisoformat(value))
        if isinstance(value, bool):
            return gettext("Yes") if value else gettext("No")
        if name in ("goods_class", "status"):
            return labels.FILTERS["goods" if name == "goods_class" else "status"](value)
        if name == "channels":
            return "; ".join(in_words(rule) for rule in value)
        return str(value)

    def in_words(rule: list[Any]) -> str:
        kind, by, value, _until = rule
        what = labels.FILTERS["mode"](value) if by == "mode" else names.get((by, value), str(value))
        return pool_labels.rule_words(kind, what)

    return told
