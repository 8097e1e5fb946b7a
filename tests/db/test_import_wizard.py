"""A file step by step: its columns are guessed, its rows mended, and nothing is kept before all is right."""

import pytest
from sqlalchemy import func, select

from app.actor import Actor
from app.errors import Conflict, Invalid, NotFound
from app.models import ImportDraftFault, Parcel, Party
from app.queries.import_drafts import fault_codes, fault_page
from app.usecases.importing import run_batch, wizard
from app.usecases.importing import wizard_checking as checking
from app.usecases.importing import wizard_mending as mending
from app.usecases.importing.withdrawing import withdraw_batch
from app.usecases.importing.wizard_checking import check_draft
from tests import factories as make
from tests.db.importing import NOW, OPERATOR, load_network, parcel

CHINESE = {
    "订单号": "reference", "货主": "exporter", "方向": "direction", "起运地": "origin", "目的地": "destination",
    "毛重(kg)": "weight_kg", "体积(m³)": "volume_m3", "货物类别": "goods_class", "货值": "value",
    "备货时间": "ready_at",
}  # fmt: skip


@pytest.fixture
def network(session):
    load_network(session)


def sheet(*rows, encoding="utf-8"):
    """Parcels under Chinese headings, without a currency."""
    plain = [parcel(**{"volume_m3": "0.01", **row}) for row in rows]
    lines = [",".join(CHINESE), *(",".join(row[name] for name in CHINESE.values()) for row in plain)]
    return "\n".join(lines).encode(encoding)


def start(session, *rows, actor=OPERATOR, **options):
    return wizard.start_draft(session, actor, NOW, "parcels", "订单.csv", sheet(*rows, **options))


def match(session, draft, **options):
    columns = {int(at): name for at, name in draft.columns.items()}
    wizard.set_columns(session, OPERATOR, NOW, draft.public_id, columns, {"currency": "USD"}, **options)
    check_draft(session, draft.public_id, NOW)


def faults(session, draft):
    found = fault_page(session, draft, None, None).items
    return [(one.fault.row, one.fault.column, one.fault.code, one.fault.proposal) for one in found]


def test_chinese_headings_in_the_encoding_of_excel_are_understood(session, network):
    draft = start(session, {}, encoding="gb18030")
    assert draft.encoding == "gb18030"
    assert list(draft.columns.values()) == list(CHINESE.values())
    with pytest.raises(Invalid) as refused:
        wizard.set_columns(
            session,
            OPERATOR,
            NOW,
            draft.public_id,
            {int(at): name for at, name in draft.columns.items()} | {1: "reference"},
            {},
        )
    assert {(fault.field, fault.code) for fault in refused.value.errors} == {
        ("reference", "header_mismatch"),
        ("exporter", "required"),
        ("currency", "required"),
    }


def test_rows_are_mended_left_out_and_saved_and_the_same_file_again_adds_nothing(session, network):
    rows = ({"reference": "A"}, {"reference": "B", "weight_kg": '"1,250.5"'}, {"reference": "C", "origin": "CNTAO-HUP"},
            {"reference": "D", "ready_at": "soon"})  # fmt: skip
    draft = start(session, *rows)
    match(session, draft)
    assert faults(session, draft) == [
        (3, "weight_kg", "not_a_number", "1250.5"),
        (4, "origin", "unknown_location", "CNTAO-HUB"),
        (5, "ready_at", "not_an_instant", ""),
    ]
    with pytest.raises(Conflict):
        mending.save_draft(session, OPERATOR, NOW, draft.public_id)
    mending.mend_row(session, OPERATOR, NOW, draft.public_id, 3, {"weight_kg": "heavy"})
    assert faults(session, draft)[0] == (3, "weight_kg", "not_a_number", "")
    mending.mend_row(session, OPERATOR, NOW, draft.public_id, 3, {"weight_kg": "12.5"})
    mending.take_proposals(session, OPERATOR, NOW, draft.public_id, "origin", "unknown_location")
    mending.skip_row(session, OPERATOR, NOW, draft.public_id, 5)
    assert (draft.rows_read, draft.rows_bad, draft.rows_skipped, draft.rows_added) == (4, 0, 1, 3)
    assert session.scalar(select(func.count()).select_from(Parcel)) == 0
    batch = mending.save_draft(session, OPERATOR, NOW, draft.public_id)
    run_batch(session, batch.public_id, NOW)
    assert (batch.status, batch.rows_added) == ("completed", 3)
    weights = session.execute(select(Parcel.reference, Parcel.weight_g).order_by(Parcel.reference)).all()
    assert weights == [("A", 2500), ("B", 12500), ("C", 2500)]
    again = start(session, {"reference": "A"})
    match(session, again)
    assert (again.rows_added, again.rows_unchanged, again.rows_bad) == (0, 1, 0)


