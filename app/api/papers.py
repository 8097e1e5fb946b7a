"""Printed papers: labels, waybills, lists and invoices as PDF, labels as ZPL as well."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api.base import Download, Endpoints, answer, download
from app.api.wire import utc
from app.auth import actor, allow
from app.clock import now
from app.documents.commercial_invoices import commercial_invoice_pdf
from app.documents.invoices import render_invoice
from app.documents.labels import label_pdf
from app.documents.manifests import manifest_pdf
from app.documents.packing_lists import packing_list_pdf
from app.documents.transport_documents import transport_document_pdf
from app.documents.waybills import waybills_pdf
from app.documents.zpl import label_zpl
from app.errors import Forbidden
from app.http import reading, settings
from app.models import TransportDocument
from app.queries import papers
from app.queries.manifests import manifest
from app.queries.paper_labels import booking_labels, parcel_label
from app.schemas.papers import IssuedDocuments, LabelQuery, PrinterQuery, ZplQuery
from app.usecases.papers import issue_on_request

blueprint = Endpoints("Papers", __name__, "Labels, waybills, lists and invoices to print", area="bookings")
PRINTERS = ("operator", "warehouse", "customs", "finance", "exporter")
PDF, ZPL = "application/pdf", "application/zpl"
LABELS_PDF = Download(PDF, "A page of 100 × 150 mm for each parcel, in the order they were added.")
LABELS_ZPL = Download(ZPL, "A ZPL II format for each parcel; ASCII, other scripts are sent as pictures.")
VERIFY_PAGE = "/verify/"


@blueprint.reading(
    "/bookings/<id('bkg'):bkg_id>/labels.pdf", LABELS_PDF, query=LabelQuery, refuses=(409, 413)
)
@allow(*PRINTERS)
def download_labels(query: dict[str, Any], bkg_id: str) -> Response:
    """Download the labels of a booking's parcels as PDF."""
    with reading() as session:
        labels = booking_labels(session, actor(), bkg_id, settings().base_url, **query)
    return download(label_pdf(labels, now()), PDF, f"{bkg_id}-labels.pdf")


@blueprint.reading("/bookings/<id('bkg'):bkg_id>/labels.zpl", LABELS_ZPL, query=ZplQuery, refuses=(409, 413))
@allow(*PRINTERS)
def download_labels_zpl(query: dict[str, Any], bkg_id: str) -> Response:
    """Download the labels of a booking's parcels for a thermal printer."""
    dpi = int(query.pop("dpi"))
    with reading() as session:
        labels = booking_labels(session, actor(), bkg_id, settings().base_url, **query)
    return download(label_zpl(labels, dpi), ZPL, f"{bkg_id}-labels.zpl")


@blueprint.reading("/parcels/<id('pcl'):pcl_id>/label.pdf", LABELS_PDF, refuses=(409,))
@allow(*PRINTERS)
def download_label(pcl_id: str) -> Response:
    """Download the label of one parcel as PDF."""
    with reading() as session:
        label = parcel_label(session, actor(), pcl_id, settings().base_url)
    return download(label_pdf([label], now()), PDF, f"{pcl_id}-label.pdf")


@blueprint.reading("/parcels/<id('pcl'):pcl_id>/label.zpl", LABELS_ZPL, query=PrinterQuery, refuses=(409,))
@allow(*PRINTERS)
def download_label_zpl(query: dict[str, Any], pcl_id: str) -> Response:
    """Download the label of one parcel for a thermal printer."""
    with reading() as session:
        label = parcel_label(session, actor(), pcl_id, settings().base_url)
    return download(label_zpl([label], int(query["dpi"])), ZPL, f"{pcl_id}-label.zpl")


