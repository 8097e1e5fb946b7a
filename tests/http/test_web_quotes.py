"""Quotes in the browser: the composer keeps what was typed, offers stand side by side, one is booked once."""

import re

import pytest
import time_machine
from sqlalchemy import func, select, update

from app.models import Booking, CapacityPool, Party, Quote
from app.web import sales_labels
from tests import factories as make
from tests.booking_rows import make_offer, make_quote
from tests.http.pages import person, words
from tests.quote_rows import open_shop

FORM = {
    "exporter": "acme", "origin": "CNTAO-HUB · CNTAO-HUB", "destination": "DEDUI-WHS",
    "ready_at": "2026-11-23T10:00", "deliver_by": "", "currency": "USD", "objective": "balanced",
    "direction": "export", "customs_mode": "", "max_transit_days": "", "allow_charter": "1",
    "count-0": "10", "weight-0": "10", "length-0": "40", "width-0": "30", "height-0": "25",
    "goods_class-0": "general", "value-0": "60", "description-0": "mugs", "hs_code-0": "691200",
}  # fmt: skip
EMPTY_LINE = {
    "count-1": "1", "weight-1": "", "length-1": "", "width-1": "", "height-1": "", "goods_class-1": "general",
    "value-1": "", "description-1": "", "hs_code-1": "",
}  # fmt: skip


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def shop(app, database):
    """The small network that sells, two exporters, on the day its rows are made for."""
    with time_machine.travel(make.NOW, tick=False):
        with database.transaction() as session:
            rows = open_shop(session)
            rows.acme = make.make_party(session, "acme")
            rows.globex = make.make_party(session, "globex")
        yield rows


@pytest.fixture
def operator(app, shop):
    return person(app)


@pytest.fixture
def acme(app, shop):
    return person(app, "exporter", exporter=shop.acme)


@pytest.fixture
def quote(operator):
    """The address of a quote that was asked for by the form."""
    answer = operator.post("/quotes", data=FORM)
    assert answer.status_code == 303, words(answer)
    return answer.location


def offers_of(page):
    return re.findall(r'href="(/quotes/qte_\w+/offers/off_\w+)"', page.text)


def errors_of(page):
    """The words beside each field that is wrong."""
    return dict(re.findall(r'class="field-error" id="f-([\w-]+)-help">([^<]*)<', page.text))


def test_what_is_typed_becomes_offers_side_by_side(operator, quote):
    page = operator.get(quote)
    text = words(page)

    assert len(offers_of(page)) == 2
    for part in ("Open for booking", "Cheapest", "Fastest", "$40.00", "Offer 2", "by the schedule", "LCL-1"):
        assert part in text
    assert "Freight by weight" in text
    assert "GMT+8" in text


def test_offers_are_put_in_the_order_that_the_address_says(operator, quote):
    def first(order):
        return re.search(
            r'<article class="card offer[^>]*id="(off_\w+)"', operator.get(f"{quote}?order={order}").text
        )[1]

    assert first("price") == first("co2e") != first("arrival")
    assert operator.get(f"{quote}?order=beauty").status_code == 400


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"weight-0": "heavy"}, {"weight-0": "A number is needed, such as 12.5."}),
        ({"count-0": "1.5"}, {"count-0": "A whole number is needed."}),
        ({"count-0": "0"}, {"count-0": "This number is too small or too large."}),
        ({"ready_at": "soon"}, {"ready_at": "This is no date and time."}),
        ({"currency": "XQX"}, {"currency": "There is no such currency."}),
        ({"width-0": ""}, {"length-0": "Length, width and height belong together."}),
        ({"exporter": ""}, {"exporter": "This must be filled in."}),
        ({"exporter": "nobody"}, {"exporter": "There is no such exporter."}),
        (
            {"deliver_by": "2026-11-23T09:00"},
            {"deliver_by": "The deadline must lie ahead, and after the goods are ready."},
        ),
        ({"max_transit_days": "x"}, {"max_transit_days": "A whole number is needed."}),
        ({"destination": "DEHAM-XXX"}, {"destination": None}),
        ({"origin": ""}, {"origin": "This must be filled in."}),
        ({"origin": "Atlantis, GR"}, {"origin": "None of our places is in that city. Choose one of the list."}),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(operator, typed, wrong):
    page = operator.post("/quotes", data=FORM | typed)

    assert page.status_code == 422
    found = errors_of(page)
    assert set(found) == set(wrong)
    assert all(text in (None, found[name]) for name, text in wrong.items())
    chosen = {"exporter", "currency"}
    for name, value in (FORM | typed).items():
        assert name in chosen or name.startswith("goods_class") or f'value="{value}"' in page.text


