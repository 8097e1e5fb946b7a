"""The OpenAPI document: what the resources say of themselves, put together once."""

from functools import cache
from importlib.metadata import version
from typing import Any

from flask import Flask

from app.api import (
    api_keys,
    batches,
    billing,
    bookings,
    carriers,
    counts,
    departure_cutoffs,
    departures,
    hubs,
    inbound,
    layout,
    loading,
    outbound,
    papers,
    parcels,
    places,
    plan_commits,
    plan_decisions,
    plans,
    promises,
    quotes,
    replans,
    replenishment,
    returns,
    runs,
    scenarios,
    skus,
    stock,
    tracking,
    warehouse_fees,
    waves,
    webhooks,
    work_orders,
)
from app.api.base import CONVERTERS, CodeInPath, JsonApi, PublicIdInPath

RESOURCES = (
    departures.blueprint,
    departure_cutoffs.blueprint,
    places.blueprint,
    parcels.blueprint,
    quotes.blueprint,
    bookings.blueprint,
    papers.blueprint,
    outbound.blueprint,
    waves.blueprint,
    promises.blueprint,
    batches.blueprint,
    billing.blueprint,
    warehouse_fees.blueprint,
    runs.blueprint,
    plans.blueprint,
    plan_commits.blueprint,
    replans.blueprint,
    scenarios.blueprint,
    plan_decisions.blueprint,
    returns.blueprint,
    tracking.blueprint,
    carriers.blueprint,
    inbound.blueprint,
    replenishment.blueprint,
    counts.blueprint,
    work_orders.blueprint,
    layout.blueprint,
    skus.blueprint,
    stock.blueprint,
    hubs.blueprint,
    loading.blueprint,
    webhooks.blueprint,
    api_keys.blueprint,
)
INTRODUCTION = (
    "Send `Authorization: Bearer fp_…`. Money is a decimal string with an ISO 4217 code, other exact amounts "
    "are decimal strings in the unit their name says; instants are RFC 3339 with an offset. Every change takes "
    "`Idempotency-Key`. Lists are `{items, next_cursor}` with `limit` 1–100; long work answers 202 with "
    "`{job_id, poll_url, status}`. Errors are RFC 9457 problems with a stable `code`. Exporters see and "
    "touch only what is theirs: what belongs to another is 404. An API key may be limited to scopes; each operation "
    "names the one it needs. Every answer tells the caller's rate in `RateLimit` and `RateLimit-Policy`."
)


@cache
def document() -> dict[str, Any]:
    """The document of this version; the same in every process."""
    app = Flask(__name__)
    app.url_map.converters.update(CONVERTERS)
    app.config.update(
        API_TITLE="Fourport",
        API_VERSION=version("fourport"),
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {
                "description": INTRODUCTION,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "security": [{"apiKey": []}],
            "components": {"securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}}},
        },
    )
    api = JsonApi(app)
    for converter in (PublicIdInPath, CodeInPath):
        api.register_converter(converter, converter.to_schema)
    for blueprint in RESOURCES:
        api.register_blueprint(blueprint)
    found: dict[str, Any] = api.spec.to_dict()
    return found
