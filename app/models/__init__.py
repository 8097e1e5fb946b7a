"""Rows, one file per aggregate. Importing this package knows every table."""

from app.models.billing import Invoice, InvoiceLine, InvoiceSeries, Payment
from app.models.blocks import RunBlock
from app.models.bookings import (
    Booking,
    BookingEvent,
    BookingLeg,
    BookingLine,
    Consignment,
    TransportDocument,
)
from app.models.bulk_edits import BulkEdit, BulkEditRow
from app.models.channel_rules import ChannelRule
from app.models.daily_figures import DailyFigure
from app.models.declarations import (
    CustomsCode,
    DeclarationLine,
    DeclarationList,
    DeclarationSummary,
    PaymentReceipt,
)
from app.models.departures import Call, CapacityPool, Cutoff, Departure, DepartureUnit, Segment
from app.models.exceptions import ExceptionNote
from app.models.failures import FailedRequest
from app.models.imports import ImportDraft, ImportDraftFault, ImportDraftRow, ImportMapping
from app.models.inbound import Asn, AsnLine, AsnReceipt
from app.models.layout import Dock, DockSlot, StockPlace, Zone
from app.models.loading import LoadContent, LoadUnit, ParcelMeasure, ParcelReceipt
from app.models.outbound import OutboundLine, OutboundOrder, OutboundPackage, Wave
from app.models.parties import ApiKey, Party, PasswordLink, User
from app.models.places import CountryGroup, Location, Warehouse
from app.models.plan_commits import PlanBooking, PlanChain, PlanCommit, PlanStale
from app.models.plan_decisions import PlanDecision
from app.models.pool import ImportBatch, Parcel
from app.models.quotes import Offer, Quote
from app.models.replans import Replan, ReplanMove
from app.models.returns import Return, ReturnItem, ReturnPhoto
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
from app.models.saved_filters import SavedFilter
from app.models.scenarios import Scenario, ScenarioMove, hypothetical
from app.models.services import RouteGroup, Service, ServiceCall, ServiceSpace, ServiceUnit, UnitType
from app.models.shipments import QuoteLink, ShipmentDocument, ShipmentNote
from app.models.space import HandlingUnit, SpaceAllocation
from app.models.stock import Sku, StockBalance, StockLot, StockMove, StockPosting, StockReservation
from app.models.stock_work import StockCount, StockCountBin, StockCountLine, WorkOrder, WorkOrderLine
from app.models.tariffs import FxRate, Tariff, TariffBreak, TariffSurcharge
from app.models.tracking import CarrierSecret, TrackingEvent
from app.models.warehouse_fees import WarehouseCharge, WarehouseChargedDay, WarehouseFee, WarehouseStatement
from app.models.watching import network_is_changed, timetable_is_changed
from app.models.webhooks import WebhookAttempt, WebhookMessage, WebhookSubscription
from app.models.work import AuditEvent, IdempotencyKey, Job, NetworkRevision

__all__ = [
    "ApiKey",
    "Asn",
    "AsnLine",
    "AsnReceipt",
    "AuditEvent",
    "Booking",
    "BookingEvent",
    "BookingLeg",
    "BookingLine",
    "BulkEdit",
    "BulkEditRow",
    "Call",
    "CapacityPool",
    "CarrierSecret",
    "ChannelRule",
    "Consignment",
    "CountryGroup",
    "CustomsCode",
    "Cutoff",
    "DailyFigure",
    "DeclarationLine",
    "DeclarationList",
    "DeclarationSummary",
    "Departure",
    "DepartureUnit",
    "Dock",
    "DockSlot",
    "ExceptionNote",
    "FailedRequest",
    "FxRate",
    "HandlingUnit",
    "IdempotencyKey",
    "ImportBatch",
    "ImportDraft",
    "ImportDraftFault",
    "ImportDraftRow",
    "ImportMapping",
    "Invoice",
    "InvoiceLine",
    "InvoiceSeries",
    "Job",
    "LoadContent",
    "LoadUnit",
    "Location",
    "NetworkRevision",
    "Offer",
    "OptimizationRun",
    "OutboundLine",
    "OutboundOrder",
    "OutboundPackage",
    "Parcel",
    "ParcelMeasure",
    "ParcelReceipt",
    "Party",
    "PasswordLink",
    "Payment",
    "PaymentReceipt",
    "Plan",
    "PlanBooking",
    "PlanChain",
    "PlanCommit",
    "PlanDecision",
    "PlanItem",
    "PlanItinerary",
    "PlanLeg",
    "PlanLoad",
    "PlanStale",
    "PlanUnit",
    "Quote",
    "QuoteLink",
    "Replan",
    "ReplanMove",
    "Return",
    "ReturnItem",
    "ReturnPhoto",
    "RouteGroup",
    "RunBlock",
    "RunInput",
    "RunProgress",
    "SavedFilter",
    "Scenario",
    "ScenarioMove",
    "Segment",
    "Service",
    "ServiceCall",
    "ServiceSpace",
    "ServiceUnit",
    "ShipmentDocument",
    "ShipmentNote",
    "Sku",
    "SpaceAllocation",
    "StockBalance",
    "StockCount",
    "StockCountBin",
    "StockCountLine",
    "StockLot",
    "StockMove",
    "StockPlace",
    "StockPosting",
    "StockReservation",
    "Tariff",
    "TariffBreak",
    "TariffSurcharge",
    "TrackingEvent",
    "TransportDocument",
    "UnitType",
    "User",
    "Warehouse",
    "WarehouseCharge",
    "WarehouseChargedDay",
    "WarehouseFee",
    "WarehouseStatement",
    "Wave",
    "WebhookAttempt",
    "WebhookMessage",
    "WebhookSubscription",
    "WorkOrder",
    "WorkOrderLine",
    "Zone",
    "hypothetical",
    "network_is_changed",
    "timetable_is_changed",
]
