"""Stock and its ledger on the wire."""

from typing import Any, ClassVar

from marshmallow import fields

from app.schemas.base import Answer, Page, PageQuery, Shape
from app.schemas.fields import Day, PublicId, Text, Whole, Word
from app.schemas.skus import exporter
from warehouses.stock import CONDITIONS, CUSTOMS_STATES, PLACE_KINDS, POSTING_KINDS

PLACE = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
WAREHOUSE = {"description": "Id or code of the warehouse."}
LOT: dict[str, Any] = {
    "batch": None,
    "expires_on": None,
    "condition": "A",
    "customs_status": "free",
    "received_on": "2026-11-02",
}
STOCK: dict[str, Any] = {
    "warehouse": "DEDUI-WH",
    "warehouse_id": "whs_0h3vk5m8q2r7t9xz",
    "exporter": "acme",
    "sku_id": "sku_0h3vk5m8q2r7t9xz",
    "sku": "MUG-350-BLUE",
    "lot": LOT,
    "place_kind": "bin",
    "place": "A-01",
    "zone": "A",
    "on_hand": 48,
    "reserved": 6,
    "free": 42,
}
MOVE: dict[str, Any] = {
    "posting_id": "pst_0h3vk5m8q2r7t9xz",
    "kind": "move",
    "at": "2026-11-26T08:15:00+00:00",
    "subject": None,
    "reason": "fast mover to the front",
    "actor": "usr_0h3vk5m8q2r7t9xz",
    "warehouse": "DEDUI-WH",
    "exporter": "acme",
    "sku_id": "sku_0h3vk5m8q2r7t9xz",
    "sku": "MUG-350-BLUE",
    "lot": LOT,
    "from_kind": "bin",
    "from": "A-01",
    "to_kind": "bin",
    "to": "A-02",
    "quantity": 12,
}
POSTING: dict[str, Any] = {
    "id": "pst_0h3vk5m8q2r7t9xz",
    "kind": "move",
    "at": "2026-11-26T08:15:00+00:00",
    "warehouse": "DEDUI-WH",
    "warehouse_id": "whs_0h3vk5m8q2r7t9xz",
    "subject": None,
    "reason": "fast mover to the front",
    "scan_id": "gun-7-000123",
    "actor_kind": "user",
    "actor": "usr_0h3vk5m8q2r7t9xz",
    "reverses": None,
    "reversed_by": None,
    "moves": [MOVE],
}
NEW_MOVE: dict[str, Any] = {
    "warehouse": "DEDUI-WH",
    "sku": "sku_0h3vk5m8q2r7t9xz",
    "from": "A-01",
    "to": "A-02",
    "quantity": 12,
    "scan_id": "gun-7-000123",
    "reason": "fast mover to the front",
}


def warehouse(**options: Any) -> Text:  # noqa: ANN401 (of Text)
    """The warehouse, by id or code."""
    return Text(longest=24, pattern=PLACE, metadata=WAREHOUSE, **options)


def scan_id() -> Text:
    """A device's own id of what it scanned."""
    return Text(
        longest=64, pattern=r"^[!-~]+$", load_default=None, allow_none=True,
        metadata={"description": "The device's own id of this scan; however often it comes, it is posted once."},
    )  # fmt: skip


class StockQuery(PageQuery):
    """What narrows the list of stock."""

    warehouse = warehouse(load_default=None)
    sku = PublicId("sku", load_default=None, metadata={"description": "Id of an article."})
    exporter = Text(longest=40, load_default=None, metadata={"description": "Reference or id; for staff."})
    condition = Word(*CONDITIONS, load_default=None)
    customs_status = Word(*CUSTOMS_STATES, load_default=None)
    place_kind = Word(*PLACE_KINDS, load_default=None)
    place = Text(longest=24, pattern=PLACE, load_default=None, metadata={"description": "Code of a bin."})
    q = Text(
        longest=80,
        load_default=None,
        metadata={"description": "Begins the code, is in a name, or is the barcode."},
    )


class LotShape(Answer):
    """What pieces have in common, so that they are counted as one."""

    example: ClassVar[dict[str, Any]] = LOT
    batch = fields.String(allow_none=True)
    expires_on = fields.String(allow_none=True, metadata={"format": "date"})
    condition = fields.String(
        metadata={"enum": list(CONDITIONS), "description": "A as new, B repack, C damaged, D scrap."}
    )
    customs_status = fields.String(metadata={"enum": list(CUSTOMS_STATES)})
    received_on = fields.String(
        allow_none=True, metadata={"format": "date", "description": "Null: still on its way."}
    )


class StockShape(Answer):
    """Pieces of a lot at a place; `free` may be moved or promised."""

    example: ClassVar[dict[str, Any]] = STOCK
    warehouse = fields.String()
    warehouse_id = fields.String()
    exporter = fields.String()
    sku_id = fields.String()
    sku = fields.String(metadata={"description": "The exporter's code of the article."})
    lot = fields.Nested(LotShape)
    place_kind = fields.String(metadata={"enum": list(PLACE_KINDS)})
    place = fields.String()
    zone = fields.String(allow_none=True)
    on_hand = fields.Integer()
    reserved = fields.Integer()
    free = fields.Integer()


