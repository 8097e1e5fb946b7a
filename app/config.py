"""Settings: the environment, read once at start-up into one frozen object; what cannot be read refuses to start."""

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import ConfigError

KNOWN = (
    "FOURPORT_DATABASE_URL",
    "FOURPORT_REDIS_URL",
    "FOURPORT_DATA_DIR",
    "FOURPORT_SECRET_KEY",
    "FOURPORT_BASE_URL",
    "FOURPORT_LOG",
    "FOURPORT_INSTALL",
    "FOURPORT_WEBHOOK_ALLOW",
)
DEFAULT_DATA_DIR = "./var"
SHORTEST_SECRET = 16
DEFAULT_BASE_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Settings:
    """What one installation is told from outside. `redis_url` None means: an embedded Redis is started."""

    data_dir: Path
    database_url: str
    redis_url: str | None
    secret_key: str
    base_url: str = DEFAULT_BASE_URL
    log: str = "text"
    install: bool = True
    webhook_allow: tuple[str, ...] = ()

    @property
    def embedded_database(self) -> bool:
        """Whether the database is the SQLite file beside the other data."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, *, data_dir: Path | None = None) -> "Settings":
        """Read the settings from `env` (default: the process's environment).

        Raises ConfigError for an unknown FOURPORT_* name or a value that cannot be read.
        """
        env = os.environ if env is None else env
        refuse_unknown(env)
        folder = data_dir or Path(env.get("FOURPORT_DATA_DIR") or DEFAULT_DATA_DIR)
        folder = folder.resolve()
        database_url = _database_url(
            env.get("FOURPORT_DATABASE_URL") or f"sqlite:///{folder / 'fourport.db'}"
        )
        return cls(
            data_dir=folder,
            database_url=database_url,
            redis_url=_redis_url(env.get("FOURPORT_REDIS_URL") or None),
            secret_key=_secret_key(env, folder, embedded=database_url.startswith("sqlite")),
            base_url=_base_url(env.get("FOURPORT_BASE_URL") or DEFAULT_BASE_URL),
            log=_one_of(env, "FOURPORT_LOG", ("text", "json")),
            install=_one_of(env, "FOURPORT_INSTALL", ("1", "0")) == "1",
            webhook_allow=tuple(
                filter(None, env.get("FOURPORT_WEBHOOK_ALLOW", "").replace(",", " ").split())
            ),
        )


def refuse_unknown(env: Mapping[str, str]) -> None:
    """A misspelt setting must not be ignored in silence."""
    unknown = sorted(name for name in env if name.startswith("FOURPORT_") and name not in KNOWN)
    if unknown:
        raise ConfigError(f"unknown setting {', '.join(unknown)}; the known ones are {', '.join(KNOWN)}")


def _one_of(env: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = env.get(name) or allowed[0]
    if value not in allowed:
        raise ConfigError(f"{name}={value!r} is not one of {', '.join(allowed)}")
    return value


def _database_url(url: str) -> str:
    # SQLAlchemy 2.1 reads postgresql:// as psycopg 3; the short spelling many hosts hand out means the same.
    url = url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ConfigError("FOURPORT_DATABASE_URL must begin with sqlite:/// or postgresql://")
    try:
        urlsplit(url).port  # noqa: B018 (reading it is the check)
    except ValueError as error:
        raise ConfigError(f"FOURPORT_DATABASE_URL cannot be read: {error}") from None
    return url


def _redis_url(url: str | None) -> str | None:
    if url is not None and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigError("FOURPORT_REDIS_URL must begin with redis://, rediss:// or unix://")
    return url


def _base_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ConfigError("FOURPORT_BASE_URL must begin with http:// or https://")
    return url.rstrip("/")


def _secret_key(env: Mapping[str, str], folder: Path, *, embedded: bool) -> str:
    given = env.get("FOURPORT_SECRET_KEY")
    if given:
        if len(given) < SHORTEST_SECRET:
            raise ConfigError(f"FOURPORT_SECRET_KEY is shorter than {SHORTEST_SECRET} characters")
        return given
    if not embedded:
        raise ConfigError("FOURPORT_SECRET_KEY is required with PostgreSQL: every process must share one")
    return _kept_secret(folder / "secret_key")


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written aside and linked into place: whoever starts at the same moment reads all of it or makes none.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32), encoding="ascii")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    kept = path.read_text(encoding="ascii").strip()
    if len(kept) < SHORTEST_SECRET:
        raise ConfigError(f"{path} holds no secret key; remove it, and a new one is made")
    return kept
