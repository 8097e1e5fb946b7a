"""Invoices, statements and credit."""

from typing import TypedDict


class InvoiceHead(TypedDict):
    """An invoice or credit note as lists show it."""

    id: str
    number: str
    kind: str
    exporter: str
    booking_id: str | None
    corrects: str | None
    corrected_by: str | None
    currency: str
    total: str
    issued_on: str
    due_on: str
    created_at: str


class InvoiceLine(TypedDict):
    """One charge: as the tariff has it, and the same money in the currency of the invoice."""

    leg: int
    code: str
    basis: str
    quantity: str
    unit_price: str
    priced: str
    priced_currency: str
    amount: str


class Invoice(InvoiceHead):
    """An invoice or credit note with its lines."""

    lines: list[InvoiceLine]


class Entry(TypedDict):
    """Something that changed what is owed, and what is owed after it; payments are below zero."""

    on: str
    kind: str
    reference: str
    booking_id: str | None
    amount: str
    balance: str


class Account(TypedDict):
    """One currency of a statement."""

    currency: str
    opening: str
    entries: list[Entry]
    closing: str


class Statement(TypedDict):
    """What happened to an exporter's account in a month, a currency each."""

    exporter: str
    month: str
    accounts: list[Account]


class Owed(TypedDict):
    """What is owed in one currency: invoiced and booked, less what was paid."""

    currency: str
    invoiced: str
    booked: str
    paid: str
    owed: str


class Credit(TypedDict):
    """How far an exporter may go. Amounts without a currency of their own are in `currency`."""

    exporter: str
    currency: str
    limit: str | None
    exposure: str | None
    left: str | None
    hold: bool
    hold_reason: str | None
    owed: list[Owed]
