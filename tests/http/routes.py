"""Every page that the application has, by its own map of addresses, each with an example that a house has rows for.

A new page is covered as soon as it is registered; where its address takes something that EXAMPLES does not know, the
tests of pages fail and name the address.
"""

import re
from urllib.parse import urlencode

from sqlalchemy import select

from app.models import (
    Asn,
    Booking,
    BulkEdit,
    DeclarationList,
    DeclarationSummary,
    Departure,
    Dock,
    ImportBatch,
    ImportDraft,
    ImportDraftFault,
    Job,
    LoadUnit,
    Location,
    Offer,
    OptimizationRun,
    OutboundOrder,
    Parcel,
    Party,
    Plan,
    PlanItem,
    Quote,
    QuoteLink,
    Return,
    Scenario,
    ShipmentDocument,
    Sku,
    StockCount,
    StockPlace,
    StockPosting,
    Tariff,
    User,
    Warehouse,
    WarehouseCharge,
    WarehouseStatement,
    Wave,
    WebhookSubscription,
    WorkOrder,
)
from app.web.quote_links import signer


def newest(column, *more):
    """The last row's value: of rows that a house and its furnishing add, the furnishing's."""
    return lambda session, _found: session.scalars(
        select(column).where(*more).order_by(column.class_.id.desc()).limit(1)
    ).first()


def oldest(column, *more):
    """The first row's value."""
    return lambda session, _found: session.scalars(
        select(column).where(*more).order_by(column.class_.id).limit(1)
    ).first()


def a_warehouse(session, _found):
    """The code of the first warehouse."""
    return session.scalars(
        select(Location.code).join(Warehouse, Warehouse.location_id == Location.id).limit(1)
    ).first()


def of_plan(session, found):
    """A parcel that the plan of the example places."""
    query = select(Parcel.public_id).join(PlanItem, PlanItem.parcel_id == Parcel.id).join(Plan)
    return session.scalars(query.where(Plan.public_id == found["/plans/ public_id"]).limit(1)).first()


def quoted(session, _found):
    """The quote of the newest offer."""
    query = select(Quote.public_id).join(Offer, Offer.quote_id == Quote.id)
    return session.scalars(query.order_by(Offer.id.desc()).limit(1)).first()


def charge_of(session, found):
    """A charge of the statement of the example."""
    query = select(WarehouseCharge.id).join(
        WarehouseStatement, WarehouseStatement.id == WarehouseCharge.statement_id
    )
    here = WarehouseStatement.public_id == found["/warehouse-statements/ public_id"]
    return session.scalars(query.where(here).limit(1)).first()


def link(session, found):
    """The signed end of a link to a quote."""
    public_id = newest(QuoteLink.public_id)(session, found)
    return public_id and signer().dumps(public_id)


def just(value):
    """The same on every house."""
    return lambda _session, _found: value


