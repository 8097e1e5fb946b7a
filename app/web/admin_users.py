"""Users as the administrator keeps them: invited by a one-time link, given a role, shut out and let in again."""

from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.actor import ROLES
from app.clock import now
from app.errors import Conflict, Invalid, NotFound
from app.http import reading, settings, transaction
from app.queries import audit, choices, people
from app.queries.people import PersonFilter, PersonRow
from app.usecases import administering
from app.usecases.people import add_user
from app.web import addresses
from app.web.admin_frame import faults, render, typed

pages = Blueprint("admin_users", __name__)
Page = str | tuple[str, int] | Response
LAST_EVENTS = 20


@dataclass(slots=True)
class PersonForm:
    """The form as typed, and what is wrong with it by field."""

    email: str = ""
    role: str = "operator"
    exporter: str | None = None
    warehouse: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "PersonForm":
        """From the request; the field that the role has no use for is forgotten."""
        role = request.form.get("role", "")
        exporter = typed("exporter") if role == "exporter" else None
        house = typed("warehouse") if role == "warehouse" else None
        return cls(typed("email", 254) or "", role, exporter, house)

    @classmethod
    def kept(cls, row: PersonRow) -> "PersonForm":
        """As the person is."""
        return cls(row.email, row.role, row.exporter, row.warehouse)

    def refuse(self, error: Exception) -> None:
        """Keep what is wrong beside its field."""
        if isinstance(error, Invalid):
            self.errors = faults(error)
        elif isinstance(error, NotFound):
            self.errors = {self.role: error.detail}
        else:
            self.errors = {"email": gettext("Somebody has this address already.")}


@pages.get("/admin/users")
@auth.allow("admin")
def index() -> str:
    """Everybody, and the form that invites."""
    return render_index(PersonForm())


def render_index(form: PersonForm, invited: str | None = None, link: str | None = None) -> str:
    """The list with a form as typed; `link` is one that was just made, which is shown this once."""
    chosen = PersonFilter(
        q=addresses.text("q", longest=80),
        role=addresses.one_of("role", ROLES),
        state=addresses.one_of("state", people.STATES),
    )
    with reading() as session:
        return render(
            "users",
            form=form,
            invited=invited,
            link=link,
            chosen=chosen,
            page=people.list_people(session, chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            roles=ROLES,
            states=people.STATES,
            exporters=choices.all_exporters(session),
        )


@pages.post("/admin/users")
@auth.allow("admin")
def invite() -> Page:
    """Add a person, and show the link that sets a password in this answer alone."""
    form = PersonForm.read()
    try:
        with transaction() as session:
            _user, token = add_user(
                session, auth.actor(), now(), form.email, form.role,
                exporter=form.exporter, warehouse=form.warehouse,
            )  # fmt: skip
    except (Invalid, NotFound, Conflict) as error:
        form.refuse(error)
        return render_index(form), error.status
    return render_index(PersonForm(), form.email, link_of(token))


def link_of(token: str) -> str:
    """The address that is sent to the person."""
    return f"{settings().base_url}/password/{token}"


@pages.get("/admin/users/<public_id>")
@auth.allow("admin")
def show(public_id: str) -> str:
    """One person: role, door, and what was changed about them."""
    return render_one(public_id)


def render_one(public_id: str, form: PersonForm | None = None, link: str | None = None) -> str:
    """The page of a person; `link` is one that was just made, which is shown this once."""
    with reading() as session:
        row = people.get_person(session, public_id)
        events = audit.list_events(session, audit.AuditFilter(subject=public_id), limit=LAST_EVENTS).items
        return render(
            "user",
            person=row,
            form=form or PersonForm.kept(row),
            link=link,
            roles=ROLES,
            exporters=choices.all_exporters(session),
            events=events,
            names=people.names(session, {event.actor for event in events}),
            myself=auth.actor().reference == public_id,
        )


@pages.post("/admin/users/<public_id>/role")
@auth.allow("admin")
def change_role(public_id: str) -> Page:
    """Give another role."""
    form = PersonForm.read()
    try:
        with transaction() as session:
            administering.change_role(
                session, auth.actor(), now(), public_id, form.role,
                exporter=form.exporter, warehouse=form.warehouse,
            )  # fmt: skip
    except Conflict as error:
        return refused(public_id, error)
    except (Invalid, NotFound) as error:
        form.refuse(error)
        return render_one(public_id, form), error.status
    flash(gettext("The role was changed; sessions with the old one have ended."), "good")
    return back(public_id)


@pages.post("/admin/users/<public_id>/<any(deactivate, reactivate):step>")
@auth.allow("admin")
def switch(public_id: str, step: str) -> Response:
    """Close the door, or open it again."""
    change = administering.deactivate if step == "deactivate" else administering.reactivate
    try:
        with transaction() as session:
            change(session, auth.actor(), now(), public_id)
    except Conflict as error:
        return refused(public_id, error)
    closed = gettext("Deactivated: every session has ended. Reactivate it to undo this.")
    flash(closed if step == "deactivate" else gettext("Reactivated, with the password there was."), "good")
    return back(public_id)


@pages.post("/admin/users/<public_id>/link")
@auth.allow("admin")
def renew(public_id: str) -> Page:
    """Make a fresh one-time link, and show it in this answer alone."""
    try:
        with transaction() as session:
            _user, token = administering.renew_link(session, auth.actor(), now(), public_id)
    except Conflict as error:
        return refused(public_id, error)
    return render_one(public_id, link=link_of(token))


def refused(public_id: str, error: Conflict) -> Response:
    """Say what the state does not allow, on the page of the person."""
    flash(error.detail, "bad")
    return back(public_id)


def back(public_id: str) -> Response:
    """To the page of the person."""
    return redirect(url_for("admin_users.show", public_id=public_id), 303)
