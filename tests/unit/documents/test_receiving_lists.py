"""The receiving list, read back."""

from datetime import date

from app.documents.facts import Party
from app.documents.receiving_lists import TO_COUNT, ReceivingLine, ReceivingList, receiving_list_pdf
from tests.unit.documents.reading import Pdf
from tests.unit.documents.samples import HUB, NOW


def a_line(seq, **facts):
    facts = {"sku": f"MUG-{seq}", "barcode": None, "name_en": "ceramic mug", "name_zh": "陶瓷杯", "condition": "A",
             "batch": "", "expires_on": None, "cartons": 2, "expected": 48, "received": 0, "damaged": 0,
             **facts}  # fmt: skip
    return ReceivingLine(seq=seq, **facts)


def test_it_says_what_should_come_and_leaves_room_for_what_came():
    receiving = ReceivingList(
        asn="asn_0h3vk5m8q2r7t9xz", reference="PO-118", owner=Party(name="Acme", reference="acme", country="CN"),
        warehouse=HUB, expected_on=date(2027, 1, 4), booking=None, container="CSQU3054383", container_type="40HC",
        pallets=0, customs_status=("free", "非保税"), made_at=NOW,
        lines=(a_line(1, batch="B7", expires_on=date(2028, 6, 30)), a_line(2, received=45, damaged=3)),
    )  # fmt: skip

    paper = Pdf(receiving_list_pdf(receiving))

    for part in (
        "PO-118",
        "CSQU3054383 40HC",
        "2027-01-04",
        "MUG-1",
        "B7 2028-06-30",
        "陶瓷杯",
        "96",
        "45",
        TO_COUNT,
    ):
        assert part in paper.text
    assert ("Code128", "asn_0h3vk5m8q2r7t9xz") in paper.codes()
