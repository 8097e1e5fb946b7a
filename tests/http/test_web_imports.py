"""Uploading files by the page, and what it says about each bad row."""

import io
import re

import pytest

from app.clock import now
from app.models import ImportBatch
from app.usecases.importing import run_batch
from tests import factories as make
from tests.http.pages import person, small_world, words

HEADER = (
    "reference,exporter,direction,origin,destination,weight_kg,volume_m3,goods_class,value,currency,ready_at"
)
GOOD = "A1,LINYI-TOYS,export,CNTAO-HUB,USLAX-WH,1.5,0.01,general,12.50,USD,2026-12-01T08:00:00+08:00"
BAD = "A2,LINYI-TOYS,export,NOWHERE,USLAX-WH,-1,0.01,general,12.50,USD,2026-12-01T08:00:00+08:00"


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def world(database):
    return small_world(database)


@pytest.fixture
def operator(app, world):
    return person(app)


def upload(client, *rows, how="all", kind="parcels", name="orders.csv"):
    content = io.BytesIO("\n".join([HEADER, *rows]).encode())
    return client.post("/pool/import", data={"kind": kind, "how": how, "file": (content, name)})


def finish(database, address):
    with database.transaction() as session:
        run_batch(session, address.rpartition("/")[2], now())


def test_an_upload_waits_for_a_worker_and_then_shows_what_became_of_it(operator, database):
    sent = upload(operator, GOOD)
    assert sent.status_code == 303
    assert "every 1s" in operator.get(sent.location).text
    finish(database, sent.location)
    done = operator.get(sent.location)
    assert "every 1s" not in done.text
    assert "Imported" in words(done)
    assert "A1" in words(operator.get("/pool"))


def test_each_bad_row_is_named_with_column_code_and_remedy(operator, database):
    sent = upload(operator, GOOD, BAD)
    finish(database, sent.location)
    text = words(operator.get(sent.location))
    assert "Nothing was saved" in text
    assert "3 origin" in text
    assert "3 weight_kg" in text
    assert "A1" not in words(operator.get("/pool"))


def test_good_rows_can_be_kept(operator, database):
    sent = upload(operator, GOOD, BAD, how="partial")
    finish(database, sent.location)
    assert "The good rows were saved." in words(operator.get(sent.location))
    assert "A1" in words(operator.get("/pool"))


def test_a_check_saves_nothing(operator, database):
    sent = upload(operator, GOOD, how="check")
    finish(database, sent.location)
    assert "Every row can be imported" in words(operator.get(sent.location))
    assert "A1" not in words(operator.get("/pool"))


def test_the_error_file_is_safe_to_open_in_a_spreadsheet(operator, database):
    with database.transaction() as session:
        error = {
            "row": 2,
            "column": "reference",
            "code": "bad",
            "message": "=1+1 is no reference",
            "suggestion": "",
        }
        batch = make.make_batch(session, errors=[error])
    answer = operator.get(f"/pool/import/{batch.public_id}/errors.csv")
    assert (
        answer.text
        == "\ufeffrow,column,code,message,suggestion\r\n2,reference,bad,'=1+1 is no reference,\r\n"
    )
    assert "attachment" in answer.headers["Content-Disposition"]


def test_no_file_and_no_such_kind_are_said_on_the_form(operator):
    assert "Choose a file first." in words(operator.post("/pool/import", data={"kind": "parcels"}))
    answer = upload(operator, GOOD, kind="rockets")
    assert answer.status_code == 422
    assert "rockets" in words(answer)


def test_an_exporter_uploads_goods_only_and_sees_own_uploads_only(app, world):
    client = person(app, "exporter", exporter=world.exporter)
    form = words(client.get("/pool/import"))
    assert "Export parcels" in form
    assert "Tariffs" not in form
    assert "orders.csv" not in form
    assert upload(client, GOOD, kind="tariffs").status_code == 403
    assert client.get(f"/pool/import/{world.batch.public_id}").status_code == 404


def test_readers_do_not_upload(app):
    assert person(app, "regulator").get("/pool/import").status_code == 403