EXAMPLES = {
    "/admin/clients/ reference": newest(Party.reference),
    "/admin/jobs/ job_id": newest(Job.id),
    "/admin/rates/ card_id": newest(Tariff.id),
    "/admin/users/ public_id": newest(User.public_id),
    "/bookings/ public_id": newest(Booking.public_id),
    "/bookings/papers/ document_id": newest(ShipmentDocument.public_id),
    "/customs/ public_id": newest(DeclarationList.public_id),
    "/customs/summaries/ public_id": newest(DeclarationSummary.public_id),
    "/departures/ public_id": newest(Departure.public_id),
    "/directory/ code": a_warehouse,
    "/hubs/ code": a_warehouse,
    "/inbound/ public_id": newest(Asn.public_id),
    "/load-units/ public_id": newest(LoadUnit.public_id),
    "/offer/ token": link,
    "/orders/ order_id": newest(OutboundOrder.public_id),
    "/password/ token": just("0" * 43),
    "/plans/ public_id": oldest(Plan.public_id),
    "/plans/why/ parcel_id": of_plan,
    "/pool/ public_id": newest(Parcel.public_id),
    "/pool/edits/ public_id": newest(BulkEdit.public_id),
    "/pool/import/ public_id": newest(ImportBatch.public_id),
    "/pool/import/columns/ kind": just("parcels"),
    "/pool/import/steps/ public_id": newest(ImportDraft.public_id),
    "/pool/import/steps/rows/ number": newest(ImportDraftFault.row),
    "/quotes/ public_id": quoted,
    "/quotes/offers/ offer_id": newest(Offer.public_id),
    "/returns/ public_id": newest(Return.public_id),
    "/returns/number/ number": newest(Return.public_id),
    "/runs/ public_id": oldest(OptimizationRun.public_id),
    "/scenarios/ public_id": newest(Scenario.public_id),
    "/skus/ public_id": newest(Sku.public_id),
    "/track/ number": newest(Parcel.tracking_number, Parcel.tracking_number.is_not(None)),
    "/verify/ number": just("FP00000000000"),
    "/warehouse-statements/ public_id": newest(WarehouseStatement.public_id),
    "/warehouse-statements/lines/ number": just(1),
    "/warehouse-statements/lines/charges/ charge_id": charge_of,
    "/warehouses/ code": a_warehouse,
    "/warehouses/counts/ public_id": newest(StockCount.public_id),
    "/warehouses/inbound/ public_id": newest(Asn.public_id),
    "/warehouses/layout/bins/ bin_code": newest(StockPlace.code, StockPlace.kind == "bin"),
    "/warehouses/layout/docks/ dock_code": newest(Dock.code),
    "/warehouses/outbound/orders/ order_id": newest(OutboundOrder.public_id),
    "/warehouses/outbound/waves/ wave_id": newest(Wave.public_id),
    "/warehouses/rack/ name": just("receive"),
    "/warehouses/stock/ sku_id": newest(Sku.public_id),
    "/warehouses/stock/moves/ public_id": newest(StockPosting.public_id),
    "/warehouses/work-orders/ public_id": newest(WorkOrder.public_id),
    "/webhooks/ public_id": newest(WebhookSubscription.public_id),
}
"""What stands before an argument, and its name → how an example is found; of a fixed list, the first."""
QUERIES = {"/pool/edit": {"parcel": "/pool/ public_id"}}
"""What an address needs after the question mark."""
MAY_BE_MISSING = {
    "/bookings/<public_id>/papers/<document_id>": "a paper that was ticked off has no file",
    "/plans/<public_id>/space": "the problem of the plan is not kept",
    "/plans/<public_id>/what-if": "the problem of the plan is not kept",
    "/plans/<public_id>/why/<parcel_id>": "the problem of the plan is not kept",
    "/pool/import/steps/<public_id>": "a file that somebody else began",
    "/pool/import/steps/<public_id>/columns": "a file that somebody else began",
    "/pool/import/steps/<public_id>/rows/<int:number>": "a file that somebody else began",
    "/pool/import/steps/<public_id>/<any(errors, corrected):which>.csv": "a file that somebody else began",
    "/password/<token>": "only the hash of a token is kept",
    "/verify/<number>": "the number of no paper says so in words",
    "/returns/number/<number>": "a label that nobody printed",
    "/warehouse": "an administrator works in no warehouse",
}
"""Pages that may be missing here (404, 409), and why that is right."""
_ARGUMENT = re.compile(r"<(?:(?:(any)\(([^)]*)\)|\w+):)?(\w+)>")


def page_rules(app):
    """What answers GET beside the API and the static files."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    rules = [rule for rule in rules if not rule.rule.startswith(("/api/", "/static/"))]
    return sorted(rules, key=lambda rule: rule.rule)


def access_of(app, rule):
    """The roles that may open it; `public` for all."""
    return getattr(app.view_functions[rule.endpoint], "access", ())


def key_of(path, name):
    """The key of an argument in EXAMPLES: the words before it without other arguments."""
    words = re.sub(r"/+", "/", _ARGUMENT.sub("", path))
    return f"{words} {name}"


def addresses(app, session):
    """Every rule with an address of it; what has no example fails with its name."""
    found, made, missing = {}, [], []
    for rule in page_rules(app):
        address, last = "", 0
        for argument in _ARGUMENT.finditer(rule.rule):
            before = rule.rule[: argument.start()]
            key = key_of(before, argument[3])
            if argument[1]:
                found[key] = argument[2].split(",")[0].strip(" '\"")
            elif key not in found:
                value = EXAMPLES[key](session, found) if key in EXAMPLES else None
                if value is None:
                    missing.append(f"{rule.rule}: give {key!r} an example in tests/http/routes.py")
                    break
                found[key] = value
            address += rule.rule[last : argument.start()] + str(found[key])
            last = argument.end()
        else:
            query = {name: found.get(key, "") for name, key in QUERIES.get(rule.rule, {}).items()}
            made.append((rule, address + rule.rule[last:] + (f"?{urlencode(query)}" if query else "")))
    assert not missing, "\n".join(missing)
    return made