@pytest.mark.parametrize("origin", ["CNTAO-HUB", "cntao-hub", "any words · CNTAO-HUB", "CNTAO-HUB, CN"])
def test_a_place_may_be_typed_in_several_ways(operator, origin):
    assert operator.post("/quotes", data=FORM | {"origin": origin}).status_code == 303


def test_lines_are_added_and_removed_without_losing_the_others(operator):
    more = operator.post("/quotes", data=FORM | {"lines": "add"})
    assert more.status_code == 200
    assert 'name="count-1"' in more.text
    assert 'value="691200"' in more.text

    second = FORM | EMPTY_LINE | {"weight-1": "3", "lines": "remove-0"}
    less = operator.post("/quotes", data=second)
    assert 'value="691200"' not in less.text
    assert 'name="weight-0" type="text" value="3"' in less.text
    assert 'name="count-1"' not in less.text


def test_a_line_in_which_nothing_was_typed_does_not_count(operator, database):
    assert operator.post("/quotes", data=FORM | EMPTY_LINE).status_code == 303
    with database.reading() as session:
        assert len(session.scalars(select(Quote.asked)).one()["lines"]) == 1


def test_the_list_narrows_by_what_its_address_says(operator, quote):
    assert quote in operator.get("/quotes?status=offered&exporter=acme").text
    assert quote not in operator.get("/quotes?status=accepted").text
    assert "No quote matches" in words(operator.get("/quotes?exporter=globex"))
    assert operator.get("/quotes?status=lost").status_code == 400


def test_a_quote_can_be_asked_for_again_with_everything_filled_in(operator, quote):
    page = operator.get(f"/quotes/new?again={quote.rpartition('/')[2]}")
    for value in ("CNTAO-HUB · CNTAO-HUB", "DEDUI-WHS · DEDUI-WHS", "691200", "60.00"):
        assert f'value="{value}"' in page.text
    assert 'name="weight-0" type="text" value="10"' in page.text
    assert 'value="acme" selected' in page.text


def test_an_offer_is_booked_once_however_often_the_button_is_pressed(operator, database, quote):
    address = offers_of(operator.get(quote))[0]
    assert "Book for" in words(operator.get(address))
    first = operator.post(address, data={"reference": "PO-7"})
    assert first.status_code == 303
    again = operator.post(address, data={"reference": "PO-7"})
    assert again.location == first.location
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Booking)) == 1
    page = operator.get(first.location)
    assert "This quote is booked already" in words(page)
    assert "PO-7" in words(page)
    assert "Booked" in words(operator.get(quote))
    assert offers_of(operator.get(quote)) == []


def test_space_that_is_gone_is_said_where_the_button_was(operator, database, quote):
    with database.transaction() as session:
        session.execute(update(CapacityPool).values(booked=CapacityPool.capacity - CapacityPool.held))
    address = offers_of(operator.get(quote))[1]
    page = operator.post(address, data={"reference": "PO-7"})
    assert page.status_code == 409
    assert "The space is not there any more" in words(page)
    assert 'value="PO-7"' in page.text


def test_credit_that_does_not_allow_it_is_said_in_words(operator, database, quote):
    with database.transaction() as session:
        session.execute(update(Party).where(Party.reference == "acme").values(credit_hold=True))
    page = operator.post(offers_of(operator.get(quote))[0])
    assert page.status_code == 403
    assert "The exporter is on credit hold" in words(page)


def test_an_expired_quote_offers_to_ask_again_and_no_button(app, operator, quote):
    address = offers_of(operator.get(quote))[0]
    with time_machine.travel(make.NOW + 3 * make.DAY, tick=False):
        late = person(app)
        page = late.get(f"{quote}?seen=offered")
        assert page.headers["HX-Refresh"] == "true"
        assert "This quote has run out" in words(page)
        assert offers_of(page) == []
        assert late.post(address).status_code == 410
    assert "HX-Refresh" not in operator.get(f"{quote}?seen=offered").headers


def test_a_reference_that_is_too_long_comes_back_with_its_field(operator, quote):
    page = operator.post(offers_of(operator.get(quote))[0], data={"reference": "x" * 65})
    assert page.status_code == 422
    assert "must have 1 to 64 characters" in words(page)


