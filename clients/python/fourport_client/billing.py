"""Invoices, statements, and what is left of the credit."""

from collections.abc import Iterator
from urllib.parse import quote

from fourport_client.http import Http
from fourport_client.shapes import Credit, Invoice, InvoiceHead, Statement


class Billing:
    """What is owed."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def invoices(
        self, *, month: str | None = None, booking_id: str | None = None, limit: int = 50
    ) -> Iterator[InvoiceHead]:
        """Invoices and credit notes, the latest first; `month` such as "2026-11"."""
        return self._http.every("/invoices", {"month": month, "booking": booking_id, "limit": limit})

    def invoice(self, invoice_id: str) -> Invoice:
        """Read an invoice or credit note with its lines."""
        invoice: Invoice = self._http.get(f"/invoices/{invoice_id}")
        return invoice

    def statement(self, month: str, *, exporter: str | None = None) -> Statement:
        """What was owed before a month such as "2026-11", what changed it, and what is owed at its end."""
        found: Statement = self._http.get("/statements", {"month": month, "exporter": exporter})
        return found

    def statement_file(self, month: str, *, exporter: str | None = None) -> bytes:
        """The same as CSV."""
        return self._http.download("/statements.csv", {"month": month, "exporter": exporter})

    def statement_paper(self, month: str, *, exporter: str | None = None) -> bytes:
        """The same to print, as PDF."""
        return self._http.download("/statements.pdf", {"month": month, "exporter": exporter})

    def credit(self, exporter: str) -> Credit:
        """The limit of an exporter, what is owed and booked, and whether it is on hold."""
        credit: Credit = self._http.get(f"/exporters/{quote(exporter, safe='')}/credit")
        return credit
