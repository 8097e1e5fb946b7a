"""Goods on their way to the sample's warehouses, one ASN in each state, so that there is something to receive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Asn, Party, Sku, StockBalance, StockLot, StockPlace, Warehouse
from app.seeds.sample_stock import HOUSES
from app.usecases.warehousing.access import find_warehouse
from app.usecases.warehousing.announcing_goods import announce_asn, arrive_asn, depart_asn
from app.usecases.warehousing.asns import AnnouncedLine, Announcement, create_asn
from app.usecases.warehousing.putting_away import put_away
from app.usecases.warehousing.receiving import Count, close_receiving, receive
from warehouses.numbers import container_check_digit

DAY = timedelta(days=1)
PER_CARTON = 24
MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class SampleAsn:
    """How far one ASN has come, and in how many days it is expected."""

    state: str
    days: int
    boxed: bool = True
    """It comes in a container; else on pallets."""


FIRST_HOUSE = (
    SampleAsn("draft", 42, boxed=False), SampleAsn("announced", 23), SampleAsn("in_transit", 6),
    SampleAsn("arrived", 0), SampleAsn("receiving", 0, boxed=False), SampleAsn("received", -1),
    SampleAsn("putaway_done", -4),
)  # fmt: skip
OTHER_HOUSES = (SampleAsn("announced", 17), SampleAsn("arrived", 0, boxed=False))
STEPS = ("announced", "in_transit", "arrived", "receiving", "received", "putaway_done")


def seed_sample_inbound(session: Session, actor: Actor, now: datetime) -> int:
    """Announce goods to the warehouses of the sample; returns how many ASNs are new, and again none."""
    made, number = 0, 0
    for at, house in enumerate(HOUSES):
        warehouse = find_warehouse(session, actor, house.code)
        owners = _owners(session, warehouse)
        for turn, sample in enumerate(FIRST_HOUSE if at == 0 else OTHER_HOUSES):
            number += 1
            reference = f"SAMPLE-{house.code}-{turn + 1}"
            if owners and not session.scalar(select(Asn.id).where(Asn.reference == reference)):
                owner, skus = owners[turn % len(owners)]
                _bring(
                    session,
                    actor,
                    now,
                    warehouse,
                    owner,
                    _wanted(reference, skus, sample, number, now),
                    sample,
                )
                made += 1
    return made


def _owners(session: Session, warehouse: Warehouse) -> list[tuple[str, list[Sku]]]:
    """References of exporters with some articles each that are kept in a warehouse."""
    query = (
        select(Party.reference, Sku)
        .join(Sku, Sku.owner_id == Party.id)
        .where(
            Sku.id.in_(
                select(StockLot.sku_id)
                .join(StockBalance, StockBalance.lot_id == StockLot.id)
                .join(StockPlace, StockBalance.place_id == StockPlace.id)
                .where(StockPlace.warehouse_id == warehouse.id)
            )
        )
        .order_by(Party.reference, Sku.code)
    )
    found: dict[str, list[Sku]] = {}
    for owner, sku in session.execute(query):
        found.setdefault(owner, []).append(sku)
    return [(owner, skus[:MOST_LINES]) for owner, skus in found.items()]


def _wanted(
    reference: str, skus: Sequence[Sku], sample: SampleAsn, number: int, now: datetime
) -> Announcement:
    code = f"FPSU{118_000 + 37 * number:06d}"
    lines = [AnnouncedLine(sku.code, PER_CARTON * (2 + at), cartons=2 + at) for at, sku in enumerate(skus)]
    box = (
        {"container": code + container_check_digit(code), "container_type": "40HC"}
        if sample.boxed
        else {"pallets": 2}
    )
    return Announcement(reference=reference, lines=lines, expected_on=now.date() + sample.days * DAY, **box)


def _bring(
    session: Session, actor: Actor, now: datetime, warehouse: Warehouse, owner: str, wanted: Announcement,
    sample: SampleAsn,
) -> None:  # fmt: skip
    """Take an ASN as far as the sample says: two pieces of the first line short, one of the last damaged."""
    asn_id = create_asn(session, actor, now, warehouse.public_id, owner, wanted).public_id
    far = STEPS.index(sample.state) if sample.state in STEPS else -1
    for step in (announce_asn, depart_asn, arrive_asn)[: far + 1]:
        step(session, actor, now, asn_id)
    if far < STEPS.index("receiving"):
        return
    part = 1 if sample.state == "receiving" else len(wanted.lines)
    counts = [
        Count(
            line.sku, line.quantity - (2 if at == 0 else 0) - (at == part - 1), damaged=int(at == part - 1),
            cartons=line.cartons,
        )
        for at, line in enumerate(wanted.lines[:part])
    ]  # fmt: skip
    receive(session, actor, now, asn_id, counts)
    if far >= STEPS.index("received"):
        close_receiving(session, actor, now, asn_id, reason="two pieces short by the seal list")
    if sample.state == "putaway_done":
        put_away(session, actor, now, asn_id, [])