def test_an_exporter_asks_for_itself_and_sees_its_own_alone(app, acme, shop, operator, quote):
    assert 'name="exporter"' not in acme.get("/quotes/new").text
    mine = acme.post("/quotes", data={**FORM, "exporter": "globex"})
    assert "Quote for acme" in words(acme.get(mine.location))
    assert quote in acme.get("/quotes").text

    globex = person(app, "exporter", exporter=shop.globex)
    assert "No quote yet" in words(globex.get("/quotes"))
    offer = offers_of(operator.get(quote))[0]
    for answer in (globex.get(quote), globex.get(offer), globex.post(offer)):
        assert answer.status_code == 404
    assert globex.get(f"/quotes/new?again={quote.rpartition('/')[2]}").status_code == 404


def test_an_offer_of_another_quote_is_not_found_under_this_one(operator, database, shop, quote):
    with database.transaction() as session:
        other = make_offer(session, None, make_quote(session, make.make_party(session)))
    assert operator.get(f"{quote}/offers/{other.public_id}").status_code == 404
    assert operator.get(f"{quote}/offers/nonsense").status_code == 404
    assert operator.post(f"{quote}/offers/nonsense").status_code == 404


def test_who_may_not_sell_may_not_ask_or_book(app, operator, quote):
    offer = offers_of(operator.get(quote))[0]
    finance, regulator = person(app, "finance"), person(app, "regulator")
    assert finance.get(quote).status_code == 200
    assert offers_of(finance.get(quote)) == []
    for answer in (finance.get("/quotes/new"), finance.post("/quotes", data=FORM), finance.post(offer)):
        assert answer.status_code == 403
    assert regulator.get("/quotes").status_code == 403
    assert 'href="/quotes"' not in regulator.get("/departures").text


def test_another_site_cannot_ask_or_book_with_a_persons_cookie(operator, quote):
    foreign = {"Sec-Fetch-Site": "cross-site"}
    offer = offers_of(operator.get(quote))[0]
    for path in ("/quotes", offer):
        assert operator.post(path, data=FORM, headers=foreign).status_code == 403


def test_the_pages_speak_chinese_as_well(app, quote):
    reader = person(app, locale="zh")
    text = words(reader.get(quote))
    for part in ("最便宜", "最快", "可订舱"):
        assert part in text
    page = reader.post("/quotes", data=FORM | {"weight-0": "x"})
    assert "请填写数字" in words(page)


def link_of(page):
    """The path of the link that a quote can be read by."""
    return re.search(r'value="https?://[^/"]+(/offer/[^"]+)"', page.text)[1]


def test_a_customer_without_an_account_reads_the_offers_by_a_link(app, operator, quote):
    assert "/offer/" not in operator.get(quote).text
    assert operator.post(f"{quote}/links").status_code == 303
    path = link_of(operator.get(quote))
    page = app.test_client().get(path)
    text = words(page)
    assert page.status_code == 200
    for part in ("CNTAO-HUB", "Offer 2", "$40.00", "Freight by weight", "mugs"):
        assert part in text
    for part in ("acme", "Book this offer", "/departures/", "Cost of"):
        assert part not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page.headers["Cache-Control"]


def test_a_link_is_taken_back_runs_out_and_cannot_be_made_up(app, operator, quote):
    operator.post(f"{quote}/links")
    page, stranger = operator.get(quote), app.test_client()
    path = link_of(page)
    for made_up in (path[:-3], "/offer/nonsense", path.replace("/offer/", "/offer/x")):
        assert stranger.get(made_up).status_code == 404
    with time_machine.travel(make.NOW + 15 * make.DAY, tick=False):
        assert stranger.get(path).status_code == 404
    revoke = re.search(r'action="(/quotes/[^"]+/revoke)"', page.text)[1]
    assert operator.post(revoke).status_code == 303
    assert stranger.get(path).status_code == 404
    assert "taken back already" in words(operator.get(operator.post(revoke).location))


def test_links_are_made_for_ones_own_quotes_by_those_who_sell(app, acme, shop, quote):
    assert acme.post(f"{quote}/links").status_code == 303
    assert person(app, "exporter", exporter=shop.globex).post(f"{quote}/links").status_code == 404
    assert person(app, "finance").post(f"{quote}/links").status_code == 403


def test_the_composer_offers_the_lanes_asked_for_lately(app, operator, acme, shop, quote):
    again = f"/quotes/new?again={quote.rpartition('/')[2]}"
    assert f'href="{again}"' in operator.get("/quotes/new").text
    assert f'href="{again}"' in acme.get("/quotes/new").text
    assert again not in person(app, "exporter", exporter=shop.globex).get("/quotes/new").text


def test_chinese_messages_keep_their_facts():
    assert sales_labels._facts_of("too_slow", "ways that take longer than 12 days were left out") == {
        "days": "12"
    }
    assert sales_labels._facts_of("too_slow", "something else") is None
