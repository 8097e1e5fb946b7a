"""Prices: tariffs with their weight breaks, surcharges, exchange rates."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.exchange.cells import (
    Amount,
    Choice,
    Code,
    Currency,
    Date,
    Number,
    Reference,
    Text,
    from_minor,
    in_units,
    to_minor,
)
from app.exchange.faults import CellError
from app.exchange.rows import Column, Row
from app.models import FxRate, Tariff, TariffBreak, TariffSurcharge
from app.models.tariffs import SURCHARGE_BASES
from app.usecases.importing.kinds import WHOLE_FILE, Kind, Run, table_writer
from app.usecases.importing.lookups import Lookups
from app.usecases.importing.tables import Mapping, Values, resolve_references, table_kind, table_of
from app.usecases.importing.words import SOURCE, currency, period_rule, valid_columns

MICROS = 10**6
_TARIFF = table_of(Tariff)
_BREAKS = table_of(TariffBreak)
_MONEY = ("minimum_minor", "flat_minor")
_BREAK = ("from_g", "rate_micros_per_kg", "break_flat_minor")

COLUMNS = (
    Column("code", Code(60, example="BUY-CA-TAO-FRA"), "code; rows of one code are its weight breaks", required=True),
    Column("side", Choice(("buy", "sell")), "buy (what it costs us) or sell (what we ask)", required=True),
    Column("service_code", Reference(40, what="service"), "code of the service it prices", field="service_id"),
    Column("channel", Code(40, example="AIR-EU-EXPRESS"), "channel it prices, where no service is given"),
    Column("from_location", Reference(24), "only from this call", field="from_location_id"),
    Column("to_location", Reference(24), "only to this call", field="to_location_id"),
    Column("exporter", Reference(40, what="exporter"), "only for this exporter", field="exporter_id"),
    currency("currency of all its amounts"),
    Column("divisor_cm3_per_kg", Number(1, 1, 100_000), "volumetric divisor, e.g. 6000; empty = gross weight"),
    Column("rounding_kg", Number(1000, 0, 1000, positive=True), "chargeable weight is rounded up to a multiple",
           default=1, field="rounding_g"),
    Column("minimum", Amount(), "least charge of a parcel", default=Decimal(0), field="minimum_minor"),
    Column("flat", Amount(), "once per parcel", default=Decimal(0), field="flat_minor"),
    Column("per_m3", Number(MICROS, highest=10**6), "per m³", default=0, field="per_m3_micros"),
    *valid_columns(),
    Column("from_kg", Number(1000, highest=10**6), "the break begins at this weight", default=0, field="from_g"),
    Column("rate_per_kg", Number(MICROS, highest=10**6), "price of a kg", default=0, field="rate_micros_per_kg"),
    Column("break_flat", Amount(), "once, in this break", default=Decimal(0), field="break_flat_minor"),
    SOURCE,
)  # fmt: skip
_NAMES = {column.to: column.name for column in COLUMNS}


def _check(values: Values, run: Run) -> Iterator[CellError]:
    yield from period_rule("valid_from", "valid_to")(values, run)
    if (values["service_id"] is None) == (values["channel"] is None):
        yield CellError(
            "service_or_channel", "a tariff prices a service or a channel", "give one of the two", "channel"
        )
    for field in (*_MONEY, "break_flat_minor"):
        try:
            values[field] = to_minor(values[field], values["currency"], _NAMES[field])
        except CellError as fault:
            yield fault


def save(run: Run, given: Sequence[Column], rows: list[Row]) -> None:
    """Check all rows, group them by code, and make each stored tariff exactly what its rows say."""
    del given
    resolve_references(run, COLUMNS, rows)
    for row in run.good(rows):
        for fault in _check(row.values, run):
            run.log.add(row.number, fault)
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.values["code"]].append(row)
    _check_groups(run, groups)
    # A tariff with one bad break would be another tariff: it is kept whole or not at all.
    for group in groups.values():
        if any(row.number in run.log.rows for row in group):
            for row in run.good(group):
                run.refuse(
                    row, "group_refused", "another row of this tariff is refused", "correct that row", "code"
                )
    if run.saving:
        _write(run, {code: group for code, group in groups.items() if run.good(group)})


def _check_groups(run: Run, groups: dict[str, list[Row]]) -> None:
    for code, group in groups.items():
        breaks: dict[int, int] = {}
        good = run.good(group)
        for row in good:
            first = breaks.setdefault(row.values["from_g"], row.number)
            if first != row.number:
                run.refuse(row, "duplicate_reference", f"row {first} has the same code and from_kg",
                           "keep one of the two rows", "from_kg")  # fmt: skip
            for name, value in _head(row).items():
                if value != good[0].values[name]:
                    column = _NAMES[name]
                    run.refuse(row, "tariff_rows_differ", f"{column} is not that of row {good[0].number}",
                               f"rows of {code} differ only in what belongs to the break", column)  # fmt: skip


def _head(row: Row) -> Values:
    return {name: value for name, value in row.values.items() if name not in _BREAK}


def _write(run: Run, groups: dict[str, list[Row]]) -> None:
    """New tariffs in bulk; of stored ones the head is updated and the breaks are replaced where they differ."""
    stored = _stored(run.session)
    new = {code: group for code, group in groups.items() if code not in stored}
    if new:
        run.session.execute(insert(_TARIFF), [_head(group[0]) for group in new.values()])
    ids = dict(run.session.execute(select(Tariff.code, Tariff.id)).all())
    breaks: list[Values] = []
    for code, group in groups.items():
        wanted = {row.values["from_g"]: _break(ids[code], row) for row in group}
        if code in new:
            run.added += len(group)
            breaks += wanted.values()
            continue
        breaks += _replace(run, stored[code], group, wanted)
    if breaks:
        run.session.execute(insert(_BREAKS), breaks)


def _replace(
    run: Run, old: tuple[Values, dict[int, Values]], group: list[Row], wanted: dict[int, Values]
) -> list[Values]:
    """Bring one stored tariff to the file's; returns the breaks to insert."""
    head, old_breaks = old
    new_head = _head(group[0])
    head_changed = any(head[name] != value for name, value in new_head.items())
    if head_changed:
        run.session.execute(update(_TARIFF).where(_TARIFF.c.id == head["id"]).values(new_head))
    same = [start for start, row in wanted.items() if old_breaks.get(start) == row]
    gone = set(old_breaks) - set(same)
    if gone:
        table = _BREAKS
        run.session.execute(delete(table).where(table.c.tariff_id == head["id"], table.c.from_g.in_(gone)))
    changed = head_changed or bool(gone - set(wanted))
    run.unchanged += 0 if changed else len(same)
    run.updated += len(group) - (0 if changed else len(same))
    return [row for start, row in wanted.items() if start not in same]


