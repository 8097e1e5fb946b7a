"""What the customs desk is sent that it cannot keep is told, never a failure of ours."""

import pytest

from tests.declaration_rows import MONTH, PORT, customs_world
from tests.http.pages import person, words

NUL = "a\0b"


@pytest.fixture
def desk(app):
    """Somebody of customs."""
    return person(app, "customs")


@pytest.mark.parametrize(
    "address",
    ["/customs/a%00b", "/customs/a%00b.xml", "/customs/summaries/a%00b", "/customs/summaries/%00.csv"],
)
def test_an_address_no_database_can_look_for_is_refused(desk, address):
    assert desk.get(address).status_code == 400


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/customs/build", {"mode": "9610", "port": NUL, "month": "2026-11"}),
        ("/customs/summaries/build", {"mode": "9610", "port": NUL, "month": "2026-11"}),
        ("/customs/steps", {"step": "check", "list": ["fine", NUL]}),
        ("/customs/payments", {"payments": f"{NUL},P,1,USD"}),
        ("/customs/dcl_1/answer", {"step": "accept", "number": NUL}),
        ("/customs/codes/house", {"platform_name": NUL}),
        ("/customs/codes/%00", {"office": "4200"}),
    ],
)
def test_text_no_database_can_keep_is_refused(desk, address, form):
    assert desk.post(address, data=form).status_code == 400


@pytest.mark.parametrize(
    "text", ["A" * 140_000, "A,P,1,USD\n" * 10_001, " " * 500_001], ids=["a-line", "lines", "all"]
)
def test_payments_too_long_to_be_read_are_refused_and_never_cut(desk, text):
    answer = desk.post("/customs/payments", data={"payments": text})
    assert answer.status_code == 422


def test_a_mode_is_given_where_the_booking_has_none_and_taken_back(desk, database):
    with database.transaction() as session:
        customs_world(session, mode=None)
    group = {"port": PORT, "month": f"{MONTH:%Y-%m}"}
    assert "Give the mode" in words(desk.get("/customs"))
    assert desk.post("/customs/mode", data=group | {"mode": "9810"}).status_code == 303
    assert "Take the mode back" in words(desk.get("/customs"))
    assert desk.post("/customs/mode", data=group | {"was": "9810"}).status_code == 303
    assert "Give the mode" in words(desk.get("/customs"))
    assert desk.post("/customs/mode", data=group | {"mode": "1"}).status_code == 422
