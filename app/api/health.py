"""Is it alive, can it serve, how is it doing: the three questions of whoever runs it."""

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app import schema
from app.auth import public
from app.clock import now
from app.http import database, reading
from app.models import Departure, Job, OptimizationRun, Parcel
from app.queue import Doorbell

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """503 without a database at this code's schema; without Redis it serves, and says `degraded`."""
    checks = {"database": _database(), "redis": "ok" if _doorbell().reachable() else "unreachable"}
    ready = checks["database"] == "ok"
    status = "unavailable" if not ready else "ok" if checks["redis"] == "ok" else "degraded"
    return jsonify(status=status, checks=checks), 200 if ready else 503


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Counts of what the operation is about, in Prometheus' text format, read from the database when asked."""
    registry = CollectorRegistry()
    with reading() as session:
        for name, help_text, model, column in (
            ("fourport_jobs", "Background jobs by status", Job, Job.status),
            ("fourport_runs", "Optimisation runs by status", OptimizationRun, OptimizationRun.status),
            ("fourport_parcels", "Parcels by status", Parcel, Parcel.status),
            ("fourport_departures", "Departures by status", Departure, Departure.status),
        ):
            gauge = Gauge(name, help_text, ["status"], registry=registry)
            for status, count in session.execute(
                select(column, func.count()).select_from(model).group_by(column)
            ):
                gauge.labels(status).set(count)
        waiting = session.scalar(select(func.min(Job.created_at)).where(Job.status == "queued"))
    oldest = Gauge(
        "fourport_oldest_waiting_job_seconds", "Age of the oldest job that waits", registry=registry
    )
    oldest.set((now() - waiting).total_seconds() if waiting else 0)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _doorbell() -> Doorbell:
    found: Doorbell = current_app.extensions["fourport"]["doorbell"]
    return found


def _database() -> str:
    try:
        with database().engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return "ok" if schema.at_head(database().engine) else "schema_behind"
    except SQLAlchemyError:
        return "unreachable"
