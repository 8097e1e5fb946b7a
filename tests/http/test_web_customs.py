"""The customs desk in the browser: what waits, building, matching, handing over, merging; its files; who may act."""

import xml.etree.ElementTree as ET

import pytest

from app.models import Booking, DeclarationLine, DeclarationList, DeclarationSummary, Party
from app.queries.declarations import get_list
from tests.declaration_rows import MONTH, PORT, customs_world, paid
from tests.http.pages import person, words

CEB = "{http://www.chinaport.gov.cn/ceb}"
BUILD = {"mode": "9610", "port": PORT, "month": f"{MONTH:%Y-%m}", "flag": "B"}

HEAD = [
    "guid", "appType", "appTime", "appStatus", "customsCode", "ebpCode", "ebpName", "orderNo",
    "logisticsCode", "logisticsName", "logisticsNo", "copNo", "ieFlag", "portCode", "ieDate",
    "statisticsFlag", "agentCode", "agentName", "ebcCode", "ebcName", "ownerCode", "ownerName", "tradeMode",
    "trafMode", "voyageNo", "country", "POD", "freight", "fCurrency", "fFlag", "insuredFee", "iCurrency",
    "iFlag", "wrapType", "packNo", "grossWeight", "netWeight",
]  # fmt: skip
LINE = [
    "gnum", "itemNo", "gcode", "gname", "gmodel", "barCode", "country", "currency", "qty", "qty1", "unit",
    "unit1", "price", "totalPrice",
]  # fmt: skip
SUMMARY = [
    "guid", "appType", "appTime", "appStatus", "customsCode", "copNo", "agentCode", "agentName", "ebcCode",
    "ebcName", "declAgentCode", "declAgentName", "summaryFlag", "itemNameFlag", "msgCount", "msgSeqNo",
]  # fmt: skip


@pytest.fixture
def desk(app, database):
    """Somebody of customs, and a booking with two parcels that leaves China."""
    with database.transaction() as session:
        customs_world(session)
    return person(app, "customs")


def the_list(database):
    with database.reading() as session:
        found = session.query(DeclarationList).one()
        return f"/customs/{found.public_id}", found


def orders(database):
    with database.reading() as session:
        return [row.order_number for row in session.query(DeclarationLine).order_by(DeclarationLine.seq)]


def test_an_empty_desk_says_what_comes_next(app):
    text = words(person(app, "customs").get("/customs"))
    assert "Nothing to declare yet" in text
    assert "handed over in the single window by hand" in text


def test_from_what_waits_to_a_refund_by_the_pages_alone(desk, database):
    assert "Waits to be listed" in words(desk.get("/customs"))
    assert desk.post("/customs/build", data=BUILD).status_code == 303
    page, found = the_list(database)
    text = words(desk.get(page))
    assert "Payment not noted 2 lines" in text
    assert found.mismatched == 2
    assert desk.get(f"{page}.xml").status_code == 409

    coded = {"goods": "general", "hs_code": "6912009000", "replace": "1"}
    assert desk.post(f"{page}/hs-code", data=coded).status_code == 303
    assert desk.post(f"{page}/hs-code", data=coded | {"hs_code": "12"}).status_code == 422

    first, second = orders(database)
    bad = desk.post(f"{page}/payments", data={"payments": f"{first},P-1,25.00,USD\nNO-SUCH,P-2,25.00,USD"})
    assert bad.status_code == 422
    assert "line 2" in words(bad)
    pasted = f"{first}\tP-1\t25.00\tUSD\n{second}\tP-2\t25.10\tUSD"
    assert desk.post(f"{page}/payments", data={"payments": pasted}).status_code == 303
    assert "Nothing: every line passes." in words(desk.get(page))

    for data in ({"step": "submit"}, {"step": "release"}):
        assert desk.post("/customs/steps", data=data | {"list": [page[9:]]}).status_code == 303
    assert "To be declared" in words(desk.get("/customs"))
    made = desk.post("/customs/summaries/build", data=BUILD)
    summary = made.headers["Location"]
    numbers = f"{first},42002026E1\n{second}\t42002026E2"
    assert desk.post(f"{page}/numbers", data={"numbers": "x"}).status_code == 422
    assert desk.post(f"{page}/numbers", data={"numbers": numbers}).status_code == 303
    assert "42002026E2" in words(desk.get(page))
    head, *named = ET.fromstring(desk.get(f"{summary}.xml").data)[0]
    assert [child.tag.removeprefix(CEB) for child in head] == SUMMARY
    assert [one.findtext(f"{CEB}invtNo") for one in named] == ["42002026E1", "42002026E2"]
    assert "6912009000" in words(desk.get(summary))
    wrong = desk.post(f"{summary}/submit")
    assert wrong.status_code == 303
    assert desk.post(f"{summary}/accept", data={"entry_id": "12"}).status_code == 422
    assert desk.post(f"{summary}/accept", data={"entry_id": "420020261000000001"}).status_code == 303
    assert desk.post(f"{summary}/refund", data={"amount": "46.15", "on": "2026-11-20"}).status_code == 303
    text = words(desk.get(page))
    assert "Refunded" in text
    assert "420020261000000001" in text

    for _ in range(3):
        assert desk.post(f"{summary}/undo").headers["Location"] == summary
    assert desk.post(f"{summary}/undo").headers["Location"] == "/customs"
    with database.reading() as session:
        assert session.query(DeclarationSummary).count() == 0
        assert session.query(DeclarationList).one().status == "released"


