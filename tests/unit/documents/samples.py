"""Facts for papers, in the manner of `tests.factories`."""

from datetime import UTC, datetime, timedelta

from app.documents.facts import Goods, GoodsLine, Leg, Party, Place
from app.documents.labels import Label
from app.documents.transport_documents import TransportPaper
from trade.numbering import document_number, tracking_number, waybill_number

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)
HUB = Place(
    code="CNTAO-HUB", name_en="Qingdao hub", name_zh="青岛集货仓", country="CN", unlocode="CNTAO",
    time_zone="Asia/Shanghai",
)  # fmt: skip
TERMINAL = Place(
    code="DEDUI-STN", name_en="Duisburg terminal", name_zh="杜伊斯堡场站", country="DE", unlocode="DEDUI",
    time_zone="Europe/Berlin",
)  # fmt: skip
WAREHOUSE = Place(
    code="DEDUI-WHS", name_en="Duisburg warehouse", name_zh="杜伊斯堡海外仓", country="DE", unlocode="DEDUI",
    time_zone="Europe/Berlin",
)  # fmt: skip
EXPORTER = Party(name="青岛海尔物流有限公司 Haier Logistics", reference="HAIER", country="CN")
GENERAL = Goods(name_en="General cargo", name_zh="普货")
BATTERIES = Goods(
    name_en="Lithium ion batteries alone", name_zh="锂离子电池（单独）", un_number="UN3480",
    packing_instruction="PI965", cargo_aircraft_only=True,
)  # fmt: skip
LEGS = (
    Leg(
        seq=1, mode="rail", service="Qilu Express 齐鲁号", number="X9041", origin=HUB, destination=TERMINAL,
        departs_at=NOW + DAY, arrives_at=NOW + 18 * DAY,
    ),
    Leg(
        seq=2, mode="last_mile", service="Duisburg drayage", number=None, origin=TERMINAL,
        destination=WAREHOUSE, departs_at=NOW + 19 * DAY, arrives_at=NOW + 20 * DAY,
    ),
)  # fmt: skip
LINES = (
    GoodsLine(
        packages=12, description="扫地机器人 robot cleaner", goods=BATTERIES, hs_code="850811",
        weight_g=48_600, volume_cm3=360_000,
    ),
    GoodsLine(packages=3, description="", goods=GENERAL, hs_code=None, weight_g=7_500, volume_cm3=36_001),
)  # fmt: skip


def label(number=1, count=1, **facts):
    """The label of a parcel with a battery to Duisburg."""
    tracking = tracking_number(number)
    facts = {
        "tracking_number": tracking, "scan": f"https://fourport.example/track/{tracking}",
        "sender": EXPORTER.name, "origin": HUB, "destination": WAREHOUSE, "service": "Qilu Express 齐鲁号",
        "weight_g": 2_500, "length_mm": 300, "width_mm": 205, "height_mm": 150, "goods": BATTERIES,
        "reference": "ORDER-1001", "booking": "bkg_0h3vk5m8q2r7t9xz", "waybill_number": waybill_number(7),
        "customs_mode": "9810", **facts,
    }  # fmt: skip
    return Label(number=number, count=count, **facts)


def transport_paper(**facts):
    """A second version of a through document."""
    facts = {
        "number": document_number(5), "through": None, "version": 2, "replaces": document_number(4),
        "booking": "bkg_0h3vk5m8q2r7t9xz", "consignor": EXPORTER, "origin": HUB, "destination": WAREHOUSE,
        "legs": LEGS, "goods": LINES, "customs_mode": "9810", "issued_at": NOW, **facts,
    }  # fmt: skip
    return TransportPaper(**facts)
