"""Every kind of file, in the order in which one needs the other."""

from app.errors import Invalid
from app.exchange.faults import did_you_mean
from app.usecases.importing.asns import ASNS
from app.usecases.importing.bins import BINS
from app.usecases.importing.departures import DEPARTURES
from app.usecases.importing.kinds import Kind
from app.usecases.importing.outbound import OUTBOUND
from app.usecases.importing.places import COUNTRY_GROUPS, LOCATIONS, PARTIES, WAREHOUSES
from app.usecases.importing.pool import PARCELS, RETURNS
from app.usecases.importing.schedules import SCHEDULE_DCSA, SCHEDULE_SSIM
from app.usecases.importing.services import (
    ROUTE_GROUPS,
    SERVICE_CALLS,
    SERVICE_SPACE,
    SERVICE_UNITS,
    SERVICES,
    UNIT_TYPES,
)
from app.usecases.importing.skus import SKUS
from app.usecases.importing.stock import STOCK
from app.usecases.importing.tariffs import FX_RATES, SURCHARGES, TARIFFS
from app.usecases.importing.warehouse_fees import WAREHOUSE_FEES

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        LOCATIONS,
        WAREHOUSES,
        COUNTRY_GROUPS,
        UNIT_TYPES,
        PARTIES,
        SERVICES,
        SERVICE_CALLS,
        SERVICE_SPACE,
        SERVICE_UNITS,
        ROUTE_GROUPS,
        DEPARTURES,
        SCHEDULE_DCSA,
        SCHEDULE_SSIM,
        TARIFFS,
        SURCHARGES,
        FX_RATES,
        WAREHOUSE_FEES,
        PARCELS,
        RETURNS,
        SKUS,
        BINS,
        STOCK,
        ASNS,
        OUTBOUND,
    )
}
"""Name → kind. Importing in this order meets every reference."""


class UnknownKind(Invalid):
    """There is no such kind of file."""

    code, title = "unknown_kind", "There is no such kind of file"


def find_kind(name: str) -> Kind:
    """The kind of that name. Raises UnknownKind naming the nearest."""
    if name not in KINDS:
        raise UnknownKind(f"{name[:60]!r} is not a kind of file; {did_you_mean(name, tuple(KINDS))}")
    return KINDS[name]
