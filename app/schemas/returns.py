"""What is said about returns: asked for, received, graded, decided, carried out."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.models.pool import CUSTOMS_MODES
from app.schemas.base import PageQuery, Shape
from app.schemas.fields import Day, Flag, Number, PublicId, Text, Whole, Word
from app.schemas.parcels import File
from warehouses.returns import APPROVALS, DISPOSITIONS, GRADES, RETURN_REASONS, RETURN_STATES

MOST_ITEMS = 100


def _items(what: Any, **given: Any) -> fields.List[Any]:  # noqa: ANN401 (a shape or a field, and its options)
    inner = fields.Nested(what) if isinstance(what, type) else what
    length = validate.Length(min=1, max=MOST_ITEMS, error=f"bad_length|1 to {MOST_ITEMS} items")
    return fields.List(inner, validate=length, **({"required": True} | given))


def _item() -> Whole:
    return Whole(least=1, most=100_000, required=True, metadata={"description": "Number of the item."})


def _scan() -> Text:
    words = "The device's own id of this scan; however often it comes, it is posted once."
    return Text(longest=64, load_default=None, allow_none=True, metadata={"description": words})


class Sender(Shape):
    """Who sends it back. `lat` and `lon` find the nearest warehouse; else the city, else where it was delivered."""

    person_name = Text(longest=80, load_default=None, allow_none=True)
    company_name = Text(longest=80, load_default=None, allow_none=True)
    address_line1 = Text(longest=120, load_default=None, allow_none=True)
    address_line2 = Text(longest=120, load_default=None, allow_none=True)
    city = Text(longest=80, load_default=None, allow_none=True)
    state_code = Text(longest=40, load_default=None, allow_none=True)
    postal_code = Text(longest=16, load_default=None, allow_none=True)
    country_code = Text(longest=2, shortest=2, pattern="^[A-Z]{2}$", required=True)
    phone = Text(longest=40, load_default=None, allow_none=True)
    lat = Number(least="-90", most="90", places=6, load_default=None, allow_none=True)
    lon = Number(least="-180", most="180", places=6, load_default=None, allow_none=True)


class NewReturnItem(Shape):
    """So many pieces of an article (its code, id or barcode). `value` is of one piece; default: the article's own."""

    sku = Text(longest=64, required=True)
    quantity = Whole(least=1, most=10_000, required=True)
    value = Number(least="0", most="1000000", places=2, load_default=None, allow_none=True)
    currency = Text(longest=3, shortest=3, pattern="^[A-Z]{3}$", load_default=None, allow_none=True)


class NewReturn(Shape):
    """What comes back, why, from whom; `original` is the parcel or order it went out with."""

    example: ClassVar[dict[str, Any]] = {
        "original": "ORDER-1001", "reference": "RMA-1001", "reason": "unwanted", "condition": "A", "wished": "restock",
        "items": [{"sku": "MUG-350", "quantity": 2}], "sender": {"person_name": "Erika Example",
        "address_line1": "Königsallee 1", "city": "Duisburg", "postal_code": "47051", "country_code": "DE"},
    }  # fmt: skip
    original = Text(
        longest=64, load_default=None, allow_none=True,
        metadata={"description": "Public id, reference or tracking number of the parcel or outbound order."},
    )  # fmt: skip
    exporter = Text(
        longest=40, load_default=None, allow_none=True, metadata={"description": "Whose goods; for staff."}
    )
    reference = Text(longest=64, load_default=None, allow_none=True, metadata={"description": "Your own."})
    reason = Word(*RETURN_REASONS, required=True)
    condition = Word(
        *GRADES, load_default=None, allow_none=True, metadata={"description": "As its sender says."}
    )
    wished = Word(*DISPOSITIONS, load_default=None, allow_none=True)
    note = Text(longest=500, shortest=0, load_default="")
    items = _items(NewReturnItem)
    sender = fields.Nested(Sender, required=True)
    warehouse = Text(
        longest=24, load_default=None, allow_none=True,
        metadata={"description": "Code or id; default: the nearest in the sender's country that takes returns."},
    )  # fmt: skip
    exported_on = Day(load_default=None, allow_none=True)
    customs_mode = Word(*CUSTOMS_MODES, load_default=None, allow_none=True)
    label = Flag(load_default=True, metadata={"description": "false: it comes without a label of ours."})