class StockPage(Page):
    """Stock by lot and place."""

    example: ClassVar[dict[str, Any]] = {"items": [STOCK], "next_cursor": None}
    items = fields.List(fields.Nested(StockShape))


class StockMoveQuery(PageQuery):
    """Of which article the ledger is read, and what narrows it."""

    sku = PublicId("sku", required=True, metadata={"description": "Id of the article."})
    warehouse = warehouse(load_default=None)
    kind = Word(*POSTING_KINDS, load_default=None)
    batch = Text(longest=40, load_default=None)
    condition = Word(*CONDITIONS, load_default=None)
    customs_status = Word(*CUSTOMS_STATES, load_default=None)


class StockMoveShape(Answer):
    """Pieces of a lot from one place to another: the double entry."""

    example: ClassVar[dict[str, Any]] = MOVE
    posting_id = fields.String()
    kind = fields.String(metadata={"enum": list(POSTING_KINDS)})
    at = fields.String(metadata={"format": "date-time"})
    subject = fields.String(
        allow_none=True, metadata={"description": "Id of the order, announced goods, count … it was for."}
    )
    reason = fields.String()
    actor = fields.String()
    warehouse = fields.String()
    exporter = fields.String()
    sku_id = fields.String()
    sku = fields.String()
    lot = fields.Nested(LotShape)
    from_kind = fields.String(metadata={"enum": list(PLACE_KINDS)})
    from_ = fields.String(data_key="from")
    to_kind = fields.String(metadata={"enum": list(PLACE_KINDS)})
    to = fields.String()
    quantity = fields.Integer()


class StockMovePage(Page):
    """Moves of an article, the newest first."""

    example: ClassVar[dict[str, Any]] = {"items": [MOVE], "next_cursor": None}
    items = fields.List(fields.Nested(StockMoveShape))


class PostingShape(Answer):
    """Moves that were made together; an exporter sees its own among them."""

    example: ClassVar[dict[str, Any]] = POSTING
    id = fields.String()
    kind = fields.String(metadata={"enum": list(POSTING_KINDS)})
    at = fields.String(metadata={"format": "date-time"})
    warehouse = fields.String()
    warehouse_id = fields.String()
    subject = fields.String(allow_none=True)
    reason = fields.String()
    scan_id = fields.String(allow_none=True)
    actor_kind = fields.String()
    actor = fields.String()
    reverses = fields.String(allow_none=True, metadata={"description": "The posting it takes back."})
    reversed_by = fields.String(allow_none=True)
    moves = fields.List(fields.Nested(StockMoveShape))


class PiecesGiven(Shape):
    """Pieces of an article at a place, of the lots that fit what is said of them, the oldest first."""

    warehouse = warehouse(required=True)
    exporter = exporter()
    sku = Text(
        longest=64, required=True,
        metadata={"description": "Id of the article; with `exporter` also its code or barcode."},
    )  # fmt: skip
    quantity = Whole(
        least=1, most=10_000_000, load_default=None, allow_none=True,
        metadata={"description": "Pieces; null: all that are free there."},
    )  # fmt: skip
    batch = Text(longest=40, shortest=0, load_default=None, allow_none=True)
    expires_on = Day(load_default=None, allow_none=True)
    customs_status = Word(*CUSTOMS_STATES, load_default=None, allow_none=True)
    scan_id = scan_id()


class NewMove(PiecesGiven):
    """Pieces to be moved from bin to bin."""

    example: ClassVar[dict[str, Any]] = NEW_MOVE
    from_ = Text(longest=24, pattern=PLACE, required=True, data_key="from")
    to = Text(longest=24, pattern=PLACE, required=True)
    condition = Word(*CONDITIONS, load_default=None, allow_none=True)
    reason = Text(longest=200, shortest=0, load_default="")


class NewRegrade(PiecesGiven):
    """Pieces that are to have another condition where they lie."""

    example: ClassVar[dict[str, Any]] = {
        "warehouse": "DEDUI-WH", "sku": "sku_0h3vk5m8q2r7t9xz", "place": "A-01", "quantity": 2,
        "from_condition": "A", "condition": "C", "reason": "handle broken",
    }  # fmt: skip
    place = Text(longest=24, pattern=PLACE, required=True)
    from_condition = Word(*CONDITIONS, load_default=None, allow_none=True)
    condition = Word(*CONDITIONS, required=True, metadata={"description": "The new one."})
    reason = Text(longest=200, required=True)


class NewScrap(PiecesGiven):
    """Pieces to be destroyed."""

    example: ClassVar[dict[str, Any]] = {
        "warehouse": "DEDUI-WH", "sku": "sku_0h3vk5m8q2r7t9xz", "place": "A-01", "quantity": 1,
        "condition": "D", "reason": "shattered",
    }  # fmt: skip
    place = Text(longest=24, pattern=PLACE, required=True)
    condition = Word(*CONDITIONS, load_default=None, allow_none=True)
    reason = Text(longest=200, required=True)


class Undo(Shape):
    """Why a posting is taken back."""

    example: ClassVar[dict[str, Any]] = {"reason": "wrong bin"}
    reason = Text(longest=200, required=True)
    scan_id = scan_id()
