"""The description of the API: one OpenAPI document, served to programs as JSON and to people as a page."""

from typing import Any

import orjson
from flask import Blueprint, Response, render_template
from markupsafe import Markup

from app.api.description import document
from app.auth import public
from app.http import settings

blueprint = Blueprint("api_docs", __name__)

METHODS = ("get", "post", "put", "patch", "delete")
PLAIN, CODE = Markup("{}"), Markup("<code>{}</code>")


@blueprint.get("/api/v1/openapi.json")
@public
def openapi() -> Response:
    """The OpenAPI 3.1 document."""
    return Response(orjson.dumps(document()), content_type="application/json")


@blueprint.get("/api/docs")
@public
def page() -> str:
    """Every operation, to be read by people."""
    return render_template(
        "api_docs.html",
        document=document(),
        groups=groups(document()),
        base_url=settings().base_url,
        pretty=pretty,
        described=described,
        marked=marked,
    )


def groups(whole: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Tag → its operations, each with method, path and all parameters."""
    found: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in whole["tags"]}
    for path, item in whole["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
                found[operation["tags"][0]].append(
                    {**operation, "method": method.upper(), "path": path, "parameters": parameters}
                )
    return found


def pretty(value: Any) -> str:  # noqa: ANN401 (any JSON)
    """JSON over several lines."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def described(response: dict[str, Any]) -> dict[str, Any]:
    """A response, looked up where it is only referred to."""
    if "$ref" not in response:
        return response
    found: dict[str, Any] = document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return found


def marked(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    parts = text.split("`")
    pieces = [(CODE if number % 2 else PLAIN).format(part) for number, part in enumerate(parts)]
    return Markup("").join(pieces)
