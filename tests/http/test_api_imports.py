"""Files of parcels over HTTP: uploaded, imported by a worker, their faults told and downloaded."""

import io

import pytest
import xlsxwriter
from sqlalchemy import select

from app.clock import now
from app.models import ImportBatch
from app.schemas.base import Accepted
from app.schemas.parcels import BatchShape, ParcelPage
from app.usecases.importing import run_batch
from tests.http.answers import faults, good, problem

HEADER = "reference,direction,origin,destination,weight_kg,volume_m3,goods_class,value,currency,ready_at"
GOOD = "ORDER-1,export,CNTAO-HUB,DEDUI-WHS,2.5,0.01,general,49.90,USD,2026-11-25T10:00:00+08:00"
BAD = "ORDER-2,export,CNTAO-HUB,DEDUI-WHS,-1,0.01,general,49.90,USD,2026-11-25T10:00:00+08:00"
JSON_LINE = (
    '{"reference": "ORDER-1", "direction": "export", "origin": "CNTAO-HUB", "destination": "DEDUI-WHS", '
    '"weight_kg": 2.5, "volume_m3": "0.01", "goods_class": "general", "value": 49.9, "currency": "USD", '
    '"ready_at": "2026-11-25T10:00:00+08:00", "hard_deadline": false, "deliver_by": null}'
)


@pytest.fixture
def backend():
    return "sqlite"


def upload(caller, content, name="orders.csv", **fields):
    content = content.encode() if isinstance(content, str) else content
    return caller.post("/parcels/import", data={"file": (io.BytesIO(content), name), **fields})


def outcome(caller, database, response):
    """The batch after a worker did its part."""
    job = good(response, Accepted, 202)
    with database.transaction() as session:
        run_batch(session, job["job_id"], now())
    return good(caller.get(job["poll_url"].removeprefix("/api/v1")), BatchShape)


def references(caller):
    return {item["reference"] for item in good(caller.get("/parcels"), ParcelPage)["items"]}


def book():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("parcels")
        for row, line in enumerate((HEADER, GOOD)):
            sheet.write_row(row, 0, line.split(","))
    return stream.getvalue()


def test_an_upload_is_taken_on_and_waits_for_a_worker(acme):
    response = upload(acme, f"{HEADER}\n{GOOD}\n")

    job = good(response, Accepted, 202)
    assert job["job_id"].startswith("bat_")
    assert response.headers["Location"] == job["poll_url"]
    batch = good(acme.get(job["poll_url"].removeprefix("/api/v1")), BatchShape)
    assert (batch["status"], batch["filename"], batch["finished_at"]) == ("queued", "orders.csv", None)


@pytest.mark.parametrize(
    "content", [f"{HEADER}\n{GOOD}\n", JSON_LINE + "\n\n", book()], ids=["csv", "jsonl", "xlsx"]
)
def test_every_format_fills_the_pool(acme, database, content):
    batch = outcome(acme, database, upload(acme, content, "orders.txt"))

    assert (batch["status"], batch["errors"]) == ("completed", [])
    assert batch["rows"] == {"read": 1, "added": 1, "updated": 0, "unchanged": 0, "rejected": 0}
    assert references(acme) == {"mine-1", "ORDER-1"}


def test_one_bad_row_keeps_everything_out_unless_asked_otherwise(acme, database):
    file = f"{HEADER}\n{GOOD}\n{BAD}\n"
    batch = outcome(acme, database, upload(acme, file))

    assert (batch["status"], batch["rows"]["rejected"]) == ("failed", 1)
    (fault,) = batch["errors"]
    assert (fault["row"], fault["column"], fault["code"]) == (3, "weight_kg", "not_positive")
    assert references(acme) == {"mine-1"}
    batch = outcome(acme, database, upload(acme, file, partial="true"))
    assert (batch["status"], batch["partial"]) == ("completed_with_errors", True)
    assert references(acme) == {"mine-1", "ORDER-1"}


def test_a_dry_run_keeps_nothing(acme, database):
    batch = outcome(acme, database, upload(acme, f"{HEADER}\n{GOOD}\n", dry_run="true"))

    assert (batch["dry_run"], batch["rows"]["added"]) == (True, 1)
    assert references(acme) == {"mine-1"}


