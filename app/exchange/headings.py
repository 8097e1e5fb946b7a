"""Which column a heading means: by its name, by what people call it in English and Chinese, by likeness."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from app.exchange.rows import Column

LIKE = 0.82
"""From this likeness on a heading is taken for a name; below it a person says."""
UNITS = {
    "kg": "kg", "kgs": "kg", "公斤": "kg", "千克": "kg", "g": "g", "gram": "g", "grams": "g", "克": "g", "lb": "lb",
    "lbs": "lb", "cm": "cm", "厘米": "cm", "mm": "mm", "毫米": "mm", "m": "m", "米": "m", "in": "in", "inch": "in",
    "m3": "m3", "cbm": "m3", "立方米": "m3", "方": "m3", "cm3": "cm3", "m2": "m2", "平方米": "m2", "l": "l",
    "min": "min", "分钟": "min", "t": "t", "吨": "t",
}  # fmt: skip
ALIASES = {
    "reference": "order no|order number|order id|order|po|po number|parcel no|reference no|ref|customer reference|"
    "订单号|单号|订单编号|参考号|包裹号|编号|业务编号",
    "exporter": "shipper|seller|merchant|customer|client|owner|consignor|出口商|发货人|货主|卖家|商家|客户",
    "direction": "flow|type of movement|方向|流向|进出",
    "origin": "from|origin location|from location|pickup|start|departure place|起运地|始发地|起点|发货地|发货仓|始发",
    "destination": "to|destination location|to location|deliver to|dest|end|目的地|终点|收货地|目的仓|到达地",
    "weight_kg": "weight|gross weight|gw|actual weight|重量|毛重|实重",
    "length_cm": "length|len|长|长度",
    "width_cm": "width|breadth|宽|宽度",
    "height_cm": "height|高|高度",
    "volume_m3": "volume|cubic|体积|方数|容积",
    "goods_class": "goods|goods type|cargo type|category|class|commodity class|货物类别|货类|货物类型|品类|商品类别",
    "value": "amount|declared value|goods value|price|货值|价值|申报价值|金额|申报金额",
    "currency": "ccy|cur|currency code|币种|货币|币别",
    "ready_at": "ready|ready date|ready time|available from|cargo ready|备货时间|就绪时间|可提货时间|货好时间",
    "deliver_by": "deadline|due|due date|deliver before|latest delivery|截止时间|最晚送达|交货期限|要求送达时间",
    "hard_deadline": "hard|strict|must arrive|硬性期限|必须准时|是否硬性",
    "customs_mode": "customs|supervision mode|customs code|监管方式|海关监管方式|报关方式",
    "grade": "condition grade|quality|等级|品级|成色",
    "exported_on": "export date|date of export|出口日期",
    "sku": "article|item|item no|product code|product|货号|商品编码|商品编号|物料号",
    "barcode": "ean|upc|gtin|条码|条形码",
    "name": "product name|title|description|名称|品名|商品名称",
    "name_en": "english name|英文名|英文名称",
    "name_zh": "chinese name|中文名|中文名称",
    "hs_code": "hs|tariff code|hscode|海关编码|商品税号",
    "origin_country": "made in|country of origin|原产国|产地",
    "country": "country name|nation|国家|国别",
    "country_code": "country|国家|国家代码",
    "code": "id|identifier|代码|编码",
    "kind": "type|类型|种类",
    "warehouse": "wh|warehouse name|仓库|仓库代码|库房",
    "warehouse_code": "warehouse|wh|仓库|仓库代码",
    "zone": "area|库区|区域",
    "place": "bin|bin location|location|库位|货位|储位",
    "quantity": "qty|pieces|pcs|count|数量|件数|个数",
    "cartons": "boxes|ctns|箱数|箱",
    "pallets": "plts|托盘数|托盘",
    "batch": "lot|lot number|批号|批次",
    "expires_on": "expiry|expiry date|best before|失效日期|有效期|保质期",
    "received_on": "received|入库日期|收货日期",
    "expected_on": "eta date|expected|expected date|预计到货|预计到货日期",
    "condition": "状态等级|品相",
    "container": "container no|container number|柜号|箱号|集装箱号",
    "container_type": "箱型|柜型",
    "customs_status": "bonded status|海关状态|保税状态",
    "ship_by": "ship before|发货截止|最晚发货",
    "service": "服务|渠道",
    "person_name": "recipient|consignee|contact|收件人|收货人|联系人",
    "company_name": "company|公司|公司名称",
    "address_line1": "address|street|address 1|地址|详细地址",
    "address_line2": "address 2|地址2",
    "city": "town|城市",
    "state_code": "state|province|省|州|省份",
    "postal_code": "zip|zip code|postcode|邮编|邮政编码",
    "phone": "tel|telephone|mobile|电话|手机|联系电话",
    "valid_from": "from date|start date|effective|生效日期|开始日期",
    "valid_to": "to date|end date|expiry|截止日期|失效日期",
    "carrier": "line|承运人|船公司|航司",
    "mode": "transport mode|运输方式",
    "service_code": "service|服务代码|航线",
    "number": "no|voyage|voyage number|航次|班次",
    "departs_on": "date|开航日期|发车日期",
    "status": "state|状态",
    "latitude": "lat|纬度",
    "longitude": "lon|lng|经度",
    "time_zone": "timezone|tz|时区",
    "rate": "exchange rate|汇率|费率",
    "minimum": "min charge|最低收费",
    "basis": "charge basis|计费方式|计费依据",
    "confirm": "confirmed|确认",
    "announce": "announced|预报",
    "walk_seq": "pick sequence|拣货顺序",
    "blocked": "冻结|停用",
}
"""Column → other words for it, in English and Chinese."""
_WORDS = {name: tuple(words.split("|")) for name, words in ALIASES.items()}
_UNIT_NAMES = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_UNIT = re.compile(rf"[\s_/(（\[【]({_UNIT_NAMES})[)）\]】]?\s*\*?$")


def plain(heading: str) -> str:
    """A heading without what does not tell it from another: case, width, signs, a star for required."""
    text = unicodedata.normalize("NFKC", heading).strip().lower()
    return re.sub(r"[\W_]+", " ", text).strip()


def unit_of(heading: str) -> str | None:
    """The unit at the end of a heading: `Weight (kg)`, `重量/公斤`, `weight_g`."""
    found = _UNIT.search(unicodedata.normalize("NFKC", heading).strip().lower().replace("³", "3"))
    return UNITS[found[1]] if found else None


def without_unit(heading: str) -> str:
    """The heading without its unit."""
    text = unicodedata.normalize("NFKC", heading).strip().lower()
    return plain(_UNIT.sub("", text)) or plain(text)


def guess(header: Sequence[str], columns: Sequence[Column]) -> dict[int, str]:
    """Position → name of the column it seems to be; each column once, the surest match first.

    A heading that names another unit than the column is never taken for it: grams are not kilograms.
    """
    sure = [
        (likeness(heading, column.name), -position, column.name)
        for position, heading in enumerate(header)
        for column in columns
    ]
    found: dict[int, str] = {}
    for score, place, name in sorted(sure, reverse=True):
        if score >= LIKE and -place not in found and name not in found.values():
            found[-place] = name
    return found


def likeness(heading: str, name: str) -> float:
    """How surely a heading means a column: 1 by name, a little less by another word, else by its letters."""
    said, meant = unit_of(heading), unit_of(name)
    if said and meant and said != meant:
        return 0.0
    text, bare = plain(heading), without_unit(heading)
    if not text:
        return 0.0
    if text == plain(name):
        return 1.0
    words = tuple(map(plain, _WORDS.get(name, ())))
    if text in words or bare in (*words, without_unit(name)):
        return 0.95
    known = (plain(name), without_unit(name), *words)
    return min(0.9, max(SequenceMatcher(None, bare, word).ratio() for word in known))
