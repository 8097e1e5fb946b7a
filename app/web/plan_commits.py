"""Commit a plan or discard it: what would happen, the word of a person, live progress, what came of it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.actor import PLANNERS
from app.clock import now
from app.errors import Conflict, Invalid
from app.http import reading, transaction
from app.queries import plan_commits
from app.queries.paging import Page
from app.queries.plan_commits import ChainRow, MadeRow, StaleRow
from app.queries.plans import get_plan
from app.usecases.committing import LeftOut, discard_plan, request_commit
from app.usecases.committing_preview import freshness, preview
from app.web import addresses
from routing.committing import STALE_CODES

pages = Blueprint("plan_commits", __name__)
VIEWS = ("chains", "bookings", "stale")


def back(public_id: str) -> Response:
    """To the page of the commit, which shows where it stands."""
    return redirect(url_for("plan_commits.show", public_id=public_id), 303)


@pages.get("/plans/<public_id>/commit")
@auth.allow(*PLANNERS)
def show(public_id: str) -> str:
    """Before: what would happen. While it runs: how far it is. After: what was booked, and what was stale."""
    view = addresses.one_of("view", VIEWS) or "chains"
    code = addresses.one_of("reason", STALE_CODES)
    with reading() as session:
        plan = get_plan(session, public_id)
        common = {"plan": plan, "may_decide": auth.actor().is_staff}
        commit = plan_commits.find_commit(session, plan.id)
        if commit is None:
            ahead = preview(session, plan, now()) if plan.state == "draft" else None
            return render_template("plans/commit.html", ahead=ahead, **common)
        cursor = addresses.cursor()
        page: Page[ChainRow] | Page[MadeRow] | Page[StaleRow]
        if view == "bookings":
            page = plan_commits.made_page(session, plan.id, cursor=cursor)
        elif view == "stale":
            page = plan_commits.stale_page(session, plan.id, code=code, cursor=cursor)
        else:
            page = plan_commits.chain_page(session, commit.id, cursor=cursor)
        return render_template(
            "plans/commit_done.html",
            commit=commit,
            view=view,
            page=page,
            reason=code,
            codes=plan_commits.stale_codes(session, plan.id),
            started=cursor is not None,
            live=plan.state == "committing" and commit.failure is None,
            **common,
        )


@pages.post("/plans/<public_id>/commit")
@auth.allow("operator")
def commit(public_id: str) -> Response:
    """Have it committed, but for the exporters that were taken out; pressed twice, it is committed once."""
    left_out = LeftOut(exporters=tuple(dict.fromkeys(request.form.getlist("without"))))
    try:
        with transaction() as session:
            request_commit(session, auth.actor(), now(), public_id, left_out)
    except (Conflict, Invalid) as error:
        flash(error.detail, "bad")
    return back(public_id)


@pages.post("/plans/<public_id>/<any(discard, restore):step>")
@auth.allow("operator")
def decide(public_id: str, step: str) -> Response:
    """Put a draft aside, or take it back up."""
    try:
        with transaction() as session:
            discard_plan(session, auth.actor(), now(), public_id, undo=step == "restore")
    except Conflict as error:
        flash(error.detail, "bad")
        return back(public_id)
    words = gettext("The plan is a draft again.") if step == "restore" else gettext("The plan was discarded.")
    flash(words, "good")
    return back(public_id)


@pages.get("/plans/<public_id>/freshness")
@auth.allow(*PLANNERS)
def check(public_id: str) -> str:
    """A warning where a draft is not what it was when it was made; empty where it is."""
    with reading() as session:
        plan = get_plan(session, public_id)
        found = freshness(session, plan) if plan.state == "draft" else None
        return render_template("plans/commit_freshness.html", plan=plan, found=found)
