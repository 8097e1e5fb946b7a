"""Facts of the optimizer in words of the operation: it knows departures and services by row number only."""

import re
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Departure, Service

NAMED = re.compile(r"\b(departure|service) (\d+)\b")
"""As in `departure 546`."""
RIDDEN = re.compile(r"-(air|sea|rail|ferry|road|last_mile) (\d+)-")
"""As in `CNTAO-PORT -sea 12- NLRTM-PORT`: a departure, or a service on demand where the mode has no timetable."""
ON_DEMAND = ("road", "last_mile")


def in_words(session: Session, facts: Iterable[str]) -> dict[str, str]:
    """Return each fact with its row numbers replaced by codes people know."""
    facts = set(facts)
    departures = {int(number) for fact in facts for kind, number in _numbers(fact) if kind == "departure"}
    services = {int(number) for fact in facts for kind, number in _numbers(fact) if kind == "service"}
    query = select(Departure.id, Service.code, Departure.number).join(Service)
    names = {
        ("departure", number): f"{code} {voyage}"
        for number, code, voyage in session.execute(query.where(Departure.id.in_(departures)))
    }
    chosen = select(Service.id, Service.code).where(Service.id.in_(services))
    names |= {("service", number): code for number, code in session.execute(chosen)}
    return {fact: _reworded(fact, names) for fact in facts}


def _numbers(fact: str) -> list[tuple[str, str]]:
    ridden = [
        ("service" if mode in ON_DEMAND else "departure", number) for mode, number in RIDDEN.findall(fact)
    ]
    return NAMED.findall(fact) + ridden


def _reworded(fact: str, names: Mapping[tuple[str, int], str]) -> str:
    def named(found: re.Match[str]) -> str:
        return names.get((found[1], int(found[2])), found[0])

    def ridden(found: re.Match[str]) -> str:
        kind = "service" if found[1] in ON_DEMAND else "departure"
        name = names.get((kind, int(found[2])))
        return f"–{name}→" if name else found[0]

    return RIDDEN.sub(ridden, NAMED.sub(named, fact))
