"""Pins and bans of channels: what people decided about the way of a parcel before any optimizer looks at it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, delete, insert, or_, select
from sqlalchemy.orm import Session

from app.errors import FieldError, Invalid
from app.ids import new_id
from app.models import ChannelRule, Departure, Parcel, Service
from app.models.channel_rules import RULE_KINDS
from app.models.services import MODES
from routing.channels import ANY_WAY, Channel, Match
from routing.network import MODES as NETWORK_MODES

BATCH = 500
"""Parcels asked for in one statement: SQLite takes a limited number of parameters."""
BY = ("service", "departure", "mode")


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One rule without its parcel. `value` is the row id of a service or departure, or the name of a mode."""

    kind: str
    by: str
    value: int | str
    until: str | None = None
    """ISO 8601; none: for good."""

    def columns(self) -> dict[str, Any]:
        """As columns of `ChannelRule`."""
        until = datetime.fromisoformat(self.until) if self.until else None
        found: dict[str, Any] = {"kind": self.kind, "until": until} | dict.fromkeys(
            ("service_id", "departure_id", "mode")
        )
        return found | {"mode" if self.by == "mode" else f"{self.by}_id": self.value}

    def as_list(self) -> list[Any]:
        """As it is kept with an edit."""
        return [self.kind, self.by, self.value, self.until]


def rule_of(row: ChannelRule) -> Rule:
    """A row as a value."""
    until = row.until.isoformat() if row.until else None
    if row.mode is not None:
        return Rule(row.kind, "mode", row.mode, until)
    if row.service_id is not None:
        return Rule(row.kind, "service", row.service_id, until)
    return Rule(row.kind, "departure", int(row.departure_id or 0), until)


def find_rule(session: Session, kind: str, by: str, name: str, until: datetime | None) -> Rule:
    """A rule from what a person gives: a mode, the code of a service, the id or the service and number of a departure.

    Invalid where there is no such thing.
    """
    if kind not in RULE_KINDS or by not in BY:
        raise _invalid(
            "channel_by", "unknown_choice", "a rule pins or forbids a service, a departure or a mode"
        )
    value: int | str | None
    if by == "mode":
        value = name if name in MODES else None
    elif by == "service":
        value = session.scalar(select(Service.id).where((Service.code == name) | (Service.public_id == name)))
    else:
        value = _departure(session, name)
    if value is None:
        raise _invalid("channel", "not_found", f"there is no {by} {name!r}")
    return Rule(kind, by, value, until.isoformat() if until else None)


def with_rule(known: Sequence[Rule], new: Rule) -> list[Rule]:
    """The rules of a parcel once one is added: there is one pin at most, and nothing twice.

    What is pinned is not forbidden any more, and the other way round.
    """
    kept = [
        one
        for one in known
        if not (one.kind == new.kind == "pin") and (one.by, one.value) != (new.by, new.value)
    ]
    return sorted([*kept, new], key=lambda one: (one.kind != "pin", one.by, str(one.value)))


def rules_of(session: Session, parcel_ids: Iterable[int]) -> dict[int, list[Rule]]:
    """The rules of parcels, pins first; those without any are not in it."""
    found: defaultdict[int, list[Rule]] = defaultdict(list)
    ids = list(parcel_ids)
    for begin in range(0, len(ids), BATCH):
        chosen = ids[begin : begin + BATCH]
        for row in session.scalars(select(ChannelRule).where(ChannelRule.parcel_id.in_(chosen))):
            found[row.parcel_id].append(rule_of(row))
    return {
        parcel: sorted(rules, key=lambda one: (one.kind != "pin", one.by, str(one.value)))
        for parcel, rules in found.items()
    }


def replace_rules(session: Session, by: str, now: datetime, wanted: Mapping[int, Sequence[Rule]]) -> None:
    """Give parcels these rules instead of what they have."""
    ids = list(wanted)
    for begin in range(0, len(ids), BATCH):
        session.execute(delete(ChannelRule).where(ChannelRule.parcel_id.in_(ids[begin : begin + BATCH])))
    rows = [
        {
            "public_id": new_id("chr"),
            "parcel_id": parcel,
            "created_at": now,
            "created_by": by,
            **rule.columns(),
        }
        for parcel, rules in wanted.items()
        for rule in rules
    ]
    if rows:
        session.execute(insert(ChannelRule), rows, execution_options={"render_nulls": True})


def read_channels(
    session: Session, parcel_ids: npt.NDArray[np.int64], now: datetime
) -> tuple[npt.NDArray[np.int64] | None, tuple[Channel, ...]]:
    """The channel of each parcel as a position in those that there are; None where nobody decided anything."""
    rules: defaultdict[int, list[ChannelRule]] = defaultdict(list)
    query = select(ChannelRule).join(Parcel).where(Parcel.status == "pending", in_force(now))
    for row in session.scalars(query.order_by(ChannelRule.parcel_id, ChannelRule.id)):
        rules[row.parcel_id].append(row)
    if not rules:
        return None, (ANY_WAY,)
    known: dict[Channel, int] = {ANY_WAY: 0}
    number = {parcel: known.setdefault(_channel(rows), len(known)) for parcel, rows in rules.items()}
    positions = np.array([number.get(parcel, 0) for parcel in parcel_ids.tolist()], dtype=np.int64)
    return positions, tuple(known)


def in_force(now: datetime) -> ColumnElement[bool]:
    """Rules that hold at this moment."""
    return or_(ChannelRule.until.is_(None), ChannelRule.until > now)


def _channel(rows: Sequence[ChannelRule]) -> Channel:
    pins = [_match(row) for row in rows if row.kind == "pin"]
    forbidden = {_match(row) for row in rows if row.kind == "forbid"}
    return Channel(pins[0] if pins else None, tuple(sorted(forbidden)))


def _match(row: ChannelRule) -> Match:
    if row.mode is not None:
        return Match("mode", NETWORK_MODES.index(row.mode))
    if row.service_id is not None:
        return Match("service", row.service_id)
    return Match("departure", int(row.departure_id or 0))


def _departure(session: Session, name: str) -> int | None:
    if name.startswith("dep_"):
        return session.scalar(select(Departure.id).where(Departure.public_id == name))
    code, _, number = name.rpartition(" ")
    return session.scalar(
        select(Departure.id)
        .join(Service, Service.id == Departure.service_id)
        .where(Departure.number == number, Service.code == code)
    )


def _invalid(field: str, code: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(field, code, message, json_path=f"$.{field}"),))
