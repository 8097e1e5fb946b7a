"""Saved filters of any list: keep what the address says under a name, go back to it, share it, put it away."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.actor import ROLES, Person
from app.clock import now
from app.errors import BadRequest, Conflict, Invalid, Unauthenticated
from app.http import reading, transaction
from app.queries.saved_filters import FilterRow, default_query, filters_of
from app.usecases import saved_filters as filters

pages = Blueprint("saved_filters", __name__)
PAGES = ("parcels.pool",)
"""Endpoints of the lists that keep filters; a list joins by its name here and by the bar in its template."""


def person() -> Person:
    """Who is signed in: filters belong to people, not to keys."""
    user = auth.signed_in()
    if user is None:
        raise Unauthenticated
    return user


def bar_of(session: Session, page: str) -> list[FilterRow]:
    """What the bar above a list offers."""
    user = auth.signed_in()
    return filters_of(session, user, page) if user else []


def opens_with(session: Session, page: str) -> Response | None:
    """To the filter a person opens the page with, where the address says nothing."""
    user = auth.signed_in()
    if request.args or user is None:
        return None
    query = default_query(session, user, page)
    return redirect(f"{url_for(page)}?{query}", 303) if query else None


def known(page: str) -> str:
    """An endpoint that keeps filters; BadRequest for any other."""
    if page not in PAGES:
        raise BadRequest("this page keeps no filters")
    return page


@pages.get("/saved-filters")
@auth.allow(*ROLES)
def manage() -> str:
    """One's own filters of a page with their names, and what colleagues share."""
    page = known(request.args.get("page", PAGES[0]))
    with reading() as session:
        return render_template(
            "parcels/saved_filters.html",
            page=page,
            filters=filters_of(session, person(), page),
            back=url_for(page),
        )


@pages.post("/saved-filters")
@auth.allow(*ROLES)
def save() -> Response:
    """Keep the filters of the address one comes from."""
    page, form = known(request.form.get("page", "")), request.form
    query = urlsplit("?" + form.get("query", "").lstrip("?")).query
    target = f"{url_for(page)}?{query}"
    try:
        with transaction() as session:
            filters.save_filter(
                session, auth.actor(), now(), person(),
                page=page, name=form.get("name", ""), query=query, shared=bool(form.get("shared")),
            )  # fmt: skip
    except Invalid as error:
        flash(error.detail, "bad")
        return redirect(target, 303)
    flash(gettext("The filter is saved."), "good")
    return redirect(target, 303)


@pages.post("/saved-filters/<public_id>/<any(rename, default, delete, restore):step>")
@auth.allow(*ROLES)
def change(public_id: str, step: str) -> Response:
    """Rename it or share it, let the page open with it, delete it and bring it back."""
    user, actor, form = person(), auth.actor(), request.form
    try:
        with transaction() as session:
            if step == "rename":
                named: dict[str, Any] = {"name": form.get("name", ""), "shared": bool(form.get("shared"))}
                found = filters.rename_filter(session, actor, now(), user, public_id, **named)
            elif step == "default":
                found = filters.make_default(session, user, public_id, on=form.get("on") == "1")
            elif step == "delete":
                found = filters.delete_filter(session, actor, now(), user, public_id)
            else:
                found = filters.restore_filter(session, actor, now(), user, public_id)
            page = found.page
    except (Conflict, Invalid) as error:
        flash(error.detail, "bad")
        return redirect(url_for("saved_filters.manage"), 303)
    if step == "delete":
        return redirect(url_for("saved_filters.manage", page=page, deleted=public_id), 303)
    flash(gettext("The filter is back.") if step == "restore" else gettext("Saved."), "good")
    return redirect(url_for("saved_filters.manage", page=page), 303)
