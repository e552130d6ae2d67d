"""What a rule editor wants to know: every problem at once, or what there is and how old it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.catalogue import ARTICLE, RETIRED
from engine.errors import Problem, RulesError
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
    rulebook = load_rulebook(folder)
    if problems := problems_on(rulebook, day):
        raise RulesError(problems)
    return summary_of(rulebook, day)


def problems_on(rulebook: Rulebook, day: date) -> list[Problem]:
    """What is wrong with a sound rulebook on that day."""
    return [*_not_in_force(rulebook, day), *_from_the_future(rulebook, day)]


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
        stale=stale_figures(rulebook, day),
        version=rulebook.version,
    )


def _not_in_force(rulebook: Rulebook, day: date) -> Iterator[Problem]:
    for assumption in rulebook.assumptions.values():
        if assumption.on(day) is None:
            text = f"no value is in force on {day}; the first holds from {min(assumption.values)}"
            yield Problem("assumptions.yml", 0, assumption.id, text)
    for decision in ("layer", "training", "inference", "matrix", "basis", "footprint"):
        if not rulebook.rules_for(decision, day):
            yield Problem("decision", 0, decision, f"no rule is in force on {day}")


def _from_the_future(rulebook: Rulebook, day: date) -> Iterator[Problem]:
    """A figure cannot have been read after the day of the check."""
    for price in rulebook.catalogue.prices:
        if price.as_of > day:
            text = f"{price.instance} {price.region} {price.purchase}: {price.as_of} is after {day}"
            yield Problem("catalogue/prices.csv", 0, "as_of", text)
    for rate in rulebook.catalogue.rates:
        if rate.as_of is not None and rate.as_of > day:
            yield Problem("catalogue/rates.csv", 0, "as_of", f"{rate.provider} {rate.step}: {rate.as_of} is after {day}")


def stale_figures(rulebook: Rulebook, day: date) -> tuple[tuple[str, int, int], ...]:
    """By kind: how many figures are older than its limit, of how many; the article's book has one day for good and is left out."""
    figures = [price_figure(price) for price in rulebook.catalogue.prices if price.region != ARTICLE]
    figures += [rate.figure("") for rate in rulebook.catalogue.rates if rate.book != ARTICLE]
    every = Counter(figure.kind for figure in figures)
    old = Counter(figure.kind for figure in figures if rulebook.is_stale(figure, day))
    return tuple((kind, old[kind], every[kind]) for kind in sorted(every))
