"""The private servers themselves, and the databases the tests stand on."""

from datetime import UTC, datetime

import redis
from sqlalchemy import select, text

from app.models import Location, Party
from app.servers import private_redis
from tests.live import INSTALL


def test_a_private_redis_keeps_its_data_over_a_restart(tmp_path):
    for expected in (1, 2):
        with private_redis(tmp_path, install=INSTALL) as url, redis.Redis.from_url(url) as client:
            assert client.incr("starts") == expected


def test_a_second_process_of_the_installation_shares_the_running_redis(tmp_path):
    with private_redis(tmp_path, install=INSTALL) as first:
        with private_redis(tmp_path, install=INSTALL) as second:
            assert second == first
        with redis.Redis.from_url(first) as client:
            assert client.ping()


def test_a_private_redis_listens_on_no_network_port(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        assert client.config_get("port") == {"port": "0"}


def test_each_test_gets_a_migrated_and_empty_database(database):
    with database.transaction() as session:
        assert session.scalars(select(Location)).all() == []


def test_what_a_session_commits_is_undone_after_the_test(session):
    assert session.execute(text("SELECT count(*) FROM party")).scalar() == 0
    names = {"public_id": "pty_0000000000000001", "reference": "JDA", "name": "Jiaodong Apparel"}
    session.add(Party(**names, created_at=datetime(2026, 11, 2, tzinfo=UTC)))
    session.commit()


def test_the_next_test_finds_nothing_of_it(session):
    assert session.execute(text("SELECT count(*) FROM party")).scalar() == 0
