"""Change many parcels of the pool at once: say first what would change and what is refused, do it, and undo it.

What is booked, loaded or under way is locked: other people and papers count on it. An edit keeps what every parcel
was and became, so that it can be undone for all parcels that nobody changed since.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.ids import new_id
from app.models import BulkEdit, BulkEditRow, Parcel
from app.models.pool import CUSTOMS_MODES
from app.usecases import auditing
from app.usecases.channel_rules import Rule, replace_rules, rules_of, with_rule
from trade.goods import goods_classes

BATCH = 500
"""Parcels read in one statement: SQLite takes a limited number of parameters."""
MOST = 20_000
"""Parcels of one edit."""
TIMES = ("ready_at", "deliver_by")
STATES = {"withdraw": "cancelled", "reactivate": "pending"}
NONE = "none"
"""Takes a value away, where that may be."""
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to change; a member that is None stays as it is."""

    ready_at: datetime | None = None
    deliver_by: datetime | str | None = None
    hard_deadline: bool | None = None
    goods_class: str | None = None
    customs_mode: str | None = None
    state: str | None = None
    """`withdraw` from the pool, or `reactivate`."""
    rule: Rule | None = None
    clear_rules: bool = False

    def check(self, now: datetime) -> None:
        """Invalid where nothing is asked for, or something that cannot be."""
        if self == Wanted():
            raise _invalid("edit", "required", "say what is to change")
        if self.goods_class is not None and self.goods_class not in goods_classes(now.date()):
            raise _invalid("goods_class", "unknown_choice", "there is no such goods class")
        if self.customs_mode not in (None, NONE, *CUSTOMS_MODES):
            raise _invalid("customs_mode", "unknown_choice", "there is no such customs mode")
        if self.state not in (None, *STATES):
            raise _invalid("state", "unknown_choice", "withdraw or reactivate")
        if self.rule is not None and self.rule.until and datetime.fromisoformat(self.rule.until) <= now:
            raise _invalid("until", "in_the_past", "the rule would be over already")

    def as_dict(self) -> Values:
        """What is asked for, as it is kept."""
        found = {
            name: _kept(value)
            for name in (*TIMES, "hard_deadline", "goods_class", "customs_mode", "state")
            if (value := getattr(self, name)) is not None
        }
        if self.rule is not None:
            found["rule"] = self.rule.as_list()
        return found | ({"clear_rules": True} if self.clear_rules else {})


@dataclass(frozen=True, slots=True)
class Change:
    """One parcel: the values that change, as they were and would become, or why it is refused."""

    parcel: Parcel
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    refusal: str | None = None


def plan_edit(
    session: Session, ids: Sequence[int], wanted: Wanted, now: datetime, *, lock: bool = False
) -> list[Change]:
    """What the edit would do to each of the parcels, in order of their ids; Invalid for what cannot be asked."""
    wanted.check(now)
    if len(ids) > MOST:
        raise _invalid("edit", "too_many", f"at most {MOST:,} parcels at once; narrow the filter")
    found = []
    for parcels in _parcels(session, ids, lock=lock):
        rules = rules_of(session, [one.id for one in parcels]) if wanted.rule or wanted.clear_rules else {}
        found += [_decide(one, wanted, rules.get(one.id, [])) for one in parcels]
    return found


def apply_edit(session: Session, actor: Actor, now: datetime, ids: Sequence[int], wanted: Wanted) -> BulkEdit:
    """Change what may be changed. What is refused stays as it is and is counted."""
    changes = plan_edit(session, ids, wanted, now, lock=True)
    done = [one for one in changes if one.after]
    refused = Counter(one.refusal for one in changes if one.refusal)
    edit = BulkEdit(
        public_id=new_id("edt"),
        wanted=wanted.as_dict(),
        changed=len(done),
        unchanged=len(changes) - len(done) - refused.total(),
        refused=dict(refused),
        created_at=now,
        created_by=actor.reference,
    )
    session.add(edit)
    session.flush()
    rows = [
        {"edit_id": edit.id, "parcel_id": one.parcel.id, "before": one.before, "after": one.after}
        for one in done
    ]
    if rows:
        session.execute(insert(BulkEditRow), rows)
    _write(session, actor, now, {one.parcel.id: one.after for one in done})
    counts = {"changed": edit.changed, "refused": edit.refused}
    auditing.record(
        session, actor, now, "pool.edited", edit.public_id, before=_samples(done), after=edit.wanted | counts
    )
    return edit


