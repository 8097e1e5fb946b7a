"""ASNs: goods announced to a warehouse, as their owner writes them down, and as everybody finds them again."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.errors import FieldError, Invalid, NotFound
from app.ids import new_id
from app.models import Asn, AsnLine, Booking, BookingLeg, Location, Sku, Warehouse
from app.models.places import WAREHOUSE_KINDS
from app.queries.paper_facts import DEAD
from app.usecases import auditing
from app.usecases.warehousing.access import may_own, may_see, refuse_practice
from app.usecases.warehousing.lots import find_sku
from app.usecases.warehousing.named import named_owner, named_warehouse
from app.usecases.warehousing.refusals import step
from warehouses.barcodes import read_scan
from warehouses.errors import WarehouseError
from warehouses.inbound import ASN_STEPS
from warehouses.numbers import read_number
from warehouses.stock import NEVER


@dataclass(frozen=True, slots=True)
class AnnouncedLine:
    """So many pieces of a SKU, named by its code, id or barcode, in so many cartons (0: not told)."""

    sku: str
    quantity: int
    cartons: int = 0
    batch: str = ""
    expires_on: date | None = None
    condition: str = "A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What is to come. Without `expected_on` it is the day on which the booking arrives."""

    reference: str
    lines: Sequence[AnnouncedLine]
    expected_on: date | None = None
    booking_id: str | None = None
    container: str | None = None
    container_type: str | None = None
    pallets: int = 0
    customs_status: str = "free"

    @classmethod
    def read(cls, wanted: Mapping[str, Any]) -> "Announcement":
        """From a body of `app.schemas.inbound.AsnBody`."""
        lines = [AnnouncedLine(**line | {"batch": line["batch"] or ""}) for line in wanted["lines"]]
        names = ("reference", "expected_on", "booking_id", "container", "container_type", "pallets")
        head = {name: wanted[name] for name in names}
        return cls(lines=lines, customs_status=wanted["customs_status"], **head)


def create_asn(
    session: Session, actor: Actor, now: datetime, warehouse: str, exporter: str | None, wanted: Announcement
) -> Asn:
    """Write goods down that are to come; nothing is posted before they are announced.

    Raises Invalid naming each place: `unknown_warehouse`, `unknown_exporter`, `duplicate_reference`, `sku_unknown`,
    `duplicate_line`, `goods_refused`, `booking_unknown`, `other_destination`, `not_bonded`, `date_missing`,
    `bad_number`, `bad_check_digit`.
    """
    refuse_practice(actor)
    house = named_warehouse(session, actor, warehouse)
    owner = named_owner(session, actor, exporter)
    asn = Asn(
        public_id=new_id("asn"), warehouse_id=house.id, owner_id=owner.id, created_at=now, status="draft",
        created_by=actor.reference, warehouse=house, owner=owner, lines=[], receipts=[],
    )  # fmt: skip
    _write(session, asn, wanted)
    auditing.record(session, actor, now, "asn.draft", asn.public_id, after={"reference": asn.reference})
    return asn


def change_asn(session: Session, actor: Actor, now: datetime, asn_id: str, wanted: Announcement) -> Asn:
    """Make a draft say something else. Raises Conflict once it is announced, and as `create_asn`."""
    refuse_practice(actor)
    asn = lock_asn(session, actor, asn_id)
    asn.status = step(ASN_STEPS, "change", asn.status)
    asn.lines.clear()
    session.flush()
    _write(session, asn, wanted)
    auditing.record(session, actor, now, "asn.changed", asn.public_id, after={"lines": len(asn.lines)})
    return asn


def find_asn(session: Session, actor: Actor, asn_id: str, *, lock: bool = False) -> Asn:
    """An ASN with its lines, owner, warehouse and booking; NotFound, also for another's."""
    query = (
        select(Asn)
        .where(Asn.public_id == asn_id, may_see(actor, Asn.warehouse_id), may_own(actor, Asn.owner_id))
        .options(
            joinedload(Asn.owner),
            joinedload(Asn.warehouse).joinedload(Warehouse.location),
            joinedload(Asn.booking),
            selectinload(Asn.lines).joinedload(AsnLine.sku),
        )
        .execution_options(populate_existing=True)
    )
    found = session.scalar(query.with_for_update(of=Asn) if lock else query)
    if found is None:
        raise NotFound("there is no such ASN")
    return found


def lock_asn(session: Session, actor: Actor, asn_id: str) -> Asn:
    """An ASN the actor may touch, locked; NotFound."""
    return find_asn(session, actor, asn_id, lock=True)


def fault(at: str, code: str, message: str, suggestion: str = "") -> FieldError:
    """One thing wrong with what was sent; `at` has the form `lines.0.sku`."""
    path = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in at.split("."))
    return FieldError(at, code, message, suggestion, f"${path}")


def refuse(faults: Sequence[FieldError]) -> None:
    """Raise Invalid if anything is wrong."""
    if faults:
        raise Invalid("; ".join(f"{one.field}: {one.message}" for one in faults[:5]), tuple(faults))


def owners_sku(session: Session, owner_id: int, code: str) -> Sku | None:
    """A SKU of an owner by its code, id or barcode, as typed or scanned; None where there is none."""
    with session.no_autoflush:
        for name in dict.fromkeys((code, *read_scan(code).names)):
            with suppress(NotFound):
                return find_sku(session, owner_id, name)
    return None


