"""The words of administration: states of people and jobs, kinds of work, areas of the audit log."""

from collections.abc import Callable

from app.web.labels import Words, word
from app.web.languages import lazy as _l

PERSON_STATES: Words = {
    "active": _l("Active"),
    "invited": _l("Invited"),
    "deactivated": _l("Deactivated"),
}
PERSON_TONES = {"active": "good", "invited": "info", "deactivated": "plain"}
JOB_KINDS: Words = {
    "charge_warehouse": _l("Storage charges of a warehouse"),
    "check_draft": _l("Check of a file"),
    "commit_plan": _l("Commit of a plan"),
    "deliver_webhook": _l("Delivery of a webhook"),
    "import_batch": _l("Import of a file"),
    "invoice_bookings": _l("Invoices of a night"),
    "replan_run": _l("Re-plan"),
    "solve_block": _l("Part of an optimisation run"),
    "solve_run": _l("Optimisation run"),
    "solve_scenario": _l("What-if"),
}
JOB_STATES: Words = {
    "queued": _l("Queued"),
    "running": _l("Running"),
    "silent": _l("Worker silent"),
    "done": _l("Done"),
    "failed": _l("Failed"),
}
JOB_TONES = {"queued": "plain", "running": "info", "silent": "warn", "done": "good", "failed": "bad"}
FAILURE_KINDS: Words = {"4xx": _l("Refused (4xx)"), "5xx": _l("Failed on our side (5xx)")}
AUDIT_AREAS: Words = {
    "user": _l("Users"),
    "api_key": _l("API keys"),
    "exporter": _l("Exporters and credit"),
    "payment": _l("Payments"),
    "tariff": _l("Rate cards"),
    "country_group": _l("Country groups"),
    "webhook": _l("Webhooks"),
    "job": _l("Job runs"),
    "booking": _l("Bookings"),
    "quote": _l("Quotes"),
    "departure": _l("Departures"),
    "parcel": _l("Parcels"),
    "run": _l("Optimisation runs"),
    "plan": _l("Plans"),
    "asn": _l("Inbound"),
    "order": _l("Outbound orders"),
    "return": _l("Returns"),
    "customs": _l("Customs and tax"),
    "import": _l("Import"),
    "sku": _l("Articles"),
    "stock": _l("Stock"),
    "seed": _l("Sample data"),
}
PARTS: Words = {
    "tower": _l("Control tower"),
    "quotes": _l("Quotes"),
    "bookings": _l("Bookings"),
    "departures": _l("Departures"),
    "parcels": _l("Order pool"),
    "imports": _l("Import"),
    "plans": _l("Optimiser"),
    "inbound": _l("Inbound"),
    "orders": _l("Orders"),
    "returns": _l("Returns"),
    "customs": _l("Customs and tax"),
    "warehouses": _l("Warehouses"),
    "floor": _l("Work in the warehouse"),
    "stock": _l("Stock"),
    "hubs": _l("Hubs"),
    "tracking": _l("Tracking"),
    "billing": _l("Statements"),
    "interfaces": _l("API keys and webhooks"),
    "admin": _l("Administration"),
    "account": _l("Own account"),
    "other": _l("Other"),
}
"""Parts of the product, in the order of the navigation."""
BELONGS = {
    "tower": "tower tower_exceptions",
    "quotes": "quotes quote_links promises portal",
    "bookings": "bookings booking_changes shipments papers",
    "departures": "departures departures_new departure_changes",
    "parcels": "parcels bulk_edit",
    "imports": "imports import_steps",
    "plans": "plans runs replans re-plans scenarios deciding plan_commits plan_decisions overrides optimization_runs",
    "inbound": "inbound asns replenishment",
    "orders": "orders outbound waves",
    "returns": "returns return_steps",
    "customs": "customs customs_steps customs_summaries",
    "warehouses": "warehouses places warehouse_fees country_groups directory",
    "floor": "floor floor_layout floor_stock layout rack counts stock_counts work_orders",
    "stock": "stock skus",
    "hubs": "hubs load_units load_building",
    "tracking": "tracking track carriers",
    "billing": "billing",
    "interfaces": "webhooks api_keys",
    "account": "sign_in preferences saved_filters",
}
"""Part → the groups of pages and of the API that belong to it; whatever begins with `admin` is administration."""


def part_of(group: str) -> str:
    """The part a group of pages or of the API belongs to; `other` for one that nobody has placed yet."""
    name = group.lower().replace(" ", "_")
    if name.startswith("admin"):
        return "admin"
    return next((part for part, names in BELONGS.items() if name in names.split()), "other")


FILTERS: dict[str, Callable[..., str]] = {
    "person_state": word(PERSON_STATES),
    "person_tone": lambda code: PERSON_TONES.get(code, "plain"),
    "job_kind": word(JOB_KINDS),
    "job_state": word(JOB_STATES),
    "job_tone": lambda code: JOB_TONES.get(code, "plain"),
    "failure_status": lambda code: str(FAILURE_KINDS.get(code, code)),
    "audit_area": word(AUDIT_AREAS),
    "part": word(PARTS),
}
