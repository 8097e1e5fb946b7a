"""Plan anew: tell what happened to a plan's departures, and see what the plan made anew changes."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import auth
from app.actor import PLANNERS
from app.clock import now
from app.errors import FieldError, Invalid
from app.http import reading, transaction
from app.models import Plan
from app.queries import plans, replans
from app.usecases import replanning
from app.usecases.replanning import CHANGES, MOST_NAMED, DepartureChange, Wanted
from app.web import addresses
from app.web.fault_labels import fault
from trade.money import minor_per_major

pages = Blueprint("replans", __name__)
ROWS = 3
"""Departures that the form takes at once."""
HOUR_MIN = 60
PER_CENT = 100
DEFAULTS = {"change_price": "0", "max_changes": "", "time_limit_s": "60", "seed": "1"}
ROW = {"departure": "", "change": "cancelled", "delay_hours": "24", "percent_left": "50"}


@dataclass(slots=True)
class ReplanForm:
    """The form as typed, and what is wrong with it by field."""

    rows: list[dict[str, str]]
    values: dict[str, str] = field(default_factory=lambda: dict(DEFAULTS))
    pinned: str = ""
    withdrawn: str = ""
    curve: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> "ReplanForm":
        """As it is shown first; a departure may be named in the address."""
        first = ROW | {"departure": addresses.text("departure") or ""}
        return cls([first, *(dict(ROW) for _ in range(ROWS - 1))])

    @classmethod
    def read(cls) -> "ReplanForm":
        """From the request."""
        rows = [
            {name: request.form.get(f"{name}-{row}", default) for name, default in ROW.items()}
            for row in range(ROWS)
        ]
        values = {name: request.form.get(name, default).strip() for name, default in DEFAULTS.items()}
        pinned, withdrawn = (request.form.get(name, "") for name in ("pinned", "withdrawn"))
        return cls(rows, values, pinned, withdrawn, curve="curve" in request.form)

    def wanted(self, session: Session, plan: Plan) -> Wanted:
        """What was typed, as the use case takes it. Invalid names the field that cannot be read."""
        price = _number(self.values["change_price"], "change_price") * minor_per_major(plan.currency)
        most = self.values["max_changes"]
        return Wanted(
            departures=tuple(self._change(row) for row in self.rows if row["departure"]),
            pinned=_parcels(session, plan, "pinned", self.pinned),
            withdrawn=_parcels(session, plan, "withdrawn", self.withdrawn),
            change_price_minor=int(price),
            max_changes=whole(most) if most else None,
            curve=self.curve,
        )

    def _change(self, row: dict[str, str]) -> DepartureChange:
        delay = _number(row["delay_hours"], "delay_hours") if row["change"] == "delayed" else Decimal(0)
        left = _number(row["percent_left"], "percent_left") if row["change"] == "cut" else Decimal(PER_CENT)
        return DepartureChange(row["departure"], row["change"], int(delay * HOUR_MIN), float(left / PER_CENT))


def whole(text: str) -> int:
    """A whole number; what is none becomes a value every rule refuses."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else -1


def _number(text: str, name: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not (found.is_finite() and abs(found) < 10**9):
        raise Invalid(name, (FieldError(name, "not_a_number", "must be a decimal number"),))
    return found


def _parcels(session: Session, plan: Plan, name: str, text: str) -> tuple[str, ...]:
    """The public ids of parcels named one to a line, by reference or id."""
    names = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(names) > MOST_NAMED:
        raise Invalid(name, (FieldError(name, "too_many", f"at most {MOST_NAMED} parcels"),))
    known = replans.parcels_by_name(session, plan.id, names)
    for one in names:
        if one not in known:
            message = f"the plan knows no parcel {one!r}"
            raise Invalid(name, (FieldError(name, "unknown_parcel", message),))
    return tuple(known[one] for one in names)


@pages.get("/plans/<public_id>/replan")
@auth.allow(*PLANNERS)
def show(public_id: str) -> str:
    """What the plan changes of the one before, if there was one, and the form to plan anew."""
    return render_page(public_id, ReplanForm.empty())


def render_page(public_id: str, form: ReplanForm) -> str:
    """The page with a form as it was typed."""
    with reading() as session:
        plan = plans.get_plan(session, public_id)
        replan = replans.find_replan(session, plan)
        happened = [] if replan is None else replan.wanted["departures"]
        return render_template(
            "replans/show.html",
            plan=plan,
            form=form,
            changes=CHANGES,
            choices=replans.departures_of(session, plan.id),
            replan=replan if replan and replan.result else None,
            happened=happened,
            named=replans.departures_named(session, [one["departure_id"] for one in happened]),
            page=replans.moves(session, replan, plan.id, cursor=addresses.cursor()) if replan else None,
            started=addresses.cursor() is not None,
            may_run=auth.actor().is_staff,
        )


@pages.post("/plans/<public_id>/replan")
@auth.allow("operator")
def start(public_id: str) -> str | tuple[str, int] | Response:
    """Ask for a run that plans anew, and go to its page."""
    form = ReplanForm.read()
    try:
        with transaction() as session:
            plan = plans.get_plan(session, public_id)
            run = replanning.request_replan(
                session,
                auth.actor(),
                now(),
                public_id,
                form.wanted(session, plan),
                time_limit_s=whole(form.values["time_limit_s"]),
                seed=whole(form.values["seed"]),
            )
    except Invalid as error:
        form.errors = {one.field: fault(one) for one in error.errors}
        return render_page(public_id, form), 422
    return redirect(url_for("runs.show", public_id=run.public_id), 303)
