"""Stock in all warehouses by article: an exporter's own, or everybody's for those who run the warehouses."""

from flask import Blueprint, render_template

from app import auth
from app.clock import now
from app.http import reading
from app.queries import choices
from app.queries import stock as queries
from app.queries.stock import StockFilter
from app.web import addresses
from warehouses.stock import CONDITIONS, CUSTOMS_STATES

pages = Blueprint("stock", __name__)


@pages.get("/stock")
@auth.allow("operator", "warehouse", "exporter")
def index() -> str:
    """What lies where, by article."""
    actor = auth.actor()
    chosen = StockFilter(
        q=addresses.text("q", longest=80),
        exporter=addresses.text("exporter"),
        condition=addresses.one_of("condition", CONDITIONS),
        customs_status=addresses.one_of("customs_status", CUSTOMS_STATES),
    )
    with reading() as session:
        return render_template(
            "stock/index.html",
            chosen=chosen,
            page=queries.list_by_sku(session, actor, chosen, cursor=addresses.cursor()),
            started=addresses.cursor() is not None,
            exporters=[] if actor.exporter_id else choices.all_exporters(session),
            conditions=CONDITIONS,
            customs=CUSTOMS_STATES,
            today=now().date(),
        )
