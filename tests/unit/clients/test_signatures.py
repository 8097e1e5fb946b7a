"""The Python client takes what the product signs, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import signing
from fourport_client import SignatureInvalid, verify

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
SECRET, OTHER = signing.new_secret(), signing.new_secret()
BODY = '{"id": "msg_1", "type": "booking.confirmed", "data": {"名": "青岛"}}'.encode()


def signed(body=BODY, secret=SECRET, at=NOW, message_id="msg_1"):
    seconds = int(at.timestamp())
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(seconds),
        "Webhook-Signature": signing.sign(secret, message_id, seconds, body),
    }


def test_a_message_of_the_product_is_read():
    assert verify(BODY, signed(), SECRET, now=NOW)["type"] == "booking.confirmed"


def test_while_a_secret_is_changed_either_signature_will_do():
    headers = signed(secret=OTHER)
    headers["Webhook-Signature"] += " " + signed()["Webhook-Signature"]

    assert verify(BODY, headers, SECRET, now=NOW)
    assert verify(BODY, headers, OTHER, now=NOW)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY + b" ", signed()),
        (BODY, signed(secret=OTHER)),
        (BODY, signed() | {"Webhook-Id": "msg_2"}),
        (BODY, signed() | {"Webhook-Timestamp": str(int(NOW.timestamp()) + 1)}),
        (BODY, signed() | {"Webhook-Timestamp": "now"}),
        (BODY, signed() | {"Webhook-Timestamp": "9" * 400}),
        (BODY, signed() | {"Webhook-Signature": "v2," + signed()["Webhook-Signature"]}),
        (BODY, signed() | {"Webhook-Signature": "v1,é"}),
        (BODY, signed() | {"Webhook-Signature": ""}),
        (BODY, signed(message_id="msg.1")),
        (BODY, signed(at=NOW - timedelta(minutes=6))),
        (BODY, signed(at=NOW + timedelta(minutes=6))),
        (BODY, {}),
    ],
)
def test_anything_else_is_refused(body, headers):
    with pytest.raises(SignatureInvalid):
        verify(body, headers, SECRET, now=NOW)


def test_a_secret_that_is_none_is_said_to_be():
    with pytest.raises(ValueError, match="whsec_"):
        verify(BODY, signed(), "whsec_not base64", now=NOW)


@given(st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()))
def test_whatever_the_headers_hold_it_is_an_answer_and_no_accident(headers):
    with pytest.raises(SignatureInvalid):
        verify(BODY, headers, SECRET, now=NOW)
