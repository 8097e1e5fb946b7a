"""Rows for tests: each maker gives a valid one, takes what matters by name, and flushes it."""

import itertools
from datetime import UTC, date, datetime, timedelta

from app.ids import new_id
from app.models import (
    Call,
    CapacityPool,
    CountryGroup,
    Cutoff,
    Departure,
    DepartureUnit,
    ImportBatch,
    Location,
    OptimizationRun,
    Parcel,
    Party,
    Plan,
    PlanItem,
    PlanItinerary,
    PlanLeg,
    PlanLoad,
    PlanUnit,
    Replan,
    ReplanMove,
    RunProgress,
    Segment,
    Service,
    UnitType,
    User,
    Warehouse,
)

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""A Monday morning, 09:30 in Qingdao."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_numbers = itertools.count(1)


def make_party(session, reference=None, *, roles=("exporter",), **facts):
    """An exporter, if nothing else is said."""
    reference = reference or f"EXP{next(_numbers):04}"
    facts = {"name": f"{reference} Co., Ltd", "country": "CN", "created_at": NOW, **facts}
    return _save(session, Party(public_id=new_id("exp"), reference=reference, roles=list(roles), **facts))


def make_user(session, role="operator", exporter=None, **facts):
    """A person without a password; an exporter's user belongs to one."""
    if role == "exporter" and exporter is None:
        exporter = make_party(session)
    facts = {"email": f"{role}{next(_numbers)}@test.example", "created_at": NOW, **facts}
    exporter_id = exporter.id if exporter else None
    return _save(session, User(public_id=new_id("usr"), role=role, exporter_id=exporter_id, **facts))


def make_location(session, code=None, kind="port", **facts):
    """A place in Qingdao, if nothing else is said."""
    code = code or f"CNX{next(_numbers):02}-{kind.upper()}"
    facts = {
        "name_en": code, "name_zh": code, "country": code[:2], "unlocode": code[:5],
        "time_zone": "Asia/Shanghai", "latitude": 36.07, "longitude": 120.32, "source": "example", **facts,
    }  # fmt: skip
    return _save(session, Location(public_id=new_id("loc"), code=code, kind=kind, **facts))


def make_warehouse(session, location=None, **facts):
    """A public overseas warehouse."""
    location = location or make_location(session, kind="overseas")
    facts = {
        "operator": "example", "area_m2": 10_000, "free_m2": 4_000, "daily_parcels": 2_000,
        "services": ["returns", "relabel"], "accepts": ["general"], "data_as_of": NOW.date(),
        "source": "example", "updated_at": NOW, **facts,
    }  # fmt: skip
    return _save(session, Warehouse(public_id=new_id("whs"), location_id=location.id, **facts))


def make_country_group(session, code, *countries, effective_from=date(2022, 1, 1), effective_to=None):
    """One dated row for each country."""
    dates = {"effective_from": effective_from, "effective_to": effective_to}
    rows = [CountryGroup(code=code, country=country, source="example", **dates) for country in countries]
    session.add_all(rows)
    session.flush()
    return rows


def make_unit_type(session, code=None, *, payload_g=26_000_000, volume_cm3=67_000_000, **facts):
    """A 40-foot high cube, if nothing else is said."""
    code = code or f"U{next(_numbers)}"
    facts = {"name_en": code, "name_zh": code, "takes_dimension": "teu", "takes_quantity": 200, **facts}
    return _save(session, UnitType(code=code, payload_g=payload_g, volume_cm3=volume_cm3, **facts))


def make_service(session, code=None, mode="sea", **facts):
    """A dated weekly line."""
    code = code or f"SVC{next(_numbers)}"
    facts = {
        "name_en": f"Line {code}", "name_zh": f"{code} 航线", "schedule": "dated", "weekdays": "1",
        "valid_from": date(2026, 1, 1), "accepts": ["general"], "source": "example", **facts,
    }  # fmt: skip
    return _save(session, Service(public_id=new_id("svc"), code=code, mode=mode, **facts))


