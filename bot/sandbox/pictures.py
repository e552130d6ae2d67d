"""What a drawn chart is made of, and how its numbers are written. Where things stand is worked out in charts.py and pies.py."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_THOUSANDS = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))


@dataclass(frozen=True)
class Text:
    """A text at a place. `lines` is what is shown, `full` what it stands for."""

    x: Decimal
    y: Decimal
    lines: tuple[str, ...]
    full: str = ""


@dataclass(frozen=True)
class Tick:
    y: Decimal
    text: str
    zero: bool


@dataclass(frozen=True)
class Bar:
    """One bar or one point of a line; `says` is its hint."""

    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal
    series: int
    says: str


@dataclass(frozen=True)
class Curve:
    """A line through its points, and the outline of the area beneath it."""

    points: str
    area: str
    series: int


@dataclass(frozen=True)
class Slice:
    path: str
    series: int
    says: str


@dataclass(frozen=True)
class Picture:
    """One drawing of a chart at one width."""

    width: int
    height: Decimal
    left: Decimal
    right: Decimal
    ticks: tuple[Tick, ...] = ()
    categories: tuple[Text, ...] = ()
    rotated: bool = False
    bars: tuple[Bar, ...] = ()
    curves: tuple[Curve, ...] = ()
    dots: tuple[Bar, ...] = ()
    values: tuple[Text, ...] = ()
    slices: tuple[Slice, ...] = ()
    x_title: Text | None = None
    y_title: str = ""


@dataclass(frozen=True)
class Chart:
    """The pictures of one chart, and its numbers as a table for whoever wants to read them."""

    kind: str
    title: str
    says: str
    legend: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wide: Picture
    narrow: Picture


def exact(value: object) -> Decimal:
    return Decimal(str(value))


def shown(value: Decimal) -> str:
    """As read: thousands separated, two digits after the point, four below one, no idle zeros."""
    text = f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4f}"
    return text.rstrip("0").rstrip(".")


def compact(value: Decimal) -> str:
    """Three digits or so, for narrow places: 34.9k."""
    for size, letter in _THOUSANDS:
        if abs(value) >= size:
            text = f"{value / size:.1f}"
            return f"{text.rstrip('0').rstrip('.')}{letter}"
    return shown(value)
