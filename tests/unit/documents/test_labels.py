from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.labels import HEIGHT_MM, WIDTH_MM, Text, fitted, label_pdf, layout
from tests.examples import examples
from tests.unit.documents.reading import Pdf
from tests.unit.documents.samples import GENERAL, NOW, WAREHOUSE, label
from trade.numbering import spaced, tracking_number

ODD = ["", " ", "x" * 500, "很" * 500, "A B " * 200, "\x00\x07\ud800", "\u202ereversed", "😀", "يسافر", "ไทย", "한국어",
       "e" + "\u0301" * 50, "<b>&amp;#let x = 1 $y$ *z*", "^XZ~JA\\", "\n\n\t"]  # fmt: skip


def texts(one):
    return " ".join(element.text for element in layout(one) if isinstance(element, Text))


def test_a_label_has_the_size_of_the_roll_and_a_page_for_each_parcel():
    pdf = Pdf(label_pdf([label(1, 3), label(2, 3), label(3, 3)], NOW))

    assert pdf.sizes == [(100.0, 150.0)] * 3
    assert [f"{number} / 3" in pdf.texts[number - 1] for number in (1, 2, 3)] == [True] * 3


def test_a_label_says_where_from_where_to_and_what_in_both_languages():
    (text,) = Pdf(label_pdf([label()], NOW)).texts

    for words in ("青岛海尔物流有限公司", "Qingdao hub 青岛集货仓 (CNTAO-HUB, CN)", "Duisburg warehouse 杜伊斯堡海外仓",
                  "DEDUI-WHS, DE", "Qilu Express 齐鲁号", "2.500 kg", "30.0 × 20.5 × 15.0 cm", "ORDER-1001", "9810",
                  "FW000000000000000074", spaced(tracking_number(1))):  # fmt: skip
        assert words in text


def test_a_scanner_reads_the_number_and_the_address_of_its_page():
    number = tracking_number(1)

    assert Pdf(label_pdf([label()], NOW)).codes() == {
        ("Code128", number),
        ("QRCode", f"https://fourport.example/track/{number}"),
    }


def test_batteries_are_marked_and_other_goods_are_not():
    assert "UN3480 PI965 · CAO 仅限货机" in texts(label())
    assert "UN" not in texts(label(goods=GENERAL))
    assert "General cargo 普货" in texts(label(goods=GENERAL))


def test_practice_says_so():
    assert "NOT FOR TRANSPORT" in texts(label(test=True))
    assert "NOT FOR TRANSPORT" not in texts(label())


def test_the_same_label_is_the_same_bytes():
    assert label_pdf([label()], NOW) == label_pdf([label()], NOW)


def test_every_font_is_embedded():
    from pypdfium2 import raw

    page = Pdf(label_pdf([label(sender="Łódź Қазақстан 인천 ไทย 珺喆堃")], NOW)).pages[0]
    fonts = [raw.FPDFTextObj_GetFont(item) for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])]
    assert len(fonts) > 10
    assert all(raw.FPDFFont_GetIsEmbedded(font) == 1 for font in fonts)


@pytest.mark.parametrize("odd", ODD)
def test_odd_names_are_printed_on_one_page_and_leave_the_codes_alone(odd):
    place = replace(WAREHOUSE, name_en=odd, name_zh=odd)
    pdf = Pdf(label_pdf([label(sender=odd, destination=place, service=odd, reference=odd)], NOW))

    assert len(pdf.pages) == 1
    assert ("Code128", tracking_number(1)) in pdf.codes()


@given(st.text(max_size=400), st.booleans())
@settings(max_examples=examples(60), deadline=None)
def test_every_text_is_made_to_fit_its_box(words, bold):
    from app.documents.labels import lines_in, room_of

    made = fitted(Text(0, 0, 40, 6, 12, words, bold))
    assert lines_in(made) <= room_of(made, made.size)
    assert made.size <= 12


def test_everything_stays_on_the_label():
    for element in layout(label(sender="很长的名字" * 40, test=True)):
        width = getattr(element, "w", None) or getattr(element, "side", 0)
        height = getattr(element, "h", None) or getattr(element, "side", 0)
        assert 0 <= element.x <= element.x + width <= WIDTH_MM
        assert 0 <= element.y <= element.y + height <= HEIGHT_MM