def make_departure(
    session, service=None, stops=None, *, departs_at=NOW + 3 * DAY, leg=DAY, pools=None, **facts
):
    """A departure that calls at `stops` (locations), a `leg` apart; `pools` = {dimension: (capacity, held, booked)}.

    Every segment gets the pools; the first call has a cargo cut-off a day ahead of departure.
    """
    service = service or make_service(session)
    stops = stops or [make_location(session), make_location(session)]
    facts = {"number": f"{next(_numbers):03}E", "status": "open", "accepts": ["general"], **facts}
    departure = Departure(
        public_id=new_id("dep"),
        service_id=service.id,
        departs_at=departs_at,
        arrives_at=departs_at + leg * (len(stops) - 1),
        service_date=departs_at.date(),
        **facts,
    )
    for seq, stop in enumerate(stops):
        at = departs_at + leg * seq
        last = seq == len(stops) - 1
        call = Call(
            seq=seq,
            location_id=stop.id,
            arrives_at=at if seq else None,
            departs_at=None if last else at + (HOUR if seq else timedelta()),
            cutoffs=[] if seq else [Cutoff(code="FCO", at=departs_at - DAY)],
        )
        departure.calls.append(call)
        if not last:
            departure.segments.append(Segment(seq=seq, distance_m=1_000_000, pools=_pools(pools)))
    return _save(session, departure)


def _pools(pools):
    sizes = {"g": (10_000_000, 0, 0), "cm3": (60_000_000, 0, 0)} if pools is None else pools
    return [
        CapacityPool(dimension=dimension, capacity=size[0], held=size[1], booked=size[2])
        for dimension, size in sizes.items()
    ]


def make_allotment(session, pool, party, *, capacity, release_at=None):
    """A part of an open pool that is one party's."""
    facts = {
        "dimension": pool.dimension,
        "capacity": capacity,
        "parent_id": pool.id,
        "release_at": release_at,
    }
    return _save(session, CapacityPool(segment_id=pool.segment_id, exporter_id=party.id, **facts))


def make_departure_unit(session, departure, unit_type, *, max_count=10, cost_minor=180_000, currency="USD"):
    """Units that may be opened on a departure."""
    facts = {"max_count": max_count, "cost_minor": cost_minor, "currency": currency}
    return _save(session, DepartureUnit(departure_id=departure.id, unit_type_id=unit_type.id, **facts))


def make_parcel(session, exporter=None, origin=None, destination=None, **facts):
    """A parcel that waits to be planned."""
    exporter = exporter or make_party(session)
    origin = origin or make_location(session, kind="origin_hub")
    destination = destination or make_location(session, kind="overseas")
    facts = {
        "reference": f"P{next(_numbers):06}", "direction": "export", "weight_g": 2_500, "volume_cm3": 12_000,
        "goods_class": "general", "value_minor": 4_900, "currency": "USD", "ready_at": NOW + DAY,
        "deliver_by": NOW + 30 * DAY, "created_at": NOW, **facts,
    }  # fmt: skip
    ends = {"exporter_id": exporter.id, "origin_id": origin.id, "destination_id": destination.id}
    return _save(session, Parcel(public_id=new_id("pcl"), **ends, **facts))


def make_batch(session, **facts):
    """An import that ended with errors."""
    error = {"row": 3, "column": "weight_kg", "code": "not_positive", "message": "must be above 0"}
    facts = {
        "kind": "parcels", "filename": "orders.csv", "status": "completed_with_errors",
        "requested_by": "usr_test", "rows_read": 3, "rows_added": 1, "rows_rejected": 1,
        "errors": [{**error, "suggestion": "give the weight in kilograms, such as 1.25"}],
        "created_at": NOW, "finished_at": NOW, **facts,
    }  # fmt: skip
    return _save(session, ImportBatch(public_id=new_id("bat"), **facts))


def make_run(session, *, points=(), **facts):
    """A run; `points` = (seconds, incumbent, bound) of its progress."""
    facts = {
        "status": "completed", "phase": "done", "requested_by": "usr_test", "scope": {}, "time_limit_s": 60,
        "gap_limit": 0.0, "seed": 1, "code_version": "0.1.0", "created_at": NOW, "findings": [], **facts,
    }  # fmt: skip
    run = _save(session, OptimizationRun(public_id=new_id("run"), **facts))
    for seconds, incumbent, bound in points:
        gap = (incumbent - bound) / incumbent
        point = {"seconds": seconds, "incumbent": incumbent, "bound": bound, "gap": gap}
        _save(session, RunProgress(run_id=run.id, at=NOW, phase="improving", **point))
    return run


