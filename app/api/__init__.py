"""The JSON API under /api/v1."""

from importlib.metadata import version

from flask import Flask

from app.api import health
from app.api.base import JsonApi

DESCRIPTION = (
    "Money is a decimal string with an ISO 4217 code; instants are RFC 3339 with an offset. Every POST that "
    "creates or changes takes `Idempotency-Key`. Errors are RFC 9457 problems with a stable `code`."
)


def register(app: Flask) -> None:
    """Attach every endpoint, and the OpenAPI document that describes them."""
    app.register_blueprint(health.blueprint)
    app.config.update(
        API_TITLE="Fourport",
        API_VERSION=version("fourport"),
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION, "license": {"name": "Apache-2.0"}},
            "security": [{"apiKey": []}],
            "components": {"securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}}},
        },
    )
    JsonApi(app)
