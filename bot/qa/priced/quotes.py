"""Hourly prices of machines and cards: one quote each, or the places that have one where this place has none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.calculator import Place
from engine.catalogue import ACTIVE, ARTICLE, PREVIOUS, Figure, Instance
from engine.market import price_figure
from engine.rulebook import Rulebook


@dataclass(frozen=True)
class Quote:
    """The price of a machine for an hour; `each` for one whole card of it. `figure` is None where this place has no price."""

    place: Place
    instance: Instance
    purchase: str
    figure: Figure | None
    each: Decimal | None
    age_days: int | None
    stale: bool
    priced_in: tuple[str, ...]  # where else


@dataclass(frozen=True)
class Sold:
    """The cards of a provider that answer for a family: its own, or the nearest; `note` says why they are near."""

    family: str
    members: tuple[Instance, ...]
    asked: bool
    note: str = ""


def quote(rulebook: Rulebook, place: Place, instance: Instance, purchase: str, day: date) -> Quote:
    price = rulebook.catalogue.by_key.get((place.provider.id, instance.name, place.region, purchase))
    if price is None:
        return Quote(place, instance, purchase, None, None, None, False, elsewhere(rulebook, place.provider.id, (instance,), purchase))
    figure = price_figure(price)
    count = instance.accelerators
    each = figure.usd * count.denominator / count.numerator if count else None
    return Quote(place, instance, purchase, figure, each, figure.age_days(day), rulebook.is_stale(figure, day), ())


def on_sale(members: Iterable[Instance]) -> list[Instance]:
    """The active machines whose cards are counted; where there is none, those of the previous generation; never retired ones."""
    counted = [instance for instance in ordered(members) if instance.accelerators is not None]
    return next((found for state in (ACTIVE, PREVIOUS) if (found := [i for i in counted if i.lifecycle == state])), [])


def cheapest(rulebook: Rulebook, place: Place, members: Iterable[Instance], purchase: str, day: date) -> Quote | None:
    """The machine on sale that costs least for one card, None where none has a price."""
    quotes = (quote(rulebook, place, instance, purchase, day) for instance in on_sale(members))
    return min((q for q in quotes if q.each is not None), key=lambda q: q.each or Decimal(0), default=None)


def ordered(members: Iterable[Instance]) -> list[Instance]:
    """By size, as the price list has them."""
    return sorted(members, key=lambda i: (i.accelerators or 0, i.vcpus or 0, i.name))


def sold(rulebook: Rulebook, provider: str, family: str) -> Sold | None:
    """What a provider has of a family, or of the nearest that it sells; None where nothing comes near."""
    own = _mine(rulebook, provider, family)
    if own:
        return Sold(family, own, True)
    names = {instance.accelerator for instance in rulebook.catalogue.members(family)}
    for card in (card for card in rulebook.accelerators if card.id in names):
        for near in card.equivalents:
            mine = _mine(rulebook, provider, near.accelerator)
            if mine:
                return Sold(near.accelerator, mine, False, near.note)
    return None


def _mine(rulebook: Rulebook, provider: str, family: str) -> tuple[Instance, ...]:
    return tuple(instance for instance in rulebook.catalogue.members(family) if instance.provider == provider)


def elsewhere(rulebook: Rulebook, provider: str, members: Iterable[Instance], purchase: str) -> tuple[str, ...]:
    """The regions in which any of the machines has such a price."""
    priced = rulebook.catalogue.regions_priced
    regions = {region for instance in members for region in priced.get((provider, instance.name, purchase), ())}
    return tuple(sorted(regions - {ARTICLE}))
