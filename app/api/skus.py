"""Articles: what exporters keep in the warehouses."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.actor import ROLES
from app.api.base import Endpoints, answer
from app.api.wire import centimetres, cubic_metres, kilograms, money, page, utc
from app.auth import actor, allow
from app.clock import now
from app.http import reading
from app.models import Sku
from app.queries import skus as queries
from app.schemas.skus import NewSku, SkuChange, SkuPage, SkuQuery, SkuShape
from app.usecases.warehousing.named import named_owner
from app.usecases.warehousing.skus import add_sku, change_sku

blueprint = Endpoints("SKUs", __name__, "Articles that are kept in warehouses", area="stock")
OWNERS = ("operator", "exporter")
"""Who may change an article; the staff of a warehouse may add one that came unannounced."""


@blueprint.reading("/skus", SkuPage, query=SkuQuery, refuses=(400,))
@allow(*ROLES)
def list_skus(query: dict[str, Any]) -> Response:
    """List articles by code; an exporter sees its own."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    with reading() as session:
        found = queries.list_skus(session, actor(), queries.SkuFilter(**query), cursor=cursor, limit=limit)
    return answer(page(found, [sku_json(row) for row in found.items]))


@blueprint.changing("/skus", SkuShape, status=201, body=NewSku)
@allow(*OWNERS, "warehouse")
def create_sku(session: Session, wanted: dict[str, Any]) -> Response:
    """Add an article. Its code and its barcode are unique for its exporter."""
    owner = named_owner(session, actor(), wanted.pop("exporter"))
    made = add_sku(session, actor(), now(), owner, wanted)
    shown = sku_json(queries.read_sku(session, actor(), made.public_id))
    return answer(shown, 201, Location=f"/api/v1/skus/{made.public_id}")


@blueprint.reading("/skus/<id('sku'):sku_id>", SkuShape)
@allow(*ROLES)
def read_sku(sku_id: str) -> Response:
    """Read one article."""
    with reading() as session:
        found = queries.read_sku(session, actor(), sku_id)
    return answer(sku_json(found))


@blueprint.changing("/skus/<id('sku'):sku_id>", SkuShape, status=200, method="PATCH", body=SkuChange)
@allow(*OWNERS)
def change_sku_facts(session: Session, wanted: dict[str, Any], sku_id: str) -> Response:
    """Change what is known of an article.

    Another weight or volume counts at once for the bins in which pieces lie; where a bin would be over its limit this
    is 409 `bin_full`.
    """
    change_sku(session, actor(), now(), sku_id, wanted)
    return answer(sku_json(queries.read_sku(session, actor(), sku_id)))


def sku_json(sku: Sku) -> dict[str, Any]:
    """An article as it is shown."""
    return {
        "id": sku.public_id,
        "exporter": sku.owner.reference,
        "code": sku.code,
        "name_en": sku.name_en,
        "name_zh": sku.name_zh,
        "barcode": sku.barcode,
        "weight_kg": kilograms(sku.weight_g),
        "length_cm": centimetres(sku.length_mm),
        "width_cm": centimetres(sku.width_mm),
        "height_cm": centimetres(sku.height_mm),
        "volume_m3": cubic_metres(sku.volume_cm3),
        "goods_class": sku.goods_class,
        "hs_code": sku.hs_code,
        "origin_country": sku.origin_country,
        "value": money(sku.value_minor, sku.currency),
        "currency": sku.currency,
        "issue_rule": sku.issue_rule,
        "created_at": utc(sku.created_at),
    }
