"""Articles in the browser: the list, one of them with where it lies, and the form to add and change one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import AppError, Conflict, Invalid
from app.http import reading, transaction
from app.models import Sku
from app.queries import choices
from app.queries import skus as queries
from app.queries.skus import SkuFilter
from app.queries.stock import StockFilter, list_by_sku
from app.schemas.reading import read
from app.schemas.skus import NewSku, SkuChange
from app.usecases.warehousing.named import named_owner
from app.usecases.warehousing.skus import add_sku, as_wanted, change_sku, get_sku
from app.web import addresses, work_labels
from trade.goods import goods_classes
from warehouses.stock import ISSUE_RULES

pages = Blueprint("skus", __name__)
OWNERS = ("operator", "exporter")
Page = str | tuple[str, int] | Response
FIELDS = (
    "code", "name_en", "name_zh", "barcode", "weight_kg", "length_cm", "width_cm", "height_cm", "volume_m3",
    "goods_class", "hs_code", "origin_country", "value", "currency", "issue_rule",
)  # fmt: skip
FIRST = {"goods_class": "general", "currency": "USD", "issue_rule": "fifo", "origin_country": "CN"}
"""What a new form says."""
EMPTIED = ("barcode", "length_cm", "width_cm", "height_cm", "volume_m3", "hs_code", "origin_country")
"""Fields that may be emptied."""


@pages.get("/skus")
@auth.allow("operator", "warehouse", "exporter")
def index() -> str:
    """Articles by code."""
    actor = auth.actor()
    chosen = SkuFilter(exporter=addresses.text("exporter"), q=addresses.text("q", longest=80))
    with reading() as session:
        return render_template(
            "skus/index.html",
            chosen=chosen,
            page=queries.list_skus(session, actor, chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
        )


@pages.get("/skus/new")
@auth.allow(*OWNERS, "warehouse")
def compose() -> str:
    """An empty form."""
    return render_form(dict(FIRST))


@pages.post("/skus/new")
@auth.allow(*OWNERS, "warehouse")
def add() -> Page:
    """Add an article."""
    typed = {name: request.form.get(name, "").strip() for name in (*FIELDS, "exporter")}
    try:
        wanted = read(NewSku, {name: value for name, value in typed.items() if value})
        with transaction() as session:
            owner = named_owner(session, auth.actor(), wanted.pop("exporter"))
            public_id = add_sku(session, auth.actor(), now(), owner, wanted).public_id
    except (Conflict, Invalid) as error:
        return render_form(typed, error=error), error.status
    flash(gettext("The article was added."), "good")
    return redirect(url_for("skus.show", public_id=public_id), 303)


@pages.get("/skus/<public_id>")
@auth.allow("operator", "warehouse", "exporter")
def show(public_id: str) -> str:
    """One article, and how much of it lies where."""
    actor = auth.actor()
    with reading() as session:
        sku = queries.read_sku(session, actor, public_id)
        found = list_by_sku(session, actor, StockFilter(sku=public_id)).items
        return render_template(
            "skus/show.html",
            sku=sku,
            sums=found[0] if found else None,
            today=now().date(),
            changes=actor.may(*OWNERS),
        )


@pages.get("/skus/<public_id>/change")
@auth.allow(*OWNERS)
def change_form(public_id: str) -> str:
    """The article as it is, to be changed."""
    with reading() as session:
        sku = get_sku(session, auth.actor(), public_id)
        return render_form(as_typed(sku), sku)


@pages.post("/skus/<public_id>/change")
@auth.allow(*OWNERS)
def change(public_id: str) -> Page:
    """Change what differs from the article."""
    with reading() as session:
        sku = get_sku(session, auth.actor(), public_id)
        before = as_typed(sku)
    typed = {name: request.form.get(name, "").strip() for name in FIELDS if name != "code"}
    given: dict[str, Any] = {
        name: value or (None if name in EMPTIED else value)
        for name, value in typed.items()
        if value != before[name]
    }
    try:
        with transaction() as session:
            change_sku(session, auth.actor(), now(), public_id, read(SkuChange, given))
    except (Conflict, Invalid) as error:
        return render_form(typed | {"code": before["code"]}, sku, error), error.status
    flash(gettext("The article was changed."), "good")
    return redirect(url_for("skus.show", public_id=public_id), 303)


def as_typed(sku: Sku) -> dict[str, str]:
    """The fields of the form as the article has them."""
    wanted = as_wanted(sku) | {"code": sku.code}
    return {name: _text(wanted.get(name)) for name in FIELDS}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def render_form(typed: dict[str, str], sku: Sku | None = None, error: AppError | None = None) -> str:
    """The form as it was filled in, with what is wrong with it."""
    with reading() as session:
        return render_template(
            "skus/form.html",
            sku=sku,
            typed=typed,
            error=error,
            errors=work_labels.by_field(error),
            meaning=work_labels.meaning(error) if error else "",
            goods=list(goods_classes(now().date())),
            rules=ISSUE_RULES,
            exporters=[] if auth.actor().exporter_id else choices.all_exporters(session),
        )
