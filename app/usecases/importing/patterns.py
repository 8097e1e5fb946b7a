"""What must hold between the rows of a service: the order of its calls, and space on segments that exist."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select

from app.exchange.rows import Row
from app.models import Service, ServiceCall
from app.usecases.importing.kinds import Run

Stop = dict[str, Any]


def check_calls(run: Run, rows: list[Row]) -> None:
    """The calls of each service in the file, together with those stored: complete, in order, forward in time."""
    by_service: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_service[row.values["service_id"]].append(row)
    stored = _stored_calls(run, set(by_service))
    schedules = dict(
        run.session.execute(select(Service.id, Service.schedule).where(Service.id.in_(by_service))).all()
    )
    for service_id, own in by_service.items():
        calls: dict[int, Stop] = stored[service_id] | {row.values["seq"]: row.values for row in own}
        numbers = {row.values["seq"]: row for row in own}
        last_row = own[-1]
        if sorted(calls) != list(range(1, len(calls) + 1)) or len(calls) < 2:
            given = ", ".join(str(seq) for seq in sorted(calls))
            run.refuse(
                last_row,
                "calls_incomplete",
                f"the calls are {given}",
                "number them 1, 2, 3 …, at least two",
                "seq",
            )
        elif schedules[service_id] == "on_demand":
            _check_on_demand(run, calls, numbers, last_row)
        else:
            _check_times(run, calls, numbers)


def _stored_calls(run: Run, services: set[int]) -> dict[int, dict[int, Stop]]:
    found: dict[int, dict[int, Stop]] = defaultdict(dict)
    table = ServiceCall.__table__
    for call in run.session.execute(select(table).where(table.c.service_id.in_(services))).mappings():
        found[call["service_id"]][call["seq"]] = dict(call)
    return found


def _check_on_demand(run: Run, calls: dict[int, Stop], rows: dict[int, Row], last: Row) -> None:
    if len(calls) != 2:
        run.refuse(
            last,
            "calls_incomplete",
            "a service on demand has two calls",
            "keep the first and the last",
            "seq",
        )
    for seq, row in rows.items():
        if any(
            calls[seq][field] is not None
            for field in ("arrive_local", "depart_local", "arrive_day", "depart_day")
        ):
            run.refuse(
                row,
                "times_of_on_demand",
                "a service on demand has no times",
                "leave days and times empty",
                "depart_local",
            )


def _check_times(run: Run, calls: dict[int, Stop], rows: dict[int, Row]) -> None:
    """Days and times are there where they belong; days do not run backwards.

    Minutes are compared where both are in one place; between places only the real instants of a date can tell,
    because of the zones, and materialising compares those.
    """
    before = None
    for seq in sorted(calls):
        call = calls[seq]
        at = rows.get(seq) or next(iter(rows.values()))
        for side, wanted in (("arrive", seq > 1), ("depart", seq < len(calls))):
            day, local = call[f"{side}_day"], call[f"{side}_local"]
            if (day is not None, local is not None) != (wanted, wanted):
                word = "missing" if wanted else "too much"
                run.refuse(at, "call_times", f"day and time of {side} are {word} at call {seq}",
                           "the first call has no arrival, the last no departure", f"{side}_local")  # fmt: skip
            if day is not None:
                if before is not None and day < before - 1:
                    run.refuse(at, "arrival_before_departure", f"call {seq} is days before the call before it",
                               "count days from the service date", f"{side}_day")  # fmt: skip
                before = day
        arrives, departs = (
            (call["arrive_day"], call["arrive_local"]),
            (call["depart_day"], call["depart_local"]),
        )
        if None not in arrives and None not in departs and departs < arrives:
            run.refuse(at, "departure_before_arrival", f"call {seq} is left before it is reached",
                       "correct the day or the time", "depart_local")  # fmt: skip


def check_space(run: Run, rows: list[Row]) -> None:
    """Space stands on a segment the service has."""
    services = {row.values["service_id"] for row in rows}
    found = run.session.execute(
        select(ServiceCall.service_id, ServiceCall.seq).where(ServiceCall.service_id.in_(services))
    )
    last: dict[int, int] = {}
    for service_id, seq in found:
        last[service_id] = max(seq, last.get(service_id, 0))
    for row in rows:
        seq = row.values["segment_seq"]
        count = last.get(row.values["service_id"], 0) - 1
        if seq is not None and seq > max(count, 0):
            remedy = f"1 to {count}" if count > 0 else "import its service-calls first"
            run.refuse(row, "unknown_segment", f"the service has no segment {seq}", remedy, "segment_seq")