def test_the_files_are_messages_of_the_spec_with_everything_escaped(desk, database):
    desk.post("/customs/build", data=BUILD)
    page, found = the_list(database)
    number = found.number
    with database.transaction() as session:
        paid(session, get_list(session, found.public_id))
        session.query(DeclarationLine).order_by(DeclarationLine.seq).first().name = "mugs & <cups>\x0b"

    answer = desk.get(f"{page}.xml")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="CEB603-{number}.xml"'
    root = ET.fromstring(answer.data)
    assert root.tag == f"{CEB}CEB603Message"
    assert [child.tag for child in root] == [f"{CEB}Inventory"] * 2 + [f"{CEB}BaseTransfer"]
    head, line = root[0]
    told = {child.tag.removeprefix(CEB): child.text for child in head}
    assert (told["tradeMode"], told["statisticsFlag"], told["trafMode"]) == ("9610", "B", "2")
    assert (told["customsCode"], told["country"], told["netWeight"]) == ("4200", "502", "0.900")
    assert told["copNo"] == f"{number}-001"
    assert line.find(f"{CEB}gname").text == "mugs & <cups> "
    assert list(told) == HEAD
    assert [child.tag.removeprefix(CEB) for child in line] == LINE
    assert desk.get(f"{page}.xml").data.count(told["guid"].encode()) == 1

    table = desk.get(f"{page}.csv").data.decode("utf-8-sig").split("\r\n")
    assert table[0].startswith("list,line,order,waybill,hs_code")
    assert len(table) == 1 + 2 + 1


def test_customs_may_answer_some_lines_only(desk, database):
    desk.post("/customs/build", data=BUILD)
    page, found = the_list(database)
    with database.transaction() as session:
        paid(session, get_list(session, found.public_id))
    desk.post(f"{page}/submit")
    told = {"step": "reject", "answer": "HS code does not fit", "lines": "1-x"}
    assert "Write numbers of lines on this list" in words(desk.post(f"{page}/answer", data=told))
    assert desk.post(f"{page}/answer", data=told | {"lines": "2"}).status_code == 303
    with database.reading() as session:
        first, other = session.query(DeclarationList).order_by(DeclarationList.id)
        assert (first.status, other.status) == ("submitted", "rejected")
    assert "Lines parted" in words(desk.get(page))
    assert "Give it up" not in words(desk.get(page))
    theirs = f"/customs/{other.public_id}"
    assert "HS code does not fit" in words(desk.get(theirs))
    assert desk.post(f"{theirs}/discard").headers["Location"] == "/customs"


def test_a_booking_leads_to_its_list_for_whom_it_is(app, desk, database):
    desk.post("/customs/build", data=BUILD)
    _, found = the_list(database)
    with database.reading() as session:
        booking = session.query(Booking).one()
        owner = session.get_one(Party, booking.exporter_id)
    papers = f"/bookings/{booking.public_id}?tab=papers"
    assert found.number in words(desk.get(papers))
    mine = person(app, "exporter", exporter=owner)
    assert found.number not in words(mine.get(papers))


def test_numbers_are_noted_and_wrong_ones_told_at_their_field(desk, database):
    text = words(desk.get("/customs/codes"))
    assert "The operation itself" in text
    bad = desk.post("/customs/codes/house", data={"dxp": "!!", "name": "X"})
    assert bad.status_code == 422
    assert "This number is not written like this." in words(bad)
    assert desk.post("/customs/codes/house", data={"dxp": "DXPNEW"}).status_code == 303
    assert 'value="DXPNEW"' in desk.get("/customs/codes").text
    assert desk.post("/customs/codes/nobody", data={"dxp": "A"}).status_code == 422


def test_readers_look_and_exporters_do_not(app, desk, database):
    desk.post("/customs/build", data=BUILD)
    page, _ = the_list(database)
    reader = person(app, "finance")
    assert "Build list" not in words(reader.get("/customs"))
    assert reader.get(page).status_code == 200
    assert reader.post(f"{page}/submit").status_code == 403
    for role in ("exporter", "warehouse"):
        assert person(app, role).get("/customs").status_code == 403


def test_the_filters_stand_in_the_address(desk, database):
    desk.post("/customs/build", data=BUILD)
    _, found = the_list(database)
    assert found.number in words(desk.get(f"/customs?mode=9610&state=to_do&month={MONTH:%Y-%m}&mismatch=1"))
    assert found.number not in words(desk.get("/customs?mode=9710"))
    assert desk.get("/customs?mode=1").status_code == 400
    assert desk.post("/customs/payments", data={"payments": "NONE,P,1,USD"}).status_code == 422
    noted = desk.post("/customs/payments", data={"payments": f"{orders(database)[0]},P,25,USD"})
    assert noted.status_code == 303
    back = desk.post("/customs/steps", data={"step": "check", "back": "https://evil.example/"})
    assert back.headers["Location"] == "/customs"
