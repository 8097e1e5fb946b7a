"""Private servers and outside programs: found, installed where allowed, stopped with the process."""

from app.servers.chromium import CHROMIUM_FLAGS, find_chromium, install_cjk_font
from app.servers.install import ToolMissing
from app.servers.node import find_npm
from app.servers.postgres import postgres_programs, private_postgres
from app.servers.redis import private_redis

__all__ = [
    "CHROMIUM_FLAGS",
    "ToolMissing",
    "find_chromium",
    "find_npm",
    "install_cjk_font",
    "postgres_programs",
    "private_postgres",
    "private_redis",
]
