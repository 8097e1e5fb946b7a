"""The public tracking page: for whoever has a parcel's number in hand, and tells nothing but where it is and when."""

import pytest
import time_machine

from app.usecases.tracking import Report, Source, record_events
from tests import factories as make
from tests.booking_rows import fill_booking, make_booking, make_offer, make_quote
from tests.factories import DAY, HOUR, NOW
from tests.http.pages import words
from trade.numbering import spaced

SECRETS = (
    "Linyi Toys Factory", "LINYI", "ORDER-77", "bkg_", "pcl_", "dep_", "VOY-9", "OCEAN-CARRIER", "storm", "49.00",
    "1.00 kg", "2.50 kg",
)  # fmt: skip


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def parcel(database):
    """A parcel aboard a ship that left two hours late and is expected five hours late."""
    with database.transaction() as session:
        exporter = make.make_party(session, "LINYI", name="Linyi Toys Factory")
        port = make.make_location(session, "CNTAO-PORT", name_en="Qingdao port", name_zh="青岛港")
        end = make.make_location(session, "NLRTM-WHS", "overseas", country="NL", time_zone="Europe/Amsterdam",
                                 name_en="Rotterdam warehouse", name_zh="鹿特丹仓")  # fmt: skip
        ship = make.make_departure(
            session, stops=[port, end], departs_at=NOW - DAY, leg=9 * DAY, number="VOY-9"
        )
        offer = make_offer(session, [ship], make_quote(session, exporter, port, end))
        (parcel,) = fill_booking(session, make_booking(session, offer, version=2), reference="ORDER-77")
        facts = {"departure": ship.public_id, "text": "storm"}
        events = [
            Report(event_id="1", code="DEPA", happens_at=ship.departs_at + 2 * HOUR, **facts),
            Report(
                event_id="2", code="ARRI", classifier="EST", happens_at=ship.arrives_at + 5 * HOUR, **facts
            ),
        ]
        record_events(session, Source("OCEAN-CARRIER"), NOW, events)
        return parcel


def test_a_number_from_the_label_leads_to_the_parcels_page_without_signing_in(client, parcel):
    asked = client.get("/track")
    assert (asked.status_code, 'name="number"' in asked.text) == (200, True)
    found = client.get("/track", query_string={"number": spaced(parcel.tracking_number).lower()})
    assert (found.status_code, found.location) == (303, f"/track/{parcel.tracking_number}")


def test_the_page_tells_status_places_times_and_events(client, parcel):
    text = words(client.get(f"/track/{parcel.tracking_number}"))
    for told in (
        "In transit", "Qingdao port → Rotterdam warehouse", "Expected : Tue 1 Dec 07:30 GMT+1 (as last reported)",
        "Sun 22 Nov 11:30 GMT+8", "planned: Tue 1 Dec 02:30", "Departure Qingdao port", "Arrival (expected)",
        spaced(parcel.tracking_number),
    ):  # fmt: skip
        assert told in text, text


def test_the_page_speaks_chinese_too(client, parcel):
    text = words(client.get(f"/track/{parcel.tracking_number}", headers={"Accept-Language": "zh-CN"}))
    assert "鹿特丹仓" in text
    assert "运输中" in text


def test_the_page_tells_no_names_values_prices_or_references(client, parcel):
    page = client.get(f"/track/{parcel.tracking_number}").text
    assert [secret for secret in SECRETS if secret in page] == []


def test_search_engines_are_kept_out_and_nothing_needs_a_script(client, parcel):
    for path in ("/track", f"/track/{parcel.tracking_number}"):
        page = client.get(path)
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert '<meta name="robots" content="noindex, nofollow">' in page.text
        assert "hx-" not in page.text.partition("<main")[2]


@pytest.mark.parametrize(
    "number", ["FP000000000000000000", "nothing", "%00", "%F0%9F%9A%A2", "x" * 500, "bkg_0000000000000000"]
)
def test_a_number_nobody_has_is_said_kindly(client, parcel, number):
    page = client.get(f"/track/{number}")
    assert page.status_code == 404
    assert "No parcel has this number." in words(page)


def test_a_mistyped_number_is_found_out_before_anything_is_looked_up(client, parcel):
    page = client.get("/track", query_string={"number": "FP 123"})
    assert page.status_code == 404
    assert "one of its digits is wrong or missing" in words(page)
    assert 'value="FP 123"' in page.text


def test_guessing_is_slowed_down(client):
    answers = [client.get("/track/FP000000000000000000").status_code for _ in range(61)]
    assert answers == [404] * 60 + [429]