def test_all_alike_are_mended_at_once_and_a_new_check_keeps_it(session, network):
    draft = start(session, *({"reference": f"P{n}", "goods_class": "stuff"} for n in range(3)))
    match(session, draft)
    assert fault_codes(session, draft) == [("unknown_goods_class", 3)]
    assert fault_page(session, draft, None, None).items[0].alike == 3
    changed = mending.replace_alike(
        session, OPERATOR, NOW, draft.public_id, "goods_class", "stuff", "general"
    )
    assert (changed, draft.rows_bad) == (3, 0)
    check_draft(session, draft.public_id, NOW)
    assert draft.rows_bad == 0
    assert b"general" in mending.corrected_file(session, draft)


def test_of_a_large_file_only_what_was_mended_is_checked_at_once(session, network, monkeypatch):
    monkeypatch.setattr(checking, "AT_ONCE_ROWS", 1)
    draft = start(session, {"reference": "A", "value": "x"}, {"reference": "B", "value": "y"})
    match(session, draft)
    monkeypatch.setattr(checking, "check_draft", None)
    mending.mend_row(session, OPERATOR, NOW, draft.public_id, 2, {"value": "5"})
    assert faults(session, draft) == [(3, "value", "not_a_number", "")]
    assert draft.rows_bad == 1


def test_a_kept_matching_is_found_for_the_same_header_by_its_owner_only(session, network):
    first = start(session, {})
    match(session, first, keep_as="货主 A")
    again = start(session, {"reference": "Z"})
    assert again.constants == {"currency": "USD"}
    assert wizard.kept_mapping(session, again).name == "货主 A"
    acme = session.scalars(select(Party.id).where(Party.reference == "ACME")).one()
    theirs = start(session, {}, actor=Actor("user", "usr_acme", "exporter", acme))
    assert wizard.kept_mapping(session, theirs) is None


def test_nobody_goes_on_with_the_file_of_somebody_else(session, network):
    draft = start(session, {})
    for actor in (Actor("user", "usr_x", "exporter", 1), Actor("user", "usr_w", "finance")):
        with pytest.raises(NotFound):
            wizard.own_draft(session, actor, draft.public_id)


def test_untouched_parcels_are_taken_back_and_planned_ones_stay(session, network):
    draft = start(session, {"reference": "A"}, {"reference": "B"})
    match(session, draft)
    batch = mending.save_draft(session, OPERATOR, NOW, draft.public_id)
    run_batch(session, batch.public_id, NOW)
    planned = session.scalars(select(Parcel).where(Parcel.reference == "B")).one()
    make.make_plan_item(session, make.make_plan(session, make.make_run(session)), planned)
    assert withdraw_batch(session, OPERATOR, NOW, batch.public_id) == (1, 1)
    assert session.scalars(select(Parcel.reference)).all() == ["B"]
    with pytest.raises(Conflict):
        withdraw_batch(session, OPERATOR, NOW, batch.public_id)


def test_faults_of_rows_beyond_a_page_are_found_by_the_cursor(session, network, monkeypatch):
    monkeypatch.setattr("app.queries.import_drafts.PAGE", 2)
    draft = start(session, *({"reference": f"P{n}", "value": "x"} for n in range(3)))
    match(session, draft)
    page = fault_page(session, draft, "not_a_number", None)
    rest = fault_page(session, draft, "not_a_number", page.next_cursor)
    assert [one.fault.row for one in (*page.items, *rest.items)] == [2, 3, 4]
    assert session.scalar(select(func.count()).select_from(ImportDraftFault)) == 3
