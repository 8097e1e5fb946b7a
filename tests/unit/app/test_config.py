"""Settings are read once, completely, or not at all."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.config import Settings
from app.errors import ConfigError


def test_without_any_setting_everything_lives_in_the_data_folder(tmp_path):
    settings = Settings.from_env({"FOURPORT_DATA_DIR": str(tmp_path)})

    assert settings.database_url == f"sqlite:///{tmp_path / 'fourport.db'}"
    assert settings.redis_url is None
    assert settings.embedded_database
    assert settings.base_url == "http://127.0.0.1:8000"


def test_the_secret_key_is_made_once_and_kept_private(tmp_path):
    first = Settings.from_env({"FOURPORT_DATA_DIR": str(tmp_path)})
    again = Settings.from_env({"FOURPORT_DATA_DIR": str(tmp_path)})

    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_an_empty_secret_key_is_never_used(tmp_path):
    (tmp_path / "secret_key").touch()

    with pytest.raises(ConfigError, match="holds no secret key"):
        Settings.from_env({"FOURPORT_DATA_DIR": str(tmp_path)})


def test_processes_that_start_together_share_one_secret_key(tmp_path):
    env = {"FOURPORT_DATA_DIR": str(tmp_path)}
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Settings.from_env(env).secret_key, range(16)))

    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_the_short_spelling_of_a_postgres_url_is_understood(tmp_path):
    env = {
        "FOURPORT_DATA_DIR": str(tmp_path),
        "FOURPORT_DATABASE_URL": "postgres://fourport@db/fourport",
        "FOURPORT_SECRET_KEY": "sixteen characters",
    }

    assert Settings.from_env(env).database_url == "postgresql://fourport@db/fourport"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("FOURPORT_DATABSE_URL", "sqlite:///x", "unknown setting FOURPORT_DATABSE_URL"),
        ("FOURPORT_DATABASE_URL", "mysql://x", "FOURPORT_DATABASE_URL must begin with"),
        ("FOURPORT_DATABASE_URL", "postgresql://db:abc/x", "FOURPORT_DATABASE_URL cannot be read"),
        ("FOURPORT_REDIS_URL", "localhost:6379", "FOURPORT_REDIS_URL must begin with"),
        ("FOURPORT_BASE_URL", "example.com", "FOURPORT_BASE_URL must begin with"),
        ("FOURPORT_LOG", "xml", "FOURPORT_LOG='xml' is not one of text, json"),
        ("FOURPORT_INSTALL", "no", "FOURPORT_INSTALL='no' is not one of 1, 0"),
        ("FOURPORT_SECRET_KEY", "short", "shorter than 16"),
    ],
)
def test_a_setting_that_cannot_be_meant_refuses_to_start(tmp_path, name, value, says):
    with pytest.raises(ConfigError, match=says):
        Settings.from_env({"FOURPORT_DATA_DIR": str(tmp_path), name: value})


def test_postgres_needs_a_secret_key_that_all_processes_share(tmp_path):
    env = {"FOURPORT_DATA_DIR": str(tmp_path), "FOURPORT_DATABASE_URL": "postgresql://db/x"}

    with pytest.raises(ConfigError, match="FOURPORT_SECRET_KEY is required"):
        Settings.from_env(env)