def test_an_empty_file_of_a_kind_names_its_columns(operator):
    answer = operator.get("/pool/import/columns/parcels.csv")
    assert answer.text.startswith("\ufeffreference,")
    assert operator.get("/pool/import/columns/rockets.csv").status_code == 404


def test_an_upload_keeps_who_asked_for_it(app, database, operator):
    upload(operator, GOOD)
    with database.reading() as session:
        kept = session.query(ImportBatch).order_by(ImportBatch.id.desc()).first()
        assert kept.requested_by.startswith("usr_")


def step(client, *rows, header=HEADER):
    content = io.BytesIO("\n".join([header, *rows]).encode())
    sent = client.post("/pool/import", data={"kind": "parcels", "file": (content, "orders.csv")})
    return sent.location.removesuffix("/columns")


def as_guessed(client, address):
    """Send the matching as the page proposes it."""
    chosen = re.findall(
        r'name="column-(\d+)".*?<option value="(\w+)" selected',
        client.get(f"{address}/columns").text,
        re.DOTALL,
    )
    return client.post(f"{address}/columns", data={f"column-{at}": name for at, name in chosen})


def test_a_file_goes_in_step_by_step_and_is_found_again(operator, database):
    address = step(operator, GOOD, BAD)
    assert as_guessed(operator, address).location == address
    text = words(operator.get(address))
    assert "1 row is wrong" in text
    assert "CNTAO-HUB" in text
    assert "unknown_location" in words(operator.get(f"{address}?code=unknown_location"))
    assert "orders.csv" in words(operator.get("/pool/import"))
    assert "Nothing" in words(operator.get(operator.post(f"{address}/save").location))
    for column, value in (("origin", "CNTAO-HUB"), ("weight_kg", "1")):
        operator.post(f"{address}/cell", data={"row": "3", "column": column, "text": value})
    saved = operator.post(f"{address}/save")
    batch = operator.get(saved.location).location
    finish(database, batch)
    assert "Take them back" in words(operator.get(batch))
    assert operator.post(f"{batch}/withdraw").status_code == 303
    assert "A1" not in words(operator.get("/pool"))


def test_a_row_is_mended_as_a_whole_left_out_and_taken_in_again(operator):
    address = step(operator, GOOD, BAD)
    as_guessed(operator, address)
    row = words(operator.get(f"{address}/rows/3"))
    assert "NOWHERE" in operator.get(f"{address}/rows/3").text
    assert "is below 0" in row or "not above zero" in row
    operator.post(f"{address}/rows/3", data={"cell-origin": "CNTAO-HUB", "cell-weight_kg": "1"})
    assert "Every row can be saved" in words(operator.get(address))
    text = words(operator.get(address))
    assert "NOWHERE → CNTAO-HUB" in text
    assert text.count("NOWHERE") == 1
    operator.post(f"{address}/cell", data={"row": "3", "skip": "1"})
    assert "Save 1 row" in words(operator.get(address))
    operator.post(f"{address}/cell", data={"row": "3", "take": "1"})
    assert "Save 2 rows" in words(operator.get(address))
    assert "A2,LINYI-TOYS,export,CNTAO-HUB" in operator.get(f"{address}/corrected.csv").text


def test_missing_columns_are_asked_for_and_the_file_can_be_put_aside_and_brought_back(operator):
    address = step(operator, "A1", header="Order No.")
    refused = operator.post(f"{address}/columns", data={"column-0": "reference"})
    assert refused.status_code == 422
    assert "is missing" in words(refused)
    operator.post(f"{address}/discard")
    assert "Put aside" in words(operator.get("/pool/import"))
    assert "Bring it back" in words(operator.get(f"{address}/columns"))
    operator.post(f"{address}/restore")
    assert "Columns of the file" in words(operator.get(f"{address}/columns"))


def test_a_started_file_is_nobody_elses(app, world, operator):
    address = step(operator, GOOD)
    assert person(app, "exporter", exporter=world.exporter).get(address).status_code == 404
    assert person(app, "finance").get(address).status_code == 404
