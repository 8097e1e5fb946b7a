"""How returns are written on the wire."""

from typing import Any

from app.actor import PLANNERS, Actor
from app.api.wire import money, utc
from app.models import ReturnItem, ReturnPhoto
from app.queries.returns import ReturnRow
from app.usecases.returning.photos import NAMED

CONFIDENTIAL = ("transport", "time")
"""Parts of a cost that tell what space costs the operation."""
SENDER = (
    "person_name", "company_name", "address_line1", "address_line2", "city", "state_code", "postal_code",
    "country_code", "phone", "lat", "lon",
)  # fmt: skip


def return_item(row: ReturnRow) -> dict[str, Any]:
    """A return as lists show it."""
    found = row.found
    return {
        "id": found.public_id,
        "reference": found.reference,
        "exporter": found.exporter.reference,
        "status": found.status,
        "original": found.original,
        "reason": found.reason,
        "warehouse": found.warehouse.location.code,
        "tracking_number": found.tracking_number,
        "pieces": sum(item.quantity for item in found.items),
        "relief_deadline": _day(found.relief_deadline),
        "days_left": row.clock.days_left,
        "clock": row.clock.state,
        "created_at": utc(found.created_at),
        "received_at": utc(found.received_at),
        "graded_at": utc(found.graded_at),
        "closed_at": utc(found.closed_at),
    }


def return_detail(row: ReturnRow, actor: Actor) -> dict[str, Any]:
    """A return with everything that belongs to it."""
    found = row.found
    because = found.chosen_because
    further = because.get("next") or {}
    path = f"/api/v1/returns/{found.public_id}"
    return return_item(row) | {
        "condition": found.condition,
        "wished": found.wished,
        "note": found.note,
        "customs_mode": found.customs_mode,
        "exported_on": _day(found.exported_on),
        "sender": {name: _text(found.sender.get(name)) for name in SENDER},
        "chosen_because": {
            "rule": because.get("rule", "asked_for"),
            "distance_km": because.get("distance_km"),
            "next": further.get("code"),
            "next_distance_km": further.get("distance_km"),
        },
        "approves_returns": found.exporter.approves_returns,
        "label_pdf": f"{path}/label.pdf",
        "label_zpl": f"{path}/label.zpl",
        "items": [_item(row, item, sees_cost=actor.may(*PLANNERS)) for item in found.items],
        "photos": [photo_json(found.public_id, photo) for photo in row.photos],
    }


def photo_json(rtn_id: str, photo: ReturnPhoto) -> dict[str, Any]:
    """A picture."""
    name = photo.sha256[:NAMED]
    return {
        "id": name,
        "item": photo.item_seq,
        "media_type": photo.media_type,
        "size": photo.size,
        "url": f"/api/v1/returns/{rtn_id}/photos/{name}",
    }


def _item(row: ReturnRow, item: ReturnItem, *, sees_cost: bool) -> dict[str, Any]:
    clock = row.clock_of(item)
    return {
        "item": item.seq,
        "sku": item.sku.code,
        "name_en": item.sku.name_en,
        "name_zh": item.sku.name_zh,
        "quantity": item.quantity,
        "value": money(item.value_minor, item.currency),
        "currency": item.currency,
        "status": item.status,
        "grade": item.grade,
        "note": item.note,
        "warehouse": item.warehouse.location.code if item.warehouse else None,
        "since": _day(item.came_on),
        "age_days": row.age_days(item),
        "relief_deadline": _day(row.deadline(item)),
        "days_left": clock.days_left,
        "clock": clock.state,
        "disposition": item.disposition,
        "approval": item.approval,
        "vetoed": item.vetoed,
        "parcel_id": item.parcel.public_id if item.parcel else None,
        "proposal": proposal_json(item.proposal, sees_cost=sees_cost) if item.proposal else None,
        "refused": [
            {"disposition": one.option.disposition, "code": one.code} for one in row.choices(item) if not one.allowed
        ],
        "history": [{name: step.get(name) for name in ("warehouse", "disposition", "on", "parcel")}
                    for step in item.history],
    }  # fmt: skip


def proposal_json(told: dict[str, Any], *, sees_cost: bool) -> dict[str, Any]:
    """What is proposed for an item; without what space costs the operation, for those who may not see that."""
    currency = told["currency"]
    return {
        "basis": told["basis"],
        "plan_id": told["plan"],
        "currency": currency,
        "saving": money(told["saving_minor"], currency) if sees_cost else None,
        "options": [_option(one, currency, sees_cost=sees_cost) for one in told["options"]],
    }


def _option(one: dict[str, Any], currency: str, *, sees_cost: bool) -> dict[str, Any]:
    shown = {name: amount for name, amount in one["parts"].items() if sees_cost or name not in CONFIDENTIAL}
    parts = {name: money(shown.get(name), currency) for name in one["parts"]}
    names = ("disposition", "relief", "done_at", "to", "departures")
    return {name: one[name] for name in names} | {
        "cost": money(sum(shown.values()), currency),
        "parts": parts,
    }


def _day(day: Any) -> str | None:  # noqa: ANN401 (a date or none)
    return None if day is None else day.isoformat()


def _text(value: Any) -> str | None:  # noqa: ANN401 (whatever was sent)
    return None if value is None else str(value)
