"""Places and companies: locations, warehouses, country groups, parties."""

from collections.abc import Iterator

from app.exchange.cells import (
    Choice,
    Code,
    Country,
    Date,
    Flag,
    ListOf,
    LocalTime,
    Number,
    Reference,
    Text,
    TimeZone,
)
from app.exchange.faults import CellError
from app.exchange.rows import Column
from app.models import CountryGroup, Location, Party, Warehouse
from app.models.places import LOCATION_KINDS
from app.usecases.importing.kinds import Run
from app.usecases.importing.tables import Mapping, Values, table_kind
from app.usecases.importing.words import GOODS, SOURCE, period_rule

PARTY_ROLES = ("exporter", "carrier", "warehouse_operator", "broker")


def _area_rule(values: Values, _run: Run) -> Iterator[CellError]:
    if values["free_m2"] > values["area_m2"]:
        yield CellError(
            "free_above_area",
            f"{values['free_m2']} m² free of {values['area_m2']} m²",
            "free_m2 is a part of area_m2",
            "free_m2",
        )


LOCATIONS = table_kind(
    "locations",
    "Places: ports, airports, stations, border stations, delivery zones and warehouses",
    (
        Column("code", Code(24), "the place's own code, e.g. CNTAO-PORT", required=True),
        Column("kind", Choice(LOCATION_KINDS), f"one of {', '.join(LOCATION_KINDS)}", required=True),
        Column("name_en", Text(), "English name", required=True),
        Column("name_zh", Text(), "Chinese name", required=True),
        Column("country", Country(), "ISO 3166 alpha-2 code", required=True),
        Column(
            "unlocode", Code(5, r"[A-Z]{2}[A-Z2-9]{3}", "CNTAO"), "UN/LOCODE; several places may share one"
        ),
        Column("iata", Code(3, r"[A-Z]{3}", "TAO"), "IATA airport or city code"),
        Column("time_zone", TimeZone(), "IANA time zone, e.g. Asia/Shanghai", required=True),
        Column("latitude", Number(0, -90, 90), "degrees north, south is negative", required=True),
        Column("longitude", Number(0, -180, 180), "degrees east, west is negative", required=True),
        Column(
            "min_transfer_min",
            Number(1, 0, 10_080),
            "least minutes between arriving and leaving here",
            default=120,
        ),
        SOURCE,
    ),
    Mapping(Location, ("code",), "loc"),
)

WAREHOUSES = table_kind(
    "warehouses",
    "What the warehouses among the locations offer",
    (
        Column("location_code", Reference(24), "code of the location", required=True, field="location_id"),
        Column("operator", Text(), "company that runs it", required=True),
        Column("area_m2", Number(highest=10**7), "area in m²", required=True),
        Column("free_m2", Number(highest=10**7), "free area in m²", required=True),
        Column(
            "daily_parcels", Number(highest=10**7), "parcels taken in on one day, 0 = no limit", required=True
        ),
        Column("services", ListOf(Code(32)), "list of service codes, e.g. returns;relabel", default=[]),
        Column("accepts", ListOf(GOODS), "list of goods classes", default=[]),
        Column(
            "cutoff_local", LocalTime(), "HH:MM local; later arrivals count for the next day", default="16:00"
        ),
        Column("dwell_days", Number(highest=365), "days goods stay before they leave", default=1),
        Column("display_centre", Flag(), "true or false", default=False),
        Column("bonded", Flag(), "true or false", default=False),
        Column("data_as_of", Date(), "day the row was true", required=True),
        SOURCE,
    ),
    Mapping(Warehouse, ("location_id",), "whs", rule=_area_rule, stamps=("updated_at",)),
)

COUNTRY_GROUPS = table_kind(
    "country-groups",
    "Dated lists of countries such as RCEP, SCO, EU",
    (
        Column("code", Code(16, example="RCEP"), "code of the group", required=True),
        Column("country", Country(), "ISO 3166 alpha-2 code of the member", required=True),
        Column("effective_from", Date(), "first day of membership", required=True),
        Column("effective_to", Date(), "first day without it"),
        Column("source", Text(500), "where the fact was published", required=True),
    ),
    Mapping(
        CountryGroup,
        ("code", "country", "effective_from"),
        rule=period_rule("effective_from", "effective_to"),
    ),
)

PARTIES = table_kind(
    "parties",
    "Companies: exporters, carriers, warehouse operators, brokers",
    (
        Column("reference", Code(40, example="ACME"), "our reference of the company", required=True),
        Column("name", Text(), "name", required=True),
        Column("country", Country(), "ISO 3166 alpha-2 code"),
        Column("roles", ListOf(Choice(PARTY_ROLES)), f"list of {', '.join(PARTY_ROLES)}", required=True),
    ),
    Mapping(
        Party,
        ("reference",),
        "exp",
        constants=lambda run: {"created_at": run.now},
    ),
)
