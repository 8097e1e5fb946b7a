"""What was really loaded onto a departure, as its manifest shows it."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents.facts import Place
from app.documents.load_lists import Loaded, LoadedParcel, LoadedUnit, ManifestDifference
from app.documents.manifests import ManifestLine
from app.models import Call, Consignment, Departure, LoadUnit, Party
from app.queries.departure_load import DepartureLoad, Piece
from app.queries.paper_facts import goods_of, party_of, places_of
from warehouses.numbers import spaced

Key = tuple[int, int, bool, str | None]
"""Consignment, booking, whether it is returned goods, customs mode: one line of the manifest."""


def loaded_lines(session: Session, departure: Departure, load: DepartureLoad) -> tuple[ManifestLine, ...]:
    """A line for each consignment and customs mode, returned goods apart and last, with the weights as counted."""
    groups: defaultdict[Key, list[Piece]] = defaultdict(list)
    for piece in load.on_board:
        groups[piece.consignment_id or 0, piece.booking_id, piece.returned, piece.customs_mode].append(piece)
    waybills = _waybills(session, {key[0] for key in groups})
    owners = {one.id: one for one in session.scalars(select(Party).where(Party.id.in_(_owners(load))))}
    calls = _calls(session, departure)
    lines = []
    for key in sorted(groups, key=lambda one: (one[2], one[1], one[0], one[3] or "")):
        consignment, _, returned, mode = key
        pieces = groups[key]
        first, top = pieces[0], pieces[0].top
        flies = departure.service.mode == "air"
        goods = [goods_of(code, departure.service_date, flies=flies) for code in _classes(pieces)]
        lines.append(
            ManifestLine(
                waybill_number=waybills.get(consignment, ""),
                booking=first.booking,
                exporter=party_of(owners[first.exporter_id]),
                origin=calls[top.board_seq],
                destination=calls[top.alight_seq],
                packages=len(pieces),
                weight_g=sum(piece.weight_g for piece in pieces),
                volume_cm3=sum(piece.volume_cm3 for piece in pieces),
                customs_mode=mode,
                marks=tuple(dict.fromkeys(one.marks for one in goods if one.marks)),
                units=tuple(dict.fromkeys(spaced(one.top.kind, one.top.number) for one in pieces)),
                returned=returned,
            )
        )
    return tuple(lines)


def loaded_part(load: DepartureLoad) -> Loaded:
    """Units, parcels and differences."""
    return Loaded(
        units=tuple(_unit(one, load) for one in load.tops if one.loaded_at is not None),
        parcels=tuple(
            LoadedParcel(
                number=piece.tracking_number or piece.public_id,
                reference=piece.reference,
                unit=spaced(piece.unit.kind, piece.unit.number),
                goods_class=piece.goods_class,
                weight_g=piece.weight_g,
                volume_cm3=piece.volume_cm3,
                returned=piece.returned,
            )
            for piece in sorted(load.on_board, key=lambda one: (one.top.id, one.unit.id))
        ),
        differences=tuple(
            ManifestDifference(
                kind=one.kind, reference=one.reference, booking=one.booking, unit=one.unit or "",
                planned=one.planned or "", count=one.count,
            )
            for one in load.differences
        ),
        difference_count=sum(load.counts.values()),
        planned_packages=load.planned.packages,
        planned_g=load.planned.weight_g,
    )  # fmt: skip


def _unit(unit: LoadUnit, load: DepartureLoad) -> LoadedUnit:
    pieces = [piece for piece in load.pieces if piece.top is unit]
    inner = {piece.unit.id: piece.unit for piece in pieces if piece.unit is not unit}
    return LoadedUnit(
        number=spaced(unit.kind, unit.number),
        kind=unit.kind,
        type_code=unit.type_code,
        seal_number=unit.seal_number or "",
        inside=tuple(spaced(one.kind, one.number) for one in inner.values()),
        packages=len(pieces),
        net_g=unit.net_g,
        tare_g=unit.tare_g,
        gross_g=unit.gross_g or unit.net_g + unit.tare_g,
        volume_cm3=unit.net_cm3,
    )


def _classes(pieces: list[Piece]) -> list[str]:
    return sorted({piece.goods_class for piece in pieces})


def _owners(load: DepartureLoad) -> set[int]:
    return {piece.exporter_id for piece in load.on_board}


def _waybills(session: Session, consignments: set[int]) -> dict[int, str]:
    query = select(Consignment.id, Consignment.waybill_number).where(Consignment.id.in_(consignments))
    return {key: number for key, number in session.execute(query)}  # noqa: C416 (a row is no pair)


def _calls(session: Session, departure: Departure) -> Mapping[int, Place]:
    found = session.execute(select(Call.seq, Call.location_id).where(Call.departure_id == departure.id)).all()
    known = places_of(session, {place for _, place in found})
    return {seq: known[place] for seq, place in found}
