"""The SCMS backtest from file to tables: fit on the earlier part, choose modes for the later part."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.backtests.reading import UnreadableFileError
from app.backtests.running import Runner, Solved, Table, money, percent, solution_table
from app.backtests.scms import Column, ModeOption, Study, as_modelled, as_recorded
from app.backtests.scms_history import MODES, History, read_history, split_at
from app.backtests.scms_model import Model

__all__ = ["LATE_DAY_SHARE", "SPLIT", "Accuracy", "ScmsResult", "run_scms", "scms_tables"]

SPLIT = date(2013, 1, 1)
# A day in transit is worth 0.6 to 2.1 % of the value of the goods (Hummels and Schaur, "Time as a Trade
# Barrier", American Economic Review 103(7), 2013); the lower end, and for late days only.
LATE_DAY_SHARE = 0.006


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How the model prices the recorded choice of one mode: sums in US dollars, shares of the recorded freight."""

    mode: str
    consignments: int
    recorded_usd: float
    modelled_usd: float
    mean_error: float
    median_error: float
    weighted_error: float

    @property
    def bias(self) -> float:
        """By how much the sum is too high."""
        return self.modelled_usd / self.recorded_usd - 1 if self.recorded_usd else float("nan")


@dataclass(frozen=True, slots=True)
class ScmsResult:
    """The three columns, the plan behind the third and how far the model can be trusted."""

    history: History
    study: Study
    never_seen: int
    chosen: list[ModeOption]
    solved: Solved
    recorded: Column
    recorded_modelled: Column
    chosen_modelled: Column
    accuracy: list[Accuracy]

    @property
    def saving_usd(self) -> float:
        """What the model's choice saves, both choices priced by the model."""
        return self.recorded_modelled.total_usd - self.chosen_modelled.total_usd


def run_scms(path: Path, runner: Runner, *, late_day_share: float = LATE_DAY_SHARE) -> ScmsResult:
    """Read the history, fit, solve and write problem, plan and `modes.csv`.

    Raises `UnreadableFileError` for the file and `NoPlanError` where a plan is missing.
    """
    history = read_history(path)
    earlier, later = split_at(history.priced, SPLIT)
    if not earlier or not later:
        raise UnreadableFileError(
            f"{path.name}: needs rows with weight and freight on both sides of {SPLIT:%Y-%m-%d}"
        )
    known, _ = split_at(history.known, SPLIT)
    seen = {row.mode for row in earlier}
    rows = [row for row in later if row.mode in seen]
    study = Study(rows, Model(known, earlier), late_day_share)
    problem = study.problem()
    solved = runner.run("scms-modes", "modes of the later part", problem, _names(study))
    chosen = _chosen(study, solved)
    result = ScmsResult(
        history=history,
        study=study,
        never_seen=len(later) - len(rows),
        chosen=chosen,
        solved=solved,
        recorded=as_recorded(study),
        recorded_modelled=as_modelled(study, study.recorded()),
        chosen_modelled=as_modelled(study, chosen),
        accuracy=_accuracy(study),
    )
    _write_modes(result, runner.folder / "modes.csv")
    return result


def _names(study: Study) -> dict[str, list[str]]:
    spaces = [
        f"{space.lane.country}, {space.lane.via}, {space.mode}, {space.month}" for space in study.spaces
    ]
    return {
        "item": [row.row_id for row in study.rows],
        "option": [option.mode for own in study.options for option in own],
        "resource": spaces,
        "unit": [
            f"flight to {space.lane.country}, {space.month}"
            for space in study.spaces
            if study.flies(space.lane, space.mode)
        ],
        "dimension": ["grams"],
        "feature": ["cost"],
    }


def _chosen(study: Study, solved: Solved) -> list[ModeOption]:
    at = solved.plan.item_option - solved.problem.class_ptr[solved.problem.item_class]
    return [own[index] for own, index in zip(study.options, at.tolist(), strict=True)]


def _priced(study: Study, chosen: list[ModeOption]) -> list[float]:
    _, shares = study.flight_costs(chosen)
    return [option.freight_usd + share for option, share in zip(chosen, shares, strict=True)]


def _accuracy(study: Study) -> list[Accuracy]:
    """Compare the model's price of the recorded choice with the recorded freight, by mode and over all."""
    modelled = _priced(study, study.recorded())
    pairs = [
        (row.mode, row.freight_usd or 0.0, price) for row, price in zip(study.rows, modelled, strict=True)
    ]
    groups = [(mode, [pair for pair in pairs if pair[0] == mode]) for mode in MODES]
    return [_accuracy_of(mode, own) for mode, own in [*groups, ("all", pairs)] if own]


