"""The pool as a grid: filtered, ordered and paged by its address, edited after a preview, undone, kept under a name."""

import re

import pytest
from sqlalchemy import select

from app.clock import now
from app.models import AuditEvent, BulkEdit, ChannelRule, Parcel, SavedFilter
from tests import factories as make
from tests.http.pages import person, small_world, words


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def world(database):
    return small_world(database)


@pytest.fixture
def operator(app, world):
    return person(app)


def ids(database, *references):
    with database.reading() as session:
        query = select(Parcel.public_id).where(Parcel.reference.in_(references))
        return list(session.scalars(query))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"RIDES", "STAYS"}),
        ("unassigned=1", {"STAYS"}),
        ("mode=sea", {"RIDES"}),
        ("mode=air", set()),
        ("late=1", set()),
        ("hs=6911", set()),
        ("goods=li_ion_alone", {"STAYS"}),
        ("status=cancelled", set()),
        ("sort=deadline", {"RIDES", "STAYS"}),
        ("sort=heaviest&direction=export", {"RIDES", "STAYS"}),
        ("status=any&sort=heaviest", {"RIDES", "STAYS"}),
    ],
)
def test_the_pool_is_what_its_address_says(operator, query, shown):
    text = words(operator.get(f"/pool?{query}"))
    assert {one for one in ("RIDES", "STAYS") if one in text} == shown
    assert ("No parcel matches" in text) == (not shown)


def test_a_row_says_what_it_rides_and_what_that_costs(operator):
    text = words(operator.get("/pool"))
    assert "VOY7" in text
    assert "Goods not carried" in text
    assert "2 parcels match" in text


def test_the_columns_that_are_chosen_are_shown_from_then_on(operator):
    assert 'class="num">Cost<' in operator.get("/pool").text
    answer = operator.post("/pool/columns", data={"column": ["client", "hs"], "query": "status=any"})
    assert answer.location == "/pool?status=any"
    text = operator.get("/pool").text
    assert ('scope="col">HS code<' in text, 'class="num">Cost<' in text) == (True, False)


def test_an_edit_is_previewed_done_once_and_undone(operator, world, database):
    chosen = ids(database, "RIDES", "STAYS")
    with database.transaction() as session:
        session.scalar(select(Parcel).where(Parcel.reference == "STAYS")).status = "in_transit"
    query = "which=selected&" + "&".join(f"id={one}" for one in chosen)
    assert "2 parcels are meant" in words(operator.get(f"/pool/edit?{query}"))
    wanted = {"customs_mode": "9610", "rule": "forbid", "channel_service": "PAC1"}

    text = words(operator.post(f"/pool/edit/preview?{query}", data=wanted))

    assert "1 changes 1 · It is under way or delivered" in text
    assert "Not by PAC1" in text
    with database.reading() as session:
        assert session.scalars(select(BulkEdit)).all() == []
    done = operator.post(f"/pool/edit?{query}", data=wanted)
    assert done.status_code == 303
    assert "Customs mode – → becomes 9610" in words(operator.get(done.location))
    assert "Not by PAC1" in words(operator.get("/pool"))
    assert "Not by PAC1" in words(operator.get(f"/pool/{ids(database, 'RIDES')[0]}"))
    assert "1 parcel is as it was." in words(operator.post(f"{done.location}/undo", follow_redirects=True))
    assert "undone already" in words(operator.post(f"{done.location}/undo", follow_redirects=True))
    with database.reading() as session:
        assert session.scalars(select(ChannelRule)).all() == []
        actions = session.scalars(
            select(AuditEvent.action).where(AuditEvent.action.startswith("pool."))
        ).all()
        assert actions == ["pool.edited", "pool.edit_undone"]
    assert "Undone" in words(operator.get("/pool/edits"))