@blueprint.reading(
    "/bookings/<id('bkg'):bkg_id>/waybill.pdf",
    Download(
        PDF, "The house waybill of each consignment; before parcels are added, with the goods as booked."
    ),
    refuses=(409,),
)
@allow(*PRINTERS)
def download_waybill(bkg_id: str) -> Response:
    """Download the house waybills of a booking."""
    with reading() as session:
        found = papers.booking_waybills(session, actor(), bkg_id)
    return download(waybills_pdf(found, now()), PDF, f"{bkg_id}-waybill.pdf")


@blueprint.reading(
    "/bookings/<id('bkg'):bkg_id>/packing-list.pdf",
    Download(PDF, "Every parcel with its size and weight."),
    refuses=(409,),
)
@allow(*PRINTERS)
def download_packing_list(bkg_id: str) -> Response:
    """Download the packing list of a booking."""
    with reading() as session:
        found = papers.packing_list(session, actor(), bkg_id, now())
    return download(packing_list_pdf(found), PDF, f"{bkg_id}-packing-list.pdf")


@blueprint.reading(
    "/bookings/<id('bkg'):bkg_id>/commercial-invoice.pdf",
    Download(PDF, "The shipper's own invoice for customs, for the shipper to check and sign."),
    refuses=(409,),
)
@allow(*PRINTERS)
def download_commercial_invoice(bkg_id: str) -> Response:
    """Download the commercial invoice of a booking."""
    with reading() as session:
        found = papers.commercial_invoice(session, actor(), bkg_id, now())
    return download(commercial_invoice_pdf(found), PDF, f"{bkg_id}-commercial-invoice.pdf")


@blueprint.changing("/bookings/<id('bkg'):bkg_id>/transport-document", IssuedDocuments, status=200)
@allow("operator", "exporter")
def issue_transport_document(session: Session, bkg_id: str) -> Response:
    """Issue the through transport document of a booking, with one document for each leg as its child.

    Those in force are given again. Rolling and amending the booking replace them, cancelling makes them void.
    """
    through, *legs = issue_on_request(session, actor(), now(), bkg_id)
    return answer(_document(through) | {"legs": [{"leg": one.leg_seq} | _document(one) for one in legs]})


def _document(row: TransportDocument) -> dict[str, Any]:
    return {
        "number": row.number,
        "version": row.version,
        "issued_at": utc(row.issued_at),
        "verify_url": f"{settings().base_url}{VERIFY_PAGE}{row.number}?d={row.digest[:16]}",
    }


@blueprint.reading(
    "/bookings/<id('bkg'):bkg_id>/transport-document.pdf",
    Download(
        PDF, "One number for all legs; its QR code opens a public page that says whether it is genuine."
    ),
    refuses=(409,),
)
@allow(*PRINTERS)
def download_transport_document(bkg_id: str) -> Response:
    """Download the through transport document of a booking that is in force."""
    with reading() as session:
        paper, digest = papers.current_transport_document(session, actor(), bkg_id)
    url = f"{settings().base_url}{VERIFY_PAGE}{paper.number}"
    return download(transport_document_pdf(paper, digest, url), PDF, f"{paper.number}.pdf")


@blueprint.reading(
    "/departures/<id('dep'):dep_id>/manifest.pdf",
    Download(PDF, "Every consignment on the departure, with its handling units."),
)
@allow("operator", "warehouse", "customs")
def download_manifest(dep_id: str) -> Response:
    """Download the manifest of a departure."""
    with reading() as session:
        found = manifest(session, dep_id, now())
    return download(manifest_pdf(found), PDF, f"{dep_id}-manifest.pdf")


@blueprint.reading(
    "/invoices/<id('inv'):inv_id>.pdf",
    Download(PDF, "The operator's invoice or credit note, in both languages."),
)
@allow("operator", "finance", "exporter", scope="billing:read")
def download_invoice(inv_id: str) -> Response:
    """Download an invoice or credit note."""
    if actor().test_mode:
        raise Forbidden("practice is not billed; use a key that is not of test mode")
    with reading() as session:
        found = papers.invoice_paper(session, actor(), inv_id)
    return download(render_invoice(found), PDF, f"{found.number}.pdf")
