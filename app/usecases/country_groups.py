"""Who belongs to a country group, from when to when: lists that change with treaties, kept by the operation."""

import re
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.models import CountryGroup
from app.usecases.auditing import record
from trade.places import is_country

CODE = re.compile(r"[A-Z][A-Z0-9_-]{1,15}")


def add_member(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    code: str,
    country: str,
    effective_from: date,
    effective_to: date | None,
    source: str,
) -> CountryGroup:
    """Let a country belong to a group from a day on, to before another.

    Raises Invalid: `country_unknown`, `required`, `ends_before_it_begins`; Conflict where it belongs to it on some
    of these days.
    """
    if not is_country(country):
        raise _invalid("country", "country_unknown", f"{country!r} is not in ISO 3166-1")
    if not CODE.fullmatch(code) or not source:
        raise _invalid("code", "required", "give the group a code, and say where the fact was published")
    _check_end(effective_from, effective_to)
    days = [or_(CountryGroup.effective_to.is_(None), CountryGroup.effective_to > effective_from)]
    if effective_to is not None:
        days.append(CountryGroup.effective_from < effective_to)
    if session.scalar(
        select(CountryGroup.id)
        .where(CountryGroup.code == code, CountryGroup.country == country, *days)
        .limit(1)
    ):
        raise Conflict(f"{country} belongs to {code} on some of these days already; end that first")
    row = CountryGroup(
        code=code, country=country, effective_from=effective_from, effective_to=effective_to, source=source
    )
    session.add(row)
    session.flush()
    record(session, actor, now, "country_group.member_added", f"{code} {country}", after=_facts(row))
    return row


def end_membership(session: Session, actor: Actor, now: datetime, row_id: int, effective_to: date) -> None:
    """Let a membership end: `effective_to` is the first day without it. NotFound, Invalid `ends_before_it_begins`."""
    row = session.get(CountryGroup, row_id, with_for_update=True)
    if row is None:
        raise NotFound("there is no such membership")
    _check_end(row.effective_from, effective_to)
    before = _facts(row)
    row.effective_to = effective_to
    session.flush()
    record(
        session, actor, now, "country_group.member_ended", f"{row.code} {row.country}", before=before,
        after=_facts(row),
    )  # fmt: skip


def _check_end(start: date, end: date | None) -> None:
    if end is not None and end <= start:
        raise _invalid("effective_to", "ends_before_it_begins", f"{end} is not after {start}")


def _facts(row: CountryGroup) -> dict[str, str | None]:
    return {
        "effective_from": row.effective_from.isoformat(),
        "effective_to": row.effective_to.isoformat() if row.effective_to else None,
        "source": row.source,
    }


def _invalid(field: str, code: str, message: str) -> Invalid:
    return Invalid(message, (FieldError(field, code, message, json_path=f"$.{field}"),))
