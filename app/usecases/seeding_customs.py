"""Example numbers for the customs desk: with them its lists can be checked and written before real ones are noted."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Location, Party
from app.usecases.declaring.candidates import HOME
from app.usecases.declaring.codes import HOUSE, read_codes, set_codes

PORTS = ("port", "airport", "station", "border")
OF_HOUSE = {"name": "四港示例供应链有限公司", "enterprise": "3702EXAMPL", "dxp": "DXPEXAMPLE0001"}
OF_EXPORTER = {"platform": "无", "platform_name": "Example Market", "net_percent": "90"}
DISTRICTS = {
    "CNDAL": "0900",
    "CNDLC": "0900",
    "CNYIK": "0900",
    "CNSHY": "0800",
    "CNJNA": "4300",
    **dict.fromkeys(
        ("CNTAO", "CNQDG", "CNJZH", "CNYAT", "CNYNT", "CNWEI", "CNWEH", "CNRZH", "CNLYI"), "4200"
    ),
}
"""Customs districts by the beginning of a place's code; the desk asks for all others. Examples: verify each office."""


def seed_customs_codes(session: Session, actor: Actor, now: datetime) -> int:
    """Note example numbers of the house, every exporter and every Chinese port that has none; returns how many."""
    wanted = {HOUSE: OF_HOUSE}
    for party in session.scalars(select(Party).order_by(Party.id)):
        if "exporter" in party.roles:
            wanted[party.public_id] = OF_EXPORTER | {"enterprise": f"37EX{party.id:06d}"}
    ports = select(Location).where(Location.country == HOME, Location.kind.in_(PORTS)).order_by(Location.id)
    for port in session.scalars(ports):
        if port.code[:5] in DISTRICTS:
            wanted[port.public_id] = {"office": DISTRICTS[port.code[:5]]}
    known = read_codes(session, wanted)
    return sum(
        len(set_codes(session, actor, now, subject, missing))
        for subject, numbers in wanted.items()
        if (missing := {kind: value for kind, value in numbers.items() if (subject, kind) not in known})
    )
