"""Papers over HTTP: files that print, for those whose they are."""

import pytest
from sqlalchemy.orm import selectinload

from app.actor import system
from app.usecases import api_keys
from app.usecases.papers import issue_documents
from tests import factories as make
from tests.booking_rows import fill_booking, make_booking, make_offer, make_quote
from tests.http.answers import faults, problem
from tests.unit.documents.reading import Pdf, plain
from tests.unit.documents.zpl_reader import read

SHARED = True
BOOKING_PAPERS = (
    "labels.pdf", "labels.zpl", "waybill.pdf", "packing-list.pdf", "commercial-invoice.pdf",
    "transport-document.pdf",
)  # fmt: skip


@pytest.fixture
def booked(house):
    """A booking of acme's with two parcels and a through document; its ids and numbers."""
    with house.database.transaction() as session:
        exporter = session.query(make.Party).filter_by(reference="acme").one()
        sailing = session.query(make.Departure).filter_by(public_id=house.world.ids["departure"])
        departure = sailing.options(selectinload(make.Departure.calls)).one()
        places = {one.code: one for one in session.query(make.Location)}
        quote = make_quote(session, exporter, places["CNTAO-HUB"], places["DEDUI-WHS"])
        booking = make_booking(session, make_offer(session, [departure], quote))
        parcels = fill_booking(session, booking, 2)
        document = issue_documents(session, booking, make.NOW)
        return {
            "booking": f"/bookings/{booking.public_id}",
            "id": booking.public_id,
            "parcels": [one.public_id for one in parcels],
            "tracking": [one.tracking_number for one in parcels],
            "document": document.number,
            "code": document.digest[:16],
        }


def file(response, media="application/pdf"):
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.content_type == media
    assert response.headers["Content-Disposition"].startswith('attachment; filename="')
    return response.get_data()


def test_an_exporter_prints_a_label_for_each_parcel(acme, booked):
    response = acme.get(f"{booked['booking']}/labels.pdf")
    pdf = Pdf(file(response))

    assert response.headers["Content-Disposition"] == f'attachment; filename="{booked["id"]}-labels.pdf"'
    assert pdf.sizes == [(100.0, 150.0)] * 2
    for page, number in enumerate(booked["tracking"]):
        assert pdf.codes(page) == {
            ("Code128", number),
            ("QRCode", f"http://127.0.0.1:8000/track/{number}"),
        }


@pytest.mark.parametrize(("query", "size"), [({}, (799, 1199)), ({"dpi": "300"}, (1181, 1772))])
def test_a_thermal_printer_gets_zpl_at_its_resolution(acme, booked, query, size):
    formats = read(file(acme.get(f"{booked['booking']}/labels.zpl", **query), "application/zpl"))

    assert [one.size for one in formats] == [size, size]
    assert [one.data("BC") for one in formats] == [[number] for number in booked["tracking"]]


def test_one_parcel_has_a_label_of_its_own(acme, booked):
    path = f"/parcels/{booked['parcels'][1]}/label"

    assert "2 / 2" in Pdf(file(acme.get(f"{path}.pdf"))).text
    (one,) = read(file(acme.get(f"{path}.zpl"), "application/zpl"))
    assert one.data("BC") == [booked["tracking"][1]]


def test_labels_come_in_parts(acme, booked):
    text = Pdf(file(acme.get(f"{booked['booking']}/labels.pdf", first="2", count="1"))).text
    assert "2 / 2" in text

    problem(acme.get(f"{booked['booking']}/labels.pdf", first="3"), 409, "nothing_to_print")
    assert faults(acme.get(f"{booked['booking']}/labels.pdf", first="0")) == {"query.first": "out_of_range"}
    assert faults(acme.get(f"{booked['booking']}/labels.zpl", dpi="72")) == {"query.dpi": "not_one_of"}


@pytest.mark.parametrize(
    ("paper", "words"),
    [
        ("waybill.pdf", ("House waybill 分运单", "ceramic mugs", "2.000 kg")),
        ("packing-list.pdf", ("Packing list 装箱单", "ceramic mugs", "691200")),
        ("commercial-invoice.pdf", ("Commercial invoice 商业发票", "USD 98.00", "DAP")),
        ("transport-document.pdf", ("Through transport document", "一单制", "001W")),
    ],
)
def test_the_papers_of_a_booking_are_pdf_with_readable_chinese(acme, booked, paper, words):
    text = Pdf(file(acme.get(f"{booked['booking']}/{paper}"))).text

    assert "青岛集货仓" in text or paper == "commercial-invoice.pdf"
    for word in words:
        assert word in text


def test_the_through_document_leads_to_its_public_page(acme, booked):
    pdf = Pdf(file(acme.get(f"{booked['booking']}/transport-document.pdf")))

    address = f"http://127.0.0.1:8000/verify/{booked['document']}?d={booked['code']}"
    assert ("QRCode", address) in pdf.codes()


def test_the_operation_prints_what_an_exporter_can_and_the_manifest_too(operator, world, booked):
    for paper in BOOKING_PAPERS:
        assert operator.get(f"{booked['booking']}/{paper}").status_code == 200
    text = Pdf(file(operator.get(f"/departures/{world.ids['departure']}/manifest.pdf"))).text
    assert plain(booked["id"]) in text


@pytest.mark.parametrize("paper", BOOKING_PAPERS)
def test_another_exporter_finds_no_paper(globex, booked, paper):
    problem(globex.get(f"{booked['booking']}/{paper}"), 404, "not_found")


def test_another_exporter_finds_no_label_and_no_exporter_a_manifest(globex, acme, world, booked):
    for kind in ("pdf", "zpl"):
        problem(globex.get(f"/parcels/{booked['parcels'][0]}/label.{kind}"), 404, "not_found")
    problem(acme.get(f"/departures/{world.ids['departure']}/manifest.pdf"), 403, "forbidden")
    problem(acme.get(f"/invoices/{world.ids['other_invoice']}.pdf"), 404, "not_found")


def test_a_parcel_that_fills_no_booking_has_no_label(acme, world):
    body = problem(acme.get(f"/parcels/{world.ids['my_parcel']}/label.pdf"), 409, "nothing_to_print")
    assert "fills no booking" in body["detail"]


def test_a_key_needs_the_scope_of_bookings(house, visitor, booked):
    with house.database.transaction() as session:
        make_key = api_keys.add_api_key
        _, secret = make_key(session, system("test"), make.NOW, exporter="acme", scopes=["quotes:read"])
    response = visitor.get(
        f"/api/v1{booked['booking']}/labels.pdf", headers={"Authorization": f"Bearer {secret}"}
    )

    problem(response, 403, "scope_missing")


def test_an_invoice_is_printed_for_its_exporter_and_for_finance(globex, call, world):
    path = f"/invoices/{world.ids['other_invoice']}.pdf"

    text = Pdf(file(globex.get(path))).text
    assert "Invoice 账单" in text
    assert "CNY 47.11" in text
    assert call("finance").get(path).status_code == 200
    problem(call("warehouse").get(path), 403, "forbidden")
