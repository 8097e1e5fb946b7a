"""Files into the database: every kind by one way in, all or nothing unless asked otherwise."""

from app.usecases.importing.batches import request_import, run_batch, set_failed, start_batch
from app.usecases.importing.registry import KINDS, find_kind
from app.usecases.importing.running import ImportResult, import_file

__all__ = [
    "KINDS",
    "ImportResult",
    "find_kind",
    "import_file",
    "request_import",
    "run_batch",
    "set_failed",
    "start_batch",
]
