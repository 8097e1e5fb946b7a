"""The client's types say what the service answers: member by member, down to what may be null."""

import types
import typing

import pytest
from marshmallow import fields

from app.schemas import base, billing, bookings, parcels, quotes, rates, tracking, webhooks
from fourport_client import shapes

ANSWERS = {
    shapes.Quote: quotes.QuoteShape, shapes.QuoteSummary: quotes.QuoteSummary, shapes.Rates: rates.RatesShape,
    shapes.Booking: bookings.BookingDetail, shapes.BookingSummary: bookings.BookingSummary,
    shapes.FilledBooking: bookings.FilledBooking, shapes.Parcel: parcels.ParcelShape,
    shapes.Batch: parcels.BatchShape, shapes.Accepted: base.Accepted, shapes.Tracking: tracking.TrackingShape,
    shapes.Event: tracking.EventShape, shapes.Webhook: webhooks.WebhookShape,
    shapes.WebhookWithSecret: webhooks.WebhookWithSecret, shapes.WebhookMessage: webhooks.WebhookMessageShape,
    shapes.Invoice: billing.InvoiceShape, shapes.InvoiceHead: billing.InvoiceHead,
    shapes.Statement: billing.StatementShape, shapes.Credit: billing.CreditShape,
}  # fmt: skip
PLAIN = {fields.Boolean: bool, fields.Integer: int, fields.Float: float, fields.String: str}


def of_schema(shape):
    """Member → what it holds, of a schema."""
    return {field.data_key or name: of_field(field) for name, field in shape().fields.items()}


def of_field(field):
    if isinstance(field, fields.Nested):
        found = of_schema(type(field.schema))
    elif isinstance(field, fields.List):
        found = [of_field(field.inner)]
    elif isinstance(field, fields.Dict):
        found = dict[str, str]
    else:
        found = next(plain for kind, plain in PLAIN.items() if isinstance(field, kind))
    return (found, None) if field.allow_none else found


def of_type(given):
    """The same of a TypedDict or a part of one."""
    if typing.is_typeddict(given):
        return {name: of_type(member) for name, member in typing.get_type_hints(given).items()}
    if isinstance(given, types.UnionType):
        (one,) = (part for part in typing.get_args(given) if part is not types.NoneType)
        return of_type(one), None
    if typing.get_origin(given) is list:
        return [of_type(typing.get_args(given)[0])]
    return given


@pytest.mark.parametrize(("typed", "shape"), ANSWERS.items(), ids=lambda one: one.__name__)
def test_a_type_has_the_members_of_the_answer(typed, shape):
    assert of_type(typed) == of_schema(shape)


def test_every_type_is_part_of_an_answer_that_is_compared():
    def parts(given):
        if typing.is_typeddict(given):
            yield given.__name__
            for member in typing.get_type_hints(given).values():
                yield from parts(member)
        for part in typing.get_args(given):
            yield from parts(part)

    assert {name for typed in ANSWERS for name in parts(typed)} == set(shapes.__all__)
