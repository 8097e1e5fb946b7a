"""Find by an id, a refused request, a tracking number or a reference; nobody is sent where they may not go."""

import pytest

from app.web.finding import LISTS, PAGES
from tests.http.pages import person, small_world, words
from trade.numbering import tracking_number

ID = "0h3vk5m8q2r7t9xz"


@pytest.fixture
def backend():
    return "sqlite"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (f"bkg_{ID}", f"/bookings/bkg_{ID}"),
        (f" PCL_{ID.upper()} ", f"/pool/pcl_{ID}"),
        (f"qte_{ID}", f"/quotes/qte_{ID}"),
        (f"req_{ID}", f"/admin/failures?request_id=req_{ID}"),
    ],
)
def test_an_id_leads_to_its_page(app, typed, address):
    answer = person(app).get("/find", query_string={"q": typed})
    assert (answer.status_code, answer.location) == (303, address)


def test_a_tracking_number_leads_to_the_parcel_and_a_reference_to_the_lists(app, database):
    small_world(database)
    operator, number = person(app), tracking_number()
    assert operator.get(f"/find?q={number}").location == f"/track/{number}"
    page = operator.get("/find?q=PO-77")
    assert '"/bookings?reference=PO-77"' in page.text
    assert '"/pool?reference=PO-77"' in page.text
    assert "What you have in hand" in words(operator.get("/find"))


def test_nobody_is_sent_where_they_may_not_go(app):
    exporter = person(app, "exporter")
    assert exporter.get(f"/find?q=req_{ID}").status_code == 404
    assert "nothing of this id" in words(exporter.get(f"/find?q=run_{ID}"))
    assert {*PAGES.values(), *LISTS} <= app.view_functions.keys()
