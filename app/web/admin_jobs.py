"""Job runs in the browser: what waits, runs and failed, who works on it, and whether Redis answers."""

from flask import Blueprint, current_app, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app import auth
from app.clock import now
from app.errors import Conflict
from app.http import reading, transaction
from app.queries import audit, job_runs, people
from app.queries.job_runs import JobFilter
from app.queue import QUEUES, Doorbell
from app.usecases import administering_jobs
from app.web import addresses
from app.web.admin_frame import render
from app.web.admin_labels import JOB_KINDS

pages = Blueprint("admin_jobs", __name__)
STEPS = {
    "ring": administering_jobs.ring_again,
    "retry": administering_jobs.retry,
    "abandon": administering_jobs.abandon,
}
SUBJECTS = {"run_": "runs.show", "bat_": "imports.show", "dep_": "departures.show"}
"""Prefix of a subject → its page."""


@pages.get("/admin/jobs")
@auth.allow("operator")
def index() -> str:
    """The jobs, the newest first, beside the queues and their workers."""
    chosen = JobFilter(
        state=addresses.one_of("state", job_runs.STATES),
        kind=addresses.text("kind"),
        queue=addresses.one_of("queue", QUEUES),
        subject=addresses.text("subject"),
    )
    doorbell: Doorbell = current_app.extensions["fourport"]["doorbell"]
    with reading() as session:
        page = job_runs.list_jobs(session, now(), chosen, cursor=addresses.cursor())
        lines = job_runs.waiting(session)
    return render(
        "jobs",
        page=page,
        chosen=chosen,
        started=addresses.cursor() is not None,
        lines=lines,
        bell=doorbell.state(),
        queues=QUEUES,
        queue_choices=[(name, name) for name in QUEUES],
        kinds=JOB_KINDS,
        states=job_runs.STATES,
    )


@pages.get("/admin/jobs/<int:job_id>")
@auth.allow("operator")
def show(job_id: int) -> str:
    """One job: its attempts, what went wrong, and what a person may do about it."""
    with reading() as session:
        job = job_runs.get_job(session, now(), job_id)
        events = audit.list_events(session, audit.AuditFilter(subject=f"job-{job_id}")).items
        names = people.names(session, {event.actor for event in events})
    return render(
        "job",
        job=job,
        events=events,
        names=names,
        may_audit=auth.actor().may("regulator"),
        subject_url=subject_url(job.subject),
        again=job.kind in {*administering_jobs.AGAIN, "deliver_webhook"},
        may_end=job.kind in administering_jobs.TOLD,
    )


def subject_url(subject: str) -> str | None:
    """The page of what the work is about, where it has one."""
    found = SUBJECTS.get(subject[:4])
    return url_for(found, public_id=subject) if found else None


@pages.post("/admin/jobs/<int:job_id>/<any(ring, retry, abandon):step>")
@auth.allow("operator")
def change(job_id: int, step: str) -> Response:
    """Ring, try again or give up."""
    try:
        with transaction() as session:
            STEPS[step](session, auth.actor(), now(), job_id)
    except Conflict as error:
        flash(error.detail, "bad")
    else:
        told = {
            "ring": gettext("A worker was rung for."),
            "retry": gettext("It is tried again."),
            "abandon": gettext("It was given up; whatever asked for it was told."),
        }
        flash(told[step], "good")
    return redirect(url_for("admin_jobs.show", job_id=job_id), 303)
