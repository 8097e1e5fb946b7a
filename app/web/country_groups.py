"""Country groups as the operation keeps them: who belongs to which, from when to when, and who says so."""

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.clock import now
from app.errors import AppError, BadRequest
from app.http import reading, transaction
from app.queries.warehouses import memberships
from app.usecases.country_groups import add_member, end_membership
from app.web import addresses, labels

pages = Blueprint("country_groups", __name__)


@pages.get("/country-groups")
@auth.allow("operator")
def index() -> str:
    """The members of every group, past and present."""
    return _page()


@pages.post("/country-groups")
@auth.allow("operator")
def add() -> AnyResponse | tuple[str, int]:
    """Let a country belong to a group."""
    try:
        start = _day("effective_from")
        if start is None:
            raise BadRequest(gettext("The first day must be given."))
        with transaction() as session:
            add_member(
                session,
                auth.actor(),
                now(),
                code=request.form.get("code", "").strip().upper()[:16],
                country=request.form.get("country", "").strip().upper()[:2],
                effective_from=start,
                effective_to=_day("effective_to"),
                source=request.form.get("source", "").strip()[:500],
            )
    except AppError as error:
        return _page(error.detail), error.status
    return _done(gettext("The country belongs to the group now."))


@pages.post("/country-groups/<int:row_id>/end")
@auth.allow("operator")
def end(row_id: int) -> AnyResponse | tuple[str, int]:
    """Let a membership end."""
    try:
        last = _day("effective_to")
        if last is None:
            raise BadRequest(gettext("The first day without it must be given."))
        with transaction() as session:
            end_membership(session, auth.actor(), now(), row_id, last)
    except AppError as error:
        return _page(error.detail), error.status
    return _done(gettext("The membership ends then."))


def _page(error: str | None = None) -> str:
    group = addresses.one_of("group", labels.GROUPS)
    with reading() as session:
        rows = memberships(session, group)
    tabs = [(None, gettext("All"), None), *((code, str(text), None) for code, text in labels.GROUPS.items())]
    return render_template(
        "warehouses/country_groups.html", rows=rows, group=group, tabs=tabs, error=error, today=now().date(),
        typed=request.form,
    )  # fmt: skip


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest(gettext("This is no date.")) from None


def _done(message: str) -> Response | AnyResponse:
    flash(message, "good")
    return redirect(url_for("country_groups.index"), 303)
