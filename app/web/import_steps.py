"""A file taken in step by step: match its columns, mend its rows in place, save it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from app import auth
from app.clock import now
from app.errors import Conflict, Invalid, NotFound
from app.http import reading, transaction
from app.models import ImportDraft
from app.queries import import_drafts as drafts
from app.usecases.importing import wizard, wizard_mending
from app.usecases.importing.wizard_checking import check_or_queue, given_names
from app.web import addresses
from app.web.imports import IMPORTERS, csv_answer, fault_rows

pages = Blueprint("import_steps", __name__)
STEPS = "/pool/import/steps/<public_id>"
Page = str | tuple[str, int] | AnyResponse


@pages.get(f"{STEPS}/columns")
@auth.allow(*IMPORTERS)
def columns(public_id: str) -> str:
    """Which column of the file is which: a sample of each, and what it seems to be."""
    return render_columns(public_id)


def render_columns(public_id: str, error: Invalid | None = None) -> str:
    """The step, as it is kept or as it was just sent."""
    with reading() as session:
        draft = wizard.own_draft(session, auth.actor(), public_id)
        kept = drafts.mappings(session, wizard.owner_of(draft), draft.kind)
        chosen = next((one for one in kept if str(one.id) == request.values.get("mapping")), None)
        source = chosen or draft
        matched, fixed = (sent_columns(), sent_constants()) if error else (source.columns, source.constants)
        return render_template(
            "imports/columns.html",
            draft=draft,
            targets=wizard.columns_of(session, draft),
            matched={int(at): name for at, name in matched.items()},
            fixed=fixed,
            kept=kept,
            chosen=chosen,
            found=wizard.kept_mapping(session, draft) if not chosen else None,
            faults={fault.field: fault for fault in error.errors} if error else {},
            error=error,
        )


def sent_columns() -> dict[int, str]:
    """Position → column: the fields `column-0`, `column-1` and so on."""
    sent = (
        (name.removeprefix("column-"), value) for name, value in request.form.items() if name[:7] == "column-"
    )
    return {int(at): value for at, value in sent if at.isdecimal() and value}


def sent_constants() -> dict[str, str]:
    """Column → text for all rows: the fields `all-currency` and so on."""
    return {
        name.removeprefix("all-"): value
        for name, value in request.form.items()
        if name[:4] == "all-" and value
    }


@pages.post(f"{STEPS}/columns")
@auth.allow(*IMPORTERS)
def match(public_id: str) -> Page:
    """Keep the matching and check the rows."""
    try:
        with transaction() as session:
            keep_as = request.form.get("keep_as", "")
            draft = wizard.set_columns(
                session, auth.actor(), now(), public_id, sent_columns(), sent_constants(), keep_as
            )
            check_or_queue(session, draft, now())
    except Invalid as error:
        return render_columns(public_id, error), error.status
    except Conflict as error:
        flash(error.detail, "bad")
    return to_rows(public_id)


def to_rows(public_id: str) -> AnyResponse:
    """Back to the rows, with the filter and the page they had."""
    kept: dict[str, Any] = {name: request.form[name] for name in ("code", "cursor") if request.form.get(name)}
    return redirect(url_for("import_steps.rows", public_id=public_id, **kept), 303)


@pages.get(STEPS)
@auth.allow(*IMPORTERS)
def rows(public_id: str) -> Page:
    """What the check found: counts, the first rows, and each fault with its cell to be mended."""
    code, cursor = addresses.text("code"), addresses.cursor()
    with reading() as session:
        draft = wizard.own_draft(session, auth.actor(), public_id)
        if draft.status in ("mapping", "discarded"):
            return redirect(url_for("import_steps.columns", public_id=public_id), 303)
        if draft.status == "saving" and draft.batch and draft.batch.status != "failed":
            return redirect(url_for("imports.show", public_id=draft.batch.public_id), 303)
        mended = drafts.mended_rows(session, draft)
        return render_template(
            "imports/rows.html",
            draft=draft,
            live=draft.status == "checking",
            names=given_names(draft),
            code=code,
            codes=drafts.fault_codes(session, draft),
            proposed=drafts.proposed(session, draft),
            page=drafts.fault_page(session, draft, code, cursor),
            mended=mended,
            first=first_rows(draft, {row.number: row.corrections for row in mended}),
        )


def first_rows(draft: ImportDraft, corrections: Mapping[int, Mapping[str, str]]) -> list[dict[str, Any]]:
    """The first rows as their columns are read, mended cells as they will be saved."""
    places = {name: int(at) for at, name in draft.columns.items()}
    shown = []
    for sample in draft.samples:
        texts = sample["cells"]
        cells = {name: texts[at] if at < len(texts) else "" for name, at in places.items()}
        cells |= draft.constants | dict(corrections.get(sample["number"], {}))
        shown.append({"number": sample["number"], "cells": cells})
    return shown


@pages.post(f"{STEPS}/cell")
@auth.allow(*IMPORTERS)
def mend(public_id: str) -> Page:
    """Mend one cell, leave its row out, take the proposal, or do the same to all alike."""
    form = request.form
    column, number = form.get("column", ""), whole(form.get("row", ""))
    text = form["proposal"] if "proposal" in form else form.get("text", "")
    told = (auth.actor(), now(), public_id)
    try:
        with transaction() as session:
            if "skip" in form:
                wizard_mending.skip_row(session, *told, number)
            elif "take" in form:
                wizard_mending.take_row(session, *told, number)
            elif "alike" in form:
                count = wizard_mending.replace_alike(session, *told, column, form.get("old", ""), text)
                flash(
                    ngettext("%(count)s row changed.", "%(count)s rows changed.", count, count=count), "good"
                )
            else:
                wizard_mending.mend_row(session, *told, number, {column: text})
    except (Conflict, Invalid) as error:
        flash(error.detail, "bad")
    return to_rows(public_id)


def whole(text: str) -> int:
    """The number of a row; NotFound for what is none."""
    if not text.isdecimal() or len(text) > 9:
        raise NotFound("there is no such row")
    return int(text)


@pages.post(f"{STEPS}/proposals")
@auth.allow(*IMPORTERS)
def take_all(public_id: str) -> AnyResponse:
    """Take every proposal for one kind of fault in one column."""
    try:
        with transaction() as session:
            count = wizard_mending.take_proposals(
                session,
                auth.actor(),
                now(),
                public_id,
                request.form.get("column", ""),
                request.form.get("fault", ""),
            )
        flash(ngettext("%(count)s row changed.", "%(count)s rows changed.", count, count=count), "good")
    except Conflict as error:
        flash(error.detail, "bad")
    return to_rows(public_id)


@pages.get(f"{STEPS}/rows/<int:number>")
@auth.allow(*IMPORTERS)
def row(public_id: str, number: int) -> str:
    """All cells of a row at fault."""
    return render_row(public_id, number)


def render_row(public_id: str, number: int) -> str:
    """The row with what is wrong in it."""
    with reading() as session:
        draft = wizard.own_draft(session, auth.actor(), public_id)
        found = drafts.draft_row(session, draft, number)
        if found is None:
            raise NotFound(f"row {number} has nothing to mend")
        faults = drafts.row_faults(session, draft, number)
        named = given_names(draft)
        return render_template(
            "imports/row.html",
            draft=draft,
            row=found,
            names=named,
            faults={fault.column: fault for fault in faults},
            others=[fault for fault in faults if fault.column not in named],
        )


@pages.post(f"{STEPS}/rows/<int:number>")
@auth.allow(*IMPORTERS)
def mend_whole(public_id: str, number: int) -> AnyResponse:
    """Take the row as it was sent."""
    texts = {name.removeprefix("cell-"): text for name, text in request.form.items() if name[:5] == "cell-"}
    try:
        with transaction() as session:
            wizard_mending.mend_row(session, auth.actor(), now(), public_id, number, texts)
    except (Conflict, Invalid) as error:
        flash(error.detail, "bad")
    return to_rows(public_id)


@pages.post(f"{STEPS}/<any(check, save, discard, restore):step>")
@auth.allow(*IMPORTERS)
def go_on(public_id: str, step: str) -> AnyResponse:
    """Check all rows again, save them, put the file aside or bring it back."""
    told = (auth.actor(), now(), public_id)
    try:
        with transaction() as session:
            if step == "check":
                check_or_queue(session, wizard.open_draft(session, auth.actor(), public_id), now())
            elif step == "save":
                wizard_mending.save_draft(session, *told)
            elif step == "discard":
                wizard.discard_draft(session, *told)
            else:
                wizard.restore_draft(session, *told)
    except Conflict as error:
        flash(error.detail, "bad")
    if step == "discard":
        flash(gettext("Put aside. It can be brought back below."), "good")
        return redirect(url_for("imports.form"), 303)
    return to_rows(public_id)


@pages.get(f"{STEPS}/<any(errors, corrected):which>.csv")
@auth.allow(*IMPORTERS)
def download(public_id: str, which: str) -> Response:
    """What is wrong, or the file with its corrections."""
    with reading() as session:
        draft = wizard.own_draft(session, auth.actor(), public_id)
        if which == "errors":
            return csv_answer(
                fault_rows(vars_of(fault) for fault in drafts.all_faults(session, draft)),
                f"{public_id}-errors",
            )
        content = wizard_mending.corrected_file(session, draft, for_spreadsheets=True)
    return csv_answer(content.decode("utf-8-sig"), f"{public_id}-corrected")


def vars_of(fault: Any) -> dict[str, Any]:  # noqa: ANN401 (a row)
    """A fault as it is stored with an import."""
    return {name: getattr(fault, name) for name in ("row", "column", "code", "message", "suggestion")}
