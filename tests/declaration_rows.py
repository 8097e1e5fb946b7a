"""Booked exports, and the numbers customs asks for, in the manner of `tests.factories`."""

from app.actor import Actor
from app.usecases.declaring.building import build_lists
from app.usecases.declaring.codes import HOUSE, set_codes
from app.usecases.declaring.noting import note_payments
from tests import factories as make
from tests.booking_rows import LINE, fill_booking, make_booking, make_offer, make_quote
from tests.factories import NOW
from trade.declarations import month_of

DESK = Actor("user", "usr_test", "customs")
MONTH = month_of((NOW + 3 * make.DAY).date())
PORT = "CNTAO-PORT"


def customs_world(session, *, count=2, hs_code="6912001000", mode="9610", exporter=None, value_minor=2_500):
    """A port, an exporter with all its numbers, and a booking over it with so many parcels worth USD 25 each."""
    port = session.query(make.Location).filter_by(code=PORT).one_or_none() or make.make_location(
        session, PORT
    )
    away = make.make_location(session, kind="port", country="US")
    exporter = exporter or make.make_party(session)
    rate(session)
    number_everybody(session, exporter, port)
    departure = make.make_departure(session, stops=[port, away])
    line = LINE | {"count": count, "hs_code": hs_code}
    quote = make_quote(session, exporter, port, away, lines=[line])
    booking = make_booking(
        session, make_offer(session, [departure], quote), lines=[line], customs_mode=mode, version=2
    )
    parcels = fill_booking(
        session, booking, count, customs_mode=mode, hs_code=hs_code, value_minor=value_minor, currency="USD"
    )
    return port, exporter, booking, parcels


def rate(session):
    """A dollar is 7.10 yuan."""
    if not session.query(make_fx()).count():
        session.add(
            make_fx()(base="USD", quote="CNY", rate_micros=7_100_000, as_of=NOW.date(), source="example")
        )
        session.flush()


def make_fx():
    from app.models import FxRate

    return FxRate


def number_everybody(session, exporter, port):
    """Examples of every number customs asks for."""
    house = {"name": "青岛示例供应链", "enterprise": "3702961EXA", "dxp": "DXPEXAMPLE"}
    owner = {"enterprise": "91370200EXAMPLE123", "platform": "无", "platform_name": "Example Market",
             "net_percent": "90"}  # fmt: skip
    set_codes(session, DESK, NOW, HOUSE, house)
    set_codes(session, DESK, NOW, exporter.public_id, owner)
    set_codes(session, DESK, NOW, port.public_id, {"office": "4200"})


def paid(session, found, amount="25.00", currency="USD"):
    """Note the payment of every line."""
    text = "\n".join(f"{row.order_number},PAY-{row.seq},{amount},{currency}" for row in found.rows)
    return note_payments(session, DESK, NOW, found.public_id, text)


def built(session, mode="9610", flag="B"):
    """The one list that waits."""
    (found,) = build_lists(session, DESK, NOW, mode, PORT, MONTH, flag)
    return found
