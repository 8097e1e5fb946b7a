import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.zpl import RESOLUTIONS, compressed, label_zpl
from tests.unit.documents.reading import codes
from tests.unit.documents.samples import GENERAL, label
from tests.unit.documents.test_labels import ODD
from tests.unit.documents.zpl_reader import graphic, read, unpacked
from trade.numbering import tracking_number


def test_there_is_a_format_for_each_label_and_nothing_between_them():
    assert len(read(label_zpl([label(1), label(2), label(3)]))) == 3


@pytest.mark.parametrize(("dpi", "size"), [(203, (799, 1199)), (300, (1181, 1772))])
def test_a_label_is_100_by_150_mm_at_the_printers_resolution(dpi, size):
    (one,) = read(label_zpl([label()], dpi))

    assert one.size == size
    assert all(0 <= field.x < size[0] and 0 <= field.y < size[1] for field in one.fields)


@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_a_scanner_reads_what_is_printed(dpi):
    (one,) = read(label_zpl([label()], dpi))
    number = tracking_number(1)

    assert one.data("BC") == [number]
    assert codes(one.picture().convert("L")) == {
        ("Code128", number),
        ("QRCode", f"https://fourport.example/track/{number}"),
    }


def test_plain_words_are_the_printers_own_and_chinese_is_sent_as_pictures():
    (one,) = read(label_zpl([label(goods=GENERAL, sender="青岛海尔")]))

    assert {"DEDUI", "2.500 kg", "ORDER-1001", "9810", "bkg_0h3vk5m8q2r7t9xz"} <= set(one.data("A0"))
    pictures = [field for field in one.fields if "GF" in field.commands]
    assert len(pictures) >= 8
    for field in pictures:
        mask = graphic(field.commands["GF"])
        assert mask.getbbox() is not None
        assert field.x + mask.width <= one.size[0] + 8
        assert field.y + mask.height <= one.size[1]


@pytest.mark.parametrize("odd", ODD)
def test_no_name_becomes_a_command(odd):
    (one,) = read(label_zpl([label(sender=odd, service=odd, reference=odd, goods=GENERAL)]))

    assert one.data("BC") == [tracking_number(1)]
    assert {name for field in one.fields for name in field.commands} <= {
        "A0", "FB", "FH", "FD", "GB", "GF", "BY", "BC", "BQ",
    }  # fmt: skip


def test_the_characters_of_commands_arrive_as_text():
    (one,) = read(label_zpl([label(reference="A^B~C_D")]))

    assert "A^B~C_D" in one.data("A0")


def test_a_repeated_label_is_the_same_bytes():
    assert label_zpl([label()]) == label_zpl([label()])


@given(
    st.integers(1, 120).flatmap(lambda width: st.lists(st.binary(min_size=width, max_size=width), min_size=1))
)
def test_every_picture_is_unpacked_as_it_was(rows):
    lines = [row.hex().upper() for row in rows]

    assert unpacked(compressed(lines), len(lines[0])) == lines


@pytest.mark.parametrize(
    "row", ["0" * 240, "F" * 1000, "A" + "0" * 839 + "B", "0" * 419 + "1", "1" * 420 + "00"]
)
def test_long_runs_are_short(row):
    assert unpacked(compressed([row, row]), len(row)) == [row, row]
    assert len(compressed([row])) < 12
