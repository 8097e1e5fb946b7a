"""What the numbers of a problem mean: itineraries of options, names of resources and units, rows of items."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.arrays import FloatArray, IntArray
from routing.costs import SHARED
from routing.network import MODES
from routing.timetable import HOW

Texts = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """One leg of an option. `ref` is the caller's departure (dated) or link; calls are -1 where not dated."""

    dated: bool
    ref: int
    service: int
    mode: str
    carried: str
    origin: int
    destination: int
    board: int
    alight: int
    departs_min: int
    arrives_min: int


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Meanings of a problem's items [n], options [o], itineraries [m], legs [l], resources [r], units [t].

    An option of a class whose goods stay where they are has itinerary -1. Instants are minutes since the
    epoch; those of links follow from their neighbours. `location_*` are of all locations of the network.
    `none_*` tell, for each class without an option, its reason code and fact. `features` name the problem's
    columns of cost, whose meaning differs by class: see `cost_labels`.
    """

    item_ref: IntArray
    option_itinerary: IntArray
    option_disposition: IntArray
    option_destination: IntArray
    option_ready: IntArray
    option_arrives: IntArray
    option_on_time: npt.NDArray[np.bool_]
    option_co2e_g_per_kg: FloatArray
    itinerary_ptr: IntArray
    itinerary_legs: IntArray
    leg_dated: npt.NDArray[np.bool_]
    leg_ref: IntArray
    leg_service: IntArray
    leg_mode: IntArray
    leg_carried: IntArray
    leg_origin: IntArray
    leg_destination: IntArray
    leg_board: IntArray
    leg_alight: IntArray
    leg_departs: IntArray
    leg_arrives: IntArray
    leg_transit: IntArray
    leg_rate_row: IntArray
    location_code: Texts
    location_transfer_min: IntArray
    resource_kind: Texts
    resource_label: Texts
    resource_departure: IntArray
    """The caller's number of the departure, -1 none."""
    resource_board: IntArray
    resource_alight: IntArray
    resource_location: IntArray
    unit_label: Texts
    dispositions: Texts
    dimensions: Texts
    features: Texts
    cost_name: Texts
    cost_ptr: IntArray
    cost_column: IntArray
    rate_label: Texts
    none_class: IntArray
    none_code: Texts
    none_fact: Texts

    def to_bytes(self) -> bytes:
        """Return the arrays as a compressed .npz without pickles."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{one.name: getattr(self, one.name) for one in fields(self)})
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Catalogue:
        """Read what `to_bytes` wrote; `ValueError` or `KeyError` if it did not."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            columns: dict[str, Any] = {one.name: arrays[one.name] for one in fields(cls)}
        return cls(**columns)

    def cost_labels(self, index: int) -> tuple[str, ...]:
        """Return what the problem's columns of cost are for the items of one class: tariffs, days, days late."""
        own = self.cost_column[self.cost_ptr[index] : self.cost_ptr[index + 1]]
        return (*map(str, self.features[:SHARED]), *map(str, self.cost_name[own]))

    def priced_by(self, option: int, label: str) -> list[int]:
        """Return the positions of the option's legs whose rate row has this label: legs that cost alike share one."""
        rows = self.leg_rate_row[self.leg_rows(option)].tolist()
        return [
            leg
            for leg, row in enumerate(rows)
            if 0 <= row < len(self.rate_label) and self.rate_label[row] == label
        ]

    def disposition(self, option: int) -> str:
        """Return what the option does with the goods: `deliver`, `restock`, `return_to_china` ..."""
        return str(self.dispositions[self.option_disposition[option]])

    def leg_rows(self, option: int) -> IntArray:
        """Return the rows of the option's legs in order; none where the goods stay."""
        itinerary = int(self.option_itinerary[option])
        if itinerary < 0:
            return np.zeros(0, dtype=np.int64)
        return self.itinerary_legs[self.itinerary_ptr[itinerary] : self.itinerary_ptr[itinerary + 1]]

    def legs(self, option: int) -> list[PlannedLeg]:
        """Return the legs of an option with their times: links leave as soon as the goods are there."""
        found: list[PlannedLeg] = []
        at = int(self.option_ready[option])
        for leg in self.leg_rows(option).tolist():
            wait = int(self.location_transfer_min[self.leg_origin[leg]]) if found else 0
            dated = bool(self.leg_dated[leg])
            departs = int(self.leg_departs[leg]) if dated else at + wait
            at = int(self.leg_arrives[leg]) if dated else departs + int(self.leg_transit[leg])
            found.append(self._leg(leg, departs, at))
        return found

    def _leg(self, leg: int, departs: int, arrives: int) -> PlannedLeg:
        return PlannedLeg(
            dated=bool(self.leg_dated[leg]),
            ref=int(self.leg_ref[leg]),
            service=int(self.leg_service[leg]),
            mode=MODES[self.leg_mode[leg]],
            carried=HOW[self.leg_carried[leg]],
            origin=int(self.leg_origin[leg]),
            destination=int(self.leg_destination[leg]),
            board=int(self.leg_board[leg]),
            alight=int(self.leg_alight[leg]),
            departs_min=departs,
            arrives_min=arrives,
        )

    def modes(self, option: int) -> tuple[str, ...]:
        """Return the modes of the option's dated legs in order; of all its legs where none is dated."""
        rows = self.leg_rows(option)
        dated = rows[self.leg_dated[rows]]
        return tuple(MODES[mode] for mode in self.leg_mode[dated if dated.size else rows])

    def option_label(self, option: int) -> str:
        """Return one line for people: `deliver: CNTAO -sea 12- NLRTM -road 3- DE-10`."""
        rows = self.leg_rows(option)
        text = str(self.location_code[self.leg_origin[rows[0]]]) if rows.size else "stays"
        for leg in rows:
            end = self.location_code[self.leg_destination[leg]]
            text += f" -{MODES[self.leg_mode[leg]]} {self.leg_ref[leg]}- {end}"
        return f"{self.disposition(option)}: {text}"

    def resource_name(self, resource: int) -> str:
        """Return one line for people: `boxes of departure 12, calls 0-3`."""
        label, departure = self.resource_label[resource], int(self.resource_departure[resource])
        if departure < 0:
            return str(label)
        calls = f"{self.resource_board[resource]}-{self.resource_alight[resource]}"
        return f"{label} of departure {departure}, calls {calls}"

    def refs(self, items: Sequence[str]) -> dict[str, list[str]]:
        """Return the names of a `.refs.json` beside the problem file; `items` are those of the items."""
        return {
            "item": list(items),
            "option": [self.option_label(option) for option in range(len(self.option_itinerary))],
            "resource": [self.resource_name(resource) for resource in range(len(self.resource_kind))],
            "unit": [str(label) for label in self.unit_label],
            "dimension": [str(name) for name in self.dimensions],
            "feature": [str(name) for name in self.features],
        }
