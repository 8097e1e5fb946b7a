"""Another exporter's things are not there: every operation is tried with their ids, and with ids that nobody has.

The answers must be the same, byte for byte apart from the id that was asked for, and nothing of theirs may change.
"""

import hashlib
import itertools
import json
import re

import pytest
from sqlalchemy import select

from app.api.description import document
from app.db import Base
from app.ids import new_id
from app.models import Consignment, Party
from tests.booking_rows import fill_booking, make_booking, make_offer, make_quote
from tests.unit.documents.reading import Pdf

METHODS = ("get", "post", "patch", "put", "delete")
PATH = {
    "bkg_id": "booking", "qte_id": "quote", "pcl_id": "parcel", "inv_id": "invoice", "whk_id": "webhook",
    "msg_id": "message", "key_id": "key", "bat_id": "batch", "exp_id": "exporter", "number": "tracking_number",
    "party_reference": "reference", "ord_id": "order", "wav_id": "wave", "box_number": "tracking_number",
    "run_id": "run", "pln_id": "plan", "wko_id": "work_order", "cnt_id": "count",
    "asn_id": "asn", "sku_id": "sku", "pst_id": "posting", "slt_id": "slot", "wst_id": "statement",
    "rtn_id": "return", "lun_id": "load_unit", "scn_id": "scenario",
}  # fmt: skip
"""What the parameters of paths name."""
OPEN_TO_ALL = {
    "dep_id": "departure",
    "whs_id": "warehouse",
    "photo": "photo",
    "zone_code": "shelf",
    "bin_code": "shelf",
    "dock_code": "shelf",
}
"""Departures and warehouses are nobody's own."""
QUERY = {
    "exporter": "reference",
    "booking": "booking",
    "reference": "parcel_reference",
    "item": "parcel",
    "sku": "sku",
}
"""What the parameters of queries may name of somebody's."""
REQUIRED = {"month": "2026-11", "day": "2026-11-24"}
NOBODYS = {"tracking_number": "FP00000000000", "reference": "nobody", "parcel_reference": "nobody-1"}
REQUEST_ID = "req_of_the_test"
IGNORED = ("RateLimit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Content-Length")
WRITTEN_BY_READING = {"api_key"}
"""A key notes when it was used."""
_keys = itertools.count(1)


class Theirs:
    """Ids of globex by what they are of, and how acme asks for things."""

    def __init__(self, house, ids):
        self.ids = ids
        self._client = house.app.test_client()
        self._secret = house.world.secrets["acme"]
        house.app.config["API_RATE"] = "1000000 per minute"

    def nobodys(self, what):
        """An id of the same kind that nobody has."""
        return NOBODYS.get(what) or new_id(self.ids[what][:3])

    def ask(self, method, path, **sent):
        """Ask as acme does."""
        headers = {"Authorization": f"Bearer {self._secret}", "X-Request-ID": REQUEST_ID}
        headers |= {} if method == "get" else {"Idempotency-Key": f"foreign-{next(_keys)}"}
        return self._client.open(f"/api/v1{path}", method=method.upper(), headers=headers, **sent)


@pytest.fixture
def theirs(house):
    """A booking of globex with everything that can belong to one, beside what the world has of theirs."""
    with house.database.transaction() as session:
        globex = session.scalars(select(Party).where(Party.reference == "globex")).one()
        offer = make_offer(session, quote=make_quote(session, globex))
        booking = make_booking(session, offer)
        parcel = fill_booking(session, booking, 1)[0]
        waybill = session.scalars(
            select(Consignment.waybill_number).where(Consignment.booking_id == booking.id)
        ).one()
        ids = {
            "offer": offer.public_id, "quote": offer.quote.public_id, "booking": booking.public_id,
            "parcel": parcel.public_id, "parcel_reference": parcel.reference, "waybill": waybill,
            "tracking_number": parcel.tracking_number, "reference": "globex", "exporter": globex.public_id,
        }  # fmt: skip
    known = house.world.ids
    ids |= {"order": known["other_order"], "wave": known["wave"], "load_unit": known["load_unit"]}
    names = (
        "invoice",
        "webhook",
        "message",
        "key",
        "batch",
        "work_order",
        "count",
        "sku",
        "posting",
        "slot",
        "statement",
        "asn",
        "return",
    )
    return Theirs(
        house,
        ids
        | {one: known[f"other_{one}"] for one in names}
        | {one: known[one] for one in ("run", "plan", "scenario")},
    )


@pytest.fixture
def my_booking(house):
    """A booking of acme's own, for what is named beside it."""
    with house.database.transaction() as session:
        acme = session.scalars(select(Party).where(Party.reference == "acme")).one()
        return make_booking(session, make_offer(session, quote=make_quote(session, acme))).public_id


def operations():
    """Method, path, its parameters and those of the query, and a good body, of every operation."""
    for path, methods in document()["paths"].items():
        for method in METHODS:
            operation = methods.get(method)
            if operation is not None and path.startswith("/api/v1/"):
                named = re.findall(r"{(\w+)}", path)
                given = operation.get("parameters", []) + methods.get("parameters", [])
                queries = [one["name"] for one in given if one.get("in") == "query"]
                yield method, path.removeprefix("/api/v1"), named, queries, body_of(operation)


