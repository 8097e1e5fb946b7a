"""What the demo does when something is not as on its first run."""

import subprocess
import sys

import pytest

from app.cli import demo
from app.clock import now
from app.servers import ToolMissing
from app.usecases import people


@pytest.fixture
def backend():
    return "sqlite"


def test_the_printed_password_opens_the_door_again_and_again(settings, database):
    first = demo.sign_in(settings, database)
    assert demo.sign_in(settings, database) == first

    (settings.data_dir / "demo_password").unlink()
    other = demo.sign_in(settings, database)
    with database.transaction() as session:
        assert people.authenticate(session, now(), demo.EMAIL, other).role == "operator"


def test_a_process_that_ended_by_itself_is_named(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
        with pytest.raises(ToolMissing, match="worker-solver ended by itself"):
            demo.refuse_ended({tmp_path / "worker-solver": ended})
