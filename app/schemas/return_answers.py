"""Returns as they are shown."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.schemas.base import Answer, Page
from warehouses.relief import CLOCKS
from warehouses.returns import APPROVALS, DISPOSITIONS, ITEM_STATES, RETURN_STATES

SENDER: dict[str, Any] = {
    "person_name": "Erika Example", "company_name": None, "address_line1": "Königsallee 1", "address_line2": None,
    "city": "Duisburg", "state_code": None, "postal_code": "47051", "country_code": "DE", "phone": None, "lat": None,
    "lon": None,
}  # fmt: skip
PARTS: dict[str, Any] = {
    "lost": "38.00", "handling": "1.78", "duty": "0.00", "storage": "2.10", "transport": "14.20", "time": "3.05",
}  # fmt: skip
OPTION: dict[str, Any] = {
    "disposition": "return_to_china", "cost": "59.13", "parts": PARTS, "relief": "allowed",
    "done_at": "2026-12-29T04:00:00+00:00", "to": "CNJZH-RET", "departures": ["dep_0h3vk5m8q2r7t9xz"],
}  # fmt: skip
PROPOSAL: dict[str, Any] = {
    "basis": "plan", "plan_id": "pln_0h3vk5m8q2r7t9xz", "currency": "CNY", "saving": "12.40", "options": [OPTION],
}  # fmt: skip
ITEM: dict[str, Any] = {
    "item": 1, "sku": "MUG-350", "name_en": "mug", "name_zh": "杯子", "quantity": 2, "value": "24.90",
    "currency": "EUR", "status": "graded", "grade": "B", "note": "", "warehouse": "DEDUI-WH", "since": "2026-11-20",
    "age_days": 6, "relief_deadline": "2027-03-01", "days_left": 95, "clock": "open", "disposition": None,
    "approval": "not_needed", "vetoed": [], "parcel_id": "pcl_0h3vk5m8q2r7t9xz", "proposal": PROPOSAL,
    "refused": [{"disposition": "restock", "code": "damaged"}], "history": [],
}  # fmt: skip
SUMMARY: dict[str, Any] = {
    "id": "rtn_0h3vk5m8q2r7t9xz", "reference": "RMA-1001", "exporter": "acme", "status": "graded",
    "original": "ORDER-1001", "reason": "unwanted", "warehouse": "DEDUI-WH",
    "tracking_number": "FP123456789012345675", "pieces": 2, "relief_deadline": "2027-03-01", "days_left": 95,
    "clock": "open", "created_at": "2026-11-20T08:00:00+00:00", "received_at": "2026-11-20T09:00:00+00:00",
    "graded_at": "2026-11-20T10:00:00+00:00", "closed_at": None,
}  # fmt: skip
DETAIL: dict[str, Any] = SUMMARY | {
    "condition": "A", "wished": "restock", "note": "", "customs_mode": "9810", "exported_on": "2026-09-01",
    "sender": SENDER,
    "chosen_because": {
        "rule": "nearest", "distance_km": 12, "next": "DEHAM-WH", "next_distance_km": 310,
    },
    "approves_returns": False, "label_pdf": "/api/v1/returns/rtn_0h3vk5m8q2r7t9xz/label.pdf",
    "label_zpl": "/api/v1/returns/rtn_0h3vk5m8q2r7t9xz/label.zpl", "items": [ITEM],
    "photos": [{"id": "9f86d081884c7d659a2feaa0c55ad015", "item": 1, "media_type": "image/jpeg", "size": 204800,
                "url": "/api/v1/returns/rtn_0h3vk5m8q2r7t9xz/photos/9f86d081884c7d659a2feaa0c55ad015"}],
}  # fmt: skip


class PhotoShape(Answer):
    """A picture."""

    example: ClassVar[dict[str, Any]] = DETAIL["photos"][0]
    id = fields.String()
    item = fields.Integer(metadata={"description": "0: of the whole return."})
    media_type = fields.String()
    size = fields.Integer(metadata={"description": "Bytes."})
    url = fields.String()


class CostParts(Answer):
    """What a disposition costs, by what for. `transport` and `time` are null for exporters."""

    lost = fields.String(metadata={"description": "Value that does not come back."})
    handling = fields.String()
    duty = fields.String(metadata={"description": "Duty and tax where relief has lapsed or there is none."})
    storage = fields.String(metadata={"description": "While it waits."})
    transport = fields.String(allow_none=True)
    time = fields.String(allow_none=True, metadata={"description": "What the days until then are worth."})


class OptionShape(Answer):
    """One disposition as it was weighed; `cost` is the sum of its parts."""

    disposition = fields.String(validate=validate.OneOf(DISPOSITIONS))
    cost = fields.String()
    parts = fields.Nested(CostParts)
    relief = fields.String(metadata={"description": "allowed, relief_lapsed or no_relief."})
    done_at = fields.String(allow_none=True)
    to = fields.String(allow_none=True)
    departures = fields.List(fields.String())


class ProposalShape(Answer):
    """What is proposed for an item: the first option. `saving` is what the next best would cost more."""

    basis = fields.String(validate=validate.OneOf(("rules", "plan")))
    plan_id = fields.String(allow_none=True)
    currency = fields.String()
    saving = fields.String(allow_none=True)
    options = fields.List(fields.Nested(OptionShape))


class RefusedShape(Answer):
    """A disposition that is not possible for an item, and why."""

    disposition = fields.String()
    code = fields.String()


class LeftShape(Answer):
    """What was done with an item at a place it left."""

    warehouse = fields.String()
    disposition = fields.String()
    on = fields.String()
    parcel = fields.String(allow_none=True)


class ReturnItemShape(Answer):
    """Pieces of one article that are alike: where they are, and what becomes of them."""

    item = fields.Integer()
    sku = fields.String()
    name_en = fields.String()
    name_zh = fields.String()
    quantity = fields.Integer()
    value = fields.String(metadata={"description": "Of one piece."})
    currency = fields.String()
    status = fields.String(validate=validate.OneOf(ITEM_STATES))
    grade = fields.String(allow_none=True)
    note = fields.String()
    warehouse = fields.String(allow_none=True)
    since = fields.String(allow_none=True)
    age_days = fields.Integer(allow_none=True)
    relief_deadline = fields.String(allow_none=True)
    days_left = fields.Integer(allow_none=True, metadata={"description": "Below 0: over for so many days."})
    clock = fields.String(validate=validate.OneOf(CLOCKS))
    disposition = fields.String(allow_none=True)
    approval = fields.String(validate=validate.OneOf(APPROVALS))
    vetoed = fields.List(fields.String())
    parcel_id = fields.String(allow_none=True)
    proposal = fields.Nested(ProposalShape, allow_none=True)
    refused = fields.List(fields.Nested(RefusedShape))
    history = fields.List(fields.Nested(LeftShape))


class ReturnItemOfList(Answer):
    """A return as lists show it."""

    example: ClassVar[dict[str, Any]] = SUMMARY
    id = fields.String()
    reference = fields.String()
    exporter = fields.String()
    status = fields.String(validate=validate.OneOf(RETURN_STATES))
    original = fields.String()
    reason = fields.String()
    warehouse = fields.String()
    tracking_number = fields.String()
    pieces = fields.Integer()
    relief_deadline = fields.String(allow_none=True)
    days_left = fields.Integer(allow_none=True)
    clock = fields.String(validate=validate.OneOf(CLOCKS))
    created_at = fields.String()
    received_at = fields.String(allow_none=True)
    graded_at = fields.String(allow_none=True)
    closed_at = fields.String(allow_none=True)


class BecauseShape(Answer):
    """Why it goes to this warehouse."""

    rule = fields.String(metadata={"description": "nearest, only_one, country or asked_for."})
    distance_km = fields.Integer(allow_none=True)
    next = fields.String(
        allow_none=True, metadata={"description": "The one that would have been chosen otherwise."}
    )
    next_distance_km = fields.Integer(allow_none=True)


class SenderShape(Answer):
    """Who sends it back."""

    person_name = fields.String(allow_none=True)
    company_name = fields.String(allow_none=True)
    address_line1 = fields.String(allow_none=True)
    address_line2 = fields.String(allow_none=True)
    city = fields.String(allow_none=True)
    state_code = fields.String(allow_none=True)
    postal_code = fields.String(allow_none=True)
    country_code = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    lat = fields.String(allow_none=True)
    lon = fields.String(allow_none=True)


class ReturnDetail(ReturnItemOfList):
    """A return with everything that belongs to it."""

    example: ClassVar[dict[str, Any]] = DETAIL
    condition = fields.String(allow_none=True)
    wished = fields.String(allow_none=True)
    note = fields.String()
    customs_mode = fields.String(allow_none=True)
    exported_on = fields.String(allow_none=True)
    sender = fields.Nested(SenderShape)
    chosen_because = fields.Nested(BecauseShape)
    approves_returns = fields.Boolean(metadata={"description": "The exporter's word is needed."})
    label_pdf = fields.String()
    label_zpl = fields.String()
    items = fields.List(fields.Nested(ReturnItemShape))
    photos = fields.List(fields.Nested(PhotoShape))


class ReturnPage(Page):
    """A page of returns."""

    example: ClassVar[dict[str, Any]] = {"items": [SUMMARY], "next_cursor": None}
    items = fields.List(fields.Nested(ReturnItemOfList))


class AdoptedShape(Answer):
    """The returns for which something was chosen."""

    example: ClassVar[dict[str, Any]] = {"returns": ["rtn_0h3vk5m8q2r7t9xz"]}
    returns = fields.List(fields.String())
