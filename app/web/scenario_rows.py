"""The rows of the comparison: each figure of the baseline and of the scenarios, with the difference in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from app.models import Scenario
from app.queries.scenarios import Figures
from app.web import formats, labels

TONNE_G = 1_000_000
Value = float | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure, how it differs from the baseline's, and whether that is `better` or `worse` (or neither: "")."""

    text: str
    difference: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its name, its cells in the order of the columns, and the group it begins, if it does."""

    name: str
    cells: list[Cell]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """The baseline (without a scenario) or a scenario; without figures it is not solved yet."""

    scenario: Scenario | None
    figures: Figures | None


def rows_of(columns: Sequence[Column]) -> list[Row]:
    """Every line of the table; the first column is the baseline."""
    known = [one.figures for one in columns if one.figures is not None]
    currency = known[0].plan.currency

    def money(minor: float) -> str:
        return formats.money(minor, currency)

    rows = [
        _row(gettext("Cost"), columns, lambda one: one.plan.objective, money, -1),
        _kept(columns, money),
        _row(gettext("Fixed cost of units"), columns, _summary("fixed_cost_minor"), money, 0),
        _row(gettext("On time"), columns, _on_time, lambda value: formats.share(value, 1), 1),
        _row(
            "CO₂e", columns, _summary("co2e_g"), lambda grams: f"{formats.number(grams / TONNE_G, 2)} t", -1
        ),
        _row(gettext("Assigned"), columns, lambda one: one.plan.assigned, formats.number, 1),
        _row(
            gettext("Unassigned"), columns, lambda one: one.plan.items - one.plan.assigned, formats.number, -1
        ),
    ]
    if any(_through_new(one.scenario) is not None for one in columns):
        rows.append(_new_warehouses(columns))
    if any(_result(one, "by_later_cutoff") is not None for one in columns):
        rows.append(
            _parcels(gettext("Parcels that only a later cut-off lets ride"), columns, "by_later_cutoff")
        )
    codes = dict.fromkeys(code for one in known for code in one.reasons)
    for position, code in enumerate(codes):
        row = _row(labels.FILTERS["reason"](code), columns, _reason(code), formats.number, 0)
        rows.append(Row(row.name, row.cells, gettext("Unassigned, by reason") if position == 0 else ""))
    modes = dict.fromkeys(mode for one in known for mode in one.fill)
    for position, mode in enumerate(modes):
        row = _row(
            labels.FILTERS["mode"](mode), columns, _fill(mode), lambda value: formats.share(value, 1), 0
        )
        rows.append(Row(row.name, row.cells, gettext("Fill of the departures used") if position == 0 else ""))
    proof = _row(gettext("Proven bound"), columns, lambda one: one.plan.lower_bound, money, 0)
    rows.append(Row(proof.name, proof.cells, gettext("Proof")))
    rows.append(
        _row(gettext("Gap"), columns, lambda one: one.plan.gap, lambda value: formats.share(value, 2), 0)
    )
    return rows


def _row(
    name: str,
    columns: Sequence[Column],
    value: Callable[[Figures], Value],
    text: Callable[[float], str],
    better: int,
) -> Row:
    """A row of one figure; `better` is 1 where more is better, -1 where less is, 0 where neither is."""
    values = [None if one.figures is None else value(one.figures) for one in columns]
    return Row(
        name, [_cell(one, values[0] if number else None, text, better) for number, one in enumerate(values)]
    )


def _cell(value: Value, baseline: Value, text: Callable[[float], str], better: int) -> Cell:
    if value is None:
        return Cell("–")
    if baseline is None:
        return Cell(text(value))
    change = value - baseline
    if text(value) == text(baseline):
        return Cell(text(value), gettext("as before"))
    share = f" ({_signed(change / baseline, lambda one: formats.share(one, 1))})" if baseline else ""
    verdict = "" if not better else "better" if change * better > 0 else "worse"
    return Cell(text(value), _signed(change, text) + share, verdict)


def _signed(change: float, text: Callable[[float], str]) -> str:
    return ("+" if change > 0 else "−") + text(abs(change))


def _kept(columns: Sequence[Column], money: Callable[[float], str]) -> Row:
    """What the baseline's plan would cost with nobody placed anew; unknown where some goods must go and cannot."""
    base = columns[0].figures
    values = [
        base.plan.objective
        if one.scenario is None and base
        else (one.scenario.result or {}).get("kept_minor")
        if one.scenario is not None
        else None
        for one in columns
    ]
    cells = [_cell(one, values[0] if number else None, money, -1) for number, one in enumerate(values)]
    return Row(gettext("The baseline kept, nobody placed anew"), cells)


def _through_new(scenario: Scenario | None) -> int | None:
    """Parcels that go through new warehouses; None where none is assumed, or nothing is solved."""
    found = (scenario.result or {}).get("new_warehouses") if scenario else None
    return sum(found.values()) if found else None


def _new_warehouses(columns: Sequence[Column]) -> Row:
    values = [_through_new(one.scenario) for one in columns]
    cells = [Cell("–" if one is None else formats.number(one)) for one in values]
    return Row(gettext("Parcels through new warehouses"), cells)


def _result(column: Column, name: str) -> int | None:
    """A number of a scenario's result; None for the baseline, and where nothing is solved or assumed."""
    return (column.scenario.result or {}).get(name) if column.scenario else None


def _parcels(name: str, columns: Sequence[Column], result: str) -> Row:
    values = [_result(one, result) for one in columns]
    return Row(name, [Cell("–" if one is None else formats.number(one)) for one in values])


def _summary(name: str) -> Callable[[Figures], Value]:
    return lambda one: one.plan.summary.get(name)


def _reason(code: str) -> Callable[[Figures], Value]:
    return lambda one: one.reasons.get(code, 0)


def _fill(mode: str) -> Callable[[Figures], Value]:
    return lambda one: one.fill.get(mode)


def _on_time(one: Figures) -> Value:
    return one.plan.on_time / one.plan.assigned if one.plan.assigned else None
