"""Papers of A4: what they say, and that nothing odd breaks them."""

from dataclasses import replace
from datetime import date

import pytest

from app.documents.account_statements import AccountStatement, account_statement_pdf
from app.documents.commercial_invoices import CommercialInvoice, SoldLine, commercial_invoice_pdf
from app.documents.facts import Party, cm, kg, m3, moment, money
from app.documents.invoices import InvoicePaper, render_invoice
from app.documents.manifests import Manifest, ManifestCall, ManifestLine, ManifestUnit, manifest_pdf
from app.documents.packing_lists import PackedParcel, PackingList, packing_list_pdf
from app.documents.transport_documents import (
    content_of,
    digest_of,
    read_content,
    transport_document_pdf,
)
from app.documents.waybills import Waybill, waybills_pdf
from tests.unit.documents.reading import Pdf, plain
from tests.unit.documents.samples import (
    BATTERIES,
    DAY,
    EXPORTER,
    GENERAL,
    HUB,
    LEGS,
    LINES,
    NOW,
    TERMINAL,
    WAREHOUSE,
    transport_paper,
)
from tests.unit.documents.test_labels import ODD
from trade.billing import BilledLine, Entry, account
from trade.numbering import tracking_number, waybill_number

A4 = (210.0, 297.0)
BOOKING = "bkg_0h3vk5m8q2r7t9xz"
URL = "https://fourport.example/verify/FD000000000000000058"


def waybill(**facts):
    facts = {
        "number": waybill_number(7), "booking": BOOKING, "reference": "PO-77", "consignor": EXPORTER, "origin": HUB,
        "destination": WAREHOUSE, "legs": LEGS, "goods": LINES, "customs_mode": "9810", "incoterm": "DAP",
        "issued_at": NOW, **facts,
    }  # fmt: skip
    return Waybill(**facts)


def manifest(lines=2, **facts):
    rows = tuple(
        ManifestLine(
            waybill_number=waybill_number(number), booking=BOOKING, exporter=EXPORTER, origin=HUB,
            destination=TERMINAL, packages=number, weight_g=1_500 * number, volume_cm3=2_000 * number,
            customs_mode="9810", marks=("UN3480",), units=("hun_0h3vk5m8q2r7t9xz",),
        )
        for number in range(1, lines + 1)
    )  # fmt: skip
    calls = (
        ManifestCall(place=HUB, arrives_at=None, departs_at=NOW + DAY),
        ManifestCall(place=TERMINAL, arrives_at=NOW + 18 * DAY, departs_at=None),
    )
    unit = ManifestUnit(
        reference="hun_0h3vk5m8q2r7t9xz", kind="40HC 40英尺高柜", origin=HUB, destination=TERMINAL,
        booked_g=4_500, booked_cm3=6_000,
    )  # fmt: skip
    facts = {
        "departure": "dep_0h3vk5m8q2r7t9xz", "number": "X9041", "service": "Qilu Express 齐鲁号", "mode": "rail",
        "calls": calls, "lines": rows, "units": (unit,), "made_at": NOW, **facts,
    }  # fmt: skip
    return Manifest(**facts)


def packing(count=2, **facts):
    parcels = tuple(
        PackedParcel(
            tracking_number=tracking_number(number), reference=f"ORDER-{number}", description="扫地机器人",
            goods=BATTERIES, hs_code="850811", length_mm=300, width_mm=200, height_mm=None, weight_g=2_500,
            volume_cm3=12_000,
        )
        for number in range(1, count + 1)
    )  # fmt: skip
    facts = {
        "booking": BOOKING, "reference": None, "shipper": EXPORTER, "origin": HUB, "destination": WAREHOUSE,
        "waybill_numbers": (waybill_number(7),), "parcels": parcels, "made_at": NOW, **facts,
    }  # fmt: skip
    return PackingList(**facts)


def sold(currency="USD", **facts):
    facts = {
        "packages": 3, "description": "陶瓷杯 mugs", "goods": GENERAL, "hs_code": "691200", "weight_g": 3_000,
        "unit_minor": 2_550, "currency": currency, **facts,
    }  # fmt: skip
    return SoldLine(**facts)


def commercial(*lines, **facts):
    facts = {
        "booking": BOOKING, "reference": "PO-77", "shipper": EXPORTER, "origin": HUB, "destination": WAREHOUSE,
        "incoterm": "DAP", "customs_mode": "9810", "lines": lines or (sold(),), "made_at": NOW, **facts,
    }  # fmt: skip
    return CommercialInvoice(**facts)


def billed(code="freight", basis="per_kg", quantity=536_000, price=1_250_000, priced=67_000, amount=478_200):
    return BilledLine(2, code, basis, quantity, price, priced, "USD", amount)


