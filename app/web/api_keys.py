"""API keys in the browser: made for a purpose, shown once, ended at any time."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.actor import AREAS, ROLES
from app.clock import now
from app.errors import Conflict, Invalid
from app.failures import KEPT
from app.http import reading, transaction
from app.queries import choices
from app.queries.api_keys import list_keys
from app.queries.failures import STATUSES, list_failures
from app.schemas.api_keys import NewApiKey
from app.schemas.reading import read
from app.usecases.api_keys import add_api_key, revoke_api_key, rotate_api_key
from app.web import addresses, labels, sales_labels
from app.web.admin_failures import asked

pages = Blueprint("api_keys", __name__)
OWNERS = ("exporter",)
ROLE = "role:"
"""What the owner of a key of the operation begins with in the form; all others are exporters."""


@dataclass(slots=True)
class KeyForm:
    """The form as typed, and what is wrong with it by field."""

    name: str = ""
    owner: str = ""
    limited: bool = False
    test_mode: bool = False
    scopes: dict[str, str] = field(default_factory=dict)
    """Area → `read`, `write` or nothing."""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "KeyForm":
        """From the request."""
        return cls(
            name=request.form.get("name", "").strip(),
            owner=request.form.get("owner", ""),
            limited="limited" in request.form,
            test_mode="test_mode" in request.form,
            scopes={area: request.form.get(f"scope-{area}", "") for area in AREAS},
        )

    def asked(self) -> dict[str, Any]:
        """As the API would be asked."""
        scopes = [f"{area}:{verb}" for area, verb in self.scopes.items() if verb]
        given: dict[str, Any] = {"name": self.name or None, "test_mode": self.test_mode}
        given["scopes"] = scopes if self.limited else None
        if auth.actor().exporter_id is not None:
            return given
        of_role = self.owner.startswith(ROLE)
        owner = {"role": self.owner.removeprefix(ROLE)} if of_role else {"exporter": self.owner or None}
        return given | owner


@pages.get("/api-keys")
@auth.allow(*OWNERS)
def index() -> str:
    """The keys so far, and the form for a new one."""
    return render_page(KeyForm())


def render_page(form: KeyForm, secret: str | None = None) -> str:
    """The page; `secret` is that of a key that was just made, which is shown this once."""
    actor = auth.actor()
    with reading() as session:
        return render_template(
            "api_keys/index.html",
            form=form,
            secret=secret,
            page=list_keys(session, actor, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            owners=[] if actor.exporter_id else [*choices.all_exporters(session), *of_the_operation()],
            areas=AREAS,
        )


@pages.get("/api-keys/failures")
@auth.allow(*OWNERS)
def failures() -> str | Response:
    """What an exporter's own keys sent and got an error for, the newest first."""
    own = auth.actor().exporter_id
    if own is None:
        # The admin may open every page, but this one is somebody's own.
        return redirect(url_for("admin_failures.index"), 303)
    chosen = asked(own)
    with reading() as session:
        return render_template(
            "api_keys/failures.html",
            page=list_failures(session, chosen, cursor=addresses.cursor()),
            chosen=chosen,
            started=addresses.cursor() is not None,
            statuses=STATUSES,
            days=KEPT.days,
        )


def of_the_operation() -> list[tuple[str, str]]:
    """(value, words) of the roles a key of the operation may have."""
    return [(ROLE + role, str(labels.ROLES[role])) for role in ROLES if role != "exporter"]


@pages.post("/api-keys")
@auth.allow(*OWNERS)
def add() -> str | tuple[str, int]:
    """Make a key, and show its secret in this answer alone."""
    form = KeyForm.read()
    try:
        wanted = read(NewApiKey, form.asked())
        with transaction() as session:
            _key, secret = add_api_key(session, auth.actor(), now(), **wanted)
    except Invalid as error:
        names = {"exporter": "owner", "role": "owner"}
        form.errors = {
            names.get(fault.field, fault.field.partition(".")[0]): sales_labels.fault(fault)
            for fault in error.errors
        }
    else:
        return render_page(KeyForm(), secret)
    return render_page(form), 422


@pages.post("/api-keys/<public_id>/rotate")
@auth.allow(*OWNERS)
def rotate(public_id: str) -> str | Response:
    """Make a successor of a key, and show its secret in this answer alone; the old one works until it is revoked."""
    try:
        with transaction() as session:
            _key, secret = rotate_api_key(session, auth.actor(), now(), public_id)
    except (Conflict, Invalid) as error:
        flash(error.detail, "bad")
        return redirect(url_for("api_keys.index"), 303)
    return render_page(KeyForm(), secret)


@pages.post("/api-keys/<public_id>/revoke")
@auth.allow(*OWNERS)
def revoke(public_id: str) -> Response:
    """End a key for good."""
    with transaction() as session:
        revoke_api_key(session, auth.actor(), now(), public_id)
    flash(gettext("The key was revoked; it opens nothing any more."), "good")
    return redirect(url_for("api_keys.index"), 303)
