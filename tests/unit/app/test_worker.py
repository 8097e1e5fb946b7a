"""A worker loads what its jobs need before it takes the first one, and stands up to what cannot be loaded."""

from types import SimpleNamespace

import pytest

from app.jobs import worker
from app.queue import QUEUES, SERVED


@pytest.fixture
def loaded(monkeypatch):
    """What was asked for, in order, without loading it."""
    names = []

    def load(name):
        names.append(name)
        return SimpleNamespace(warm_up=lambda: names.append("compiled"))

    monkeypatch.setattr(worker, "import_module", load)
    return names


@pytest.mark.parametrize("queue", ["solver", "blocks"])
def test_a_worker_that_solves_has_the_optimizer_compiled(loaded, queue):
    worker.warm_up(queue)

    assert loaded == [*worker.OPTIMIZER, worker.KERNELS, "compiled"]


def test_a_worker_for_short_work_does_not_load_the_optimizer(loaded):
    worker.warm_up("default")

    assert loaded == []


def test_what_cannot_be_loaded_ends_no_worker(monkeypatch):
    monkeypatch.setattr(worker, "import_module", lambda name: 1 / 0)

    worker.warm_up("solver")


def test_a_worker_takes_its_own_work_first_and_every_queue_is_served():
    assert [SERVED[queue][0] for queue in QUEUES] == list(QUEUES)
    assert SERVED["solver"] == ("solver", "blocks")
