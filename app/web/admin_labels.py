"""The words of administration: states of people and jobs, kinds of work, areas of the audit log."""

from collections.abc import Callable

from flask_babel import lazy_gettext as _l

from app.web.labels import Words, word

PERSON_STATES: Words = {
    "active": _l("Active"),
    "invited": _l("Invited"),
    "deactivated": _l("Deactivated"),
}
PERSON_TONES = {"active": "good", "invited": "info", "deactivated": "plain"}
JOB_KINDS: Words = {
    "charge_warehouse": _l("Storage charges of a warehouse"),
    "deliver_webhook": _l("Delivery of a webhook"),
    "import_batch": _l("Import of a file"),
    "invoice_bookings": _l("Invoices of a night"),
    "replan_run": _l("Re-plan"),
    "solve_block": _l("Part of an optimisation run"),
    "solve_run": _l("Optimisation run"),
}
JOB_STATES: Words = {
    "queued": _l("Queued"),
    "running": _l("Running"),
    "silent": _l("Worker silent"),
    "done": _l("Done"),
    "failed": _l("Failed"),
}
JOB_TONES = {"queued": "plain", "running": "info", "silent": "warn", "done": "good", "failed": "bad"}
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
    "sku": _l("Articles"),
    "stock": _l("Stock"),
    "seed": _l("Sample data"),
}
FILTERS: dict[str, Callable[..., str]] = {
    "person_state": word(PERSON_STATES),
    "person_tone": lambda code: PERSON_TONES.get(code, "plain"),
    "job_kind": word(JOB_KINDS),
    "job_state": word(JOB_STATES),
    "job_tone": lambda code: JOB_TONES.get(code, "plain"),
    "audit_area": word(AUDIT_AREAS),
}
