"""Messages of China's cross-border e-commerce system (spec 2022-05): CEB603, a list, and CEB701, a summary.

Written, not sent: they are unsigned, and somebody hands them over in the single window, where the certificate lies.
"""

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

NAMESPACE = "http://www.chinaport.gov.cn/ceb"
VERSION = "1.0"
DECLARED = "2"
"""appStatus: it is declared, not only stored."""
ADDED, CHANGED = "1", "2"
GUIDS = uuid.UUID("5f0c3e0a-51f4-4b57-9f5e-7a1f6f0d9610")
"""The same message of the same list has the same guid, however often it is written."""
CARTON, PIECE, KILOGRAM, YUAN, TOTAL = "2", "011", "035", "142", "3"
NONE = "无"
Fields = Iterable[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who declares, and how the single window knows it."""

    code: str
    name: str
    dxp_id: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """One parcel of a list: numbers as customs has them, money and weights as plain decimals."""

    number: str
    """Of ours: copNo."""
    order_number: str
    waybill_number: str
    voyage: str | None
    country: str
    currency: str
    hs_code: str
    name: str
    value: str
    gross_kg: str
    net_kg: str
    exit_on: date


@dataclass(frozen=True, slots=True)
class ListMessage:
    """A list and what all of its parcels share."""

    public_id: str
    version: int
    customs_office: str
    trade_mode: str
    transport: str
    statistics_flag: str
    exporter_code: str
    exporter_name: str
    platform_code: str
    platform_name: str
    sender: Sender
    inventories: tuple[Inventory, ...]


@dataclass(frozen=True, slots=True)
class SummaryMessage:
    """A summary of the lists of an exporter that are named, or of all it had cleared in a time."""

    public_id: str
    number: str
    customs_office: str
    exporter_code: str
    exporter_name: str
    sender: Sender
    starts_at: datetime
    ends_at: datetime
    invt_numbers: tuple[str, ...] = ()
    """What customs calls the lists; none: all of the time."""
    part: int = 1
    parts: int = 1


def list_message(message: ListMessage, now: datetime) -> bytes:
    """CEB603 for a list; `now` is on the clock of customs."""
    root = _root("603", message.public_id, message.version)
    for one in message.inventories:
        node = _add(root, "Inventory")
        _fill(_add(node, "InventoryHead"), _head(message, one, now))
        _fill(_add(node, "InventoryList"), _line(one))
    _transfer(root, message.sender)
    return _written(root)


def summary_message(message: SummaryMessage, now: datetime) -> bytes:
    """CEB701 for a summary, or one of its parts: by numbers of lists where there are some, or else by its time."""
    root = _root("701", message.public_id, message.part)
    sender = message.sender
    head: dict[str, str | None] = {
        "guid": _guid(message.public_id, "head", message.part), "appType": ADDED, "appTime": _moment(now),
        "appStatus": DECLARED, "customsCode": message.customs_office, "copNo": message.number,
        "agentCode": sender.code, "agentName": sender.name, "ebcCode": message.exporter_code,
        "ebcName": message.exporter_name, "declAgentCode": sender.code, "declAgentName": sender.name,
        "startTime": None if message.invt_numbers else _moment(message.starts_at),
        "endTime": None if message.invt_numbers else _moment(message.ends_at), "summaryFlag": "1",
        "itemNameFlag": "1", "msgCount": str(message.parts), "msgSeqNo": str(message.part),
    }  # fmt: skip
    apply = _add(root, "SummaryApply")
    _fill(_add(apply, "SummaryApplyHead"), head.items())
    for number in message.invt_numbers:
        _fill(_add(apply, "SummaryApplyList"), [("invtNo", number)])
    _transfer(root, sender)
    return _written(root)


def _head(message: ListMessage, one: Inventory, now: datetime) -> Fields:
    sender = message.sender
    head: Mapping[str, str | None] = {
        "guid": _guid(one.number, "head", message.version),
        "appType": ADDED if message.version == 1 else CHANGED, "appTime": _moment(now), "appStatus": DECLARED,
        "customsCode": message.customs_office, "ebpCode": message.platform_code,
        "ebpName": message.platform_name, "orderNo": one.order_number, "logisticsCode": sender.code,
        "logisticsName": sender.name, "logisticsNo": one.waybill_number, "copNo": one.number, "ieFlag": "E",
        "portCode": message.customs_office, "ieDate": f"{one.exit_on:%Y%m%d}",
        "statisticsFlag": message.statistics_flag, "agentCode": sender.code, "agentName": sender.name,
        "ebcCode": message.exporter_code, "ebcName": message.exporter_name, "ownerCode": "NO",
        "ownerName": message.exporter_name, "tradeMode": message.trade_mode, "trafMode": message.transport,
        "voyageNo": one.voyage, "country": one.country, "POD": one.country, "freight": "0",
        "fCurrency": YUAN, "fFlag": TOTAL, "insuredFee": "0", "iCurrency": YUAN, "iFlag": TOTAL,
        "wrapType": CARTON, "packNo": "1", "grossWeight": one.gross_kg, "netWeight": one.net_kg,
    }  # fmt: skip
    return head.items()


def _line(one: Inventory) -> Fields:
    line: Mapping[str, str | None] = {
        "gnum": "1", "itemNo": one.number, "gcode": one.hs_code.ljust(10, "0"),
        "gname": one.name or NONE, "gmodel": NONE, "barCode": NONE, "country": one.country,
        "currency": one.currency, "qty": "1", "qty1": one.net_kg, "unit": PIECE, "unit1": KILOGRAM,
        "price": one.value, "totalPrice": one.value,
    }  # fmt: skip
    return line.items()


def _root(number: str, public_id: str, version: int) -> ET.Element:
    ET.register_namespace("ceb", NAMESPACE)
    guid = _guid(public_id, number, version)
    return ET.Element(f"{{{NAMESPACE}}}CEB{number}Message", {"guid": guid, "version": VERSION})


def _transfer(root: ET.Element, sender: Sender) -> None:
    fields = {"copCode": sender.code, "copName": sender.name, "dxpMode": "DXP", "dxpId": sender.dxp_id}
    _fill(_add(root, "BaseTransfer"), fields.items())


def _add(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _fill(node: ET.Element, fields: Fields) -> None:
    """What is None is optional and left out."""
    for name, text in fields:
        if text is not None:
            _add(node, name).text = _printable(text)


def _printable(text: str) -> str:
    """XML 1.0 has no place for control characters."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _written(root: ET.Element) -> bytes:
    ET.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"


def _guid(public_id: str, part: str, version: int) -> str:
    return str(uuid.uuid5(GUIDS, f"{public_id}/{part}/{version}")).upper()


def _moment(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}"
