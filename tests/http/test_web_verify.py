"""The public page that checks a through document."""

import pytest
import time_machine

from app.usecases.papers import issue_documents, void_documents
from tests.booking_rows import make_booking
from tests.factories import DAY, NOW
from tests.http.pages import words


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def issued(database):
    """A booking and its through document."""
    with database.transaction() as session:
        booking = make_booking(session, reference="SECRET-REFERENCE")
        booking.total_minor = 987_654
        return booking, issue_documents(session, booking, NOW)


def page(client, document, code=None):
    return client.get(f"/verify/{document.number}", query_string={"d": code or document.digest[:16]})


def test_whoever_holds_a_genuine_document_sees_what_it_says(client, issued):
    _, document = issued
    answer = page(client, document)
    text = words(answer)

    assert answer.status_code == 200
    for word in (
        "Genuine and in force",
        "Place of receipt",
        "Packages 2",
        "Gross weight 2 kg",
        "Sea",
        "Version 1",
    ):
        assert word in text
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_nothing_confidential_is_shown(client, issued):
    _, document = issued
    text = page(client, document).text

    for word in (
        "SECRET-REFERENCE",
        "9876",
        "Co., Ltd",
        "ceramic mugs",
        "691200",
        document.content["booking"],
    ):
        assert word not in text


def test_a_leg_has_a_page_of_its_own(client, database, issued):
    from app.models import TransportDocument

    with database.reading() as session:
        leg = session.query(TransportDocument).filter_by(leg_seq=1).one()
    assert "Document of one leg" in words(page(client, leg))


def test_a_replaced_document_and_a_void_one_say_so(client, database, issued):
    booking, document = issued
    with database.transaction() as session:
        newer = issue_documents(session, booking, NOW + DAY)
    assert "Superseded" in words(page(client, document))
    assert "Genuine" in words(page(client, newer))

    with database.transaction() as session:
        void_documents(session, booking, NOW + DAY)
    assert "is not valid any more" in words(page(client, newer))


@pytest.mark.parametrize("code", ["0" * 16, "x", "' OR 1=1 --", "\x00", "9" * 5000])
def test_a_wrong_code_shows_nothing(client, issued, code):
    _, document = issued
    answer = page(client, document, code)

    assert answer.status_code == 404
    assert "Unknown" in words(answer)
    assert "Place of receipt" not in words(answer)


@pytest.mark.parametrize("number", ["FD1", "nonsense", "%00", "x" * 3000, "..%2f", "中文", "<script>"])
def test_any_number_is_answered(client, number):
    answer = client.get(f"/verify/{number}?d={'0' * 16}")

    assert answer.status_code == 404
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_a_number_without_its_code_asks_for_it(client, issued):
    _, document = issued
    answer = client.get(f"/verify/{document.number}")

    assert answer.status_code == 200
    assert f'value="{document.number}"' in answer.text
    assert "Place of receipt" not in words(answer)


def test_a_number_typed_as_printed_leads_to_its_page(client, issued):
    _, document = issued
    typed = {"number": f" fd {document.number[2:]}", "d": document.digest[:16]}
    sent = client.get("/verify", query_string=typed)

    assert sent.status_code == 303
    assert "Genuine" in words(client.get(sent.location))
    assert client.get("/verify").status_code == 200


def test_the_page_speaks_chinese(client, issued):
    _, document = issued
    client.set_cookie("language", "zh")

    assert "真实有效" in words(page(client, document))


def test_one_address_may_not_try_for_ever(client, issued):
    _, document = issued
    for _ in range(60):
        assert page(client, document, "0" * 16).status_code == 404
    assert page(client, document).status_code == 429
