"""Change many parcels of the pool: choose what, see what would happen, do it, undo it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.http import reading, transaction
from app.models.pool import CUSTOMS_MODES
from app.models.services import MODES
from app.queries import parcels, parcels_grid, people, plans
from app.usecases import pool_editing
from app.usecases.channel_rules import find_rule
from app.usecases.pool_editing import MOST, NONE, Change, Wanted
from app.web import addresses, languages, pool_labels
from app.web.fault_labels import fault
from app.web.parcels import own_query, read_filter
from app.web.pool_telling import Teller, teller
from trade.goods import goods_classes

pages = Blueprint("bulk_edit", __name__)
Answer = str | tuple[str, int] | Response
FIELDS = (
    "ready_at", "deliver_by", "no_deliver_by", "hard_deadline", "goods_class", "customs_mode", "state", "rule",
    "channel_mode", "channel_service", "channel_departure", "until",
)  # fmt: skip
SHOWN = 100
"""Rows of a preview; the counts are of all."""


@dataclass(slots=True)
class EditForm:
    """The form as it was typed, and what is wrong with it by field."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls) -> "EditForm":
        """From the request."""
        return cls({name: request.form.get(name, "").strip() for name in FIELDS if request.form.get(name)})

    def wanted(self, session: Session) -> Wanted:
        """What is asked for; Invalid where a field cannot be read."""
        values = self.values
        due = NONE if values.get("no_deliver_by") else self._moment("deliver_by")
        hard = values.get("hard_deadline")
        return Wanted(
            ready_at=self._moment("ready_at"),
            deliver_by=due,
            hard_deadline=None if hard is None else hard == "1",
            goods_class=values.get("goods_class"),
            customs_mode=values.get("customs_mode"),
            state=values.get("state"),
            rule=self._rule(session),
            clear_rules=values.get("rule") == "clear",
        )

    def _rule(self, session: Session) -> Any:  # noqa: ANN401 (a Rule or None)
        kind = self.values.get("rule")
        if kind in (None, "clear"):
            return None
        given = {
            by: name for by in ("mode", "service", "departure") if (name := self.values.get(f"channel_{by}"))
        }
        if len(given) != 1:
            text = gettext("Choose one: a mode, a service or a departure.")
            raise Invalid(text, (FieldError("channel", "required", text),))
        ((by, name),) = given.items()
        return find_rule(session, kind, by, name, self._moment("until"))

    def _moment(self, name: str) -> datetime | None:
        text = self.values.get(name)
        if not text:
            return None
        try:
            zone: ZoneInfo = languages.zone()
            return datetime.fromisoformat(text).replace(tzinfo=zone)
        except ValueError:
            message = gettext("This is no date and time.")
            raise Invalid(message, (FieldError(name, "invalid", message),)) from None


def meant(session: Session) -> list[int]:
    """The rows the address names: those selected, or all that match its filters."""
    if request.args.get("which") != "matching":
        return parcels.ids_of(session, request.args.getlist("id")[:MOST])
    plan = plans.latest_plan_mark(session)
    return parcels.matching_ids(session, read_filter(), plan_id=plan.id if plan else None, most=MOST + 1)


@pages.get("/pool/edit")
@auth.allow("operator")
def form() -> Answer:
    """What may be changed of the rows that are meant."""
    with reading() as session:
        if not meant(session):
            flash(gettext("Select at least one parcel."), "bad")
            return redirect(url_for("parcels.pool", **own_query(without=("id", "which"))), 303)
    return render_form(EditForm())


def render_form(typed: EditForm) -> str:
    """The form as it was typed."""
    with reading() as session:
        count = len(meant(session))
        services, departures = parcels_grid.channel_choices(session, now())
        return render_template(
            "parcels/edit.html",
            form=typed,
            count=count,
            too_many=count > MOST,
            most=MOST,
            query=own_query(),
            back=own_query(without=("id", "which", "cursor")),
            goods=list(goods_classes(now().date())),
            customs_modes=[(code, code) for code in CUSTOMS_MODES],
            modes=MODES,
            services=services,
            departures=departures,
        )


