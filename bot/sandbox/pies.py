"""A pie chart -> its slices. Nothing here is HTML."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from itertools import accumulate
from typing import Any

from bot.sandbox.pictures import Chart, Picture, Slice, exact, shown

_RADIUS = 96
_SIZE = 208


def pie(chart: Mapping[str, Any], title: str) -> Chart:
    segments = [(str(each["label"]), exact(each["value"])) for each in chart["segments"]]
    total = sum(value for _, value in segments) or Decimal(1)
    shares = [value / total for _, value in segments]
    percents = [f"{share * 100:.0f} %" for share in shares]
    hints = [f"{label}: {shown(value)} ({percent})" for (label, value), percent in zip(segments, percents, strict=True)]
    ends = list(accumulate(shares))
    slices = tuple(Slice(_sector(end - share, end), at, hints[at]) for at, (share, end) in enumerate(zip(shares, ends, strict=True)))
    picture = Picture(_SIZE, Decimal(_SIZE), Decimal(0), Decimal(_SIZE), slices=slices)
    return Chart(
        kind="pie",
        title=title,
        says=f"Pie chart: {title}. {'; '.join(hints)}.",
        legend=tuple(hints),
        heads=("Segment", "Value", "Share"),
        rows=tuple((label, shown(value), percent) for (label, value), percent in zip(segments, percents, strict=True)),
        wide=picture,
        narrow=picture,
    )


def _sector(begin: Decimal, end: Decimal) -> str:
    """A slice from one share of the circle to another, clockwise from the top. The whole circle takes two arcs."""
    centre = _SIZE // 2
    if end - begin >= 1:
        top, bottom = centre - _RADIUS, centre + _RADIUS
        arc = f"A {_RADIUS} {_RADIUS} 0 1 1"
        return f"M {centre} {top} {arc} {centre} {bottom} {arc} {centre} {top} Z"
    large = 1 if (end - begin) * 2 > 1 else 0
    arc = f"A {_RADIUS} {_RADIUS} 0 {large} 1 {_rim(end)}"
    return f"M {centre} {centre} L {_rim(begin)} {arc} Z"


def _rim(share: Decimal) -> str:
    angle = 2 * math.pi * float(share)
    centre = _SIZE // 2
    return f"{round(centre + _RADIUS * math.sin(angle), 1)} {round(centre - _RADIUS * math.cos(angle), 1)}"