def invoice(**facts):
    facts = {
        "number": "INV-2026-000042", "kind": "invoice", "issuer": "Fourport 四港", "billed_to": EXPORTER,
        "booking": BOOKING, "reference": "PO-77", "corrects": None, "currency": "CNY",
        "lines": (billed(), billed("BAF", "percent", 67_000, 125_000, 8_375, 59_800)), "total_minor": 538_000,
        "issued_on": date(2026, 11, 23), "due_on": date(2026, 12, 23), **facts,
    }  # fmt: skip
    return InvoicePaper(**facts)


def test_a_waybill_names_both_ends_every_leg_and_the_goods():
    (text,) = (pdf := Pdf(waybills_pdf([waybill()], NOW))).texts

    for words in ("House waybill", "分运单", EXPORTER.name, "Duisburg warehouse 杜伊斯堡海外仓", "PO-77", "DAP",
                  "X9041", "2026-11-24 09:30", "扫地机器人 robot cleaner", "UN3480 PI965", "850811", "48.600 kg",
                  "56.100 kg", "0.396001 m³"):  # fmt: skip
        assert words in text
    assert pdf.sizes == [A4]
    assert pdf.codes() == {("Code128", waybill_number(7))}


def test_each_waybill_begins_a_page_and_says_where_its_goods_are_only_booked():
    pdf = Pdf(waybills_pdf([waybill(), waybill(number=waybill_number(8), as_booked=True)], NOW))

    assert ["no parcels have been handed in" in text for text in pdf.texts] == [False, True]
    assert [waybill_number(8) in text for text in pdf.texts] == [False, True]


def test_practice_is_written_across_the_page():
    assert "TEST 测试" in Pdf(waybills_pdf([waybill(test=True)], NOW)).text
    assert "TEST" not in Pdf(waybills_pdf([waybill()], NOW)).text


def test_a_manifest_adds_up_and_lists_the_units():
    pdf = Pdf(manifest_pdf(manifest()))

    assert pdf.sizes == [A4[::-1]]
    for words in ("Manifest", "舱单", "Qilu Express 齐鲁号", waybill_number(2), "3.000 kg", "4.500 kg", "0.006 m³",
                  "40HC 40英尺高柜", "2026-12-11 02:30 UTC+01:00"):  # fmt: skip
        assert words in pdf.text


def test_a_long_manifest_repeats_its_titles_and_counts_its_pages():
    pdf = Pdf(manifest_pdf(manifest(lines=120)))

    assert len(pdf.pages) > 5
    assert all("Exporter 出口商" in text for text in pdf.texts[:-1])
    assert [f"{page} / {len(pdf.pages)}" in text for page, text in enumerate(pdf.texts, 1)] == [True] * len(
        pdf.pages
    )


def test_an_empty_manifest_says_so():
    assert "Nothing is booked" in Pdf(manifest_pdf(manifest(lines=0, units=()))).text


def test_a_packing_list_has_every_parcel_and_the_sums():
    text = Pdf(packing_list_pdf(packing(count=70))).text

    assert all(tracking_number(number) in text for number in range(1, 71))
    for words in ("Packing list", "装箱单", "ORDER-70", "175.000 kg", "0.840 m³", "扫地机器人", "UN3480"):
        assert words in text


def test_a_commercial_invoice_has_value_code_and_origin_and_adds_no_currencies_together():
    lines = (sold(), sold(packages=1), sold("KRW", unit_minor=5_000))
    text = Pdf(commercial_invoice_pdf(commercial(*lines))).text

    for words in ("Commercial invoice", "商业发票", "陶瓷杯 mugs", "691200", "USD 25.50", "USD 76.50", "KRW 15000",
                  "Origin*", "Country of dispatch"):  # fmt: skip
        assert words in text
    assert "KRW 15000 USD 102.00" in text


def test_a_through_document_has_one_number_for_all_legs_and_a_code_to_check_it_by():
    paper = transport_paper()
    digest = digest_of(content_of(paper))
    pdf = Pdf(transport_document_pdf(paper, digest, URL))

    for words in (f"{paper.number}-1", f"{paper.number}-2", digest[:16], URL, paper.replaces, "一单制"):
        assert words in pdf.text
    assert pdf.codes() == {("Code128", paper.number), ("QRCode", f"{URL}?d={digest[:16]}")}


def test_what_a_through_document_says_is_kept_and_read_back():
    paper = transport_paper(replaces=None)

    assert read_content(content_of(paper)) == paper


