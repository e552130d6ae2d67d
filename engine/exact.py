"""Exact rational arithmetic for everything that is shown, and the one place where money is rounded.

A managed price divided by its premium has no end in decimals, so decimals cannot say whether two totals are equal.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from quicktions import Fraction as Rational

Exact = Any  # a rational of any size, nearly as fast as a Decimal
ZERO: Exact = Rational(0)
_RATIONAL = type(ZERO)
_SHOWN = Context(prec=28)


def exact(number: Decimal | Fraction | int | Exact) -> Exact:
    """The same number as a rational."""
    return number if isinstance(number, _RATIONAL) else _converted(number)


@lru_cache(maxsize=8192)
def _converted(number: Decimal | Fraction | int) -> Exact:
    return Rational(number)


def cents(amount: Exact) -> Decimal:
    """Rounded half up to whole cents."""
    hundredths = abs(Rational(amount)) * 100
    whole = int((2 * hundredths.numerator + hundredths.denominator) // (2 * hundredths.denominator))
    return Decimal(whole if amount >= 0 else -whole).scaleb(-2)


def to_decimal(number: Exact) -> Decimal:
    """A rational for showing, with 28 digits where it has no end."""
    value = Rational(number)
    return _SHOWN.divide(Decimal(int(value.numerator)), Decimal(int(value.denominator)))
