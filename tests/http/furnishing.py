"""Rows for pages that the house of the API has none for: one of everything that can be opened."""

from datetime import timedelta

from sqlalchemy import select

from app.actor import system
from app.clock import now
from app.ids import new_id
from app.models import BulkEdit, Departure, Offer, Party, Plan, QuoteLink, Scenario, Service, ShipmentDocument
from app.schemas.quote_offers import LEG, OFFER
from app.usecases.declaring import steps
from app.usecases.declaring.summaries import build_summaries
from app.usecases.importing import wizard
from app.usecases.importing.wizard_checking import check_draft
from tests import factories as make
from tests.booking_rows import fill_booking, make_booking, make_offer, make_quote
from tests.declaration_rows import DESK, MONTH, PORT, built, customs_world, paid
from tests.factories import NOW
from tests.quote_rows import sell

ACTOR = system("test")
FILE = b"reference,exporter,direction\nA1,acme,export\nA2,nobody,import\n"
FIXED = {
    "origin": "CNTAO-HUB",
    "destination": "DEDUI-WHS",
    "weight_kg": "1",
    "goods_class": "general",
    "value": "1",
    "currency": "EUR",
    "ready_at": "2026-12-01T08:00:00+01:00",
}


def furnish_pages(session, visitor=ACTOR):
    """Add to a furnished house what its pages show; `visitor` has begun to import a file."""
    acme = session.scalars(select(Party).where(Party.reference == "acme")).one()
    declared(session, acme)
    for bare in session.scalars(select(Offer)).all():
        if not bare.shown:
            show(bare, session.get_one(Departure, bare.legs[0]["departure_id"]))
    offer = offered(session, make_quote(session, acme))
    booking = make_booking(session, offer)
    fill_booking(session, booking, 1)
    quote = make_quote(session, acme)
    link = QuoteLink(public_id=new_id("qlk"), quote_id=quote.id, created_at=now(), created_by="usr_test",
                     expires_at=now() + timedelta(days=3))  # fmt: skip
    edit = BulkEdit(public_id=new_id("blk"), wanted={}, changed=0, unchanged=0, refused={}, created_at=now(),
                    created_by="usr_test")  # fmt: skip
    paper = ShipmentDocument(public_id=new_id("doc"), booking_id=booking.id, code="commercial_invoice",
                             received_at=now(), received_by="usr_test")  # fmt: skip
    session.add_all([link, edit, paper])
    sell(session, session.scalars(select(Service)).first())
    make.make_user(session)
    what_if(session)
    half_imported(session, visitor)


def offered(session, quote):
    """An offer of a quote, as it was shown."""
    departure = make.make_departure(session)
    offer = make_offer(session, [departure], quote)
    show(offer, departure)
    return offer


def show(offer, departure):
    """Let an offer have been shown with this departure."""
    legs = [LEG | {"departure_id": departure.public_id, "number": departure.number}]
    offer.shown = OFFER | {"id": offer.public_id, "legs": legs}


def declared(session, owner):
    """A list of two parcels that customs cleared, in a declaration."""
    customs_world(session, exporter=owner)
    found = built(session)
    paid(session, found)
    steps.submit_list(session, DESK, NOW, found.public_id)
    steps.answer_list(session, DESK, NOW, found.public_id, "release")
    build_summaries(session, DESK, NOW, "9610", PORT, MONTH)


def what_if(session):
    """A scenario of the plan, solved and not promoted."""
    plan = session.scalars(select(Plan).order_by(Plan.id)).first()
    run = make.make_run(session)
    make.make_plan(session, run)
    scenario = Scenario(public_id=new_id("scn"), plan_id=plan.id, run_id=run.id, name="Fuel +20 %", patches=[],
                        result={"moved": 0, "stay": None}, created_by="usr_test", created_at=now())  # fmt: skip
    session.add(scenario)
    session.flush()


def half_imported(session, actor):
    """A file whose second row is wrong."""
    draft = wizard.start_draft(session, actor, now(), "parcels", "orders.csv", FILE)
    columns = {int(at): name for at, name in draft.columns.items()}
    wizard.set_columns(session, actor, now(), draft.public_id, columns, FIXED)
    check_draft(session, draft.public_id, now())
