"""How old the prices are that advice rests on, for whoever runs the bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.catalogue import ARTICLE
from engine.check import stale_figures
from engine.rulebook import Rulebook


@dataclass(frozen=True)
class Freshness:
    """`stale` is (kind of figure, how many are stale, all of them). The article's book has one day for good and is left out."""

    newest_days: int
    oldest_days: int
    stale: tuple[tuple[str, int, int], ...]


def freshness(rulebook: Rulebook, day: date) -> Freshness:
    prices = [price.as_of for price in rulebook.catalogue.prices if price.region != ARTICLE]
    rates = [rate.as_of for rate in rulebook.catalogue.rates if rate.book != ARTICLE and rate.as_of is not None]
    ages = [(day - read).days for read in (*prices, *rates)]
    return Freshness(min(ages), max(ages), stale_figures(rulebook, day))
