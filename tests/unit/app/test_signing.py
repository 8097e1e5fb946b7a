"""Signatures of messages are those of Standard Webhooks, and nothing else passes for one."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from app.signing import SECRET_PREFIX, TOLERANCE, new_secret, sign, verify

# Examples that the Standard Webhooks libraries are tested with.
EXAMPLES = [
    (
        SECRET_PREFIX + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
    (
        SECRET_PREFIX + "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1649367553,
        b'{"email":"test@example.com","username":"test_user"}',
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    ),
]
SECRET, MESSAGE, SECONDS, BODY, SIGNATURE = EXAMPLES[0]
AT = datetime.fromtimestamp(SECONDS, UTC)


def checked(**changes):
    facts = {
        "secret": SECRET,
        "message_id": MESSAGE,
        "timestamp": str(SECONDS),
        "body": BODY,
        "header": SIGNATURE,
        "now": AT,
    }
    return verify(**(facts | changes))


@pytest.mark.parametrize(("secret", "message_id", "timestamp", "body", "signature"), EXAMPLES)
def test_signatures_are_those_of_the_standards_examples(secret, message_id, timestamp, body, signature):
    assert sign(secret, message_id, timestamp, body) == signature


def test_the_standards_example_is_accepted():
    assert checked()


@pytest.mark.parametrize(
    "changes",
    [
        {"body": BODY + b" "},
        {"message_id": MESSAGE + "x"},
        {"timestamp": str(SECONDS + 1)},
        {"secret": EXAMPLES[1][0]},
        {"header": ""},
        {"header": SIGNATURE.removeprefix("v1,")},
        {"header": SIGNATURE.replace("v1,", "v2,")},
        {"header": SIGNATURE[:-2] + "A="},
        {"header": "v1,Ü\ud800"},
        {"message_id": ""},
        {"timestamp": ""},
        {"timestamp": f"0{SECONDS}"},
        {"timestamp": f"{SECONDS}.0"},
        {"timestamp": "9" * 5000},
        {"timestamp": "١٦١٤٢٦٥٣٣٠"},  # digits to Python, not to the standard
    ],
)
def test_whatever_was_changed_is_refused(changes):
    assert not checked(**changes)


def test_one_right_signature_among_several_is_enough_so_that_secrets_can_be_replaced():
    other = sign(EXAMPLES[1][0], MESSAGE, SECONDS, BODY)
    assert checked(header=f"v1a,abc {other} {SIGNATURE}")


def test_a_message_is_taken_for_as_long_as_the_tolerance_and_no_longer_before_or_after():
    assert checked(now=AT + TOLERANCE)
    assert checked(now=AT - TOLERANCE)
    assert not checked(now=AT + TOLERANCE + timedelta(seconds=1))
    assert not checked(now=AT - TOLERANCE - timedelta(seconds=1))


def test_an_id_cannot_carry_part_of_what_follows_it():
    # "a.1" at time t with body b would be signed as "a" at time 1 with body "t.b".
    signature = sign(SECRET, "a.1", SECONDS, BODY)
    assert not checked(message_id="a.1", header=signature)


def test_a_fresh_secret_holds_256_random_bits_and_works():
    secret = new_secret()
    assert secret != new_secret()
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert checked(secret=secret, header=sign(secret, MESSAGE, SECONDS, BODY))


@pytest.mark.parametrize("secret", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64"])
def test_a_secret_of_another_kind_is_an_error_and_not_a_key(secret):
    with pytest.raises(ValueError, match="whsec_"):
        sign(secret, MESSAGE, SECONDS, BODY)
