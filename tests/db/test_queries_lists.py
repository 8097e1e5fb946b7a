"""Lists page by keyset, cost few statements however many rows they have, and mean what their filters say."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from app.errors import BadRequest, NotFound
from app.queries import batches, departures, parcels, places, runs, warehouses
from app.queries.departures import DepartureFilter
from app.queries.paging import encode
from app.queries.parcels import ParcelFilter
from tests import factories as make

NOW = make.NOW


@contextmanager
def counting(session):
    """The statements that were sent in the block."""
    sent = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield sent
    event.remove(session.get_bind(), "before_cursor_execute", note)


def walk(read):
    """Every item of a list, page by page."""
    found, cursor = [], None
    while True:
        page = read(cursor)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


def numbers(session, **where):
    page = departures.list_departures(session, NOW, DepartureFilter(**where))
    return [row.number for row in page.items]


@pytest.fixture
def stops(session):
    return [make.make_location(session, code) for code in ("CNTAO-PORT", "KRINC-PORT", "USLAX-PORT")]


def test_pages_neither_repeat_nor_drop_rows_that_leave_at_the_same_moment(session, stops):
    liner = make.make_service(session)
    for number in range(7):
        make.make_departure(session, liner, stops, number=f"N{number}")
    listed = walk(lambda cursor: departures.list_departures(session, NOW, cursor=cursor, limit=3))
    assert [row.number for row in listed] == [f"N{number}" for number in range(7)]


def test_the_newest_come_first_where_a_list_falls(session):
    made = [make.make_run(session, created_at=NOW + timedelta(minutes=minute // 2)) for minute in range(5)]
    listed = walk(lambda cursor: runs.list_runs(session, cursor=cursor, limit=2))
    assert [run.public_id for run in listed] == [run.public_id for run in reversed(made)]


FOREIGN = [
    "?",
    "abc",
    encode("2026-01-01", 1),
    encode(5, 1),
    encode(NOW.isoformat(), 2**63),
    encode(None, None),
]


@pytest.mark.parametrize("cursor", FOREIGN)
def test_a_foreign_cursor_is_refused(session, cursor):
    with pytest.raises(BadRequest):
        runs.list_runs(session, cursor=cursor)


def test_a_longer_board_costs_no_more_statements(session, stops):
    box = make.make_unit_type(session)

    def statements():
        with counting(session) as sent:
            departures.list_departures(session, NOW)
        return len(sent)

    make.make_departure_unit(session, make.make_departure(session, stops=stops), box)
    few = statements()
    for _ in range(10):
        make.make_departure_unit(session, make.make_departure(session, stops=stops), box)
    assert statements() == few <= 6


def test_a_longer_pool_costs_no_more_statements(session):
    with counting(session) as first:
        make.make_parcel(session)
        session.flush()
        first.clear()
        parcels.list_parcels(session)
    for _ in range(10):
        make.make_parcel(session)
    with counting(session) as second:
        assert len(parcels.list_parcels(session).items) == 11
    assert len(second) == len(first) <= 2


def test_a_departure_is_found_by_where_goods_board_and_alight(session, stops):
    make.make_departure(session, stops=stops, number="OUT")
    assert numbers(session, origin="CNTAO-PORT", destination="USLAX-PORT") == ["OUT"]
    assert numbers(session, origin="KRINC", destination="USLAX") == ["OUT"]
    assert numbers(session, origin="USLAX-PORT", destination="CNTAO-PORT") == []
    assert numbers(session, origin="USLAX-PORT") == []


def test_free_means_that_some_segment_has_space_in_every_dimension(session, stops):
    make.make_departure(session, stops=stops, number="EMPTY")
    make.make_departure(session, stops=stops, number="NO-VOLUME", pools={"g": (10, 0, 0), "cm3": (10, 4, 6)})
    make.make_departure(session, stops=stops, number="UNTRACKED", pools={})
    half = make.make_departure(session, stops=stops, number="HALF")
    half.segments[0].pools[0].booked = half.segments[0].pools[0].capacity
    session.flush()
    assert numbers(session, free=True) == ["EMPTY", "HALF"]


def test_batteries_and_a_goods_class_are_read_from_the_list_of_the_departure(session, stops):
    make.make_departure(session, stops=stops, number="BOTH", accepts=["general", "li_ion_packed"])
    make.make_departure(session, stops=stops, number="PLAIN", accepts=["general"])
    make.make_departure(session, stops=stops, number="ODD", accepts=["general_plus"])
    assert numbers(session, batteries=True) == ["BOTH"]
    assert numbers(session, accepts="general") == ["BOTH", "PLAIN"]
    assert numbers(session, accepts="%") == []


def test_the_tightest_segment_speaks_for_a_departure(session, stops):
    departure = make.make_departure(session, stops=stops, pools={"g": (1000, 100, 200)})
    departure.segments[1].pools[0].booked = 700
    session.flush()
    row = departures.get_departure(session, NOW, departure.public_id)
    assert (row.tight("g").segment_seq, row.tight("g").free) == (1, 200)
    assert row.tight("teu") is None


def test_allotments_are_shown_to_their_owner_and_to_the_operator_only(session, stops):
    owner, stranger = make.make_party(session), make.make_party(session)
    departure = make.make_departure(session, stops=stops[:2], pools={"teu": (400, 0, 0)})
    make.make_allotment(session, departure.segments[0].pools[0], owner, capacity=100)

    def owners(exporter_id):
        row = departures.get_departure(session, NOW, departure.public_id, exporter_id=exporter_id)
        return [space.allotment_of for space in row.spaces]

    assert owners(None) == owners(owner.id) == [None, owner.reference]
    assert owners(stranger.id) == [None]


def test_the_next_cut_off_is_the_first_one_ahead_and_closes_within_a_day(session, stops):
    departure = make.make_departure(session, stops=stops, departs_at=NOW + 30 * make.HOUR)
    row = departures.get_departure(session, NOW, departure.public_id)
    assert (row.next_cutoff.code, row.next_cutoff.at, row.closing) == ("FCO", NOW + 6 * make.HOUR, True)
    later = departures.get_departure(session, NOW + 7 * make.HOUR, departure.public_id)
    assert (later.next_cutoff, later.closing) == (None, False)


def test_what_is_not_there_is_not_found(session):
    for read in (
        lambda: departures.get_departure(session, NOW, "dep_x"),
        lambda: parcels.get_parcel(session, "pcl_x"),
        lambda: runs.get_run(session, "run_x"),
        lambda: batches.get_batch(session, "bat_x"),
        lambda: warehouses.get_warehouse(session, NOW.date(), "whs_x"),
    ):
        with pytest.raises(NotFound):
            read()


def test_an_exporter_finds_own_parcels_and_own_uploads_only(session):
    mine, theirs = make.make_party(session), make.make_party(session)
    parcel, other = make.make_parcel(session, mine), make.make_parcel(session, theirs)
    make.make_batch(session, exporter_id=theirs.id)
    assert [row.public_id for row in parcels.list_parcels(session, exporter_id=mine.id).items] == [
        parcel.public_id
    ]
    with pytest.raises(NotFound):
        parcels.get_parcel(session, other.public_id, exporter_id=mine.id)
    assert batches.list_batches(session, exporter_id=mine.id).items == []
    assert places.origins(session, mine.id) == [
        place for place in places.origins(session) if place.id == parcel.origin_id
    ]


def test_a_reference_is_matched_from_its_beginning_and_literally(session):
    make.make_parcel(session, reference="50%_A")
    make.make_parcel(session, reference="500-A")

    def found(text):
        return [row.reference for row in parcels.list_parcels(session, ParcelFilter(reference=text)).items]

    assert found("50%") == ["50%_A"]
    assert found("%") == []


def test_the_pool_is_summed_by_direction(session):
    for direction, grams in (("export", 1000), ("export", 500), ("return", 200)):
        make.make_parcel(session, direction=direction, weight_g=grams)
    make.make_parcel(session, status="delivered")
    count = parcels.count_pool(session)
    assert (count.parcels, count.weight_g, count.by_direction) == (3, 1700, {"export": 2, "return": 1})


def test_a_country_is_in_a_group_from_its_day_on_and_until_its_last(session):
    place = make.make_location(session, "GBLON-WH", kind="overseas", country="GB")
    make.make_warehouse(session, place)
    day = NOW.date()
    make.make_country_group(session, "EU", "GB", effective_to=day)
    make.make_country_group(session, "RCEP", "GB", effective_from=day)
    before = day - timedelta(days=1)
    assert [row.groups for row in warehouses.list_warehouses(session, before).items] == [("EU",)]
    assert [row.groups for row in warehouses.list_warehouses(session, day).items] == [("RCEP",)]
    assert warehouses.list_warehouses(session, day, group="EU").items == []


def test_warehouses_are_found_by_service_kind_and_free_space(session):
    make.make_warehouse(session, services=["returns"], free_m2=500)
    make.make_warehouse(session, make.make_location(session, kind="origin_hub"), services=["seal"])

    def count(**where):
        return len(warehouses.list_warehouses(session, NOW.date(), **where).items)

    assert count() == count(service="returns") == count(free_m2=500) == count(country="CN") == 1
    assert count(service="return") == count(free_m2=501) == count(country="US") == 0
    assert count(kind=None) == 2