def _break(tariff_id: int, row: Row) -> Values:
    start, rate, flat = (row.values[name] for name in _BREAK)
    return {"tariff_id": tariff_id, "from_g": start, "rate_micros_per_kg": rate, "flat_minor": flat}


def _stored(session: Session) -> dict[str, tuple[Values, dict[int, Values]]]:
    """Code → the tariff's row and its breaks by start."""
    breaks: dict[int, dict[int, Values]] = defaultdict(dict)
    for row in session.execute(select(_BREAKS)).mappings():
        breaks[row["tariff_id"]][row["from_g"]] = {name: value for name, value in row.items() if name != "id"}
    found: Any = session.execute(select(_TARIFF)).mappings()
    return {row["code"]: (dict(row), breaks[row["id"]]) for row in found}


def dump(session: Session, lookups: Lookups) -> Iterator[Values]:
    """One row per weight break, in order of code and weight."""
    references = [(column.to, column.cell.what) for column in COLUMNS if isinstance(column.cell, Reference)]
    for _code, (head, breaks) in sorted(_stored(session).items()):
        values = dict(head)
        for field, what in references:
            values[field] = None if head[field] is None else lookups.codes(what)[head[field]]
        for field in _MONEY:
            values[field] = from_minor(head[field], head["currency"])
        for start, row in sorted(breaks.items()):
            yield values | {
                "from_g": start,
                "rate_micros_per_kg": row["rate_micros_per_kg"],
                "break_flat_minor": from_minor(row["flat_minor"], head["currency"]),
            }


TARIFFS = Kind(
    "tariffs",
    "Buy and sell prices of a service or a channel, one row per weight break",
    COLUMNS,
    save,
    table_writer("tariffs", COLUMNS, dump),
    roles=("operator", "finance"),
    batch_rows=WHOLE_FILE,
)


def _surcharge_rule(values: Values, _run: Run) -> Iterator[CellError]:
    # Five percent is written 5 and kept as a share, as everything else is kept in millionths of what is written.
    scale = MICROS // 100 if values["basis"] == "percent" else MICROS
    try:
        values["amount_micros"] = in_units(values["amount_micros"], scale)
    except CellError as fault:
        fault.column = "amount"
        yield fault


def _surcharge_unfold(values: Values) -> Values:
    scale = MICROS // 100 if values["basis"] == "percent" else MICROS
    return values | {"amount_micros": Decimal(values["amount_micros"]) / scale}


SURCHARGES = table_kind(
    "surcharges",
    "Fuel, security, peak season: what is added to a tariff",
    (
        Column(
            "tariff_code",
            Reference(60, what="tariff"),
            "code of the tariff",
            required=True,
            field="tariff_id",
        ),
        Column("code", Code(16, example="FUEL"), "code of the surcharge", required=True),
        Column("basis", Choice(SURCHARGE_BASES), f"one of {', '.join(SURCHARGE_BASES)}", required=True),
        Column(
            "amount",
            Amount(),
            "in the tariff's currency; percent as 5 for 5 %",
            required=True,
            field="amount_micros",
        ),
    ),
    Mapping(TariffSurcharge, ("tariff_id", "code"), rule=_surcharge_rule, unfold=_surcharge_unfold),
    roles=("operator", "finance"),
)


def _pair_rule(values: Values, _run: Run) -> Iterator[CellError]:
    if values["base"] == values["quote"]:
        yield CellError(
            "same_currency", "base and quote are the same currency", "give two currencies", "quote"
        )


FX_RATES = table_kind(
    "fx-rates",
    "Dated exchange rates: one unit of base in quote",
    (
        Column("base", Currency(), "ISO 4217 code", required=True),
        Column("quote", Currency(), "ISO 4217 code", required=True),
        Column(
            "rate",
            Number(MICROS, highest=10**6, positive=True),
            "one base in quote",
            required=True,
            field="rate_micros",
        ),
        Column("as_of", Date(), "day of the rate", required=True),
        Column("source", Text(500), "who published it", required=True),
    ),
    Mapping(FxRate, ("base", "quote", "as_of"), rule=_pair_rule),
    roles=("operator", "finance"),
)