def _accuracy_of(mode: str, pairs: list[tuple[str, float, float]]) -> Accuracy:
    recorded, modelled = sum(pair[1] for pair in pairs), sum(pair[2] for pair in pairs)
    single = sorted(abs(price - paid) / paid for _, paid, price in pairs if paid > 0)
    off = sum(abs(price - paid) for _, paid, price in pairs)
    return Accuracy(
        mode=mode,
        consignments=len(pairs),
        recorded_usd=recorded,
        modelled_usd=modelled,
        mean_error=sum(single) / len(single) if single else float("nan"),
        median_error=single[len(single) // 2] if single else float("nan"),
        weighted_error=off / recorded if recorded else float("nan"),
    )


def _write_modes(result: ScmsResult, path: Path) -> None:
    study = result.study
    recorded = study.recorded()
    header = ["id", "country", "via", "month", "weight_kg", "value_usd", "recorded_mode", "chosen_mode"]
    header += ["recorded_freight_usd", "recorded_modelled_usd", "chosen_modelled_usd"]
    header += ["recorded_late_days", "recorded_modelled_late_days", "chosen_modelled_late_days"]
    prices = zip(_priced(study, recorded), _priced(study, result.chosen), strict=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for row, old, new, (was, becomes) in zip(study.rows, recorded, result.chosen, prices, strict=True):
            who = [
                row.row_id,
                *row.lane,
                row.month,
                row.weight_kg,
                f"{row.value_usd:.2f}",
                old.mode,
                new.mode,
            ]
            usd = [f"{value:.2f}" for value in (row.freight_usd or 0.0, was, becomes)]
            days = [max(0, row.late_days), f"{old.late_days:.2f}", f"{new.late_days:.2f}"]
            writer.writerow([*who, *usd, *days])


def scms_tables(result: ScmsResult) -> list[Table]:
    """Return the tables to print: three columns, the model's error, the optimizer, the rows."""
    solution = solution_table([result.solved], lambda _, cost: f"{money(cost / 100)} USD")
    return [_columns(result), _errors(result), solution, _moves(result), _rows(result)]


def _columns(result: ScmsResult) -> Table:
    columns = (result.recorded, result.recorded_modelled, result.chosen_modelled)

    def line(what: str, show: Callable[[Column], str]) -> tuple[str, ...]:
        return (what, *(show(column) for column in columns))

    rows = [(mode, *(f"{column.modes[mode]:,}" for column in columns)) for mode in MODES]
    rows += [
        line(
            "charter flights paid whole",
            lambda column: "-" if column.flights is None else str(column.flights),
        ),
        line("freight, USD", lambda column: money(column.freight_usd)),
        line("late deliveries", lambda column: percent(column.late_share)),
        line("late days for each consignment", lambda column: f"{column.late_days:.2f}"),
        line("late days, USD", lambda column: money(column.late_usd)),
        line("total, USD", lambda column: money(column.total_usd)),
    ]
    header = ("consignments by mode", "as recorded", "recorded choice, modelled", "model's choice, modelled")
    base = result.recorded_modelled.total_usd
    note = (
        f"Saving, both choices priced by the model: {money(result.saving_usd)} USD "
        f"({percent(result.saving_usd / base if base else 0.0)}); one late day costs "
        f"{percent(result.study.late_day_share, 2)} of the value of the goods."
    )
    title = f"Consignments delivered from {SPLIT:%Y-%m-%d} on, model fitted on those before"
    return Table(title, header, rows, note)


def _errors(result: ScmsResult) -> Table:
    header = (
        "mode",
        "consignments",
        "recorded, USD",
        "modelled, USD",
        "bias",
        "MAPE",
        "median APE",
        "weighted",
    )
    rows = [
        (
            one.mode,
            f"{one.consignments:,}",
            money(one.recorded_usd),
            money(one.modelled_usd),
            percent(one.bias),
            percent(one.mean_error, 0),
            percent(one.median_error, 0),
            percent(one.weighted_error, 0),
        )
        for one in result.accuracy
    ]
    note = "Bias is that of the sum; weighted is the sum of absolute errors over the sum recorded."
    return Table("Error of the model on the freight of the recorded choice", header, rows, note)


def _moves(result: ScmsResult) -> Table:
    moves: dict[tuple[str, ...], list[float]] = {}
    for row, option in zip(result.study.rows, result.chosen, strict=True):
        if option.mode != row.mode:
            moves.setdefault((*row.lane, row.mode, option.mode), []).append(row.weight_kg)
    ordered = sorted(moves.items(), key=lambda move: -sum(move[1]))
    rows = [(*key, f"{len(weights):,}", f"{sum(weights) / 1000:,.1f}") for key, weights in ordered]
    return Table("Changes of mode", ("country", "via", "from", "to", "consignments", "tonnes"), rows)


def _rows(result: ScmsResult) -> Table:
    counts = result.history.counts
    rows = [(use, f"{count:,}") for use, count in counts.most_common()]
    rows.append(("  of these delivered from the split on, modes chosen", f"{len(result.study.rows):,}"))
    if result.never_seen:
        rows.append(("  of these left out, mode not seen before the split", f"{result.never_seen:,}"))
    rows.append(("all rows", f"{counts.total():,}"))
    return Table("Rows of the file", ("use", "rows"), rows)
