"""What carriers sign with: made from the terminal, printed once, ended at any time."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app.cli import program
from app.errors import NotFound
from app.models import AuditEvent
from app.queries.carriers import list_secrets, secrets_in_force
from app.signing import sign, verify
from tests import factories as make
from tests.factories import NOW
from tests.live import SECRET


@pytest.fixture
def terminal(database, database_url, tmp_path):
    """Runs `fourport carrier …` on a database with the carrier LINER and the exporter TOYS."""
    with database.transaction() as session:
        make.make_party(session, "LINER", roles=("carrier",))
        make.make_party(session, "TOYS")
    env = {
        "FOURPORT_DATA_DIR": str(tmp_path),
        "FOURPORT_DATABASE_URL": database_url,
        "FOURPORT_SECRET_KEY": SECRET,
    }
    return lambda *words: CliRunner().invoke(program, ["carrier", *words], env=env)


def test_a_secret_is_printed_once_and_works_until_it_is_revoked(database, terminal):
    first, second = (terminal("secret", "LINER").stdout.strip() for _ in range(2))
    with database.reading() as session:
        assert sorted(secrets_in_force(session, "LINER")[1]) == sorted([first, second])
        ids = [row.public_id for row in list_secrets(session, "LINER")]
    seconds = int(NOW.timestamp())
    assert verify(second, "m", str(seconds), b"", sign(second, "m", seconds, b""), NOW)
    for _ in range(2):
        assert terminal("revoke", ids[0]).stdout.strip() == f"revoked {ids[0]}"
    with database.reading() as session:
        assert secrets_in_force(session, "LINER")[1] == [first]
        actions = select(AuditEvent.action).order_by(AuditEvent.id)
        assert list(session.scalars(actions)) == ["carrier_secret.added"] * 2 + ["carrier_secret.revoked"]
        assert "whsec_" not in str([one.after for one in session.scalars(select(AuditEvent))])


def test_only_carriers_have_secrets(terminal):
    for reference in ("TOYS", "NOBODY"):
        done = terminal("secret", reference)
        assert isinstance(done.exception, NotFound)
        assert "there is no carrier" in str(done.exception)
    assert isinstance(terminal("revoke", "key_0000000000000000").exception, NotFound)
