"""Whatever is sent to the API, its answer is one of those it documents, in the shape it documents.

Cases are made from the OpenAPI document, with a fixed seed, half of them valid and half broken on purpose; ids in
paths are of things that are there. `schemathesis.toml` says which well-formed input may still be refused.
"""

import shutil

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from app.api.description import document
from app.config import Settings
from app.db import Database, make_engine
from app.factory import create_app
from tests.live import SECRET

EXAMPLES = {"short": 5, "full": 25}
VALID, BROKEN = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
ROLES = ("operator", "acme", "warehouse", "customs", "finance", "regulator")
SHORT = {("operator", VALID), ("operator", BROKEN)}
"""What is sent is answered in one shape whoever sends it: `make test` sends it as one of them."""
SENDERS = [
    pytest.param(
        caller,
        mode,
        id=f"{caller}-{'valid' if mode is VALID else 'broken'}",
        marks=[] if (caller, mode) in SHORT else [pytest.mark.full],
    )
    for caller in ROLES
    for mode in (VALID, BROKEN)
]
ENDS = {"wst_id": "my_statement", "rtn_id": "other_return", "photo": "photo",
        "dep_id": "departure", "whs_id": "warehouse", "pcl_id": "my_parcel", "bat_id": "my_batch",
        "run_id": "waiting", "pln_id": "plan", "lun_id": "load_unit", "exp_id": "exporter", "inv_id": "other_invoice",
        "whk_id": "my_webhook", "msg_id": "my_message", "key_id": "my_key", "ord_id": "my_order", "wav_id": "wave",
        "asn_id": "my_asn", "sku_id": "other_sku", "pst_id": "other_posting", "slt_id": "other_slot"}  # fmt: skip
OPERATIONS = [
    pytest.param(path, method.upper(), id=item[method]["operationId"])
    for path, item in document()["paths"].items()
    for method in ("get", "post", "patch", "delete")
    if method in item
]


@pytest.fixture(scope="session")
def examples(pytestconfig):
    """How many cases an operation meets."""
    return EXAMPLES["short" if "not full" in pytestconfig.option.markexpr else "full"]


@pytest.fixture(scope="module")
def api(sqlite_house, tmp_path_factory):
    """The described application on a database with a few rows, and those rows' ids and callers."""
    furnished, world = sqlite_house
    folder = tmp_path_factory.mktemp("fuzz")
    shutil.copy(furnished, folder / "fourport.db")
    env = {"FOURPORT_DATA_DIR": str(folder), "FOURPORT_SECRET_KEY": SECRET}
    values = Settings.from_env(env)
    engine = make_engine(values.database_url)
    app = create_app(values, Database(engine))
    app.config["API_RATE"] = "1000000 per minute"
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    yield described, world
    engine.dispose()


@pytest.mark.parametrize(("caller", "mode"), SENDERS)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_one_that_is_documented(api, examples, path, method, caller, mode):
    described, world = api
    operation = described[path][method]
    known = {name: world.ids[of] for name, of in ENDS.items() if f"{{{name}}}" in path}
    if mode is BROKEN and not (operation.query or operation.body or operation.headers):
        return
    headers = {"Authorization": f"Bearer {world.secrets[caller]}"}

    @settings(max_examples=examples, derandomize=True, deadline=None, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(mode, path_parameters=known or None))
    def answered(case):
        response = case.call_and_validate(headers=headers)
        assert response.status_code < 500

    answered()
