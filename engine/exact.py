"""Exact rational arithmetic for everything that is shown, and the one place where money is rounded.

A managed price divided by its premium has no end in decimals, so decimals cannot say whether two totals are equal.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import gmpy2  # type: ignore[import-untyped]  # the wheel has no type hints

Exact = Any  # a gmpy2.mpq: a rational of any size, as fast as a Decimal
ZERO: Exact = gmpy2.mpq(0)
_RATIONAL = type(ZERO)
_SHOWN = Context(prec=28)


def exact(number: Decimal | Fraction | int | Exact) -> Exact:
    """The same number as a rational."""
    return number if isinstance(number, _RATIONAL) else _converted(number)


@lru_cache(maxsize=8192)
def _converted(number: Decimal | Fraction | int) -> Exact:
    return gmpy2.mpq(number)


def cents(amount: Exact) -> Decimal:
    """Rounded half up to whole cents."""
    hundredths = abs(gmpy2.mpq(amount)) * 100
    whole = int((2 * hundredths.numerator + hundredths.denominator) // (2 * hundredths.denominator))
    return Decimal(whole if amount >= 0 else -whole).scaleb(-2)


def to_decimal(number: Exact) -> Decimal:
    """A rational for showing, with 28 digits where it has no end."""
    value = gmpy2.mpq(number)
    return _SHOWN.divide(Decimal(int(value.numerator)), Decimal(int(value.denominator)))
