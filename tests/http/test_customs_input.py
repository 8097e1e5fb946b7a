"""What the customs desk is sent that it cannot keep is told, never a failure of ours."""

import pytest

from tests.http.pages import person

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
