"""The stock of one warehouse: by article, down to bins and moves, and what is done with it there."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.actor import ROLES
from app.clock import now
from app.errors import AppError, Conflict, Invalid, NotFound
from app.http import reading, transaction
from app.queries import choices, people
from app.queries import stock as queries
from app.queries.skus import read_sku
from app.queries.stock import StockFilter, StockRow
from app.queries.stock_moves import MoveFilter, get_posting, list_moves, list_postings
from app.schemas.reading import read
from app.schemas.stock import NewMove, NewRegrade, NewScrap, Undo
from app.usecases.warehousing.access import WORKERS
from app.usecases.warehousing.moving import (
    UNDONE_BY_STAFF,
    Pieces,
    move_stock,
    regrade_stock,
    scrap_stock,
    undo,
)
from app.web import addresses, work_labels
from app.web.floor import ROOT, house
from app.web.quote_form import whole
from warehouses.stock import CONDITIONS, CUSTOMS_STATES, POSTING_KINDS

pages = Blueprint("floor_stock", __name__)
Page = str | tuple[str, int] | Response
LOT = ("batch", "expires_on", "condition", "customs_status", "received_on")
MOST_ROWS = 100
"""Places and lots of one article that are shown at once."""


@pages.get(f"{ROOT}/stock")
@auth.allow(*ROLES)
def index(code: str) -> str:
    """The stock of a warehouse by article."""
    actor = auth.actor()
    chosen = StockFilter(
        warehouse=code,
        q=addresses.text("q", longest=80),
        exporter=addresses.text("exporter"),
        condition=addresses.one_of("condition", CONDITIONS),
        customs_status=addresses.one_of("customs_status", CUSTOMS_STATES),
    )
    with reading() as session:
        return render_template(
            "floor/stock.html",
            warehouse=house(session, code),
            chosen=chosen,
            page=queries.list_by_sku(session, actor, chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
            conditions=CONDITIONS,
            customs=CUSTOMS_STATES,
            today=now().date(),
        )


@pages.get(f"{ROOT}/stock/<sku_id>")
@auth.allow(*ROLES)
def show(code: str, sku_id: str) -> str:
    """Where an article lies, and how it came there."""
    return render_show(code, sku_id)


def render_show(
    code: str, sku_id: str, error: AppError | None = None, typed: dict[str, str] | None = None
) -> str:
    """The page of an article, with a form as it was filled in."""
    actor = auth.actor()
    with reading() as session:
        warehouse = house(session, code)
        sku = read_sku(session, actor, sku_id)
        where = StockFilter(warehouse=code, sku=sku_id)
        rows = queries.list_stock(session, actor, where, limit=MOST_ROWS).items
        moves = list_moves(
            session, actor, sku, MoveFilter(warehouse=code), cursor=addresses.cursor(), limit=25
        )
        return render_template(
            "floor/sku.html",
            warehouse=warehouse,
            sku=sku,
            rows=rows,
            sums=next(iter(queries.list_by_sku(session, actor, where).items), None),
            lots={
                lot_value(row): row
                for row in rows
                if row.free and row.place_kind in ("bin", "returns", "receiving")
            },
            moves=moves,
            started=addresses.cursor() is not None,
            names=people.names(session, {move.actor for move in moves.items}),
            conditions=CONDITIONS,
            works=actor.may(*WORKERS),
            undone=UNDONE_BY_STAFF,
            today=now().date(),
            error=error,
            errors=work_labels.by_field(error),
            meaning=work_labels.meaning(error) if error else "",
            typed=typed or {},
        )


def lot_value(row: StockRow) -> str:
    """Place and lot of a row, as an option of a form says it."""
    return "|".join([row.place, *(str(getattr(row, name)) for name in LOT)])


@pages.post(f"{ROOT}/stock/<sku_id>/<what>")
@auth.allow(*WORKERS)
def work(code: str, sku_id: str, what: str) -> Page:
    """Move pieces, change their condition, or scrap them."""
    if what not in DEEDS:
        raise NotFound
    typed = {name: value.strip() for name, value in request.form.items()} | {"what": what}
    try:
        DEEDS[what](code, sku_id, typed)
    except (Conflict, Invalid) as error:
        return render_show(code, sku_id, error, typed), error.status
    flash(gettext("It is posted."), "good")
    return redirect(url_for("floor_stock.show", code=code, sku_id=sku_id), 303)


def _given(code: str, sku_id: str, typed: dict[str, str], *names: str) -> dict[str, Any]:
    given: dict[str, Any] = {"warehouse": code, "sku": sku_id}
    given |= {name: typed[name] for name in (*names, "reason") if typed.get(name)}
    if typed.get("quantity"):
        given["quantity"] = whole(typed["quantity"])
    return given


def _pieces(sku_id: str, typed: dict[str, str], quantity: int | None) -> Pieces:
    """The lot that was chosen; Invalid where the option is none of ours."""
    place, *facts = typed.get("lot", "").split("|")
    rows: dict[str, StockRow] = {}
    with reading() as session:
        where = StockFilter(sku=sku_id, place=place)
        rows = {lot_value(row): row for row in queries.list_stock(session, auth.actor(), where).items}
    row = rows.get("|".join([place, *facts]))
    if row is None:
        raise Conflict(gettext("This stock is not there any more; look again."))
    return Pieces(None, sku_id, place, quantity, {name: getattr(row, name) for name in LOT})


def _move(code: str, sku_id: str, typed: dict[str, str]) -> None:
    place = typed.get("lot", "").partition("|")[0]
    wanted = read(NewMove, _given(code, sku_id, typed, "to") | {"from": place})
    pieces = _pieces(sku_id, typed, wanted["quantity"])
    with transaction() as session:
        warehouse = house(session, code)
        move_stock(session, auth.actor(), now(), warehouse, pieces, wanted["to"], reason=wanted["reason"])


def _regrade(code: str, sku_id: str, typed: dict[str, str]) -> None:
    place = typed.get("lot", "").partition("|")[0]
    wanted = read(NewRegrade, _given(code, sku_id, typed, "condition") | {"place": place})
    pieces = _pieces(sku_id, typed, wanted["quantity"])
    with transaction() as session:
        regrade_stock(
            session, auth.actor(), now(), house(session, code), pieces, wanted["condition"],
            reason=wanted["reason"],
        )  # fmt: skip


def _scrap(code: str, sku_id: str, typed: dict[str, str]) -> None:
    place = typed.get("lot", "").partition("|")[0]
    wanted = read(NewScrap, _given(code, sku_id, typed) | {"place": place})
    pieces = _pieces(sku_id, typed, wanted["quantity"])
    with transaction() as session:
        scrap_stock(session, auth.actor(), now(), house(session, code), pieces, reason=wanted["reason"])


DEEDS = {"move": _move, "regrade": _regrade, "scrap": _scrap}


@pages.get(f"{ROOT}/stock/moves")
@auth.allow("operator", "warehouse", "customs", "finance", "regulator")
def moves(code: str) -> str:
    """What was posted in a warehouse, the newest first."""
    kind = addresses.one_of("kind", POSTING_KINDS)
    with reading() as session:
        warehouse = house(session, code)
        page = list_postings(session, warehouse.id, kind=kind, cursor=addresses.cursor())
        return render_template(
            "floor/moves.html",
            warehouse=warehouse,
            page=page,
            started=addresses.cursor() is not None,
            kind=kind,
            kinds=POSTING_KINDS,
            names=people.names(session, {row.actor for row in page.items}),
        )


@pages.get(f"{ROOT}/stock/moves/<public_id>")
@auth.allow(*ROLES)
def posting(code: str, public_id: str) -> str:
    """One posting with its moves."""
    return render_posting(code, public_id)


def render_posting(code: str, public_id: str, error: AppError | None = None) -> str:
    """The page of a posting."""
    actor = auth.actor()
    with reading() as session:
        warehouse = house(session, code)
        row = get_posting(session, actor, public_id)
        if row.warehouse_id != warehouse.public_id:
            raise NotFound
        return render_template(
            "floor/posting.html",
            warehouse=warehouse,
            row=row,
            names=people.names(session, {row.actor}),
            works=actor.may(*WORKERS),
            undone=UNDONE_BY_STAFF,
            error=error,
            errors=work_labels.by_field(error),
            meaning=work_labels.meaning(error) if error else "",
            reason=request.form.get("reason", ""),
        )


@pages.post(f"{ROOT}/stock/moves/<public_id>/undo")
@auth.allow(*WORKERS)
def take_back(code: str, public_id: str) -> Page:
    """Take a posting back."""
    try:
        wanted = read(Undo, {"reason": request.form.get("reason", "").strip()})
        with transaction() as session:
            house(session, code)
            undo(session, auth.actor(), now(), public_id, reason=wanted["reason"])
    except (Conflict, Invalid) as error:
        return render_posting(code, public_id, error), error.status
    flash(gettext("It is taken back: everything lies where it came from."), "good")
    return redirect(url_for("floor_stock.posting", code=code, public_id=public_id), 303)