def undo_edit(session: Session, actor: Actor, now: datetime, public_id: str) -> tuple[int, int]:
    """Give every parcel back what it had, but for those that were changed or booked since.

    Returns how many are as they were, and how many stay. Conflict where it was undone already.
    """
    edit = session.scalar(select(BulkEdit).where(BulkEdit.public_id == public_id).with_for_update())
    if edit is None:
        raise NotFound("there is no such edit")
    if edit.undone_at is not None:
        raise Conflict("this edit was undone already")
    rows = session.execute(
        select(BulkEditRow.parcel_id, BulkEditRow.before, BulkEditRow.after).where(
            BulkEditRow.edit_id == edit.id
        )
    ).all()
    kept = {parcel: (before, after) for parcel, before, after in rows}
    back: dict[int, Values] = {}
    for parcels in _parcels(session, sorted(kept), lock=True):
        rules = rules_of(session, [one.id for one in parcels])
        for one in parcels:
            before, after = kept[one.id]
            if _locked(one) is None and _now(one, after, rules.get(one.id, [])) == after:
                back[one.id] = before
    _write(session, actor, now, back)
    edit.undone_at, edit.undone_by = now, actor.reference
    stay = len(rows) - len(back)
    auditing.record(
        session, actor, now, "pool.edit_undone", public_id, after={"restored": len(back), "stay": stay}
    )
    return len(back), stay


def _decide(parcel: Parcel, wanted: Wanted, rules: list[Rule]) -> Change:
    """What the edit does to one parcel."""
    refusal = _locked(parcel) or _state_refusal(parcel, wanted)
    if refusal:
        return Change(parcel, refusal=refusal)
    after = _wished(wanted, rules)
    refusal = _contradiction(parcel, after)
    if refusal:
        return Change(parcel, refusal=refusal)
    now = _now(parcel, after, rules)
    changed = [name for name in after if now[name] != after[name]]
    return Change(parcel, {name: now[name] for name in changed}, {name: after[name] for name in changed})


def _locked(parcel: Parcel) -> str | None:
    if parcel.load_unit_id is not None:
        return "loaded"
    if parcel.booking_line_id is not None or parcel.consignment_id is not None:
        return "booked"
    return None if parcel.status in STATES.values() else "under_way"


def _state_refusal(parcel: Parcel, wanted: Wanted) -> str | None:
    if wanted.state is not None:
        return "of_a_return" if parcel.return_id is not None else None
    return "withdrawn" if parcel.status == "cancelled" else None


def _wished(wanted: Wanted, rules: list[Rule]) -> Values:
    """The values asked for, as they are kept with an edit."""
    found: Values = {}
    for name in (*TIMES, "hard_deadline", "goods_class", "customs_mode"):
        value = getattr(wanted, name)
        if value is not None:
            found[name] = None if value == NONE else _kept(value)
    if found.get("deliver_by", "") is None:
        found.setdefault("hard_deadline", False)
    if wanted.state:
        found["status"] = STATES[wanted.state]
    if wanted.rule or wanted.clear_rules:
        left = [] if wanted.clear_rules else rules
        found["channels"] = [one.as_list() for one in (with_rule(left, wanted.rule) if wanted.rule else left)]
    return found


def _contradiction(parcel: Parcel, after: Values) -> str | None:
    ready = after.get("ready_at") or _kept(parcel.ready_at)
    due = after["deliver_by"] if "deliver_by" in after else _kept(parcel.deliver_by)
    if due is not None and datetime.fromisoformat(due) <= datetime.fromisoformat(ready):
        return "deliver_by_before_ready"
    if due is None and after.get("hard_deadline", parcel.hard_deadline):
        return "deadline_missing"
    return None


def _now(parcel: Parcel, names: Iterable[str], rules: Sequence[Rule]) -> Values:
    """What these values of a parcel are now."""
    return {
        name: [one.as_list() for one in rules] if name == "channels" else _kept(getattr(parcel, name))
        for name in names
    }


def _write(session: Session, actor: Actor, now: datetime, values: Mapping[int, Values]) -> None:
    alike: defaultdict[tuple[str, ...], list[Values]] = defaultdict(list)
    rules = {}
    for parcel, after in values.items():
        if "channels" in after:
            rules[parcel] = [Rule(*one) for one in after["channels"]]
        columns = {name: _stored(name, value) for name, value in after.items() if name != "channels"}
        if columns:
            alike[tuple(sorted(columns))].append({"id": parcel, **columns})
    for rows in alike.values():
        session.execute(update(Parcel), rows)
    if rules:
        replace_rules(session, actor.reference, now, rules)


def _parcels(session: Session, ids: Sequence[int], *, lock: bool) -> Iterator[Sequence[Parcel]]:
    ordered = sorted(set(ids))
    for begin in range(0, len(ordered), BATCH):
        query = select(Parcel).where(Parcel.id.in_(ordered[begin : begin + BATCH])).order_by(Parcel.id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        yield session.scalars(query).all()


def _samples(done: Sequence[Change]) -> Values:
    """What the first parcels were: the audit shows them, the edit keeps all."""
    return {one.parcel.public_id: one.before for one in done[:20]}


def _kept(value: Any) -> Any:  # noqa: ANN401 (a column's value)
    return value.isoformat() if isinstance(value, datetime) else value


def _stored(name: str, value: Any) -> Any:  # noqa: ANN401 (a column's value)
    return datetime.fromisoformat(value) if name in TIMES and value is not None else value


def _invalid(field_name: str, code: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(field_name, code, message, json_path=f"$.{field_name}"),))
