"""Rows, one file per aggregate. Importing this package knows every table."""

from app.models.blocks import RunBlock
from app.models.departures import Call, CapacityPool, Cutoff, Departure, DepartureUnit, Segment
from app.models.parties import ApiKey, Party, PasswordLink, User
from app.models.places import CountryGroup, Location, Warehouse
from app.models.pool import ImportBatch, Parcel
from app.models.replans import Replan, ReplanMove
from app.models.runs import (
    OptimizationRun,
    Plan,
    PlanItem,
    PlanItinerary,
    PlanLeg,
    PlanLoad,
    PlanUnit,
    RunInput,
    RunProgress,
)
from app.models.services import RouteGroup, Service, ServiceCall, ServiceSpace, ServiceUnit, UnitType
from app.models.tariffs import FxRate, Tariff, TariffBreak, TariffSurcharge
from app.models.watching import network_is_changed
from app.models.work import AuditEvent, IdempotencyKey, Job, NetworkRevision

__all__ = [
    "ApiKey",
    "AuditEvent",
    "Call",
    "CapacityPool",
    "CountryGroup",
    "Cutoff",
    "Departure",
    "DepartureUnit",
    "FxRate",
    "IdempotencyKey",
    "ImportBatch",
    "Job",
    "Location",
    "NetworkRevision",
    "OptimizationRun",
    "Parcel",
    "Party",
    "PasswordLink",
    "Plan",
    "PlanItem",
    "PlanItinerary",
    "PlanLeg",
    "PlanLoad",
    "PlanUnit",
    "Replan",
    "ReplanMove",
    "RouteGroup",
    "RunBlock",
    "RunInput",
    "RunProgress",
    "Segment",
    "Service",
    "ServiceCall",
    "ServiceSpace",
    "ServiceUnit",
    "Tariff",
    "TariffBreak",
    "TariffSurcharge",
    "UnitType",
    "User",
    "Warehouse",
    "network_is_changed",
]
