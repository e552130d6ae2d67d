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
class Beside:
    """The cheapest active machine of each provider under one purchase, None where there is no price."""

    families: tuple[str, ...]
    purchase: str
    by_provider: tuple[PriceRow | None, ...]


@dataclass(frozen=True)
class PriceList:
    """`beside` compares the providers, `rows` are all prices; `nearest` says why another family is among them."""

    families: tuple[str, ...]
    beside: tuple[Beside, ...]
    rows: tuple[PriceRow, ...]
    nearest: tuple[tuple[str, str], ...]


def price_list(rulebook: Rulebook, asked: str | None, region: str, day: date) -> PriceList:
    """The prices of an accelerator and of its nearest counterparts in a region choice; without one, of every family.

    Raises QuestionError for an accelerator that the catalogue does not know.
    """
    main: tuple[str, ...] = rulebook.catalogue.families
    if asked is not None:
        family = rulebook.catalogue.family_name(asked)
        if family is None:
            raise QuestionError(unknown_accelerator(asked, rulebook.catalogue.families))
        main = (family,)
    groups = [(family, *_counterparts(rulebook, family)) for family in main]
    rows = {name: tuple(_rows(rulebook, name, region, day)) for group in groups for name in group}
    beside: dict[tuple[frozenset[str], str], Beside] = {}
    for entry in (entry for group in groups for entry in _beside(rulebook, [rows[name] for name in group])):
        beside.setdefault((frozenset(entry.families), entry.purchase), entry)
    listed = tuple(row for family_rows in rows.values() for row in family_rows)
    return PriceList(tuple(rows), tuple(beside.values()), listed, _nearest(rulebook, main[0]) if asked is not None else ())


def _counterparts(rulebook: Rulebook, family: str) -> tuple[str, ...]:
    """The families of the accelerators that come nearest."""
    near = [accelerator for accelerator, _ in _nearest(rulebook, family)]
    named = (i.family for name in near for i in rulebook.catalogue.members(name))
    return tuple(dict.fromkeys(named))


def _nearest(rulebook: Rulebook, family: str) -> tuple[tuple[str, str], ...]:
    names = {instance.accelerator for instance in rulebook.catalogue.members(family)}
    return tuple((e.accelerator, e.note) for a in rulebook.accelerators if a.id in names for e in a.equivalents)


def _rows(rulebook: Rulebook, family: str, region: str, day: date) -> Iterator[PriceRow]:
    """In the order of providers, accelerators, size and purchase."""
    members = rulebook.catalogue.members(family)
    order = {purchase.id: at for at, purchase in enumerate(rulebook.purchases)}
    for provider in rulebook.providers:
        mine = [i for i in members if i.provider == provider.id]
        for instance in sorted(mine, key=lambda i: (i.accelerators or Fraction(0), i.vcpus or 0, i.name)):
            here = [p for p in rulebook.catalogue.prices_of.get((provider.id, instance.name), ()) if p.region == provider.regions[region]]
            for price in sorted(here, key=lambda p: order.get(p.purchase, len(order))):
                figure = price_figure(price)
                count = instance.accelerators
                each = price.usd_per_hour * count.denominator / count.numerator if count else None
                stale = rulebook.is_stale(figure, day)
                yield PriceRow(instance, price.region, price.purchase, figure, each, figure.age_days(day), stale)


def _beside(rulebook: Rulebook, families: list[tuple[PriceRow, ...]]) -> Iterator[Beside]:
    """One entry a purchase. A provider that does not sell the first family is shown with its counterpart."""
    sold: list[list[PriceRow]] = []
    for provider in rulebook.providers:
        mine = ([row for row in rows if row.instance.provider == provider.id] for rows in families)
        sold.append(next((rows for rows in mine if rows), []))
    active = [[r for r in rows if r.usd_per_accelerator is not None and r.instance.lifecycle == ACTIVE] for rows in sold]
    names = tuple(dict.fromkeys(row.instance.family for rows in active for row in rows))
    for purchase in dict.fromkeys(row.purchase for rows in active for row in rows):
        yield Beside(names, purchase, tuple(_cheapest(rows, purchase) for rows in active))


def _cheapest(rows: list[PriceRow], purchase: str) -> PriceRow | None:
    bought = (row for row in rows if row.purchase == purchase)
    return min(bought, key=lambda row: row.usd_per_accelerator or Decimal(0), default=None)
