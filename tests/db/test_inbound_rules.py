"""Announcements that make no sense, and people who have no business with them."""

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import BinFull, Forbidden, Invalid, NotFound, StockShort
from app.models import Location, WebhookMessage
from app.usecases.warehousing.announcing_goods import arrive_asn, depart_asn
from app.usecases.warehousing.asns import AnnouncedLine
from app.usecases.warehousing.putting_away import PutAway, put_away
from app.usecases.warehousing.receiving import Count, close_receiving, receive, take_receipt_back
from tests.booking_rows import make_booking, make_offer, make_quote
from tests.inbound_rows import LINES, announced, arrived, balances, counted
from tests.stock_rows import NOW, a_house


@pytest.fixture(scope="session")
def backend():
    return "sqlite"


@pytest.fixture
def house(session):
    return a_house(session)


@pytest.fixture
def asn(session, house):
    return announced(session, house)


@pytest.mark.parametrize(("facts", "at", "code"), [
    ({"reference": "PO-1"}, "reference", "duplicate_reference"),
    ({"lines": (AnnouncedLine("NOBODYS", 1),)}, "lines.0.sku", "sku_unknown"),
    ({"lines": (*LINES, LINES[0])}, "lines.2.sku", "duplicate_line"),
    ({"customs_status": "bonded"}, "customs_status", "not_bonded"),
    ({"expected_on": None}, "expected_on", "date_missing"),
    ({"container": "CSQU3054384"}, "container", "bad_check_digit"),
    ({"container": "12"}, "container", "bad_number"),
    ({"booking_id": "bkg_0000000000000000"}, "booking_id", "booking_unknown"),
])  # fmt: skip
def test_an_asn_that_makes_no_sense_is_refused_by_place(session, house, asn, facts, at, code):
    with pytest.raises(Invalid) as refused:
        announced(session, house, **({"reference": "PO-2"} | facts))
    assert [(one.field, one.code) for one in refused.value.errors] == [(at, code)]


def test_a_booking_says_when_its_goods_come(session, house):
    hub = session.scalars(select(Location).limit(1)).one()
    end = session.get_one(Location, house.warehouse.location_id)
    booking = make_booking(session, make_offer(session, quote=make_quote(session, house.owner, hub, end)))
    arrives = max(leg.arrives_at for leg in booking.legs)

    asn = announced(session, house, expected_on=None, booking_id=booking.public_id, container="CSQU 305438-3")

    assert (asn.booking_id, asn.container) == (booking.id, "CSQU3054383")
    assert abs((asn.expected_on - arrives.date()).days) <= 1


def test_a_booking_to_another_warehouse_carries_nothing_here(session, house):
    other = a_house(session, "PLWAW-WHS")
    end = session.get_one(Location, other.warehouse.location_id)
    booking = make_booking(session, make_offer(session, quote=make_quote(session, house.owner, None, end)))

    with pytest.raises(Invalid) as refused:
        announced(session, house, booking_id=booking.public_id)
    assert refused.value.errors[0].code == "other_destination"


def test_everybody_meets_only_their_own(session, house, asn):
    elsewhere = Actor("user", "usr_b", "warehouse", warehouse_id=a_house(session, "PLWAW-WHS").warehouse.id)
    somebody = Actor("user", "usr_c", "exporter", a_house(session, "USLAX-WHS", "globex").owner.id)
    owner = Actor("user", "usr_d", "exporter", house.owner.id)
    for actor in (elsewhere, somebody):
        with pytest.raises(NotFound):
            depart_asn(session, actor, NOW, asn.public_id)
    depart_asn(session, owner, NOW, asn.public_id)
    with pytest.raises(Forbidden):
        arrive_asn(session, owner, NOW, asn.public_id)
    assert asn.status == "in_transit"
    arrived(session, house, asn)
    with pytest.raises(Forbidden):
        receive(session, owner, NOW, asn.public_id, [Count("SKU-1", 1)])


def test_a_sku_that_nobody_announced_gets_a_line_of_its_own(session, house):
    asn = announced(session, house, lines=LINES[:1])
    arrived(session, house, asn)
    counted(session, house, asn, Count("4000000000002", 3))

    assert [(line.seq, line.sku.code, line.expected, line.received) for line in asn.lines] == [
        (1, "SKU-1", 10, 0),
        (2, "SKU-2", 0, 3),
    ]


def test_what_was_put_away_cannot_be_taken_back(session, house, asn):
    arrived(session, house, asn)
    _, posting = counted(session, house, asn, Count("SKU-1", 7))
    put_away(session, house.actor, NOW, asn.public_id, [])

    with pytest.raises(StockShort):
        take_receipt_back(session, house.actor, NOW, asn.public_id, posting.public_id, "too late")


def test_a_put_away_that_does_not_fit_changes_nothing(session, house, asn):
    arrived(session, house, asn)
    counted(session, house, asn, Count("SKU-1", 30))
    wrong = {
        "bin_unknown": [[PutAway("SKU-1", "Z-99", 1)], [PutAway("SKU-1", "receiving", 1)]],
        "not_in_receiving": [
            [PutAway("SKU-2", "A-01", 1)],
            [PutAway("SKU-1", "A-01", 20), PutAway("SKU-1", "A-02", 11)],
            [PutAway("SKU-1", "A-01", 1, condition="C")],
            [PutAway("SKU-1", "A-01", 1, batch="B7")],
        ],
    }
    for code, wanted in [(code, one) for code, some in wrong.items() for one in some]:
        with pytest.raises(Invalid) as refused:
            put_away(session, house.actor, NOW, asn.public_id, wanted)
        assert [one.code for one in refused.value.errors] == [code]
    with pytest.raises(BinFull):
        put_away(session, house.actor, NOW, asn.public_id, [PutAway("SKU-1", "A-03", 21)])
    assert balances(session, house) == {"supplier": -30, "receiving": 30}


def test_an_asn_that_was_put_away_before_it_was_closed_is_done_at_once(session, house, asn):
    arrived(session, house, asn)
    counted(session, house, asn, Count("SKU-1", 10), Count("SKU-2", 6))
    put_away(session, house.actor, NOW, asn.public_id, [])

    close_receiving(session, house.actor, NOW, asn.public_id)

    assert asn.status == "putaway_done"


def test_the_exporter_is_told_what_came(session, house, asn, telling):
    arrived(session, house, asn)
    counted(session, house, asn, Count("SKU-1", 9), Count("SKU-2", 6))
    close_receiving(session, house.actor, NOW, asn.public_id)

    (message,) = session.scalars(select(WebhookMessage)).all()
    assert message.event_type == "inbound.received"
    assert '"kind":"shortage","quantity":1' in message.body


@pytest.fixture
def telling(session, house):
    """An address of the owner's that is told of what is received."""
    from app.carriers.addresses import Allowed
    from app.usecases import webhooks

    owner = Actor("user", "usr_test", "exporter", house.owner.id)
    webhooks.subscribe(session, owner, NOW, Allowed(), "https://acme.example/hook", ["inbound.received"])
    session.flush()