def test_returns_are_a_kind_of_their_own(acme, database):
    header, row = f"{HEADER},grade", GOOD.replace("export", "return") + ",C"
    batch = outcome(acme, database, upload(acme, f"{header}\n{row}\n", kind="returns"))

    assert (batch["kind"], batch["status"]) == ("returns", "completed")


def test_a_file_with_a_wrong_header_fails_with_each_name(acme, database):
    batch = outcome(acme, database, upload(acme, "reference,colour\nORDER-1,red\n"))

    assert batch["status"] == "failed"
    assert {"header_mismatch"} == {fault["code"] for fault in batch["errors"]}


@pytest.mark.parametrize(
    ("line", "row"),
    [('{"reference": ', 3), ("[1]", 3), ('{"a": {"b": 1}}', 3), ('{"weight_kg": 1e99999999999999999999}', 3),
     ('{"a": NaN}', 3), ('{"a": "\\ud800"}', 3), ('{"a": "\\u0000"}', 3)],
)  # fmt: skip
def test_a_bad_line_of_json_is_named_at_once(acme, line, row):
    response = upload(acme, f"{JSON_LINE}\n{line}\n", "orders.jsonl")

    (field,) = faults(response, 400, "unreadable_file")
    assert field.startswith(f"row {row}, ")


def test_one_key_uploads_once_and_another_file_is_refused(acme, database):
    first = acme.post("/parcels/import", data={"file": (io.BytesIO(GOOD.encode()), "a.csv")}, key="mine")
    again = acme.post("/parcels/import", data={"file": (io.BytesIO(GOOD.encode()), "a.csv")}, key="mine")
    other = acme.post("/parcels/import", data={"file": (io.BytesIO(BAD.encode()), "a.csv")}, key="mine")

    assert first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    problem(other, 422, "idempotency_key_reused")
    with database.reading() as session:
        assert len(session.scalars(select(ImportBatch).where(ImportBatch.filename == "a.csv")).all()) == 1


def test_a_form_that_cannot_be_meant_is_named(acme):
    assert faults(
        acme.post("/parcels/import", data={"kind": "parcels"}, content_type="multipart/form-data")
    ) == {"files.file": "required"}
    assert faults(
        acme.post("/parcels/import", data={"file": "text"}, content_type="multipart/form-data")
    ) == {"files.file": "not_a_file"}
    assert faults(upload(acme, GOOD, kind="tariffs")) == {"files.kind": "not_one_of"}
    assert faults(upload(acme, GOOD, partial="on")) == {"files.partial": "not_boolean"}
    problem(acme.post("/parcels/import", {"file": "x"}), 415, "unsupported_media_type")


def test_more_bytes_than_are_taken_are_refused_unread(acme):
    body = b"--x\r\n" + b"x" * (20 * 1024 * 1024)

    problem(
        acme.post("/parcels/import", data=body, content_type="multipart/form-data; boundary=x"),
        413,
        "too_large",
    )


@pytest.mark.parametrize("role", ["warehouse", "customs", "finance", "regulator"])
def test_only_operators_and_exporters_upload(call, role):
    problem(upload(call(role), GOOD), 403, "forbidden")


def test_faults_are_downloaded_as_csv_that_no_spreadsheet_runs(acme, database):
    row = GOOD.replace("CNTAO-HUB", "=1+1")
    batch = outcome(acme, database, upload(acme, f"{HEADER}\n{row}\n"))
    response = acme.get(f"/batches/{batch['id']}/errors.csv")

    assert response.status_code == 200
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{batch["id"]}-errors.csv"'
    lines = response.get_data().decode("utf-8-sig").splitlines()
    assert lines[0] == "row,column,code,message,suggestion"
    assert lines[1].startswith("2,origin,formula,")
    assert not any(cell.startswith("=") for line in lines for cell in line.split(","))


def test_a_batch_belongs_to_whoever_uploaded_it(acme, globex, operator, world):
    for name in ("other_batch", "staff_batch"):
        problem(acme.get(f"/batches/{world.ids[name]}"), 404, "not_found")
        problem(acme.get(f"/batches/{world.ids[name]}/errors.csv"), 404, "not_found")
        assert operator.get(f"/batches/{world.ids[name]}").status_code == 200
    assert good(acme.get(f"/batches/{world.ids['my_batch']}"), BatchShape)["filename"] == "mine.csv"
    problem(acme.get("/batches/bat_0000000000000000"), 404, "not_found")
