"""What the catalogue says of itself: how old its prices are and where they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.qa.priced.reading import Reading
from engine.catalogue import ARTICLE, CURRENT, Figure
from engine.market import price_figure
from engine.rulebook import Rulebook

_MOST_SOURCES = 9
_RATES = "rates"


@dataclass(frozen=True)
class Kind:
    """The figures that share an age limit."""

    kind: str
    figures: tuple[Figure, ...]
    stale: int
    limit_days: int
    day: date

    @property
    def dated(self) -> list[date]:
        return sorted(figure.as_of for figure in self.figures if figure.as_of)

    @property
    def newest(self) -> date:
        return self.dated[-1]

    @property
    def oldest(self) -> date:
        return self.dated[0]

    @property
    def count(self) -> int:
        return len(self.figures)

    @property
    def undated(self) -> int:
        return len(self.figures) - len(self.dated)

    def days(self, then: date) -> int:
        return (self.day - then).days


@dataclass(frozen=True)
class Origin:
    """A source with its newest day and how many figures rest on it."""

    title: str
    as_of: date | None
    figures: int


@dataclass(frozen=True)
class Origins:
    shown: tuple[Origin, ...]
    more: int
    more_figures: int
    total: int


def _every_figure(rulebook: Rulebook) -> Iterator[Figure]:
    """Today's prices and rates; the article's own book is no source of prices."""
    yield from (price_figure(price) for price in rulebook.catalogue.prices if price.region != ARTICLE)
    yield from (rate.figure("") for rate in rulebook.catalogue.rates if rate.book == CURRENT)


class Records:
    """The catalogue of one rulebook, sorted by kind and by source."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.kind_of = {price.purchase: price_figure(price).kind for price in rulebook.catalogue.prices if price.region != ARTICLE}
        self.by_kind: dict[str, list[Figure]] = {}
        for figure in _every_figure(rulebook):
            self.by_kind.setdefault(figure.kind, []).append(figure)

    def kinds(self, day: date, reading: Reading) -> tuple[Kind, ...]:
        """Each kind of price with its age, or only the kinds that are asked for."""
        asked = {self.kind_of[each] for meant in reading.values("purchase") for each in meant if each in self.kind_of}
        if reading.has("egress", "transfer", "storage", "endpoint"):
            asked.add(_RATES)
        return tuple(self._kind(kind, figures, day) for kind, figures in self.by_kind.items() if not asked or kind in asked)

    def _kind(self, kind: str, figures: list[Figure], day: date) -> Kind:
        limit = self.rulebook.stale_after_days(kind, day)
        stale = sum(figure.as_of is None or (day - figure.as_of).days > limit for figure in figures)
        return Kind(kind, tuple(figures), stale, limit, day)

    @cached_property
    def origins(self) -> Origins:
        """The sources, those with the most figures first."""
        counted: Counter[str] = Counter()
        newest: dict[str, date | None] = {}
        for figure in (figure for figures in self.by_kind.values() for figure in figures):
            counted[figure.source] += 1
            newest[figure.source] = max(filter(None, (newest.get(figure.source), figure.as_of)), default=None)
        listed = [Origin(source, newest[source], count) for source, count in counted.most_common()]
        shown, rest = listed[:_MOST_SOURCES], listed[_MOST_SOURCES:]
        return Origins(tuple(shown), len(rest), sum(origin.figures for origin in rest), counted.total())


def oldest_and_newest(found: tuple[Kind, ...]) -> list[Figure]:
    """The figures whose dates are said."""
    return [figure for kind in found for day in (kind.newest, kind.oldest) for figure in kind.figures if figure.as_of == day]
