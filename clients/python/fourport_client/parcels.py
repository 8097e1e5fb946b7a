"""The order pool: parcels one by one, and files of them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from fourport_client.errors import TookTooLong
from fourport_client.http import Http, wait_until
from fourport_client.shapes import Accepted, Batch, Parcel

OVER = frozenset({"completed", "completed_with_errors", "failed", "cancelled"})
"""Statuses of an import that does not change any more."""


class Parcels:
    """What is to be moved."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, parcel: Mapping[str, Any], *, key: str | None = None) -> Parcel:
        """Put one parcel or return into the pool; sent again unchanged, it is the one that is there."""
        made: Parcel = self._http.change("POST", "/parcels", parcel, key=key)
        return made

    def get(self, parcel_id: str) -> Parcel:
        """Read a parcel."""
        parcel: Parcel = self._http.get(f"/parcels/{parcel_id}")
        return parcel

    def list(
        self,
        *,
        status: str | None = None,
        direction: str | None = None,
        reference: str | None = None,
        limit: int = 50,
    ) -> Iterator[Parcel]:
        """Parcels by ready time; `reference` is what theirs begin with, `limit` the size of the pages."""
        where = {"status": status, "direction": direction, "reference": reference, "limit": limit}
        return self._http.every("/parcels", where)

    def import_file(
        self,
        file: Path | bytes,
        *,
        name: str = "parcels.csv",
        kind: Literal["parcels", "returns"] = "parcels",
        dry_run: bool = False,
        partial: bool = False,
        key: str | None = None,
    ) -> Accepted:
        """Have a CSV, XLSX or JSON lines file imported; its outcome is `batch(accepted["job_id"])`.

        All rows or none, unless `partial`. `name` is for bytes; a path has its own.
        """
        content, name = (file.read_bytes(), file.name) if isinstance(file, Path) else (file, name)
        form = {"kind": kind, "dry_run": str(dry_run).lower(), "partial": str(partial).lower()}
        accepted: Accepted = self._http.change(
            "POST", "/parcels/import", key=key, files={"file": (name, content)}, data=form
        )
        return accepted

    def batch(self, batch_id: str) -> Batch:
        """Read what became of an import by now."""
        batch: Batch = self._http.get(f"/batches/{batch_id}")
        return batch

    def wait(self, batch_id: str, *, timeout: float = 300.0, every: float = 1.0) -> Batch:
        """Read an import again and again until it is over; TookTooLong after `timeout` seconds."""
        seen: list[Batch] = []

        def over() -> bool:
            seen[:] = [self.batch(batch_id)]
            return seen[0]["status"] in OVER

        if not wait_until(over, self._http.sleep, timeout, every):
            raise TookTooLong(f"import {batch_id} is {seen[0]['status']} after {timeout:g} s")
        return seen[0]

    def errors_file(self, batch_id: str) -> bytes:
        """The faults of an import as CSV, a line each."""
        return self._http.download(f"/batches/{batch_id}/errors.csv")
