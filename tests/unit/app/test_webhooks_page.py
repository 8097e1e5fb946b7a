"""The page for receivers says what is sent, when it is tried again, and how a signature is checked."""

import re
import time
from datetime import timedelta
from pathlib import Path

from app.signing import new_secret, sign
from app.usecases.announcing import EVENT_TYPES
from app.usecases.delivering import DELAYS

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")


def test_every_event_stands_on_the_page_in_the_same_words():
    assert dict(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| (.+) \|$", PAGE, re.MULTILINE)) == EVENT_TYPES


def test_the_schedule_on_the_page_is_the_one_that_is_kept():
    rows = re.findall(r"^\| (\d+) \| (\d+) (second|minute|hour)s? \|$", PAGE, re.MULTILINE)

    assert [int(attempt) for attempt, _, _ in rows] == list(range(2, len(DELAYS) + 2))
    assert [timedelta(**{f"{unit}s": int(count)}) for _, count, unit in rows] == list(DELAYS)


def test_the_check_on_the_page_takes_what_we_sign_and_nothing_else():
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    names = {}
    exec(code, names)
    old, new, body, at = new_secret(), new_secret(), b'{"type":"ping"}', int(time.time())
    both = " ".join(sign(secret, "msg_1", at, body) for secret in (new, old))
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": both}

    assert names["verified"](old, headers, body)
    assert names["verified"](new, headers, body)
    assert not names["verified"](new, headers, body + b" ")
    assert not names["verified"](new_secret(), headers, body)
    assert not names["verified"](new, headers | {"webhook-timestamp": str(at - 301)}, body)
