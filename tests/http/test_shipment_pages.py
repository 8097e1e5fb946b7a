"""Shipment 360 in the browser: papers, notes and money of a booking, each for those it is for."""

import io
import re

import pytest

from tests.http.pages import person, words
from tests.http.test_web_bookings import World as BookingWorld
from tests.http.test_web_bookings import world

__all__ = ["BookingWorld", "world"]
PDF = b"%PDF-1.7 a list"


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def operator(app, world):
    return person(app)


@pytest.fixture
def acme(app, world):
    return person(app, "exporter", exporter=world.acme)


@pytest.fixture
def globex(app, world):
    return person(app, "exporter", exporter=world.globex)


def test_missing_papers_stand_on_the_first_side_and_go_once_they_are_there(operator, world):
    first = words(operator.get(world.path))
    assert "papers are missing" in first
    assert "Export list" in first
    answer = operator.post(f"{world.path}/papers", data={"code": "export_list"})
    assert answer.status_code == 303
    papers = words(operator.get(answer.location))
    assert "The paper is there." in papers
    assert "ticked off" in papers
    assert "Export list" not in words(operator.get(world.path))


def test_an_exporter_sends_a_paper_and_everybody_of_the_operation_reads_it(acme, operator, globex, world):
    assert acme.post(f"{world.path}/papers", data={"code": "export_list"}).status_code == 422
    file = {"file": (io.BytesIO(PDF), "list.pdf")}
    assert acme.post(f"{world.path}/papers", data={"code": "export_list"} | file).status_code == 303
    page = operator.get(f"{world.path}?tab=papers").text
    path = re.search(r'href="(/bookings/[^"]+/papers/doc_[^"]+)"', page)[1]
    answer = operator.get(path)
    assert (answer.data, answer.content_type) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == "attachment"
    assert globex.get(path).status_code == 404
    assert globex.post(f"{path}/remove").status_code == 404

    removed = acme.post(f"{path}/remove")
    assert "The paper was taken back" in words(acme.get(removed.location))
    assert acme.post(f"{path}/restore").status_code == 303


def test_what_is_no_paper_is_refused_on_the_page(operator, world):
    file = {"file": (io.BytesIO(b"<html>"), "list.pdf")}
    page = operator.post(f"{world.path}/papers", data={"code": "export_list"} | file)
    assert page.status_code == 415
    assert "A paper is a PDF, JPEG or PNG file." in words(page)


def test_notes_are_written_changed_taken_back_and_brought_back(operator, acme, globex, world):
    assert operator.post(f"{world.path}/notes", data={"text": " "}).status_code == 422
    operator.post(f"{world.path}/notes", data={"text": "gate three"})
    operator.post(f"{world.path}/notes", data={"text": "please hurry", "for_exporter": "1"})
    page = operator.get(f"{world.path}?tab=notes").text
    assert "gate three" in page
    theirs = words(acme.get(f"{world.path}?tab=notes"))
    assert "please hurry" in theirs
    assert "gate three" not in theirs

    path = re.findall(r'action="(/bookings/[^"]+/notes/nte_[^"/]+)"', page)[1]
    operator.post(path, data={"text": "gate four"})
    assert "gate four" in words(operator.get(f"{world.path}?tab=history"))
    path = re.findall(
        r'action="(/bookings/[^"]+/notes/nte_[^"/]+)"', operator.get(f"{world.path}?tab=notes").text
    )[0]
    removed = operator.post(f"{path}/remove")
    assert "gate four" not in words(operator.get(removed.location))
    assert operator.post(f"{path}/restore").status_code == 303
    assert "gate four" in words(operator.get(f"{world.path}?tab=notes"))
    assert acme.post(f"{path}/remove").status_code == 404
    assert globex.post(f"{world.path}/notes", data={"text": "hello"}).status_code == 404


def test_cost_and_margin_are_for_the_operation_alone(app, operator, acme, world):
    assert "Cost of the space" in words(operator.get(f"{world.path}?tab=charges"))
    for reader in (acme, person(app, "warehouse"), person(app, "customs"), person(app, "regulator")):
        text = words(reader.get(f"{world.path}?tab=charges"))
        assert "Freight by weight" in text
        assert "margin" not in text.lower()
        assert "Cost of the space" not in text


def test_exporters_are_not_shown_who_changed_what(operator, acme, world):
    assert "Who changed what" in words(operator.get(f"{world.path}?tab=history"))
    assert "Who changed what" not in words(acme.get(f"{world.path}?tab=history"))


def test_the_tracking_link_is_there_to_be_sent(operator, world):
    assert "Parcels get their tracking numbers" in words(operator.get(world.path))
    operator.post(f"{world.path}/parcels", data={"parcel": world.parcels[:2]})
    page = operator.get(world.path).text
    assert re.search(r'value="http://[^"]+/track/[^"]+"', page)
    assert 'href="mailto:?subject=Tracking%20of%20PO-7&amp;body=http' in page


def test_a_side_that_is_none_is_refused(operator, world):
    assert operator.get(f"{world.path}?tab=secrets").status_code == 400
