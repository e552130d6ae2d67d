"""The numbers in a segment: digits, words, and the two together; what is no plain count is told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.understanding.lexicon import Span

_TENS = range(20, 100, 10)
_MOST_DECIMALS = 2  # three digits behind a dot may be thousands


@dataclass(frozen=True)
class Number:
    """One number. No value: it can be read in two ways, or is part of another thing (`5k`, `v2`, `room 5`)."""

    value: Decimal | None
    last: int
    denied: bool


def numbers(spans: Sequence[Span]) -> list[Number]:
    """The numbers in order; a negator before one denies it."""
    found: list[Number] = []
    denied, at = False, 0
    while at < len(spans):
        if is_number(spans[at]):
            value, last = _value(spans, at)
            found.append(Number(value if _stands_alone(spans, at) else None, last, denied))
            at = last
        denied = denied or (spans[at].has("negator") and not spans[at].has("number"))
        at += 1
    return found


def is_number(span: Span) -> bool:
    return bool(span.number) or span.has("number")


def _value(spans: Sequence[Span], at: int) -> tuple[Decimal | None, int]:
    """The number that begins at a span, and where it ends: `twenty five` is one."""
    value = _plain(spans[at])
    if value in _TENS and not spans[at].number and at + 1 < len(spans):
        unit = _plain(spans[at + 1])
        if value is not None and unit is not None and 0 < unit < 10:
            return value + unit, at + 1
    return value, at


def _plain(span: Span) -> Decimal | None:
    if not span.number:
        return next((Decimal(str(meaning.value)) for meaning in span.meanings if meaning.role == "number"), None)
    whole, _, rest = span.number.partition(".")
    plain = whole.isdigit() and (not rest or rest.isdigit()) and len(rest) <= _MOST_DECIMALS
    return Decimal(span.number) if plain else None


def _stands_alone(spans: Sequence[Span], at: int) -> bool:
    """Letters right before or behind the digits, or a word that numbers things, make another thing of it."""
    behind = spans[at + 1] if at + 1 < len(spans) else None
    has_unit = behind is not None and behind.glued and bool(spans[at].number) and not behind.has("approximate")
    return not has_unit and not (spans[at].number and spans[at].glued) and not (at > 0 and spans[at - 1].has("naming"))
