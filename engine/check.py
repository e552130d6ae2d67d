"""What a rule editor wants to know: every problem at once, or what there is and how old it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.catalogue import ARTICLE, RETIRED
from engine.load import load_rulebook
from engine.market import price_figure
from engine.rulebook import Rulebook
from engine.soundness import answer_sheets


@dataclass(frozen=True)
class Summary:
    """Counts of a sound rulebook. `stale` is (kind of price, stale, all)."""

    rules: int
    examples: int
    sheets: int
    assumptions: int
    errata: int
    instances: int
    retired: int
    prices: int
    rates: int
    stale: tuple[tuple[str, int, int], ...]
    version: str


def check_rules(folder: Path, day: date) -> Summary:
    """Raises RulesError with everything that is wrong; else says what there is."""
    return summary_of(load_rulebook(folder), day)


def summary_of(rulebook: Rulebook, day: date) -> Summary:
    catalogue = rulebook.catalogue
    return Summary(
        rules=len(rulebook.rules),
        examples=sum(len(rule.written.examples) for rule in rulebook.rules),
        sheets=len(answer_sheets(rulebook)["training"]),
        assumptions=len(rulebook.assumptions),
        errata=len(rulebook.errata),
        instances=len(catalogue.instances),
        retired=sum(instance.lifecycle == RETIRED for instance in catalogue.instances),
        prices=len(catalogue.prices),
        rates=len(catalogue.rates),
        stale=_stale(rulebook, day),
        version=rulebook.version,
    )


def _stale(rulebook: Rulebook, day: date) -> tuple[tuple[str, int, int], ...]:
    """Figures older than the limit of their kind; the article's book has one day for good and is left out."""
    figures = [price_figure(price) for price in rulebook.catalogue.prices if price.region != ARTICLE]
    figures += [rate.figure("") for rate in rulebook.catalogue.rates if rate.book != ARTICLE]
    every = Counter(figure.kind for figure in figures)
    old = Counter(figure.kind for figure in figures if rulebook.is_stale(figure, day))
    return tuple((kind, old[kind], every[kind]) for kind in sorted(every))
