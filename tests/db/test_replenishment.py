"""What to send to a warehouse: by what was sold, what lies there, what is coming, and how long the way takes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Invalid
from app.ids import new_id
from app.models import OutboundLine, OutboundOrder, Parcel
from app.queries.replenishment import list_replenishment, urgent_first
from app.usecases.warehousing.asns import AnnouncedLine
from app.usecases.warehousing.replenishing import Sending, send
from tests import factories as make
from tests.inbound_rows import announced
from tests.quote_rows import fx, sell
from tests.stock_rows import NOW, TODAY, a_house, stocked
from warehouses.replenishment import Policy

DAY = timedelta(days=1)
POLICY = Policy(history_days=30, safety_days=10, target_days=30)


@pytest.fixture
def house(session):
    found = a_house(session)
    found.hub = make.make_location(session, "CNTAO-HUB", "origin_hub")
    return found


def sold(session, house, pieces, days_ago, sku="SKU-1", status="delivered"):
    """An order that left some days ago."""
    order = OutboundOrder(
        public_id=new_id("ord"), warehouse_id=house.warehouse.id, owner_id=house.owner.id,
        reference=new_id("ord"), status=status, consignee={}, ship_by=NOW, created_at=NOW, created_by="usr_t",
        handed_over_at=NOW - days_ago * DAY, waits_for=[],
        lines=[OutboundLine(seq=1, sku_id=house.skus[sku].id, quantity=pieces)],
    )  # fmt: skip
    session.add(order)
    session.flush()


def rows(session, house, actor=None, **more):
    found = list_replenishment(session, actor or house.actor, NOW, POLICY, warehouse="DEDUI-WHS", **more)
    return {row.sku.code: row for row in found.page.items}


def test_what_was_sold_lies_there_and_comes_decides_what_to_send(session, house):
    stocked(session, house, "SKU-1", 100, received_on=TODAY - 90 * DAY)
    stocked(session, house, "SKU-1", 50, condition="C", received_on=TODAY - 90 * DAY)
    stocked(session, house, "SKU-2", 7, received_on=TODAY - 90 * DAY)
    sold(session, house, 40, 3)
    sold(session, house, 20, 29, status="handed_over")
    sold(session, house, 500, 31)
    sold(session, house, 500, 1, status="void")
    announced(session, house, lines=[AnnouncedLine("SKU-1", 20)])

    found = rows(session, house)

    assert (found["SKU-1"].position.sold, found["SKU-1"].position.free, found["SKU-1"].position.coming) == (
        60,
        100,
        20,
    )
    assert (found["SKU-1"].advice.cover_days, found["SKU-1"].advice.position_days) == (50, 60)
    assert found["SKU-2"].advice.state == "no_sales"
    assert [row.sku.code for row in urgent_first(session, house.actor, NOW, POLICY).page.items] == [
        "SKU-1",
        "SKU-2",
    ]


def test_the_way_there_is_that_of_the_network_and_the_faster_one_where_the_cheap_one_is_too_late(
    session, house
):
    end = session.get_one(make.Location, house.warehouse.location_id)
    fx(session, "USD", "CNY", 7_000_000)
    for code, mode, days, rate in (("SEA-1", "sea", 35, 500_000), ("AIR-1", "air", 4, 5_000_000)):
        service = make.make_service(session, code, mode, accepts=["general"])
        sell(session, service, rate=rate)
        make.make_departure(
            session, service, [house.hub, end], departs_at=NOW + 2 * DAY, number=code, accepts=["general"],
            pools={"g": (10_000_000, 0, 0)}, leg=days * DAY,
        )  # fmt: skip
    stocked(session, house, "SKU-1", 60, received_on=TODAY - 90 * DAY)
    sold(session, house, 60, 3)

    found = list_replenishment(session, house.actor, NOW, POLICY, warehouse="DEDUI-WHS")

    assert (found.lead.basis, found.lead.origin) == ("network", "CNTAO-HUB")
    assert (found.lead.cheapest.services, found.lead.fastest.services) == (("SEA-1",), ("AIR-1",))
    assert found.lead.cheapest.days > 36 > 8 > found.lead.fastest.days
    (row,) = found.page.items
    assert (row.way, row.advice.state) == ("fastest", "enough")


def test_without_any_way_a_time_is_assumed(session, house):
    stocked(session, house, "SKU-1", 60)
    assert (
        list_replenishment(session, house.actor, NOW, POLICY, warehouse="DEDUI-WHS").lead.basis == "assumed"
    )


def test_sending_makes_parcels_and_a_draft_once(session, house):
    stocked(session, house, "SKU-1", 10, received_on=TODAY - 90 * DAY)
    sold(session, house, 60, 3)
    asked = rows(session, house)["SKU-1"].advice.quantity
    assert asked > 0

    first = send(session, house.actor, NOW, "DEDUI-WHS", "acme", None, [Sending("SKU-1", asked)])
    again = send(session, house.actor, NOW, "DEDUI-WHS", "acme", None, [Sending("SKU-1", asked)])

    assert (first.added, again.added) == (True, False)
    assert first.parcels == again.parcels
    parcels = session.scalars(select(Parcel)).all()
    assert sum(parcel.weight_g for parcel in parcels) == asked * 1000
    assert {(one.direction, one.customs_mode, one.status) for one in parcels} == {
        ("stock_transfer", "9810", "pending")
    }
    assert (first.asn.status, first.asn.lines[0].expected) == ("draft", asked)
    assert rows(session, house)["SKU-1"].advice.quantity == 0


def test_what_cannot_be_sent_is_named(session, house):
    for wanted, code in (
        ([Sending("NONE", 1)], "sku_unknown"),
        ([Sending("SKU-1", 1), Sending("4000000000001", 1)], "duplicate_line"),
        ([Sending("SKU-1", 10_000_000)], "too_many_parcels"),
    ):
        with pytest.raises(Invalid) as refused:
            send(session, house.actor, NOW, "DEDUI-WHS", "acme", None, wanted)
        assert refused.value.errors[0].code == code
    with pytest.raises(Invalid) as refused:
        send(session, house.actor, NOW, "DEDUI-WHS", "acme", "NOWHERE", [Sending("SKU-1", 1)])
    assert refused.value.errors[0].code == "unknown_origin"


def test_an_exporter_sees_its_own(session, house):
    stocked(session, house, "SKU-1", 60)
    globex = Actor("user", "usr_g", "exporter", a_house(session, "PLWAW-WHS", "globex").owner.id)
    assert rows(session, house, globex) == {}
