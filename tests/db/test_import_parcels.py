import pytest
from sqlalchemy import event, func, select

from app.actor import Actor
from app.errors import Forbidden
from app.exchange.faults import Unreadable
from app.models import AuditEvent, Location, Parcel, Party
from app.usecases.importing import find_kind, import_file
from app.usecases.importing.registry import UnknownKind
from tests.db.importing import NOW, OPERATOR, as_csv, faults, load, load_network, parcel, place


@pytest.fixture
def network(session):
    load_network(session)
    return session


def count(session, model=Parcel):
    return session.scalar(select(func.count()).select_from(model))


def exporter(session, reference):
    key = session.scalars(select(Party.id).where(Party.reference == reference)).one()
    return Actor("key", "key_test", "exporter", key)


def test_a_parcel_is_kept_in_grams_millimetres_and_utc(network):
    assert load(network, "parcels", [parcel()]).added == 1
    row = network.scalars(select(Parcel)).one()
    assert (row.weight_g, row.length_mm, row.width_mm, row.height_mm) == (2500, 300, 205, 100)
    assert (row.volume_cm3, row.value_minor, row.status, row.hard_deadline) == (6150, 4990, "pending", False)
    assert row.ready_at.isoformat() == "2026-12-01T00:00:00+00:00"


def test_the_volume_is_rounded_up_and_taken_as_given_without_dimensions(network):
    bare = {"length_cm": "", "width_cm": "", "height_cm": ""}
    load(
        network,
        "parcels",
        [parcel("A", height_cm="0.1", width_cm="0.1"), parcel("B", **bare, volume_m3="0.012")],
    )
    volumes = dict(network.execute(select(Parcel.reference, Parcel.volume_cm3)).all())
    assert volumes == {"A": 1, "B": 12_000}


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"exporter": "ACNE"}, "exporter", "unknown_exporter"),
        ({"exporter": "LINE"}, "exporter", "unknown_exporter"),
        ({"origin": "CNTAO-HUP"}, "origin", "unknown_location"),
        ({"weight_kg": "0"}, "weight_kg", "not_positive"),
        ({"weight_kg": "-2"}, "weight_kg", "not_positive"),
        ({"weight_kg": ""}, "weight_kg", "required"),
        ({"height_cm": ""}, "length_cm", "dimension_missing"),
        ({"length_cm": "", "width_cm": "", "height_cm": ""}, "volume_m3", "volume_missing"),
        ({"goods_class": "batteries"}, "goods_class", "unknown_goods_class"),
        ({"currency": "USB"}, "currency", "unknown_currency"),
        ({"value": "1.005"}, "value", "too_many_decimals"),
        ({"ready_at": "2026-12-01T08:00:00"}, "ready_at", "naive_time"),
        ({"deliver_by": "2026-11-30T08:00+08:00"}, "deliver_by", "deliver_by_before_ready"),
        ({"deliver_by": "2026-12-01T01:00+01:00"}, "deliver_by", "deliver_by_before_ready"),
        ({"deliver_by": "", "hard_deadline": "true"}, "deliver_by", "deadline_missing"),
        ({"destination": "CNTAO-HUB"}, "destination", "same_place"),
        ({"customs_mode": "9999"}, "customs_mode", "unknown_choice"),
        ({"reference": "=P-1"}, "reference", "formula"),
        ({"direction": "import"}, "direction", "unknown_choice"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(network, change, column, code):
    result = load(network, "parcels", [parcel("GOOD"), {**parcel("BAD"), **change}])
    assert faults(result) == [(3, column, code)]
    assert result.errors[0].message
    assert result.errors[0].suggestion
    assert (result.saved, count(network)) == (False, 0)


def test_a_reference_twice_in_the_file_is_a_duplicate(network):
    result = load(network, "parcels", [parcel(), parcel(), parcel(exporter="BOLT")])
    assert faults(result) == [(3, "reference", "duplicate_reference")]


def test_the_same_file_again_changes_nothing(network):
    rows = [parcel(f"P-{number}") for number in range(5)]
    load(network, "parcels", rows)
    again = load(network, "parcels", rows)
    assert (again.added, again.unchanged, again.rejected, count(network)) == (0, 5, 0, 5)


def test_a_parcel_that_differs_from_the_stored_one_is_a_duplicate(network):
    load(network, "parcels", [parcel()])
    result = load(network, "parcels", [parcel(weight_kg="2.6")])
    assert faults(result) == [(2, "reference", "duplicate_reference")]
    assert "weight_g" in result.errors[0].message


def test_batches_are_one_file(network):
    rows = [parcel(f"P-{number}") for number in range(4500)]
    rows[4400]["weight_kg"] = "-1"
    rows[10]["reference"] = "P-4499"
    result = load(network, "parcels", rows)
    assert faults(result) == [(4402, "weight_kg", "not_positive"), (4501, "reference", "duplicate_reference")]
    assert (result.rows_read, result.saved, count(network)) == (4500, False, 0)
    kept = load(network, "parcels", rows, partial=True)
    assert (kept.added, kept.rejected, count(network)) == (4498, 2, 4498)


def test_the_first_thousand_errors_are_kept_and_all_are_counted(network):
    rows = [parcel(f"P-{number}", weight_kg="0", currency="XXX") for number in range(700)]
    result = load(network, "parcels", rows)
    assert (len(result.errors), result.error_count, result.rejected) == (1000, 1400, 700)


def test_an_exporter_names_only_themselves(network):
    rows = [parcel(), parcel(exporter="BOLT")]
    result = load(network, "parcels", rows, actor=exporter(network, "ACME"))
    assert faults(result) == [(3, "exporter", "unknown_exporter")]
    assert "BOLT" not in result.errors[0].suggestion


def test_an_exporter_need_not_name_themselves(network):
    rows = [parcel()]
    rows[0].pop("exporter")
    assert load(network, "parcels", rows, actor=exporter(network, "BOLT")).added == 1
    assert (
        network.scalars(select(Party.reference).join(Parcel, Parcel.exporter_id == Party.id)).one() == "BOLT"
    )


def test_the_operation_must_name_the_exporter(network):
    rows = [parcel()]
    rows[0].pop("exporter")
    with pytest.raises(Unreadable) as error:
        load(network, "parcels", rows)
    assert [fault.code for fault in error.value.faults] == ["header_mismatch"]


@pytest.mark.parametrize(
    ("role", "kind"), [("exporter", "locations"), ("warehouse", "parcels"), ("finance", "services")]
)
def test_a_kind_is_imported_only_by_those_who_may(network, role, kind):
    actor = Actor("user", "usr_test", role, 1 if role == "exporter" else None)
    with pytest.raises(Forbidden):
        load(network, kind, [{}], actor=actor)


def test_finance_may_import_tariffs(network):
    result = load(network, "fx-rates", [{"base": "USD", "quote": "CNY", "rate": "7.1", "as_of": "2026-11-20",
                                         "source": "example"}], actor=Actor("user", "usr_1", "finance"))  # fmt: skip
    assert result.added == 1


def test_an_unknown_kind_names_the_nearest():
    with pytest.raises(UnknownKind) as error:
        find_kind("parcel")
    assert "parcels" in error.value.detail


def test_what_breaks_off_in_the_middle_saves_nothing(network):
    content = as_csv([parcel(f"P-{number}") for number in range(2500)]) + b'P-9,"'
    with pytest.raises(Unreadable):
        import_file(network, OPERATOR, NOW, "parcels", "p.csv", content, partial=True)
    assert count(network) == 0


def test_returns_have_a_grade_and_their_export_date(network):
    back = parcel("R-1", direction="return", origin="DEHAM-WHS", destination="CNTAO-HUB", grade="B",
                  exported_on="2026-06-30")  # fmt: skip
    assert load(network, "returns", [back]).added == 1
    assert network.scalars(select(Parcel.grade)).one() == "B"
    assert faults(load(network, "returns", [parcel("X", grade="", exported_on="")])) == [
        (2, "direction", "not_a_return")
    ]


def test_an_import_leaves_an_audit_event_and_a_dry_run_none(network):
    before = count(network, AuditEvent)
    load(network, "parcels", [parcel()], dry_run=True)
    assert count(network, AuditEvent) == before
    load(network, "parcels", [parcel()])
    event = network.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.action, event.subject, event.after["added"]) == ("import", "parcels", 1)


def test_what_only_the_database_can_refuse_is_named_by_its_row(network, monkeypatch):
    monkeypatch.setattr("app.usecases.importing.tables.new_id", lambda _prefix: "loc_0000000000000000")
    result = load(
        network, "locations", [place("CNAAA-PORT", "port"), place("CNBBB-PORT", "port")], partial=True
    )
    assert [(error.row, error.code) for error in result.errors] == [(3, "database_refused")]
    assert network.scalars(
        select(Location.code).where(Location.code.like("CN___-PORT"), Location.code != "CNTAO-PORT")
    ).all() == ["CNAAA-PORT"]


def test_the_number_of_statements_does_not_grow_with_the_rows(network):
    statements = []
    event.listen(network.get_bind(), "before_cursor_execute", lambda *facts: statements.append(facts[2]))
    load(network, "parcels", [parcel(f"A-{number}") for number in range(10)])
    few = len(statements)
    statements.clear()
    load(network, "parcels", [parcel(f"B-{number}") for number in range(2000)])
    assert len(statements) == few < 20
