"""The manifest of a departure: everything that was loaded onto it, and until then what is booked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.documents.blocks import GROSS, PACKAGES, VOLUME
from app.documents.facts import MODES, Bilingual, Party, Place, both, kg, m3, moment, utc
from app.documents.load_lists import Loaded, loaded_blocks
from app.documents.paper import Column, Field, Fields, Note, Paper, Signatures, Table, papers_pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestCall:
    """A call of the departure."""

    place: Place
    arrives_at: datetime | None
    departs_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestLine:
    """A consignment on the departure, between two of its calls."""

    waybill_number: str
    booking: str
    exporter: Party
    origin: Place
    destination: Place
    packages: int
    weight_g: int
    volume_cm3: int
    customs_mode: str | None
    marks: tuple[str, ...]
    units: tuple[str, ...]
    returned: bool = False
    """Goods that came back: they stand apart, under customs lines of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestUnit:
    """An open handling unit and what is booked in it."""

    reference: str
    kind: str
    origin: Place
    destination: Place
    booked_g: int
    booked_cm3: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a manifest says. `number` is that of the voyage, flight or train."""

    departure: str
    number: str
    service: str
    mode: str
    calls: tuple[ManifestCall, ...]
    lines: tuple[ManifestLine, ...]
    units: tuple[ManifestUnit, ...]
    made_at: datetime
    loaded: Loaded | None = None
    """None: nothing was loaded yet, and it says what is booked."""


def manifest_pdf(manifest: Manifest) -> bytes:
    """The manifest as PDF."""
    paper = Paper(
        title=("Manifest, as loaded", "舱单（实际装载）") if manifest.loaded else ("Manifest", "舱单"),
        number=manifest.number,
        barcode=manifest.departure,
        landscape=True,
        blocks=(
            _head(manifest),
            _calls(manifest),
            *_consignments(manifest),
            *(
                ()
                if manifest.lines
                else (Note(("Nothing is booked on this departure.", "本班次没有订舱。")),)
            ),
            *(loaded_blocks(manifest.loaded) if manifest.loaded else ()),
            Signatures((("Checked by", "核对"), ("Handed over to", "交接"))),
        ),
    )
    return papers_pdf([paper], manifest.made_at)


def _consignments(manifest: Manifest) -> Iterator[Table]:
    apart = [line for line in manifest.lines if line.returned]
    rest = [line for line in manifest.lines if not line.returned]
    if rest or not apart:
        yield _lines(rest, ("Consignments", "货物清单"))
    if apart:
        yield _lines(apart, ("Returned goods, separate customs lines", "退运货物（单独申报）"))
    if manifest.units and manifest.loaded is None:
        yield _units(manifest)


def _head(manifest: Manifest) -> Fields:
    lines = manifest.lines
    return Fields(
        4,
        (
            Field(("Service", "航线"), manifest.service, 2),
            Field(("Mode", "方式"), both(*MODES[manifest.mode])),
            Field(("Departure", "班次"), manifest.departure),
            Field(("Consignments", "票数"), str(len(lines)), strong=True),
            Field(PACKAGES, str(sum(line.packages for line in lines)), strong=True),
            Field(GROSS, kg(sum(line.weight_g for line in lines)), strong=True),
            Field(("Made", "制表时间"), utc(manifest.made_at)),
            *_beside(manifest),
        ),
    )


def _beside(manifest: Manifest) -> tuple[Field, ...]:
    """What was planned, beside what was loaded."""
    loaded = manifest.loaded
    if loaded is None:
        return ()
    planned = f"{loaded.planned_packages} · {kg(loaded.planned_g)}"
    return (
        Field(("Booked", "订舱"), planned),
        Field(("Units loaded", "已装单元"), str(len(loaded.units)), strong=True),
        Field(("Differences", "差异"), str(loaded.difference_count), strong=loaded.difference_count > 0),
    )


def _calls(manifest: Manifest) -> Table:
    columns = (
        Column(("Call", "挂靠"), 3),
        Column(("Arrives, local", "抵（当地）"), 2),
        Column(("Departs, local", "离（当地）"), 2),
    )

    def shown(at: datetime | None, place: Place) -> str:
        return moment(at, place.time_zone) if at else "–"

    rows = tuple(
        (call.place.named, shown(call.arrives_at, call.place), shown(call.departs_at, call.place))
        for call in manifest.calls
    )
    return Table(("Calls", "挂靠"), columns, rows)


def _lines(lines: Sequence[ManifestLine], title: Bilingual) -> Table:
    columns = (
        Column(("Waybill, booking", "分运单、订舱"), 2.4),
        Column(("Exporter", "出口商"), 3.2),
        Column(("From – to", "起讫"), 2.1),
        Column(PACKAGES, 0.8, right=True),
        Column(GROSS, 1.5, right=True),
        Column(VOLUME, 1.6, right=True),
        Column(("Customs", "监管"), 1.1),
        Column(("Marks", "标记"), 1.8),
        Column(("Units", "集装单元"), 2.1),
    )
    rows = tuple(
        (
            f"{line.waybill_number}\n{line.booking}",
            f"{line.exporter.name}\n{line.exporter.reference}",
            f"{line.origin.code} – {line.destination.code}",
            str(line.packages),
            kg(line.weight_g),
            m3(line.volume_cm3),
            line.customs_mode or "–",
            "\n".join(line.marks),
            "\n".join(line.units),
        )
        for line in lines
    )
    sums = (
        str(sum(line.packages for line in lines)),
        kg(sum(line.weight_g for line in lines)),
        m3(sum(line.volume_cm3 for line in lines)),
    )
    return Table(title, columns, rows, ("", "", "", *sums, "", "", ""))


def _units(manifest: Manifest) -> Table:
    columns = (
        Column(("Unit", "单元"), 2),
        Column(("Kind", "类型"), 2),
        Column(("From – to", "起讫"), 2),
        Column(GROSS, 1.5, right=True),
        Column(VOLUME, 1.5, right=True),
    )
    rows = tuple(
        (
            unit.reference,
            unit.kind,
            f"{unit.origin.code} – {unit.destination.code}",
            kg(unit.booked_g),
            m3(unit.booked_cm3),
        )
        for unit in manifest.units
    )
    return Table(("Handling units", "集装单元"), columns, rows)
