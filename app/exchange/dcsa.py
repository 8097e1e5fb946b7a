"""DCSA Commercial Schedules 1.0, the answer of `GET /v1/vessel-schedules`: a list of service schedules.

Shape: dcsaorg/DCSA-OpenAPI, cs/v1/CS_v1.0.3.yaml (ServiceSchedule, VesselSchedule, TransportCall, Timestamp).
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, NoReturn

from app.exchange.cells import Code, Instant, Text
from app.exchange.faults import CellError, refuse
from app.exchange.rows import Row, Source, open_source
from app.exchange.sailings import Journey, JourneyCall

LONGEST_SERVICE_CODE = 11
LONGEST_SERVICE_NAME = 50
MAX_BYTES = 8 * 1024 * 1024
"""JSON takes many times its size in memory."""
_CLASSIFIERS = ("PLN", "EST", "ACT")
"""Later ones are surer: an actual time replaces an estimate, an estimate the plan."""
_PLACE = Code(5, r"[A-Z]{2}[A-Z2-9]{3}", "CNTAO")


_TEXT = Text(100).read


class Node:
    """A JSON value and where it stands; what is asked of it and not there raises CellError naming the path."""

    def __init__(self, value: Any, path: str) -> None:  # noqa: ANN401 (any JSON)
        self.value, self.path = value, path

    def fail(self, code: str, message: str, suggestion: str = "") -> NoReturn:
        """Refuse what stands here."""
        raise CellError(code, message, suggestion, self.path)

    def member(self, name: str) -> "Node":
        """A member of an object; its value is None where it is absent."""
        if not isinstance(self.value, dict):
            self.fail("not_an_object", "there is no object here", "write { … }")
        return Node(self.value.get(name), f"{self.path}.{name}")

    def items(self) -> list["Node"]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            self.fail("not_a_list", "there is no list here", "write [ … ]")
        return [Node(value, f"{self.path}[{index}]") for index, value in enumerate(self.value)]

    def text(self, read: Callable[[str], Any] = _TEXT) -> Any:  # noqa: ANN401 (what `read` gives)
        """The value of a string, as one of the cell types reads it."""
        if self.value is None or self.value == "":
            self.fail("required", "there is nothing here", "give a value")
        if not isinstance(self.value, str):
            self.fail("not_text", "the value is not a string", 'write it between quotation marks: "…"')
        try:
            return read(self.value)
        except CellError as fault:
            fault.column = self.path
            raise

    def optional(self, read: Callable[[str], Any] = _TEXT) -> Any:  # noqa: ANN401
        """The same, or None where there is nothing."""
        return None if self.value is None else self.text(read)


ReadJourney = tuple[Row, list[CellError]]


def read_schedules(source: Source) -> Iterator[ReadJourney]:
    """Every voyage of the file as a Row whose one value, `journey`, is a Journey; rows count vessel schedules.

    Raises Unreadable where the file is not JSON or not a list.
    """
    number = 0
    for service in _document(source):
        try:
            code = service.member("carrierServiceCode").text(Code(40).read)
            name = service.member("carrierServiceName").optional() or code
            vessels = service.member("vesselSchedules").items()
        except CellError as fault:
            number += 1
            yield Row(number, {}), [fault]
            continue
        for vessel in vessels:
            number += 1
            yield from _voyages(number, vessel, code, name)


def _document(source: Source) -> list[Node]:
    with open_source(source, MAX_BYTES) as stream:
        content = stream.read()
    if not content.strip():
        raise refuse("empty_file", "the file is empty", "give the list of service schedules")
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise refuse("bad_encoding", "the file is not UTF-8", "save it as UTF-8") from None
    except json.JSONDecodeError as error:
        cut = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        code, remedy = ("truncated", "get the whole file again") if cut else ("bad_json", "correct the JSON")
        raise refuse(code, f"line {error.lineno}, column {error.colno}: {error.msg}", remedy) from None
    except (ValueError, RecursionError) as error:
        raise refuse("bad_json", f"the JSON cannot be read: {error}"[:200], "correct the JSON") from None
    if not isinstance(document, list):
        raise refuse(
            "bad_json", "the file is not a list of service schedules", "write [ … ] around them", column="$"
        )
    return Node(document, "$").items()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _voyages(number: int, vessel: Node, code: str, name: str) -> Iterator[ReadJourney]:
    """Cut the calls of one vessel into voyages.

    A call belongs to the voyage it arrives under and to the one it leaves under; where the two differ it ends one
    and begins the next.
    """
    try:
        imo = None
        if vessel.member("vessel").value is not None:
            imo = (
                vessel.member("vessel")
                .member("vesselIMONumber")
                .optional(Code(8, r"[0-9]{7,8}", "9321483").read)
            )
        voyages: dict[str, list[JourneyCall]] = {}
        for call in vessel.member("transportCalls").items():
            parsed = _call(call)
            arriving = call.member("carrierImportVoyageNumber").text(Code(40).read)
            leaving = call.member("carrierExportVoyageNumber").optional(Code(40).read) or arriving
            for voyage in dict.fromkeys((arriving, leaving)):
                voyages.setdefault(voyage, []).append(parsed)
    except CellError as fault:
        yield Row(number, {}), [fault]
        return
    for voyage, calls in voyages.items():
        # A lone call is the tail or the head of a voyage whose rest lies outside the file.
        if len(calls) > 1:
            yield _journey(number, vessel.path, code, name, voyage, calls, imo)


def _journey(
    number: int, path: str, code: str, name: str, voyage: str, calls: list[JourneyCall], imo: str | None
) -> ReadJourney:
    first, last = calls[0], calls[-1]
    if first.departs_at is None:
        fault = CellError(
            "calls_incomplete", "the first call of the voyage has no DEPA", "add the timestamp", first.at
        )
        return Row(number, {}), [fault]
    ends = (
        JourneyCall(first.place, None, first.departs_at, first.cutoffs, first.at),
        *calls[1:-1],
        JourneyCall(last.place, last.arrives_at, None, {}, last.at),
    )
    journey = Journey(code, name, voyage, first.departs_at.date(), ends, imo, path)
    return Row(number, {"journey": journey}), []


def _call(call: Node) -> JourneyCall:
    times: dict[str, tuple[int, datetime]] = {}
    for stamp in call.member("timestamps").items():
        kind = stamp.member("eventTypeCode").text()
        classifier = stamp.member("eventClassifierCode").text()
        if kind not in ("ARRI", "DEPA"):
            stamp.member("eventTypeCode").fail(
                "unknown_choice", f"{kind!r} is not an event type", "ARRI or DEPA"
            )
        if classifier not in _CLASSIFIERS:
            stamp.member("eventClassifierCode").fail(
                "unknown_choice", f"{classifier!r} is none", "PLN, EST or ACT"
            )
        moment = stamp.member("eventDateTime").text(_local)
        rank = _CLASSIFIERS.index(classifier)
        if kind not in times or rank > times[kind][0]:
            times[kind] = (rank, moment)
    cutoffs = {}
    if call.member("cutOffTimes").value is not None:
        for cutoff in call.member("cutOffTimes").items():
            code = cutoff.member("cutOffDateTimeCode").text(Code(3, r"[A-Z]{3}", "FCO").read)
            cutoffs[code] = cutoff.member("cutOffDateTime").text(Instant().read)
    place = call.member("location").member("UNLocationCode").text(_PLACE.read)
    arrives, departs = (times[kind][1] if kind in times else None for kind in ("ARRI", "DEPA"))
    return JourneyCall(place, arrives, departs, cutoffs, f"{call.path}.location.UNLocationCode")


def _local(text: str) -> datetime:
    """The moment as written: its own offset says which local day it is."""
    Instant().read(text)
    return datetime.fromisoformat(text.strip())


def write_schedules(stream: BinaryIO, journeys: Iterable[Journey]) -> None:
    """Write voyages as a list of service schedules, one vessel schedule a voyage; times keep their offsets."""
    services: dict[str, dict[str, Any]] = {}
    for journey in journeys:
        service = services.setdefault(
            journey.service_code,
            {
                "carrierServiceName": journey.service_name[:LONGEST_SERVICE_NAME].strip(),
                "carrierServiceCode": journey.service_code,
                "vesselSchedules": [],
            },
        )
        vessel: dict[str, Any] = {"isDummyVessel": journey.vessel_imo is None}
        if journey.vessel_imo is not None:
            vessel["vessel"] = {"vesselIMONumber": journey.vessel_imo}
        vessel["transportCalls"] = [
            _call_out(journey, seq, call) for seq, call in enumerate(journey.calls, 1)
        ]
        service["vesselSchedules"].append(vessel)
    stream.write(json.dumps(list(services.values()), ensure_ascii=False, indent=1).encode() + b"\n")


def _call_out(journey: Journey, seq: int, call: JourneyCall) -> dict[str, Any]:
    stamps = [
        {"eventTypeCode": kind, "eventClassifierCode": "PLN", "eventDateTime": moment.isoformat()}
        for kind, moment in (("ARRI", call.arrives_at), ("DEPA", call.departs_at))
        if moment is not None
    ]
    out = {
        "transportCallReference": f"{journey.service_code}-{journey.number}-{call.place}-{seq}"[:100],
        "carrierImportVoyageNumber": journey.number,
        "carrierExportVoyageNumber": journey.number,
        "location": {"UNLocationCode": call.place},
        "timestamps": stamps,
    }
    if call.cutoffs:
        out["cutOffTimes"] = [
            {"cutOffDateTimeCode": code, "cutOffDateTime": moment.astimezone(UTC).isoformat()}
            for code, moment in call.cutoffs.items()
        ]
    return out