@pages.post("/pool/edit/preview")
@auth.allow("operator")
def preview() -> Answer:
    """What would change and what is refused, row by row; nothing is changed yet."""
    typed = EditForm.sent()
    try:
        with reading() as session:
            changes = pool_editing.plan_edit(session, meant(session), typed.wanted(session), now())
            tell = teller(session, [values for one in changes for values in (one.before, one.after)])
            return render_preview(typed, changes, tell)
    except Invalid as error:
        return refused(typed, error)


def render_preview(typed: EditForm, changes: list[Change], tell: Teller) -> str:
    """Counts of all rows, and the first of each kind."""
    done = [one for one in changes if one.after]
    stopped = [one for one in changes if one.refusal]
    return render_template(
        "parcels/edit_preview.html",
        form=typed,
        done=done[:SHOWN],
        stopped=stopped[:SHOWN],
        changed=len(done),
        unchanged=len(changes) - len(done) - len(stopped),
        refused=Counter(one.refusal for one in stopped),
        shown=SHOWN,
        query=own_query(),
        words=pool_labels,
        told=tell,
    )


@pages.post("/pool/edit")
@auth.allow("operator")
def apply() -> Answer:
    """Do it, in one transaction, and go to what was done, where it can be undone."""
    typed = EditForm.sent()
    try:
        with transaction() as session:
            edit = pool_editing.apply_edit(
                session, auth.actor(), now(), meant(session), typed.wanted(session)
            )
            done = edit.public_id
    except Invalid as error:
        return refused(typed, error)
    return redirect(url_for("bulk_edit.show", public_id=done), 303)


def refused(typed: EditForm, error: Invalid) -> tuple[str, int]:
    """The form again, with what is wrong at its fields."""
    typed.errors = {one.field: fault(one) for one in error.errors}
    return render_form(typed), error.status


@pages.get("/pool/edits")
@auth.allow("operator")
def index() -> str:
    """Edits of many parcels, the newest first."""
    with reading() as session:
        page = parcels_grid.edits(session, addresses.cursor())
        return render_template(
            "parcels/edits.html",
            page=page,
            started=addresses.cursor() is not None,
            words=pool_labels,
            people=people.names(session, {one.created_by for one in page.items}),
        )


@pages.get("/pool/edits/<public_id>")
@auth.allow("operator")
def show(public_id: str) -> str:
    """What an edit changed of each parcel, and the button that undoes it."""
    with reading() as session:
        edit = parcels_grid.edit_of(session, public_id)
        if edit is None:
            raise NotFound("there is no such edit")
        rows = parcels_grid.edited_rows(session, edit.id, SHOWN)
        return render_template(
            "parcels/edit_done.html",
            edit=edit,
            rows=rows,
            shown=SHOWN,
            words=pool_labels,
            told=teller(session, [values for row in rows for values in row[2:]]),
            people=people.names(session, {edit.created_by, edit.undone_by or ""}),
        )


@pages.post("/pool/edits/<public_id>/undo")
@auth.allow("operator")
def undo(public_id: str) -> Response:
    """Give the parcels back what they had."""
    target = redirect(url_for("bulk_edit.show", public_id=public_id), 303)
    try:
        with transaction() as session:
            back, stay = pool_editing.undo_edit(session, auth.actor(), now(), public_id)
    except Conflict as error:
        flash(error.detail, "bad")
        return target
    text = ngettext("%(count)s parcel is as it was.", "%(count)s parcels are as they were.", back, count=back)
    if stay:
        text += " " + ngettext(
            "%(count)s stays: it was changed or booked since.",
            "%(count)s stay: they were changed or booked since.",
            stay,
            count=stay,
        )
    flash(text, "good" if back else "warn")
    return target