@pytest.mark.parametrize(
    "change", [{"version": 3}, {"customs_mode": None}, {"legs": LEGS[:1]}, {"test": True}]
)
def test_another_content_has_another_digest(change):
    assert digest_of(content_of(transport_paper(**change))) != digest_of(content_of(transport_paper()))


def test_the_order_of_members_is_nothing_to_the_digest():
    content = content_of(transport_paper())

    assert digest_of(dict(reversed(content.items()))) == digest_of(content)


def test_a_statement_carries_the_balance_of_each_currency_over_its_pages():
    entries = [
        Entry(date(2026, 11, 1 + n % 28), "invoice", f"INV-2026-{n:06}", 1_000, BOOKING) for n in range(80)
    ]
    entries.append(Entry(date(2026, 11, 28), "payment", "网银 77", -50_000))
    data = AccountStatement(
        issuer="Fourport 四港", exporter=EXPORTER, since=date(2026, 11, 1), until=date(2026, 12, 1),
        accounts=(account("CNY", 2_500, entries), account("USD", -100, [])),
    )  # fmt: skip
    pdf = Pdf(account_statement_pdf(data, NOW))

    for words in ("Statement of account", "对账单", EXPORTER.name, "2026-11-01 – 2026-11-30", "期初余额",
                  "CNY 25.00", "网银 77", "CNY -500.00", "CNY 325.00", "Account in USD 账户", "USD -1.00"):  # fmt: skip
        assert words in pdf.text
    assert len(pdf.sizes) > 1
    assert set(pdf.sizes) == {A4}

    nothing = Pdf(account_statement_pdf(replace(data, accounts=()), NOW))
    assert "本期无欠款" in nothing.text


def test_an_invoice_shows_each_charge_as_priced_and_as_billed():
    text = Pdf(render_invoice(invoice())).text

    for words in ("Invoice 账单", "INV-2026-000042", "Freight by weight 按重量运费", "536.000 kg", "USD 1.25",
                  "USD 670.00", "CNY 4782.00", "BAF", "12.5 %", "CNY 5380.00", "2026-12-23"):  # fmt: skip
        assert words in text


def test_a_credit_note_names_what_it_takes_back_and_is_not_due():
    note = invoice(kind="credit_note", corrects="INV-2026-000041", total_minor=-538_000,
                   lines=(billed(quantity=-1_000, amount=-538_000),))  # fmt: skip
    text = Pdf(render_invoice(note)).text

    for words in ("Credit note 贷记单", "INV-2026-000041", "CNY -5380.00", "-1.000 kg"):
        assert words in text
    assert "Due" not in text


@pytest.mark.parametrize("odd", ODD)
def test_no_name_breaks_a_paper(odd):
    place = replace(WAREHOUSE, name_en=odd, name_zh=odd)
    party = Party(name=odd, reference=odd[:40], country=None)
    legs = tuple(replace(leg, service=odd, number=odd) for leg in LEGS)
    goods = tuple(replace(line, description=odd, hs_code=odd[:12]) for line in LINES)
    paper = transport_paper(consignor=party, destination=place, legs=legs, goods=goods)
    made = (
        waybills_pdf(
            [waybill(consignor=party, destination=place, legs=legs, goods=goods, reference=odd)], NOW
        ),
        manifest_pdf(manifest(service=odd)),
        packing_list_pdf(packing(shipper=party, destination=place, reference=odd)),
        commercial_invoice_pdf(commercial(sold(description=odd), shipper=party)),
        transport_document_pdf(paper, "0" * 64, URL),
        render_invoice(invoice(billed_to=party, reference=odd, lines=(billed(odd),))),
    )
    for content in made:
        page = Pdf(content).picture(dots_per_inch=30)
        assert margins_are_white(page)


def margins_are_white(page):
    """Nothing ran over the edge: ten millimetres at the right are empty."""
    strip = page.convert("L").crop((page.width - int(10 / 25.4 * 30), 0, page.width, page.height))
    return strip.getextrema()[0] > 250


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (kg(2_500), "2.500 kg"),
        (m3(12_000), "0.012 m³"),
        (m3(3_600_000), "3.600 m³"),
        (m3(1), "0.000001 m³"),
        (cm(300, 205, 150), "30.0 × 20.5 × 15.0 cm"),
        (cm(300, None, 150), ""),
        (money(-4_990, "USD"), "USD -49.90"),
        (money(1_250, "KRW"), "KRW 1250"),
        (moment(NOW, "Asia/Kolkata"), "2026-11-23 07:00 UTC+05:30"),
        (moment(NOW, "America/Los_Angeles"), "2026-11-22 17:30 UTC-08:00"),
    ],
)
def test_values_are_exact_and_have_their_unit(shown, words):
    assert plain(shown) == words
