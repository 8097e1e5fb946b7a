"""The returns desk: what it shows to whom, and each step from its page."""

import io
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from app.models import Party, Return, ReturnItem
from app.usecases.returning.grading import Graded, grade_return
from app.usecases.returning.receiving_returns import receive_return
from tests.http.pages import person, words
from tests.return_rows import PIXEL, SENDER, asked, lands
from tests.stock_rows import NOW

SENT = dict(SENDER)


@pytest.fixture
def desk(app, database):
    """A return of three pieces that came and was graded, and one that was only asked for."""
    with database.transaction() as session:
        world = lands(session)
        found = asked(session, world, 3, reference="RMA-1")
        receive_return(session, world.actor, NOW, found.public_id)
        grade_return(session, world.actor, NOW, found.public_id, [Graded(1, 2, "A"), Graded(1, 1, "D")])
        waiting = asked(session, world, 2, reference="RMA-2")
        owner = session.query(Party).filter_by(reference="acme").one()
        return SimpleNamespace(id=found.public_id, waiting=waiting.public_id, owner=owner, house=world.house,
                               number=waiting.tracking_number)  # fmt: skip


def test_the_desk_says_of_each_item_where_it_is_and_what_is_proposed(app, desk):
    text = words(person(app).get("/returns"))
    assert "RMA-1 1" in text
    assert "A · as new" in text
    assert "To be decided" in text
    assert "days left" in text
    assert "RMA-1" not in words(person(app).get("/returns?grade=C"))
    assert "RMA-2" not in words(person(app).get("/returns?grade=D"))


def test_an_exporter_sees_its_own_and_no_cost_of_space(app, desk):
    mine = person(app, "exporter", exporter=desk.owner)
    assert "RMA-1" in words(mine.get("/returns"))
    page = words(mine.get(f"/returns/{desk.id}"))
    assert "Value lost" in page
    assert "Carriage" not in page
    assert "Carriage" in words(person(app).get(f"/returns/{desk.id}"))
    other = person(app, "exporter")
    assert "RMA-1" not in words(other.get("/returns"))
    assert other.get(f"/returns/{desk.id}").status_code == 404


def test_the_code_on_a_label_leads_to_its_return(app, desk):
    answer = person(app).get(f"/returns/number/{desk.number}")
    assert answer.headers["Location"].endswith(f"/returns/{desk.waiting}")
    assert person(app, "exporter").get(f"/returns/number/{desk.number}").status_code == 404


def test_a_return_is_asked_for_with_a_form_that_says_what_is_wrong(app, desk):
    mine = person(app, "exporter", exporter=desk.owner)
    form = {"reason": "unwanted", "sku-0": "SKU-1", "quantity-0": "1"} | SENT
    assert "built-in" not in words(mine.get("/returns/new"))
    assert "too short or too long" in words(mine.post("/returns/new", data=form | {"sku-0": ""}))
    bad = mine.post("/returns/new", data=form | {"sku-0": "NONE"})
    assert bad.status_code == 422
    assert "The exporter has no such article." in words(bad)
    late = {"exported_on": "2025-01-01", "customs_mode": "9610", "wished": "return_to_china"}
    assert "It is too late for this return" in words(mine.post("/returns/new", data=form | late))
    made = mine.post("/returns/new", data=form)
    assert made.status_code == 303
    assert "Label, PDF" in words(mine.get(made.headers["Location"]))


def test_each_step_is_taken_from_the_page(app, desk, database):
    staff = person(app)

    def step(name, expected=303, **form):
        answer = staff.post(f"/returns/{desk.id}/{name}", data=form)
        assert answer.status_code == expected, words(answer)
        return words(answer)

    step("choose", item="1", disposition="restock", quantity="2")
    assert "Scan or type the bin" in step("carry-out", 422, item="1")
    step("carry-out", item="1", place="A-01")
    step("choose", item="2", disposition="destroy")
    assert "needs a note and a photo" in step("carry-out", 422, item="2", note="crushed")
    step("photos", item="2", file=(io.BytesIO(PIXEL), "p.png"))
    step("carry-out", item="2", note="crushed by Remondis")
    with database.reading() as session:
        assert session.query(Return).filter_by(public_id=desk.id).one().status == "closed"


def test_what_was_asked_for_is_received_graded_or_cancelled(app, desk):
    staff, at = person(app), f"/returns/{desk.waiting}"
    assert staff.post(f"{at}/sent").status_code == 303
    assert staff.post(f"{at}/cancel").status_code == 409
    assert staff.post(f"{at}/receive", data={"came-1": "1", "complete": "1"}).status_code == 303
    assert "Did not come" in words(staff.get(at))
    assert staff.post(f"{at}/grade", data={"grade-C-1": "1", "note-1": "scratched"}).status_code == 303
    assert "C · damaged" in words(staff.get(at))


def test_the_exporter_approves_or_vetoes_where_its_contract_says_so(app, desk, database):
    with database.transaction() as session:
        session.query(Party).filter_by(reference="acme").one().approves_returns = True
    staff, mine = person(app), person(app, "exporter", exporter=desk.owner)
    staff.post(f"/returns/{desk.id}/choose", data={"item": "1", "disposition": "relabel"})
    assert "Approve" in words(mine.get(f"/returns/{desk.id}"))
    assert mine.post(f"/returns/{desk.id}/judge", data={"item": "1", "word": "veto"}).status_code == 303
    assert "Exporter vetoed" in words(mine.get(f"/returns/{desk.id}"))
    assert mine.post(f"/returns/{desk.id}/choose", data={"item": "1"}).status_code == 403


def test_where_no_plan_decides_anything_the_desk_says_why(app, desk, database):
    staff = person(app)
    with database.transaction() as session:
        session.execute(update(ReturnItem).values(proposal=None))
    answer = staff.post("/returns/adopt", follow_redirects=True)
    assert "no plan has looked at what waits" in words(answer)
    with database.transaction() as session:
        session.execute(
            update(ReturnItem).values(
                proposal={"plan": "pln_x", "options": [{"disposition": "none", "to": None}]}
            )
        )
    assert "vetoed or not allowed any more" in words(staff.post("/returns/adopt", follow_redirects=True))
    with database.transaction() as session:
        session.execute(update(ReturnItem).values(status="expected"))
    assert "no graded item waits" in words(staff.post("/returns/adopt", follow_redirects=True))


def test_the_desk_speaks_chinese(app, desk):
    staff = person(app)
    staff.post("/language", data={"language": "zh"})
    page = words(staff.get(f"/returns/{desk.id}"))
    assert "退货" in page
    assert "免税" in page
