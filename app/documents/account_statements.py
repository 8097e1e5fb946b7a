"""What an exporter owed at the beginning of a month, what changed it, and what is owed at its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.documents.facts import Bilingual, Party, both, money
from app.documents.paper import Column, Field, Fields, Note, Paper, Table, papers_pdf
from trade.billing import Account

KINDS: dict[str, Bilingual] = {
    "invoice": ("Invoice", "账单"),
    "credit_note": ("Credit note", "贷记单"),
    "payment": ("Payment", "收款"),
}
COLUMNS = (
    Column(("Date", "日期"), 1.2),
    Column(("Entry", "事项"), 2),
    Column(("Reference", "编号"), 2.2),
    Column(("Booking", "订舱号"), 2.4),
    Column(("Amount", "金额"), 1.8, right=True),
    Column(("Balance", "余额"), 1.8, right=True),
)
NOTE = Note(
    (
        "Credit notes and payments are negative. Currencies are not added together. This is not a VAT invoice.",
        "贷记单与收款以负数表示；不同币种不合并计算。本对账单不作为增值税发票。",
    )
)
NOTHING = Note(("Nothing was owed, and nothing happened.", "本期无欠款，亦无往来。"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatement:
    """The account of an exporter for a month, from `since` to before `until`, a currency each."""

    issuer: str
    exporter: Party
    since: date
    until: date
    accounts: tuple[Account, ...]


def account_statement_pdf(data: AccountStatement, made_at: datetime) -> bytes:
    """The statement as PDF, in both languages."""
    last = data.until - timedelta(days=1)
    known = " · ".join(filter(None, (data.exporter.reference, data.exporter.country)))
    head = Fields(
        4,
        (
            Field(("From", "开具方"), data.issuer, 2),
            Field(("To", "客户"), f"{data.exporter.name}\n{known}", 2),
            Field(("Month", "月份"), f"{data.since:%Y-%m}"),
            Field(("Days", "起止日期"), f"{data.since:%Y-%m-%d} – {last:%Y-%m-%d}", 3),
        ),
    )
    paper = Paper(
        title=("Statement of account", "对账单"),
        number=f"{data.exporter.reference} {data.since:%Y-%m}",
        blocks=(head, *_accounts(data), NOTE),
    )
    return papers_pdf([paper], made_at)


def _accounts(data: AccountStatement) -> Iterator[Table | Fields | Note]:
    for account in data.accounts:
        yield Table((f"Account in {account.currency}", "账户"), COLUMNS, _rows(data, account))
        owed = Field(
            ("Owed at the end", "期末余额"), money(account.closing_minor, account.currency), strong=True
        )
        yield Fields(1, (owed,))
    if not data.accounts:
        yield NOTHING


def _rows(data: AccountStatement, account: Account) -> tuple[tuple[str, ...], ...]:
    opening = money(account.opening_minor, account.currency)
    return (
        (f"{data.since:%Y-%m-%d}", both("Owed before", "期初余额"), "", "", "", opening),
        *(
            (
                f"{entry.on:%Y-%m-%d}",
                both(*KINDS.get(entry.kind, (entry.kind, ""))),
                entry.reference,
                entry.booking or "–",
                money(entry.amount_minor, account.currency),
                money(balance, account.currency),
            )
            for entry, balance in account.lines
        ),
    )
