"""data_visualization -> where each bar and point of its picture stands. The template draws; nothing here is HTML."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.sandbox.pictures import Bar, Chart, Curve, Picture, Text, Tick, compact, exact, shown
from bot.sandbox.pies import pie

WIDE, NARROW = 600, 320
_PLOT_HEIGHT = 200
_LETTER = Decimal(68) / 10  # the mean width of a letter in the wider of the usual fonts
_LINE = 14
_TOP = 36  # room for the name of the y axis
_GAP = 8
_ROTATED_LETTERS = 12


@dataclass(frozen=True)
class Series:
    name: str
    values: tuple[Decimal, ...]


def chart_of(block: Mapping[str, Any]) -> Chart:
    chart = block["chart"]
    title = str(block.get("title", ""))
    return pie(chart, title) if chart["type"] == "pie" else _axes(chart, title)


def steps(low: Decimal, high: Decimal) -> tuple[Decimal, ...]:
    """Round numbers from at or under `low` to at or over `high`, four to six of them, apart by 1, 2 or 5 times a power of ten."""
    span = high - low or Decimal(1)
    rough = span / 4
    power = Decimal(10) ** rough.adjusted()
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough)
    first, last = math.floor(low / step), math.ceil((high or low + span) / step)
    return tuple(step * at for at in range(first, last + 1))


def _wide(text: str) -> Decimal:
    return _LETTER * len(text)


def _at(value: Decimal) -> Decimal:
    """A coordinate: a tenth of a point is fine enough."""
    return round(value, 1)


def _axes(chart: Mapping[str, Any], title: str) -> Chart:
    axis = chart["axis_config"]
    categories = tuple(str(each) for each in axis["categories"])
    series = tuple(_series(each, categories) for each in chart["series"])
    plot = _Plot(chart["type"], categories, series, str(axis.get("x_label") or ""), str(axis.get("y_label") or ""))
    return Chart(
        kind=chart["type"],
        title=title,
        says=_says(chart["type"], title, categories, series),
        legend=tuple(each.name for each in series),
        heads=(plot.x_label or "Category", *(each.name for each in series)),
        rows=tuple((category, *(shown(each.values[at]) for each in series)) for at, category in enumerate(categories)),
        wide=plot.picture(WIDE),
        narrow=plot.picture(NARROW),
    )


def _series(series: Mapping[str, Any], categories: Sequence[str]) -> Series:
    """The points in the order of the categories, whatever order they came in."""
    values = {str(point["label"]): exact(point["value"]) for point in series["data"]}
    return Series(str(series["name"]), tuple(values[category] for category in categories))


def _says(kind: str, title: str, categories: Sequence[str], series: Sequence[Series]) -> str:
    """The whole chart as a sentence per series."""
    parts = [
        f"{each.name}: {', '.join(f'{category} {shown(value)}' for category, value in zip(categories, each.values, strict=True))}."
        for each in series
    ]
    return f"{kind.capitalize()} chart: {title}. {' '.join(parts)}"


@dataclass(frozen=True)
class _Plot:
    kind: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    x_label: str
    y_label: str

    def picture(self, width: int) -> Picture:
        return _Layout(self, width).picture()


class _Layout:
    """One plot at one width: the margins follow from what must stand in them."""

    def __init__(self, plot: _Plot, width: int) -> None:
        self.plot, self.width = plot, width
        values = [value for series in plot.series for value in series.values]
        self.steps = steps(min([Decimal(0), *values]), max([Decimal(0), *values]))
        write = shown if width == WIDE else compact
        self.tick_texts = [write(step) for step in self.steps]
        self.left = _at(max(_wide(text) for text in self.tick_texts) + _GAP)
        self.right = Decimal(width - _GAP)
        self.slot = (self.right - self.left) / len(plot.categories)
        self.labels = [_fitted(category, self.slot) for category in plot.categories]
        self.rotated = any(lines is None for lines in self.labels)

    def y(self, value: Decimal) -> Decimal:
        low, high = self.steps[0], self.steps[-1]
        return _at(_TOP + _PLOT_HEIGHT * (high - value) / (high - low))

    def middle(self, at: int) -> Decimal:
        return self.left + self.slot * (2 * at + 1) / 2

    def picture(self) -> Picture:
        labels_end = Decimal(_TOP + _PLOT_HEIGHT + _GAP) + self._labels_height()
        title = Text(_at((self.left + self.right) / 2), labels_end + _LINE, (self.plot.x_label,)) if self.plot.x_label else None
        bars = tuple(self._bars()) if self.plot.kind == "bar" else ()
        dots = tuple(self._dots()) if self.plot.kind != "bar" else ()
        return Picture(
            width=self.width,
            height=labels_end + (_LINE + _GAP if title else 4),
            left=self.left,
            right=self.right,
            ticks=tuple(Tick(self.y(step), text, step == 0) for step, text in zip(self.steps, self.tick_texts, strict=True)),
            categories=tuple(self._labels()),
            rotated=self.rotated,
            bars=bars,
            curves=tuple(self._curves()) if self.plot.kind != "bar" else (),
            dots=dots,
            values=tuple(self._values(bars or dots)),
            x_title=title,
            y_title=self.plot.y_label,
        )

    def _labels_height(self) -> Decimal:
        if self.rotated:
            longest = max(min(len(category), _ROTATED_LETTERS) for category in self.plot.categories)
            return _at(_LINE + _LETTER * longest * 2 / 3)
        return Decimal(_LINE * max(len(lines or ()) for lines in self.labels))

    def _labels(self) -> Iterator[Text]:
        y = Decimal(_TOP + _PLOT_HEIGHT + _GAP + _LINE - 3)
        for at, category in enumerate(self.plot.categories):
            lines = (_cut(category),) if self.rotated else self.labels[at] or ()
            yield Text(_at(self.middle(at)), y, lines, category)

    def _bars(self) -> Iterator[Bar]:
        width = min(self.slot * 4 / 5 / len(self.plot.series), Decimal(48))
        for at, category in enumerate(self.plot.categories):
            begin = self.middle(at) - width * len(self.plot.series) / 2
            for nth, series in enumerate(self.plot.series):
                y, zero = self.y(series.values[at]), self.y(Decimal(0))
                hint = f"{series.name}, {category}: {shown(series.values[at])}"
                yield Bar(_at(begin + width * nth), min(y, zero), _at(width - 1), abs(zero - y), nth, hint)

    def _dots(self) -> Iterator[Bar]:
        for nth, series in enumerate(self.plot.series):
            for at, category in enumerate(self.plot.categories):
                hint = f"{series.name}, {category}: {shown(series.values[at])}"
                yield Bar(_at(self.middle(at)), self.y(series.values[at]), Decimal(0), Decimal(0), nth, hint)

    def _curves(self) -> Iterator[Curve]:
        zero = self.y(Decimal(0))
        for nth, series in enumerate(self.plot.series):
            points = " ".join(f"{_at(self.middle(at))},{self.y(value)}" for at, value in enumerate(series.values))
            first, last = _at(self.middle(0)), _at(self.middle(len(series.values) - 1))
            area = f"{first},{zero} {points} {last},{zero}" if self.plot.kind == "area" else ""
            yield Curve(points, area, nth)

    def _values(self, marks: Sequence[Bar]) -> Iterator[Text]:
        """The numbers over the marks where they have room: in full, else in short, else not at all."""
        numbers = [value for series in self.plot.series for value in series.values]
        if self.plot.kind == "bar":
            room = marks[0].width + 1
            numbers = [series.values[at] for at in range(len(self.plot.categories)) for series in self.plot.series]
        else:
            room = self.slot if len(self.plot.series) == 1 else Decimal(0)
        for write in (shown, compact):
            texts = [write(number) for number in numbers]
            if max(map(_wide, texts)) <= room:
                yield from (_over(mark, text, number < 0) for mark, text, number in zip(marks, texts, numbers, strict=True))
                return


def _over(mark: Bar, text: str, under: bool) -> Text:
    lift = 5 if mark.width else 9
    y = mark.y + mark.height + _LINE - 2 if under else mark.y - lift
    return Text(_at(mark.x + mark.width / 2), y, (text,))


def _cut(category: str) -> str:
    return category if len(category) <= _ROTATED_LETTERS else f"{category[: _ROTATED_LETTERS - 1]}…"


def _fitted(category: str, room: Decimal) -> tuple[str, ...] | None:
    """A name in one line or two, broken at a space; None where even that is too wide."""
    candidates = [(category,), *((category[:at], category[at + 1 :]) for at, letter in enumerate(category) if letter == " ")]
    fitting = [lines for lines in candidates if max(map(_wide, lines)) <= room - 4]
    return min(fitting, key=lambda lines: (len(lines), max(map(len, lines)))) if fitting else None
