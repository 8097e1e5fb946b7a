"""A world that sells, as large as a test needs, and an exporter's client for it."""

import contextlib
import time
from datetime import timedelta

import httpx
from sqlalchemy import select, update

from app.clock import now
from app.models import CapacityPool, Offer, Segment
from app.queries import invariants
from benchmarks.http import world
from fourport_client import Client

PARCEL = {
    "count": 4, "weight": "6.5", "length": "40", "width": "30", "height": "30", "description": "ceramic mugs",
    "hs_code": "691200", "value": "49.90", "value_currency": "USD",
}  # fmt: skip
WEIGHT_G = 4 * 6_500


def build(database):
    """Lanes from hubs in China to zones abroad, departures ahead of this day, and an exporter with keys."""
    return world.build(database, world.TINY, now())


def request(built, lane=0, **changed):
    """The body of a quote for one of the lanes."""
    hub, zone = built.lanes[lane]
    return {
        "origin": {"type": "warehouse", "code": hub},
        "destination": {"type": "location", "code": zone},
        "ready_at": (now() + timedelta(days=1)).isoformat(timespec="seconds"),
        "currency": "USD",
        "parcels": [PARCEL],
    } | changed


@contextlib.contextmanager
def client(url, secret, *, attempts=5, pause_s=None):
    """The exporter's client; `pause_s` between attempts instead of its own, ever longer ones."""
    pauses = {} if pause_s is None else {"sleep": lambda _seconds: time.sleep(pause_s)}
    with Client(url, secret, attempts=attempts, **pauses) as found:
        yield found


def loose_offer(database, offers):
    """The id of the first of these offers whose departure takes loose goods; with the ids of its pools of weight."""
    with database.reading() as session:
        for offer in offers:
            pools = weight_pools(session, offer)
            if pools:
                return offer, pools
    raise AssertionError("no offer travels loose")


def weight_pools(session, offer_id):
    """The pools of weight an offer takes space from."""
    legs = session.scalars(select(Offer.legs).where(Offer.public_id == offer_id)).one()
    found = []
    for leg in legs:
        if leg["departure_id"] is not None:
            within = Segment.seq.between(leg["board_seq"], leg["alight_seq"] - 1)
            query = select(CapacityPool.id).join(Segment, Segment.id == CapacityPool.segment_id)
            query = query.where(Segment.departure_id == leg["departure_id"], within)
            found += session.scalars(query.where(CapacityPool.dimension == "g"))
    return found


def leave_room(database, pools, weight_g):
    """Make the pools so small that no more than this fits beside what is taken."""
    with database.transaction() as session:
        taken = CapacityPool.held + CapacityPool.booked
        session.execute(
            update(CapacityPool).where(CapacityPool.id.in_(pools)).values(capacity=taken + weight_g)
        )


def assert_sound(database):
    """Every invariant of the database holds."""
    with database.reading() as session:
        assert invariants.broken(session, now()) == []


def outcome(response: httpx.Response):
    """201, or the code of the refusal."""
    return response.status_code if response.status_code == 201 else response.json()["code"]
