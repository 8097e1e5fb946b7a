"""What carriers run: unit types, services, their calls, space and units, and route groups."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from app.exchange.cells import (
    Amount,
    Choice,
    Code,
    Cutoffs,
    Date,
    Flag,
    ListOf,
    LocalTime,
    Number,
    Reference,
    Text,
    Weekdays,
    from_minor,
    in_units,
    to_minor,
)
from app.exchange.faults import CellError
from app.exchange.rows import Column
from app.models import RouteGroup, Service, ServiceCall, ServiceSpace, ServiceUnit, UnitType
from app.models.services import CUTOFF_CODES, DIMENSIONS, MODES
from app.usecases.importing.kinds import WHOLE_FILE, Run
from app.usecases.importing.patterns import check_calls, check_space
from app.usecases.importing.tables import Mapping, Values, table_kind
from app.usecases.importing.words import GOODS, SOURCE, currency, period_rule, valid_columns

DIMENSION_SCALE = {
    "g": 1000,
    "cm3": 10**6,
    "teu": 100,
    "slot20": 100,
    "slot40": 100,
    "slot45": 100,
    "uld_position": 100,
}
"""Stored units in one unit of the file: kg for g, m³ for cm3, pieces for the others."""


def _unit_rule(values: Values, _run: Run) -> Iterator[CellError]:
    if (values["takes_dimension"] is None) != (not values["takes_quantity"]):
        yield CellError(
            "takes_incomplete",
            "takes_dimension and takes_quantity belong together",
            "give both, or neither for a whole charter",
            "takes_quantity",
        )


UNIT_TYPES = table_kind(
    "unit-types",
    "Handling units that can be opened: containers, ULDs, pallets, a whole charter",
    (
        Column("code", Code(16, example="40HQ"), "code", required=True),
        Column("name_en", Text(), "English name", required=True),
        Column("name_zh", Text(), "Chinese name", required=True),
        Column(
            "payload_kg",
            Number(1000, highest=10**6, positive=True),
            "kg it may carry",
            required=True,
            field="payload_g",
        ),
        Column(
            "volume_m3",
            Number(10**6, highest=10**5, positive=True),
            "m³ that fit",
            required=True,
            field="volume_cm3",
        ),
        Column("takes_dimension", Choice(DIMENSIONS), f"space it takes: {', '.join(DIMENSIONS)}"),
        Column("takes_quantity", Number(100, highest=1000), "how much of it, e.g. 2.25 TEU", default=0),
        Column("iso_code", Code(8, example="45G1"), "ISO 6346 size and type"),
        SOURCE,
    ),
    Mapping(UnitType, ("code",), rule=_unit_rule),
)


def _service_rule(values: Values, run: Run) -> Iterator[CellError]:
    yield from period_rule("valid_from", "valid_to")(values, run)
    if (values["schedule"] == "on_demand") != (values["transit_min"] is not None):
        yield CellError(
            "transit_of_on_demand",
            "services on demand have a transit time, dated ones have calls with times",
            "give transit_min for on_demand and leave it empty for dated",
            "transit_min",
        )
    if (values["schedule"] == "dated") != bool(values["weekdays"]):
        yield CellError(
            "weekdays_of_dated",
            "dated services run on weekdays, services on demand on none",
            "give weekdays such as 135 for dated and leave them empty for on_demand",
            "weekdays",
        )
    if values["aircraft"] and values["mode"] != "air":
        yield CellError(
            "aircraft_without_air", "only air services have an aircraft", "leave it empty", "aircraft"
        )


SERVICES = table_kind(
    "services",
    "What carriers run: lines, loops, charter chains, train lines, trucking, last-mile networks",
    (
        Column("code", Code(40, example="CX-TAO-ICN"), "code", required=True),
        Column("name_en", Text(), "English name", required=True),
        Column("name_zh", Text(), "Chinese name", required=True),
        Column("mode", Choice(MODES), f"one of {', '.join(MODES)}", required=True),
        Column("schedule", Choice(("dated", "on_demand")), "dated or on_demand", required=True),
        Column("charter", Flag(), "true for a charter", default=False),
        Column("aircraft", Choice(("passenger", "freighter")), "air: passenger or freighter"),
        Column(
            "carrier",
            Reference(40, what="carrier"),
            "reference of a party that is a carrier",
            field="carrier_id",
        ),
        Column("weekdays", Weekdays(), "ISO weekdays of the first call's departure, e.g. 135", default=""),
        Column("every_weeks", Number(1, 1, 52), "1 = every week, 2 = every second", default=1),
        *valid_columns(),
        Column("transit_min", Number(1, 1, 200_000), "on demand: minutes from first to last call"),
        Column("accepts", ListOf(GOODS), "list of goods classes carried", default=[]),
        Column(
            "border_location",
            Reference(24),
            "rail: station where it leaves China",
            field="border_location_id",
        ),
        Column("gauge_changes", Number(highest=9), "rail: changes of gauge", default=0),
        Column("wagon_count", Number(highest=200), "rail: wagons"),
        Column(
            "min_payload_kg",
            Number(1000, highest=10**7),
            "charter: payload billed at least",
            field="min_payload_g",
        ),
        Column("vessel_imo", Code(8, r"[0-9]{7,8}", "9776171"), "sea: IMO number of the vessel"),
        SOURCE,
    ),
    Mapping(Service, ("code",), "svc", rule=_service_rule),
)


SERVICE_CALLS = table_kind(
    "service-calls",
    "The stops of a service in order, with local times and days after the first departure's date",
    (
        Column(
            "service_code",
            Reference(40, what="service"),
            "code of the service",
            required=True,
            field="service_id",
        ),
        Column("seq", Number(1, 1, 99), "1, 2, 3 … in order of the stops", required=True),
        Column("location_code", Reference(24), "code of the location", required=True, field="location_id"),
        Column("arrive_day", Number(1, -1, 120), "days after the service date; empty at the first call"),
        Column("arrive_local", LocalTime(), "HH:MM in the location's zone"),
        Column("depart_day", Number(1, -1, 120), "days after the service date; empty at the last call"),
        Column("depart_local", LocalTime(), "HH:MM in the location's zone"),
        Column(
            "cutoffs",
            Cutoffs(CUTOFF_CODES),
            "DCSA codes with h or m before departure, e.g. FCO=48h DGC=96h",
            default={},
        ),
        replace(SOURCE, kept=False, doc="checked, but not stored: the service's own source is"),
    ),
    Mapping(ServiceCall, ("service_id", "seq"), group_rule=check_calls),
    batch_rows=WHOLE_FILE,
)


def _space_rule(values: Values, _run: Run) -> Iterator[CellError]:
    if values["release_days"] is not None and values["exporter_id"] is None:
        yield CellError(
            "release_without_exporter",
            "only an allotment is released",
            "name the exporter or leave it empty",
            "release_days",
        )
    try:
        values["capacity"] = in_units(values["capacity"], DIMENSION_SCALE[values["dimension"]])
    except CellError as fault:
        fault.column = "capacity"
        yield fault


def _space_unfold(values: Values) -> Values:
    return values | {"capacity": Decimal(values["capacity"]) / DIMENSION_SCALE[values["dimension"]]}


SERVICE_SPACE = table_kind(
    "service-space",
    "Capacity of every departure of a service; with an exporter it is that client's allotment",
    (
        Column(
            "service_code",
            Reference(40, what="service"),
            "code of the service",
            required=True,
            field="service_id",
        ),
        Column(
            "segment_seq", Number(1, 1, 99), "number of the call the segment begins at; empty = every segment"
        ),
        Column("dimension", Choice(DIMENSIONS), f"one of {', '.join(DIMENSIONS)}", required=True),
        Column("capacity", Amount(), "kg for g, m³ for cm3, else pieces, e.g. 2.25", required=True),
        Column(
            "exporter",
            Reference(40, what="exporter"),
            "reference of the client whose allotment it is",
            field="exporter_id",
        ),
        Column(
            "release_days", Number(highest=365), "days before departure at which the allotment opens to all"
        ),
        SOURCE,
    ),
    Mapping(
        ServiceSpace,
        ("service_id", "segment_seq", "dimension", "exporter_id"),
        rule=_space_rule,
        unfold=_space_unfold,
        group_rule=check_space,
    ),
    batch_rows=WHOLE_FILE,
)


def _cost_rule(values: Values, _run: Run) -> Iterator[CellError]:
    try:
        values["cost_minor"] = to_minor(values["cost_minor"], values["currency"], "cost")
    except CellError as fault:
        yield fault


def _cost_unfold(values: Values) -> Values:
    return values | {"cost_minor": from_minor(values["cost_minor"], values["currency"])}


SERVICE_UNITS = table_kind(
    "service-units",
    "Handling units that may be opened on each departure, and what opening one costs",
    (
        Column(
            "service_code",
            Reference(40, what="service"),
            "code of the service",
            required=True,
            field="service_id",
        ),
        Column(
            "unit_type",
            Reference(16, what="unit_type"),
            "code of the unit type",
            required=True,
            field="unit_type_id",
        ),
        Column("max_count", Number(highest=100_000), "how many at most", required=True),
        Column("cost", Amount(), "fixed cost of opening one", required=True, field="cost_minor"),
        currency("currency of the cost"),
        SOURCE,
    ),
    Mapping(ServiceUnit, ("service_id", "unit_type_id"), rule=_cost_rule, unfold=_cost_unfold),
)

ROUTE_GROUPS = table_kind(
    "route-groups",
    "Dated lists of services sold as one route group, such as RCEP or Belt and Road",
    (
        Column("code", Code(16, example="RCEP"), "code of the group", required=True),
        Column(
            "service_code",
            Reference(40, what="service"),
            "code of the service",
            required=True,
            field="service_id",
        ),
        Column("effective_from", Date(), "first day", required=True),
        Column("effective_to", Date(), "first day without it"),
        Column("source", Text(500), "where the fact was published", required=True),
    ),
    Mapping(
        RouteGroup,
        ("code", "service_id", "effective_from"),
        rule=period_rule("effective_from", "effective_to"),
    ),
)