def _write(session: Session, asn: Asn, wanted: Announcement) -> None:
    booking = _booking(session, asn, wanted.booking_id)
    day = wanted.expected_on or _arrival(session, asn.warehouse, booking)
    faults = _head_faults(session, asn, wanted)
    if day is None:
        why = "say when it is expected, or which booking carries it"
        faults.append(fault("expected_on", "date_missing", "nothing says when it comes", why))
    container = _container(wanted.container, faults)
    lines = _lines(session, asn, wanted.lines, faults)
    refuse(faults)
    asn.reference, asn.expected_on = wanted.reference, day or date.min
    asn.booking_id, asn.booking = (booking.id, booking) if booking else (None, None)
    asn.container, asn.container_type = container, wanted.container_type
    asn.pallets, asn.customs_status = wanted.pallets, wanted.customs_status
    asn.lines = lines
    try:
        with session.begin_nested():
            session.add(asn)
            session.flush()
    except IntegrityError:
        refuse([_duplicate(wanted.reference)])


def _head_faults(session: Session, asn: Asn, wanted: Announcement) -> list[FieldError]:
    faults = []
    same = select(Asn.id).where(Asn.owner_id == asn.owner_id, Asn.reference == wanted.reference)
    with session.no_autoflush:
        if session.scalar(same.where(Asn.public_id != asn.public_id)):
            faults.append(_duplicate(wanted.reference))
    if wanted.customs_status == "bonded" and not asn.warehouse.bonded:
        remedy = "send it to a bonded warehouse, or as free goods"
        faults.append(fault("customs_status", "not_bonded", "the warehouse is not bonded", remedy))
    return faults


def _duplicate(reference: str) -> FieldError:
    message = f"there is an ASN {reference} already"
    return fault("reference", "duplicate_reference", message, "give a new reference, or change that one")


def _container(text: str | None, faults: list[FieldError]) -> str | None:
    try:
        return read_number("container", text) if text else None
    except WarehouseError as error:
        remedy = "copy the number from the door of the container"
        faults.append(fault("container", error.code, error.detail, remedy))
        return None


def _booking(session: Session, asn: Asn, booking_id: str | None) -> Booking | None:
    """The owner's booking that carries it; it must not end at another warehouse."""
    if booking_id is None:
        return None
    query = (
        select(Booking)
        .where(Booking.public_id == booking_id, Booking.exporter_id == asn.owner_id)
        .options(joinedload(Booking.destination))
    )
    booking = session.scalar(query)
    if booking is None or booking.status in DEAD:
        word = "there is no such booking of this exporter" if booking is None else f"it is {booking.status}"
        raise _wrong("booking_id", "booking_unknown", word, "name a live booking of the same exporter")
    end: Location = booking.destination
    if end.kind in WAREHOUSE_KINDS and end.id != asn.warehouse.location_id:
        remedy = "announce it to that warehouse"
        raise _wrong("booking_id", "other_destination", f"the booking goes to {end.code}", remedy)
    return booking


def _arrival(session: Session, warehouse: Warehouse, booking: Booking | None) -> date | None:
    """The day, at the warehouse, on which a booking arrives."""
    if booking is None:
        return None
    query = select(BookingLeg.arrives_at).where(BookingLeg.booking_id == booking.id)
    last = session.scalars(query.order_by(BookingLeg.seq.desc()).limit(1)).first()
    return last.astimezone(ZoneInfo(warehouse.location.time_zone)).date() if last else None


def _lines(
    session: Session, asn: Asn, wanted: Sequence[AnnouncedLine], faults: list[FieldError]
) -> list[AsnLine]:
    made: list[AsnLine] = []
    seen: dict[tuple[Any, ...], int] = {}
    for at, line in enumerate(wanted):
        sku = owners_sku(session, asn.owner_id, line.sku)
        key = (sku.id if sku else line.sku, line.batch, line.expires_on, line.condition)
        first = seen.setdefault(key, at)
        if sku is None:
            remedy = "use the code, id or barcode of one of the exporter's SKUs"
            faults.append(fault(f"lines.{at}.sku", "sku_unknown", f"there is no SKU {line.sku!r}", remedy))
        elif first != at:
            remedy = "write the same goods on one line"
            faults.append(fault(f"lines.{at}.sku", "duplicate_line", f"it is line {first + 1}", remedy))
        elif asn.warehouse.accepts and sku.goods_class not in asn.warehouse.accepts:
            text = f"the warehouse does not take {sku.goods_class} goods"
            faults.append(fault(f"lines.{at}.sku", "goods_refused", text, "send them to another warehouse"))
        else:
            made.append(_line(at + 1, sku, line))
    return made


def _line(seq: int, sku: Sku, line: AnnouncedLine) -> AsnLine:
    return AsnLine(
        seq=seq, sku_id=sku.id, sku=sku, batch=line.batch, expires_on=line.expires_on or NEVER,
        condition=line.condition, cartons=line.cartons, cartons_received=0, expected=line.quantity,
        received=0, damaged=0,
    )  # fmt: skip


def _wrong(at: str, code: str, message: str, suggestion: str) -> Invalid:
    return Invalid(f"{at}: {message}", (fault(at, code, message, suggestion),))
