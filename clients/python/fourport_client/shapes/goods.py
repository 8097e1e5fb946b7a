"""Parcels of the order pool, and files of them."""

from typing import TypedDict


class Parcel(TypedDict):
    """One parcel of the pool; amounts are exact decimal strings."""

    id: str
    reference: str
    exporter: str
    direction: str
    status: str
    origin: str
    destination: str
    weight_kg: str
    length_cm: str | None
    width_cm: str | None
    height_cm: str | None
    volume_m3: str
    goods_class: str
    value: str
    currency: str
    ready_at: str
    deliver_by: str | None
    hard_deadline: bool
    customs_mode: str | None
    grade: str | None
    created_at: str


class RowCounts(TypedDict):
    """What became of the rows."""

    read: int
    added: int
    updated: int
    unchanged: int
    rejected: int


class RowError(TypedDict):
    """One thing wrong with a row, and the remedy; the header is row 1, 0 is the file itself."""

    row: int
    column: str
    code: str
    message: str
    suggestion: str


class Batch(TypedDict):
    """An uploaded file and what became of its rows."""

    id: str
    kind: str
    filename: str
    status: str
    dry_run: bool
    partial: bool
    rows: RowCounts
    errors: list[RowError]
    errors_url: str
    created_at: str
    finished_at: str | None


class Accepted(TypedDict):
    """Long work was taken on; ask at `poll_url`."""

    job_id: str
    poll_url: str
    status: str
