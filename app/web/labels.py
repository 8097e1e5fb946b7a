"""The words for coded values, in one place: statuses, modes, reasons, cut-offs, services, goods."""

from collections.abc import Callable, Mapping
from datetime import date

from flask_babel import LazyString, get_locale

from app.web.languages import lazy as _l
from trade.goods import goods_classes

Words = Mapping[str, LazyString]

MODES: Words = {
    "air": _l("Air"),
    "sea": _l("Sea"),
    "rail": _l("Rail"),
    "ferry": _l("Ferry"),
    "road": _l("Road"),
    "last_mile": _l("Last mile"),
}
MODE_ICONS = {
    "air": "plane",
    "sea": "ship",
    "rail": "train",
    "ferry": "ferry",
    "road": "truck",
    "last_mile": "truck-delivery",
}
STATUSES: Words = {
    "planned": _l("Planned"),
    "open": _l("Open"),
    "closing": _l("Closing"),
    "closed": _l("Closed"),
    "departed": _l("Departed"),
    "arrived": _l("Arrived"),
    "cancelled": _l("Cancelled"),
    "queued": _l("Queued"),
    "running": _l("Running"),
    "completed": _l("Completed"),
    "completed_with_errors": _l("Completed with errors"),
    "failed": _l("Failed"),
    "optimal": _l("Optimal"),
    "feasible": _l("Feasible"),
    "infeasible": _l("Infeasible"),
    "unknown": _l("Unknown"),
    "pending": _l("Pending"),
    "picked_up": _l("Picked up"),
    "in_transit": _l("In transit"),
    "customs_hold": _l("Customs hold"),
    "customs_released": _l("Customs released"),
    "arrived_warehouse": _l("At the warehouse"),
    "out_for_delivery": _l("Out for delivery"),
    "ready_for_pickup": _l("Ready for pick-up"),
    "delivered": _l("Delivered"),
    "delivery_failed": _l("Delivery failed"),
    "delivery_delayed": _l("Delivery delayed"),
    "on_hold": _l("On hold"),
    "return_to_sender": _l("Back to sender"),
    "mapping": _l("Columns to match"),
    "checking": _l("Being checked"),
    "checked": _l("Checked"),
    "saving": _l("Being saved"),
    "discarded": _l("Put aside"),
}
TONES = {
    "open": "good", "completed": "good", "optimal": "good", "delivered": "good", "arrived": "good",
    "feasible": "info", "running": "info", "in_transit": "info", "departed": "info", "picked_up": "info",
    "customs_released": "info", "arrived_warehouse": "info", "out_for_delivery": "info",
    "ready_for_pickup": "info",
    "closing": "warn", "completed_with_errors": "warn", "customs_hold": "warn", "on_hold": "warn",
    "delivery_delayed": "warn", "return_to_sender": "warn",
    "failed": "bad", "infeasible": "bad", "cancelled": "bad", "delivery_failed": "bad",
}  # fmt: skip
"""The colour of a status badge; it always carries its word and a mark as well. Others are plain."""
DIRECTIONS: Words = {
    "export": _l("Export"),
    "return": _l("Return"),
    "stock_transfer": _l("Stock transfer"),
}
DIRECTION_ICONS = {"export": "package-export", "return": "truck-return", "stock_transfer": "packages"}
DIMENSIONS: Words = {
    "g": _l("Weight"),
    "cm3": _l("Volume"),
    "teu": _l("TEU"),
    "slot20": _l("20-foot slots"),
    "slot40": _l("40-foot slots"),
    "slot45": _l("45-foot slots"),
    "uld_position": _l("ULD positions"),
    "boxes": _l("Containers"),
    "parcels": _l("Parcels handled"),
}
CUTOFFS: Words = {
    "DCO": _l("Documents"),
    "VCO": _l("Verified gross mass"),
    "FCO": _l("Full container delivery"),
    "LCO": _l("Loose cargo delivery"),
    "PCO": _l("Port or terminal gate"),
    "ECP": _l("Empty container pick-up"),
    "EFC": _l("Earliest full container delivery"),
    "RCO": _l("Refrigerated cargo"),
    "DGC": _l("Dangerous goods"),
    "OBC": _l("Out-of-gauge and break-bulk"),
    "TCO": _l("Transhipment"),
    "STA": _l("Special stowage request"),
    "SPA": _l("Special cargo approval"),
    "CUA": _l("Customs acceptance"),
    "AFC": _l("Advance cargo filing"),
}
REASONS: Words = {
    "CUTOFF_MISSED": _l("Cut-off missed"),
    "WEIGHT_FULL": _l("No weight left"),
    "VOLUME_FULL": _l("No volume left"),
    "TEU_FULL": _l("No container space left"),
    "DG_NOT_ALLOWED": _l("Goods not carried"),
    "LATE": _l("Would arrive too late"),
    "CUSTOMS_MODE": _l("Customs mode does not fit"),
    "CREDIT_HOLD": _l("Exporter on credit hold"),
    "NO_ROUTE": _l("No route"),
    "COSTLIER": _l("Costs more than leaving it"),
    "LEFT_BY_OPERATOR": _l("Left out by an operator"),
    "CHANNEL_RULE": _l("Pinned or forbidden"),
}
REASON_HELP: Words = {
    "CUTOFF_MISSED": _l("Every departure that would do closes before the goods are ready. Ask for earlier "
                        "readiness, or add a later departure."),
    "WEIGHT_FULL": _l("The weight of the departures it could take is used up by goods that gain more. Add "
                      "capacity, or another departure."),
    "VOLUME_FULL": _l("The volume of the departures it could take is used up by goods that gain more. Add "
                      "capacity, or another departure."),
    "TEU_FULL": _l("No container, slot or position is left on the departures it could take. Ask the carrier "
                   "for more space."),
    "DG_NOT_ALLOWED": _l("No departure on its way carries this class of goods. Check the class, or find a "
                         "service that accepts it."),
    "LATE": _l("Every way arrives after the deliver-by date, and the date is a firm one. Move the date, or "
               "allow it to be late."),
    "CUSTOMS_MODE": _l("The customs mode of the parcel does not fit any way to its destination."),
    "CREDIT_HOLD": _l("The exporter is on credit hold, so nothing of theirs is planned until it is lifted."),
    "NO_ROUTE": _l("No chain of services joins its origin and its destination in the horizon. Add a service, "
                   "or plan further ahead."),
    "COSTLIER": _l("Any way costs more than the penalty for leaving it for the next plan, for example a whole "
                   "container for one parcel."),
    "LEFT_BY_OPERATOR": _l("Somebody decided so in this plan. Take the decision back, or choose a way for it."),
    "CHANNEL_RULE": _l("A person pinned it to a service, departure or mode, or forbade one, and no way keeps to that. "
                       "Take the rule back, or choose another."),
}  # fmt: skip
SERVICES: Words = {
    "fba_prep": _l("FBA preparation"),
    "returns": _l("Returns"),
    "relabel": _l("Relabelling"),
    "display": _l("Display"),
    "bonded_1210": _l("Bonded (1210)"),
    "fulfilment": _l("Fulfilment"),
    "transfer": _l("Transfer"),
    "kitting": _l("Kitting"),
    "inspection": _l("Inspection"),
    "refurbish": _l("Refurbishing"),
    "storage": _l("Storage"),
    "dropshipping": _l("Dropshipping"),
    "customs_clearance": _l("Customs clearance"),
    "last_mile": _l("Last mile"),
    "photo": _l("Photos"),
    "consolidation": _l("Consolidation"),
    "labelling": _l("Labelling"),
    "grading": _l("Grading"),
    "seal": _l("Sealing"),
    "pre_exhibition": _l("Pre-exhibition stock"),
}
GROUPS: Words = {
    "RCEP": _l("RCEP"),
    "SCO": _l("SCO"),
    "BRI": _l("Belt and Road"),
    "EU": _l("European Union"),
    "US": _l("United States"),
}
CRITERIA: Words = {
    "free_space": _l("Free space"),
    "services": _l("Services"),
    "cut_off": _l("Daily cut-off"),
    "display_centre": _l("Display centre"),
    "bonded": _l("Bonded"),
    "data_freshness": _l("Fresh data"),
}
PHASES: Words = {
    "queued": _l("Waiting for a worker"),
    "reading": _l("Reading network and pool"),
    "read": _l("Reading network and pool"),
    "affected": _l("Placing what must move"),
    "block": _l("Making room for it"),
    "slopes": _l("Looking for a first plan"),
    "relaxation": _l("Relaxation: a first bound"),
    "whole": _l("Solving as one problem"),
    "bound": _l("Proving the bound"),
    "neighbourhoods": _l("Improving part by part"),
    "done": _l("Checking and storing"),
    "completed": _l("Completed"),
    "failed": _l("Failed"),
    "cancelled": _l("Stopped"),
}
DEPARTURE_CHANGES: Words = {
    "cancelled": _l("Cancelled"),
    "delayed": _l("Delayed"),
    "cut": _l("Capacity cut"),
}
DISPOSITIONS: Words = {
    "deliver": _l("Deliver"),
    "restock": _l("Restock"),
    "relabel": _l("Relabel"),
    "transfer": _l("Transfer to another warehouse"),
    "return_to_china": _l("Return to China"),
    "reexport_with_exports": _l("Re-export with exports"),
    "refurbish": _l("Refurbish"),
    "destroy": _l("Destroy"),
}
KINDS: Words = {
    "parcels": _l("Export parcels"),
    "returns": _l("Returns"),
    "locations": _l("Locations"),
    "warehouses": _l("Warehouses"),
    "country-groups": _l("Country groups"),
    "unit-types": _l("Handling unit types"),
    "parties": _l("Parties"),
    "services": _l("Services"),
    "service-calls": _l("Calls of services"),
    "service-space": _l("Space of services"),
    "service-units": _l("Units of services"),
    "route-groups": _l("Sailing route groups"),
    "departures": _l("Departures"),
    "tariffs": _l("Tariffs"),
    "surcharges": _l("Surcharges"),
    "fx-rates": _l("Exchange rates"),
    "warehouse-fees": _l("Price lists of warehouses"),
    "dcsa-schedules": _l("Liner schedules (DCSA JSON)"),
    "skus": _l("Articles"),
    "bins": _l("Bins of warehouses"),
    "stock": _l("Opening balances of stock"),
    "ssim-flights": _l("Flight schedules (SSIM chapter 7)"),
    "schedule-dcsa": _l("Liner schedules (DCSA JSON)"),
    "schedule-ssim": _l("Flight schedules (SSIM chapter 7)"),
    "asn": _l("Announced goods"),
    "outbound": _l("Orders out of warehouses"),
}
ROLES: Words = {
    "admin": _l("Administrator"),
    "operator": _l("Operator"),
    "warehouse": _l("Warehouse"),
    "customs": _l("Customs"),
    "finance": _l("Finance"),
    "exporter": _l("Exporter"),
    "regulator": _l("Regulator"),
}
ERROR_TITLES: Words = {
    "unauthenticated": _l("Please sign in"),
    "forbidden": _l("Your role may not do this"),
    "not_found": _l("There is nothing here"),
    "method_not_allowed": _l("That cannot be done here"),
    "too_large": _l("The upload is too large"),
    "unsupported_media_type": _l("This kind of file is not read here"),
    "unreadable_file": _l("The file cannot be read"),
    "validation_error": _l("Some values cannot be accepted"),
    "wrong_state": _l("The current state does not allow this"),
    "rate_limited": _l("Too many tries; wait a few minutes"),
    "internal_error": _l("Something went wrong here"),
    "unavailable": _l("This cannot be done at the moment"),
    "bad_request": _l("The request cannot be read"),
    "quote_expired": _l("This quote has run out"),
    "capacity_gone": _l("The space is not there any more"),
    "cutoff_passed": _l("The cut-off has passed"),
    "credit_hold": _l("The exporter is on credit hold"),
    "credit_limit_exceeded": _l("The credit limit does not allow this"),
    "exceeds_booking": _l("This is more than was booked"),
    "window_closed": _l("It is too late for this return"),
}


