"""The public page that says whether a through transport document is genuine and still valid."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.http import reading
from app.queries.verification import Verdict, check_document
from app.web.limits import limited
from trade.numbering import compact, spaced

pages = Blueprint("verify", __name__)
RATE = "60 per minute"
"""Of one address; a code is found by guessing once in 10^19 tries."""
LONGEST = 64
"""Characters of what is typed that are looked at."""


@pages.get("/verify")
@auth.public
def ask() -> AnyResponse:
    """Ask for a number and the code beside it, and go to the page of the document."""
    number, code = compact(request.args.get("number", ""))[:LONGEST], request.args.get("d", "")[:LONGEST]
    if number:
        return redirect(url_for("verify.show", number=number, d=code), 303)
    return _page("", "")


@pages.get("/verify/<number>")
@auth.public
def show(number: str) -> AnyResponse:
    """Whether the document with this number is genuine, to whoever holds the code printed on it."""
    number, code = compact(number)[:LONGEST], request.args.get("d", "")[:LONGEST]
    if not code:
        return _page(number, code)
    with limited(RATE), reading() as session:
        return _page(number, code, check_document(session, number, code))


def _page(number: str, code: str, verdict: Verdict | None = None) -> Response:
    """A page that search engines leave alone; 404 where nothing is known."""
    unknown = verdict is not None and verdict.paper is None
    page = render_template("verify.html", number=number, shown=spaced(number), code=code, verdict=verdict)
    response = make_response(page, 404 if unknown else 200)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