def make_plan(session, run=None, **facts):
    """A feasible plan with a proven bound; give it items with `make_plan_item`."""
    run = run or make_run(session)
    facts = {
        "status": "feasible", "currency": "CNY", "objective": 1_250_000.0, "lower_bound": 1_200_000.0,
        "bound_source": "solver", "gap": 0.04, "seconds": 12.5, "items": 2, "assigned": 1, "on_time": 1,
        "summary": {}, "solution": b"", "problem_digest": "0" * 64, "created_at": NOW, **facts,
    }  # fmt: skip
    return _save(session, Plan(public_id=new_id("pln"), run_id=run.id, **facts))


def make_replan(session, before, after, moved=(), **facts):
    """Why the run of plan `after` planned anew what plan `before` had; `moved` parcels go another way."""
    wanted = {
        "departures": [], "pinned": [], "withdrawn": [], "change_price_minor": 0, "max_changes": None,
        "curve": False,
    }  # fmt: skip
    result = {
        "affected": 1, "changed": len(moved), "withdrawn": 0, "before_minor": before.objective,
        "after_minor": after.objective, "changes_minor": 0.0, "curve": [],
    }  # fmt: skip
    known = {"wanted": wanted | facts.pop("wanted", {}), "result": result | facts.pop("result", {})}
    replan = _save(session, Replan(run_id=after.run_id, plan_id=before.id, **known))
    for parcel in moved:
        costs = {"before_minor": 3_840, "after_minor": 4_110, "price_minor": 0}
        _save(session, ReplanMove(replan_id=replan.id, parcel_id=parcel.id, affected=True, **costs))
    return replan


def make_itinerary(session, plan, legs, *, parcels=1, disposition=None):
    """A way the plan uses; `legs` = departures, each taken from its first call to its last."""
    way = _save(session, PlanItinerary(plan_id=plan.id, parcels=parcels, disposition=disposition))
    for seq, departure in enumerate(legs):
        first, last = departure.calls[0], departure.calls[-1]
        ends = {"from_location_id": first.location_id, "to_location_id": last.location_id}
        seqs = {"board_seq": first.seq, "alight_seq": last.seq}
        times = {"departs_at": departure.departs_at, "arrives_at": departure.arrives_at}
        leg = {"service_id": departure.service_id, "departure_id": departure.id, **ends, **seqs, **times}
        _save(session, PlanLeg(itinerary_id=way.id, seq=seq, **leg))
    return way


def make_plan_item(session, plan, parcel, way=None, **facts):
    """What the plan does with a parcel: the `way` it takes, or the `reason` it stays."""
    facts = {
        "position": next(_numbers), "cost_minor": 5_000 if way else 0, "reason": None if way else "WEIGHT_FULL",
        "arrives_at": NOW + 10 * DAY if way else None, **facts,
    }  # fmt: skip
    way_id = way.id if way else None
    return _save(session, PlanItem(plan_id=plan.id, parcel_id=parcel.id, itinerary_id=way_id, **facts))


def make_load(session, plan, departure, *, segment_seq=0, parcels=1, weight_g=2_500, volume_cm3=12_000):
    """What the plan puts on one segment."""
    load = {"parcels": parcels, "weight_g": weight_g, "volume_cm3": volume_cm3, "segment_seq": segment_seq}
    return _save(session, PlanLoad(plan_id=plan.id, departure_id=departure.id, **load))


def make_planned_unit(session, plan, departure, unit_type, *, opened=1, cost_minor=1_300_000, **seqs):
    """Units the plan opens, from the first call to the last if nothing else is said."""
    ends = {"board_seq": departure.calls[0].seq, "alight_seq": departure.calls[-1].seq, **seqs}
    facts = {"departure_id": departure.id, "unit_type_id": unit_type.id, "opened": opened, **ends}
    return _save(session, PlanUnit(plan_id=plan.id, cost_minor=cost_minor, **facts))


def _save(session, row):
    session.add(row)
    session.flush()
    return row