def body_of(operation):
    """What the description sends as an example."""
    content = operation.get("requestBody", {}).get("content", {})
    return {"json": content["application/json"]["example"]} if "application/json" in content else {}


def seen(response, *asked):
    """Everything an answer tells, with what was asked for left out."""
    headers = sorted((name, value) for name, value in response.headers if name not in IGNORED)
    text = json.dumps([response.status_code, headers]) + response.get_data(as_text=True)
    for one in asked:
        text = text.replace(one, "…")
    return text


def rows(database):
    """A digest of every table."""
    found = {}
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in WRITTEN_BY_READING:
                content = [
                    tuple(map(str, row))
                    for row in session.execute(select(table).order_by(*table.primary_key))
                ]
                found[table.name] = hashlib.sha256(repr(content).encode()).hexdigest()
    return found


def test_every_parameter_of_a_path_is_known_here(house):
    named = {name for _, _, names, _, _ in operations() for name in names}

    assert named == PATH.keys() | OPEN_TO_ALL.keys()


def test_their_ids_in_a_path_answer_as_ids_that_nobody_has(house, theirs):
    before, tried = rows(house.database), 0
    for method, path, named, _, body in operations():
        if not set(named) & PATH.keys():
            continue
        given = {name: house.world.ids[what] for name, what in OPEN_TO_ALL.items()}
        mine = given | {name: theirs.ids[PATH[name]] for name in named if name in PATH}
        empty = given | {name: theirs.nobodys(PATH[name]) for name in named if name in PATH}
        answer = theirs.ask(method, path.format(**mine), **body)

        assert answer.status_code in (401, 403, 404), f"{method} {path} {answer.text}"
        nobodys = theirs.ask(method, path.format(**empty), **body)
        assert seen(answer, *mine.values()) == seen(nobodys, *empty.values()), f"{method} {path}"
        tried += 1
    assert tried > 40
    assert rows(house.database) == before


def test_waybills_and_bookings_are_not_tracked_for_others(theirs):
    for what in ("waybill", "booking", "parcel", "tracking_number"):
        answer = theirs.ask("get", f"/tracking/{theirs.ids[what]}")
        nobodys = theirs.ask("get", f"/tracking/{theirs.nobodys('tracking_number')}")

        assert answer.status_code == 404
        assert seen(answer, theirs.ids[what]) == seen(nobodys, theirs.nobodys("tracking_number"))


def test_their_ids_in_a_query_find_what_nobodys_do(house, theirs):
    for method, path, named, queries, _ in operations():
        for name in set(queries) & QUERY.keys():
            if named:
                continue
            asked, empty = theirs.ids[QUERY[name]], theirs.nobodys(QUERY[name])
            must = {name: value for name, value in REQUIRED.items() if name in queries}
            answer = theirs.ask(method, path, query_string=must | {name: asked})
            nobodys = theirs.ask(method, path, query_string=must | {name: empty})

            assert seen(answer, asked) == seen(nobodys, empty), f"{path}?{name}="


def test_no_list_holds_anything_of_theirs(house, theirs):
    secret = [value for what, value in theirs.ids.items() if what not in ("run", "plan")]
    for method, path, named, queries, _ in operations():
        if method != "get" or set(named) - OPEN_TO_ALL.keys():
            continue
        must = {name: value for name, value in REQUIRED.items() if name in queries}
        path = path.format(**{name: house.world.ids[what] for name, what in OPEN_TO_ALL.items()})
        answer = theirs.ask("get", path, query_string=must)
        printed = answer.mimetype == "application/pdf"
        text = Pdf(answer.data).text if printed else answer.get_data(as_text=True)

        assert [value for value in secret if value in text] == [], path


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/bookings", {"offer_id": "offer"}),
        ("/bookings/{mine}/parcels", {"parcel_ids": ["parcel"]}),
        ("/bookings/{mine}/parcels", {"batch_id": "batch"}),
    ],
)
def test_their_ids_in_a_body_are_unknown(house, theirs, my_booking, path, body):
    before, path = rows(house.database), path.format(mine=my_booking)
    answer = theirs.ask("post", path, json=filled(body, lambda what: theirs.ids[what]))
    empty = {what: theirs.nobodys(what) for what in ("offer", "parcel", "batch")}
    nobodys = theirs.ask("post", path, json=filled(body, lambda what: empty[what]))

    assert 400 < answer.status_code < 500
    assert seen(answer, *theirs.ids.values()) == seen(nobodys, *empty.values())
    assert rows(house.database) == before


def filled(body, value):
    """The body with an id for each name."""
    return {
        name: [value(one) for one in what] if isinstance(what, list) else value(what)
        for name, what in body.items()
    }


def test_their_parcel_is_not_taken_out_of_my_booking(house, theirs, my_booking):
    before = rows(house.database)
    path = f"/bookings/{my_booking}/parcels"
    parcel, nobodys = theirs.ids["parcel"], theirs.nobodys("parcel")
    answers = [theirs.ask("delete", f"{path}/{one}") for one in (parcel, nobodys)]

    assert answers[0].status_code == 404
    assert seen(answers[0], parcel) == seen(answers[1], nobodys)
    assert rows(house.database) == before
