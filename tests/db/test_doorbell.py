"""The doorbell on a real Redis: a job stands in line once, and is rung for again when it was lost."""

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from app.queue import Doorbell


@pytest.fixture
def line(redis_url, request):
    """A queue of its own for each test."""
    client = Redis.from_url(redis_url)
    queue = Queue(request.node.name, connection=client, serializer=JSONSerializer)
    yield queue
    queue.delete(delete_jobs=True)
    client.close()


def test_a_job_stands_in_line_once_however_often_it_is_rung_for(redis_url, line):
    bell = Doorbell(redis_url)

    assert [bell.ring(line.name, 7, 0) for _ in range(5)] == [True] * 5
    assert len(line) == 1


def test_another_attempt_is_another_ring(redis_url, line):
    bell = Doorbell(redis_url)
    bell.ring(line.name, 8, 0)
    bell.ring(line.name, 8, 1)

    assert len(line) == 2


def test_a_job_whose_worker_died_before_claiming_it_is_rung_for_again(redis_url, line):
    bell = Doorbell(redis_url)
    bell.ring(line.name, 9, 0)
    line.pop_job_id()
    assert len(line) == 0

    assert bell.ring(line.name, 9, 0)
    assert len(line) == 1


def test_what_redis_forgot_is_rung_for_again(redis_url, line):
    bell = Doorbell(redis_url)
    bell.ring(line.name, 10, 0)
    line.delete(delete_jobs=True)
    bell.ring(line.name, 10, 0)

    assert len(line) == 1


def test_a_redis_that_is_away_is_told_and_raises_nothing(tmp_path):
    assert not Doorbell(f"unix://{tmp_path}/none.sock").ring("default", 1, 0)
    assert not Doorbell(None).ring("default", 1, 0)