def test_all_that_match_are_meant_without_naming_them(operator, world):
    text = words(operator.get("/pool/edit?which=matching&goods=li_ion_alone"))
    assert "1 parcel is meant" in text


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "say what is to change"),
        ({"rule": "pin"}, "Choose one"),
        ({"rule": "pin", "channel_mode": "sea", "channel_service": "PAC1"}, "Choose one"),
        ({"rule": "pin", "channel_departure": "PAC1 NONE"}, "there is no departure"),
        ({"ready_at": "soon"}, "no date and time"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(operator, sent, told):
    answer = operator.post("/pool/edit/preview?which=matching", data=sent)
    assert answer.status_code == 422
    assert told in words(answer)


def test_nothing_selected_leads_back_to_the_list(operator):
    answer = operator.get("/pool/edit?which=selected&status=any")
    assert (answer.status_code, answer.location) == (303, "/pool?status=any")


def test_exporters_see_their_own_and_edit_nothing(app, world, operator):
    other = person(app, "exporter")
    text = words(other.get("/pool"))
    assert "RIDES" not in text
    assert "Edit all that match" not in text
    assert other.get("/pool/edit?which=matching").status_code == 403
    assert other.post("/pool/edit?which=matching", data={"state": "withdraw"}).status_code == 403


def test_a_filter_is_saved_shared_opened_first_deleted_and_brought_back(app, operator, world, database):
    sent = {
        "page": "parcels.pool",
        "name": " Batteries ",
        "query": "goods=li_ion_alone&cursor=x",
        "shared": "1",
    }
    operator.post("/saved-filters", data=sent)
    with database.reading() as session:
        saved = session.scalars(select(SavedFilter)).one()
        assert (saved.name, saved.query) == ("Batteries", "goods=li_ion_alone")
    at = f"/saved-filters/{saved.public_id}"
    assert 'href="/pool?goods=li_ion_alone"' in operator.get("/pool").text
    assert "Batteries" in words(person(app).get("/pool"))
    assert "Batteries" not in words(person(app, "exporter").get("/pool"))
    assert person(app).post(f"{at}/delete").status_code == 404

    operator.post(f"{at}/default", data={"on": "1"})
    assert operator.get("/pool").location == "/pool?goods=li_ion_alone"
    assert operator.get("/pool?status=pending").status_code == 200
    operator.post(f"{at}/rename", data={"name": "Cells"})
    assert "Cells" not in words(person(app).get("/pool"))
    page = operator.post(f"{at}/delete", follow_redirects=True)
    assert "The filter is deleted." in words(page)
    assert operator.get("/pool").status_code == 200
    operator.post(re.search(r'action="([^"]*restore)"', page.text)[1])
    assert "Cells" in words(operator.get("/pool"))


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_a_name_that_is_no_name_is_refused(operator, name):
    sent = {"page": "parcels.pool", "name": name, "query": "status=any"}
    assert "a name has 1 to 60 characters" in words(
        operator.post("/saved-filters", data=sent, follow_redirects=True)
    )
    assert operator.post("/saved-filters", data={"page": "other", "name": "A"}).status_code == 400


def test_every_order_is_walked_page_by_page_without_a_gap(operator, world, database):
    with database.transaction() as session:
        exporter, hub, home = (
            make.make_party(session),
            make.make_location(session),
            make.make_location(session),
        )
        for nth in range(60):
            due = None if nth % 2 else now() + make.DAY * (30 + nth % 5)
            make.make_parcel(
                session, exporter, hub, home, reference=f"N{nth:03}", deliver_by=due, weight_g=1 + nth % 7,
                ready_at=now() + make.DAY,
            )  # fmt: skip
    for sort in ("ready", "deadline", "heaviest", "newest"):
        seen, address = [], f"/pool?sort={sort}"
        while address:
            text = operator.get(address).text
            seen += re.findall(r'row-link" href="[^"]*">(N\d+)<', text)
            following = re.search(r'rel="next" href="([^"]*)"', text)
            address = following and following[1].replace("&amp;", "&")
        assert sorted(seen) == [f"N{nth:03}" for nth in range(60)]