class ReturnQuery(PageQuery):
    """What narrows the returns."""

    status = Word(*RETURN_STATES, load_default=None)
    warehouse = Text(longest=24, load_default=None, metadata={"description": "Code or id of where it is."})
    exporter = Text(longest=40, load_default=None, metadata={"description": "Reference or id; for staff."})
    reference = Text(
        longest=64, load_default=None,
        metadata={"description": "Exactly this reference, tracking number, id or original."},
    )  # fmt: skip
    grade = Word(*GRADES, load_default=None)
    approval = Word(*APPROVALS, load_default=None)
    deadline_days = Whole(
        least=0, most=366, from_text=True, load_default=None,
        metadata={"description": "Relief ends within so many days."},
    )  # fmt: skip


class CameItem(Shape):
    """So many pieces of an item that came."""

    item = _item()
    quantity = Whole(least=1, most=10_000, required=True)


class Received(Shape):
    """What came; without `items` all of it. `complete`: what did not come is missing, until it turns up."""

    example: ClassVar[dict[str, Any]] = {"items": [{"item": 1, "quantity": 2}], "scan_id": "gun-7-000123"}
    items = _items(CameItem, required=False, load_default=None, allow_none=True)
    complete = Flag(load_default=True)
    scan_id = _scan()


class GradedItem(CameItem):
    """So many pieces of an item with a grade: A as new, B to be repacked, C damaged, D scrap."""

    grade = Word(*GRADES, required=True)
    note = Text(longest=500, shortest=0, load_default="")


class GradedReturn(Shape):
    """The grades of pieces; an item of several grades becomes several, the first keeps its number."""

    example: ClassVar[dict[str, Any]] = {
        "items": [{"item": 1, "quantity": 1, "grade": "A"}, {"item": 1, "quantity": 1, "grade": "C"}]
    }
    items = _items(GradedItem)
    scan_id = _scan()


class ChosenItem(Shape):
    """What becomes of an item, or of so many of its pieces; `destination` is a location, for goods that travel."""

    item = _item()
    disposition = Word(*DISPOSITIONS, required=True)
    quantity = Whole(least=1, most=10_000, load_default=None, allow_none=True)
    destination = Text(longest=24, load_default=None, allow_none=True)
    note = Text(longest=500, shortest=0, load_default="")


class ChosenDispositions(Shape):
    """What becomes of items. Nothing moves by it."""

    example: ClassVar[dict[str, Any]] = {"items": [{"item": 1, "disposition": "return_to_china"}]}
    items = _items(ChosenItem)


class CarriedOut(Shape):
    """What was decided is done: `place` is the bin it is put into, `sku` the article it becomes, `note` the proof."""

    example: ClassVar[dict[str, Any]] = {"item": 1, "place": "A-03-2", "scan_id": "gun-7-000124"}
    item = _item()
    place = Text(longest=24, load_default=None, allow_none=True)
    sku = Text(longest=64, load_default=None, allow_none=True)
    note = Text(longest=500, shortest=0, load_default="")
    scan_id = _scan()


class TravellingItems(Shape):
    """Items that leave, or that came."""

    example: ClassVar[dict[str, Any]] = {"items": [1, 2]}
    items = _items(Whole(least=1, most=100_000))
    scan_id = _scan()


class Judgement(Shape):
    """The exporter's word about what was chosen for an item."""

    example: ClassVar[dict[str, Any]] = {"item": 1, "approved": False, "note": "we fetch it ourselves"}
    item = _item()
    approved = Flag(required=True)
    note = Text(longest=500, shortest=0, load_default="")


class AdoptedPlan(Shape):
    """The plan whose proposals are chosen for every graded item they are for."""

    example: ClassVar[dict[str, Any]] = {"plan_id": "pln_0h3vk5m8q2r7t9xz"}
    plan_id = PublicId("pln", required=True)


class PhotoForm(Shape):
    """A picture of an item, or with 0 of the whole return: JPEG, PNG or WebP, 10 MB at most."""

    file = File(required=True)
    item = Whole(least=0, most=100_000, from_text=True, load_default=0)
