"""Whatever stands in the cells of a file, an import answers with errors of rows and never breaks."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import AppError
from app.usecases.importing import KINDS
from tests.db.importing import NETWORK, as_csv, load, load_network
from tests.db.test_export import MORE
from tests.examples import examples

WORDS = st.sampled_from(
    ["", "0", "1", "-1", "2.5", "999999999999", "1e9", "true", "CNTAO-PORT", "KRINC-PORT", "DEHAM-WHS", "SEA-1",
     "TRUCK", "ACME", "LINE", "40HQ", "BUY-SEA-1", "CN", "USD", "JPY", "Asia/Shanghai", "port", "sea", "air", "dated",
     "on_demand", "g", "teu", "buy", "percent", "general", "export", "return", "135", "08:30", "02:30", "2026-12-01",
     "2100-12-31", "2026-12-01T08:00Z", "2100-12-31T23:59-12:00", "FCO=48h", "FCO=99999h", "=1+1", "'=1+1", "青岛",
     "CNTAO-PORT@/2026-12-01T08:00Z;KRINC-PORT@2026-12-02T08:00Z/", "x" * 300, "\x01"]
)  # fmt: skip
GOOD = {
    "departures": [{"service_code": "SEA-1", "number": "1", "departs_on": "2026-12-04"}], **NETWORK, **MORE,
}  # fmt: skip
TABLES = [kind for kind in KINDS.values() if kind.columns]
QUIET = settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.fixture
def network(session):
    load_network(session)
    return session


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.name)
def test_no_cell_makes_an_import_raise_anything_but_an_app_error(network, kind):
    names = [column.name for column in kind.columns]

    @QUIET
    @given(
        st.lists(st.fixed_dictionaries(dict.fromkeys(names, WORDS)), min_size=1, max_size=4), st.booleans()
    )
    def check(rows, partial):
        try:
            result = load(network, kind.name, as_csv(rows), partial=partial)
        except AppError as error:
            assert error.code
        else:
            assert result.rows_read == len(rows) or any(not any(row.values()) for row in rows)

    check()


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.name)
def test_one_strange_cell_in_a_good_row_is_an_error_or_a_change(network, kind):
    rows = GOOD[kind.name]

    @QUIET
    @given(st.sampled_from([column.name for column in kind.columns]), WORDS)
    def check(name, word):
        try:
            result = load(network, kind.name, [{**rows[0], name: word}], dry_run=True)
        except AppError as error:
            assert error.code
        else:
            assert result.rows_read == 1
            assert all(error.code and error.message for error in result.errors)

    check()
