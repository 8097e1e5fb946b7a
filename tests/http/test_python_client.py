"""The Python client against the application itself: what it sends is understood, what comes back is what it says."""

import io

import httpx
import pytest
from sqlalchemy import select

import fourport_client as fp
from app import jobs
from app.models import Job, Location, Party
from tests import factories as make
from tests.booking_rows import make_offer, make_quote
from tests.http.world import NEW_PARCEL

COLUMNS = list(NEW_PARCEL)
ORDERS = "\r\n".join(
    [",".join(COLUMNS)]
    + [",".join(str((NEW_PARCEL | {"reference": f"A-{n}"})[name]) for name in COLUMNS) for n in (1, 2)]
).encode()


@pytest.fixture
def connect(house, world):
    """Reference or role → a client with its key."""
    transport = httpx.WSGITransport(house.app, wsgi_errors=io.StringIO())
    clients = []

    def made(name, **facts):
        clients.append(
            fp.Client(
                "http://localhost", world.secrets[name], transport=transport, sleep=lambda _: None, **facts
            )
        )
        return clients[-1]

    yield made
    for client in clients:
        client.close()


@pytest.fixture
def offer_id(house):
    """An offer of acme's that can be booked."""
    with house.database.transaction() as session:
        owner = session.scalars(select(Party).where(Party.reference == "acme")).one()
        departure = make.make_departure(session, pools={"g": (3_000, 0, 0)})
        ends = [session.get_one(Location, departure.calls[end].location_id) for end in (0, -1)]
        return make_offer(session, [departure], make_quote(session, owner, *ends)).public_id


def test_an_offer_is_booked_found_invoiced_and_cancelled(connect, offer_id):
    acme = connect("acme")
    booking = acme.bookings.create(offer_id, reference="PO-7", key="mine")

    assert acme.bookings.create(offer_id, reference="PO-7", key="mine") == booking
    assert acme.bookings.get(booking["id"]) == booking
    assert [one["id"] for one in acme.bookings.list(reference="PO-7")] == [booking["id"]]
    assert acme.tracking.get(booking["id"])["kind"] == "booking"
    assert acme.billing.credit("acme")["owed"][0]["booked"] == booking["total"]
    assert acme.bookings.cancel(booking["id"], "withdrawn")["status"] == "CANCELLED"
    assert list(acme.billing.invoices(booking_id=booking["id"])) == []


def test_refusals_come_as_what_they_are(connect, offer_id):
    acme, globex = connect("acme"), connect("globex")
    booking = acme.bookings.create(offer_id)

    with pytest.raises(fp.Conflict) as refused:
        acme.bookings.create(offer_id)
    assert refused.value.code == "wrong_state"
    with pytest.raises(fp.NotFound):
        globex.bookings.get(booking["id"])
    with pytest.raises(fp.Invalid) as refused:
        acme.quotes.create({"parcels": []})
    assert {"origin", "destination", "ready_at", "parcels"} <= {one.field for one in refused.value.errors}
    with pytest.raises(fp.Forbidden):
        connect("warehouse").webhooks.create("https://erp.example.com/", ["booking.confirmed"])
    with pytest.raises(fp.Unauthenticated):
        fp.Client("http://localhost", "fp_wrong", transport=acme._http._client._transport).quotes.get(
            "qte_0000000000000000"
        )


def test_parcels_are_imported_waited_for_and_listed(connect, house):
    acme = connect("acme")
    accepted = acme.parcels.import_file(ORDERS, name="orders.csv")
    with house.database.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject == accepted["job_id"])).one()
    jobs.perform_with(house.database, job_id)

    batch = acme.parcels.wait(accepted["job_id"])
    assert (batch["status"], batch["rows"]["added"], batch["errors"]) == ("completed", 2, [])
    assert [one["reference"] for one in acme.parcels.list(reference="A-", limit=1)] == ["A-1", "A-2"]
    assert acme.parcels.errors_file(accepted["job_id"]).startswith(b"\xef\xbb\xbfrow,column")


def test_webhooks_are_made_changed_tested_and_removed(connect):
    acme = connect("acme")
    made = acme.webhooks.create("https://erp.example.com/hook", ["booking.confirmed"])
    sent = acme.webhooks.test(made["id"])

    assert made["secret"].startswith("whsec_")
    assert acme.webhooks.rotate_secret(made["id"])["secret"] != made["secret"]
    changed = acme.webhooks.change(made["id"], {"event_types": ["booking.cancelled"]})
    assert changed["event_types"] == ["booking.cancelled"]
    assert acme.webhooks.message(sent["job_id"])["event_type"] == "ping"
    assert [one["id"] for one in acme.webhooks.messages(made["id"])] == [sent["job_id"]]
    acme.webhooks.delete(made["id"])
    assert made["id"] not in [one["id"] for one in acme.webhooks.list()]
