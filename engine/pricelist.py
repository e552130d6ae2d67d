"""What one accelerator costs on every cloud, side by side: rows for a table, nothing chosen and nothing left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from engine.calculator import QuestionError
from engine.catalogue import ACTIVE, Figure, Instance, unknown_accelerator
from engine.market import price_figure
from engine.rulebook import Rulebook


@dataclass(frozen=True)
class PriceRow:
    """One price. `usd_per_accelerator` is for a whole card an hour, None where the count is unknown."""

    instance: Instance
    region: str
    purchase: str
    figure: Figure
    usd_per_accelerator: Decimal | None
    age_days: int | None
    stale: bool


@dataclass(frozen=True)
class PriceList:
    """The rows of one family or more, and why a family that was not asked for is among them."""

    families: tuple[str, ...]
    rows: tuple[PriceRow, ...]
    nearest: tuple[tuple[str, str], ...]  # family, note: what comes nearest on the other clouds


def price_list(rulebook: Rulebook, asked: str | None, region: str, day: date) -> PriceList:
    """Every price of the accelerator and of its nearest counterparts, in the regions of a region choice.

    Without an accelerator: for each family the cheapest active machine of each cloud and purchase.
    Raises QuestionError for an accelerator that the catalogue does not know.
    """
    if asked is None:
        families = rulebook.catalogue.families
        return PriceList(families, tuple(_cheapest(rulebook, families, region, day)), ())
    family = rulebook.catalogue.family_name(asked)
    if family is None:
        raise QuestionError(unknown_accelerator(asked, rulebook.catalogue.families))
    names = {instance.accelerator for instance in rulebook.catalogue.members(family)}
    near = [e for a in rulebook.accelerators if a.id in names for e in a.equivalents]
    families = (family, *(entry.accelerator for entry in near))
    rows = [row for name in families for row in _rows(rulebook, name, region, day)]
    return PriceList(families, tuple(rows), tuple((entry.accelerator, entry.note) for entry in near))


def _rows(rulebook: Rulebook, family: str, region: str, day: date) -> Iterator[PriceRow]:
    """In the order of providers, accelerators, name and purchase."""
    members = rulebook.catalogue.members(family)
    order = {purchase.id: at for at, purchase in enumerate(rulebook.purchases)}
    for provider in rulebook.providers:
        mine = [i for i in members if i.provider == provider.id]
        for instance in sorted(mine, key=lambda i: (i.accelerators or Fraction(0), i.vcpus or 0, i.name)):
            wanted = provider.regions[region]
            prices = [p for p in rulebook.catalogue.prices_of.get((provider.id, instance.name), ()) if p.region == wanted]
            for price in sorted(prices, key=lambda p: order.get(p.purchase, len(order))):
                figure = price_figure(price)
                count = instance.accelerators
                each = price.usd_per_hour * count.denominator / count.numerator if count else None
                stale = rulebook.is_stale(figure, day)
                yield PriceRow(instance, price.region, price.purchase, figure, each, figure.age_days(day), stale)


def _cheapest(rulebook: Rulebook, families: tuple[str, ...], region: str, day: date) -> Iterator[PriceRow]:
    for family in families:
        best: dict[tuple[str, str], PriceRow] = {}
        for row in _rows(rulebook, family, region, day):
            if row.usd_per_accelerator is None or row.instance.lifecycle != ACTIVE:
                continue
            key = (row.instance.provider, row.purchase)
            rival = best.get(key)
            if rival is None or rival.usd_per_accelerator is None or row.usd_per_accelerator < rival.usd_per_accelerator:
                best[key] = row
        yield from best.values()