def word(table: Words) -> Callable[[str | None], str]:
    """A filter that says a code in words; a code without words is shown as it is, readable."""

    def say(code: str | None) -> str:
        if not code:
            return ""
        return str(table[code]) if code in table else code.replace("_", " ")

    return say


def goods(code: str) -> str:
    """The name of a goods class in the reader's language."""
    known = goods_classes(date.today()).get(code)  # noqa: DTZ011 (names do not change with the hour)
    if known is None:
        return code
    return known.name_zh if str(get_locale()).startswith("zh") else known.name_en


def country(code: str) -> str:
    """The name of a country in the reader's language."""
    locale = get_locale()
    name: str = locale.territories.get(code, code) if locale is not None else code
    return name


FILTERS: dict[str, Callable[..., str]] = {
    "mode": word(MODES),
    "mode_icon": lambda mode: MODE_ICONS.get(mode, "route"),
    "status": word(STATUSES),
    "tone": lambda code: TONES.get(code, "plain"),
    "direction": word(DIRECTIONS),
    "direction_icon": lambda code: DIRECTION_ICONS.get(code, "package"),
    "dimension": word(DIMENSIONS),
    "cutoff": word(CUTOFFS),
    "reason": word(REASONS),
    "reason_help": word(REASON_HELP),
    "warehouse_service": word(SERVICES),
    "group": word(GROUPS),
    "criterion": word(CRITERIA),
    "phase": word(PHASES),
    "departure_change": word(DEPARTURE_CHANGES),
    "disposition": word(DISPOSITIONS),
    "kind": word(KINDS),
    "role": word(ROLES),
    "error_title": word(ERROR_TITLES),
    "goods": goods,
    "country": country,
}
