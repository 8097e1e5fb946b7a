"""Fields that take what is meant and refuse everything else with a coded message.

Stock fields let through NUL, lone surrogates, underscores in numbers, huge integers and exponents. Messages
have the form ``code|text``; the error handler splits them.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from app.ids import ALPHABET, LENGTH

COMMON: dict[str, Any] = {
    "required": "required|this member must be given",
    "null": "null|this member must not be null",
    "validator_failed": "invalid|this value cannot be used",
}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})")
YEARS = range(2000, 2101)


class Text(fields.String):
    """Text of `shortest` to `longest` characters, in NFC, without control characters or lone surrogates."""

    default_error_messages = COMMON | {"invalid": "not_text|must be a string"}

    def __init__(
        self, *, longest: int = 200, shortest: int = 1, pattern: str | None = None, **kwargs: Any
    ) -> None:
        metadata = {"minLength": shortest, "maxLength": longest} | ({"pattern": pattern} if pattern else {})
        super().__init__(metadata=metadata | kwargs.pop("metadata", {}), **kwargs)
        self.longest, self.shortest = longest, shortest
        self.pattern = re.compile(pattern) if pattern else None

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if CONTROL.search(text):
            raise ValidationError("bad_character|contains a control character or half a surrogate pair")
        text = unicodedata.normalize("NFC", text)
        if not self.shortest <= len(text) <= self.longest:
            raise ValidationError(f"bad_length|must have {self.shortest} to {self.longest} characters")
        if self.pattern is not None and not self.pattern.search(text):
            raise ValidationError(f"bad_shape|must match {self.pattern.pattern}")
        return text


class Word(Text):
    """One of a few words."""

    def __init__(self, *words: str, **kwargs: Any) -> None:
        metadata = {"enum": list(words)} | kwargs.pop("metadata", {})
        super().__init__(longest=max(map(len, words)), metadata=metadata, **kwargs)
        self.words = words

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        word = value if isinstance(value, str) else ""
        if word not in self.words:
            raise ValidationError(f"not_one_of|must be one of {', '.join(self.words)}")
        return word


class PublicId(Text):
    """A public id with one of our prefixes."""

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        super().__init__(longest=20, pattern=rf"^{prefix}_[{ALPHABET}]{{{LENGTH}}}$", **kwargs)


class Whole(fields.Integer):
    """A whole number from `least` to `most`; no booleans, fractions or strings in a body."""

    default_error_messages = COMMON | {"invalid": "not_whole|must be a whole number"}

    def __init__(self, *, least: int, most: int, from_text: bool = False, **kwargs: Any) -> None:
        metadata = {"minimum": least, "maximum": most} | kwargs.pop("metadata", {})
        super().__init__(strict=True, metadata=metadata, **kwargs)
        self.least, self.most, self.from_text = least, most, from_text

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if self.from_text and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("not_whole|must be a whole number")
        if not self.least <= value <= self.most:
            raise ValidationError(f"out_of_range|must be from {self.least} to {self.most}")
        return value


class Number(fields.Decimal):
    """A decimal number with at most `places` places, exactly; a string or a JSON number."""

    default_error_messages = COMMON

    def __init__(self, *, least: str, most: str, places: int, above: bool = False, **kwargs: Any) -> None:
        pattern = (
            rf"^-?(0|[1-9][0-9]{{0,17}})(\.[0-9]{{1,{places}}})?$" if places else r"^-?(0|[1-9][0-9]{0,17})$"
        )
        metadata = {"type": ["string", "number"], "pattern": pattern} | kwargs.pop("metadata", {})
        super().__init__(as_string=True, metadata=metadata, **kwargs)
        self.least, self.most, self.digits, self.above = Decimal(least), Decimal(most), places, above

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Decimal:
        number = self._read(value)
        low = number <= self.least if self.above else number < self.least
        if low or number > self.most:
            word = "above" if self.above else "from"
            raise ValidationError(f"out_of_range|must be {word} {self.least}, at most {self.most}")
        return number

    def _read(self, value: Any) -> Decimal:
        text = str(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""
        if isinstance(value, Decimal) and -20 < value.adjusted() < 20 and value.is_finite():
            text = format(value, "f")
        if not NUMBER.fullmatch(text):
            raise ValidationError('not_a_number|must be a decimal number such as "12.5"')
        if len(text.partition(".")[2].rstrip("0")) > self.digits:
            raise ValidationError(f"too_precise|at most {self.digits} decimal places")
        return Decimal(text)


class Instant(fields.AwareDateTime):
    """RFC 3339 with an offset, between 2000 and 2100; given back in UTC."""

    default_error_messages = COMMON

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        if not isinstance(value, str) or not INSTANT.fullmatch(value):
            raise ValidationError(
                "bad_instant|must be RFC 3339 with an offset, e.g. 2026-11-22T16:00:00+08:00"
            )
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(f"bad_instant|{error}") from error
        if moment.year not in YEARS:
            raise ValidationError("out_of_range|must lie between the years 2000 and 2100")
        return moment.astimezone(UTC)


class Day(Text):
    """A calendar date such as 2026-11-22, between 2000 and 2100."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"format": "date"} | kwargs.pop("metadata", {})
        super().__init__(longest=10, pattern=r"^\d{4}-\d{2}-\d{2}$", metadata=metadata, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            found = date.fromisoformat(text)
        except ValueError as error:
            raise ValidationError(f"bad_date|{error}") from error
        if found.year not in YEARS:
            raise ValidationError("out_of_range|must lie between the years 2000 and 2100")
        return found


class Flag(fields.Boolean):
    """true or false, and nothing that only looks like it."""

    default_error_messages = COMMON | {"invalid": "not_boolean|must be true or false"}

    def __init__(self, *, from_text: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        words = {"true", "1"} if from_text else set()
        self.truthy = {True} | words
        self.falsy = {False} | ({"false", "0"} if from_text else set())
        self.from_text = from_text

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if isinstance(value, bool) or (self.from_text and isinstance(value, str)):
            if value in self.truthy:
                return True
            if value in self.falsy:
                return False
        raise ValidationError("not_boolean|must be true or false")
