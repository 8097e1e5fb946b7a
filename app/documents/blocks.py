"""Blocks that several papers have: the legs of a way, lines of goods, the ends of a way."""

from collections.abc import Sequence

from app.documents.facts import GoodsLine, Leg, Party, Place, goods_row, leg_row, totals
from app.documents.paper import Column, Field, Table

CONSIGNOR = ("Consignor", "托运人")
CONSIGNEE = ("Consignee", "收货人")
RECEIPT = ("Place of receipt", "收货地")
DELIVERY = ("Place of delivery", "交货地")
CUSTOMS_MODE = ("Customs mode", "监管方式")
PACKAGES = ("Packages", "件数")
GROSS = ("Gross weight", "毛重")
VOLUME = ("Volume", "体积")


def party_field(title: tuple[str, str], party: Party, span: int = 1) -> Field:
    """A company: name, then its reference with us and its country."""
    facts = " · ".join(filter(None, (party.reference, party.country)))
    return Field(title, f"{party.name}\n{facts}", span)


def place_field(title: tuple[str, str], place: Place, span: int = 1) -> Field:
    """A place: its names, then code and country."""
    return Field(title, f"{place.name}\n{place.code}, {place.country}", span)


def legs_table(legs: Sequence[Leg]) -> Table:
    """The way the goods take; times are local at each place."""
    columns = (
        Column(("No.", "序"), 0.4),
        Column(("Mode", "方式"), 1),
        Column(("Service", "航线班次"), 2),
        Column(("From", "起"), 2.3),
        Column(("Departs", "离"), 1.7),
        Column(("To", "至"), 2.3),
        Column(("Arrives", "抵"), 1.7),
    )
    names = ("seq", "mode", "service", "origin", "departs", "destination", "arrives")
    rows = tuple(tuple(row[name] for name in names) for row in map(leg_row, legs))
    return Table(("Legs, as planned", "运输段（计划）"), columns, rows)


def goods_table(lines: tuple[GoodsLine, ...], title: tuple[str, str] = ("Goods", "货物")) -> Table:
    """Lines of goods and what they are together."""
    columns = (
        Column(PACKAGES, 0.8, right=True),
        Column(("Description", "品名"), 3.2),
        Column(("Class, marks", "类别、标记"), 2.6),
        Column(("HS code", "编码"), 1.3),
        Column(GROSS, 1.4, right=True),
        Column(VOLUME, 1.5, right=True),
    )
    rows = tuple(
        (
            row["packages"],
            row["description"],
            "\n".join(filter(None, (row["class"], row["marks"]))),
            row["hs_code"],
            row["weight"],
            row["volume"],
        )
        for row in map(goods_row, lines)
    )
    total = totals(lines)
    return Table(title, columns, rows, (total["packages"], "", "", "", total["weight"], total["volume"]))
