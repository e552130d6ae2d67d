"""What a case can buy where: the offers, ladders and rates of its price book and region, looked up once for all variants.

Holds no arithmetic beyond the managed ratio; `costs` multiplies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.case import Case
from engine.catalogue import ARTICLE, CURRENT, GIVEN, MANAGED, PREVIOUS, RETIRED, Catalogue, Figure, Instance, Ladder, Price
from engine.exact import Exact, exact
from engine.knowledge import Provider
from engine.rulebook import Rulebook

_STALENESS = {"spot": "spot", "reserved_1y": "reserved", "reserved_3y": "reserved", MANAGED: "managed"}
STARTER = "starter"
Array = NDArray[Any]


@dataclass(frozen=True)
class Premium:
    """What the managed layer adds to a raw rate, as a ratio, with the figures that it follows from."""

    ratio: Exact
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Offer:
    """One instance under one purchase."""

    instance: Instance
    purchase: int  # a position in the rulebook's purchases
    rate: Figure
    premium: Premium
    discounted: bool
    monthly: bool  # charged for the whole month, whatever the use

    @property
    def accelerators(self) -> Fraction:
        assert self.instance.accelerators is not None
        return self.instance.accelerators

    def machines(self, gpus: int) -> int:
        """How many instances hold so many accelerators."""
        return math.ceil(gpus / self.accelerators)

    @property
    def active(self) -> bool:
        return self.instance.lifecycle != PREVIOUS


@dataclass(frozen=True)
class Endpoint:
    """What one inference endpoint runs on: the raw hourly rate and the premium on it."""

    name: str
    raw_usd: Exact
    premium: Premium
    figure: Figure
    discounted: bool
    instance: Instance | None = None


@dataclass(frozen=True)
class Missing:
    """A purchase for which the catalogue has no price, at these instances of a provider."""

    provider: int
    purchase: int
    instances: tuple[str, ...]


@dataclass(frozen=True)
class OfferArrays:
    """The offers of a stall as columns of numbers (offers, 1), in one of the two arithmetics."""

    numerators: Array
    denominators: Array
    rates: Array
    ratios: Array
    monthly: Array
    discounted: Array
    active: Array
    purchases: list[int]


@dataclass(frozen=True)
class Slopes:
    """A ladder as numbers (steps, 1): from which GB on, and by how much each GB costs more than before."""

    lows: Array
    rises: Array


@dataclass(frozen=True)
class Stall:
    """Everything that one provider sells to the case."""

    provider: Provider
    region: str
    offers: tuple[Offer, ...]
    missing: tuple[Missing, ...]
    endpoint: Endpoint | None
    egress: Ladder
    transfer: Figure
    storage: Ladder
    infrequent_storage: Ladder

    @cached_property
    def _arrays(self) -> dict[tuple[str, bool], Any]:
        return {}

    def offer_arrays(self, *, exactly: bool) -> OfferArrays:
        """Built once for each arithmetic."""
        if ("offers", exactly) not in self._arrays:
            self._arrays["offers", exactly] = _offer_arrays(self.offers, exactly)
        arrays: OfferArrays = self._arrays["offers", exactly]
        return arrays

    def slopes(self, ladder: str, *, exactly: bool) -> Slopes:
        """One of the stall's ladders by its name, built once for each arithmetic."""
        if (ladder, exactly) not in self._arrays:
            rises = getattr(self, ladder).rises()
            columns = ([low for low, _ in rises], [rise for _, rise in rises])
            self._arrays[ladder, exactly] = Slopes(*(_numbers(column, exactly) for column in columns))
        slopes: Slopes = self._arrays[ladder, exactly]
        return slopes


@dataclass(frozen=True)
class Market:
    """The stalls of all providers, in the rulebook's order."""

    rulebook: Rulebook
    stalls: tuple[Stall, ...]


def _offer_arrays(offers: tuple[Offer, ...], exactly: bool) -> OfferArrays:
    return OfferArrays(
        numerators=_whole([offer.accelerators.numerator for offer in offers], exactly),
        denominators=_whole([offer.accelerators.denominator for offer in offers], exactly),
        rates=_numbers([offer.rate.usd for offer in offers], exactly),
        ratios=_numbers([offer.premium.ratio for offer in offers], exactly),
        monthly=np.array([[offer.monthly] for offer in offers]),
        discounted=np.array([[offer.discounted] for offer in offers]),
        active=np.array([[offer.active] for offer in offers]),
        purchases=[offer.purchase for offer in offers],
    )


def _numbers(values: Sequence[Any], exactly: bool) -> Array:
    return np.array([[exact(value) if exactly else float(value)] for value in values], dtype=object if exactly else np.float64)


def _whole(values: Sequence[int], exactly: bool) -> Array:
    return np.array([[value] for value in values], dtype=object if exactly else np.int64)


def market_of(case: Case, rulebook: Rulebook) -> Market:
    """The market of the case's price book, region, accelerators and storage tier."""
    return _market(rulebook, Shelf(*(case.workload[name] for name in Shelf.__annotations__)))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Shelf:
    """What of a case decides which market it buys on; the names are those of the fields."""

    price_book: str
    region: str
    accelerator: str
    endpoint_accelerator: str | None
    storage_tier: str


@lru_cache(maxsize=256)
def _market(rulebook: Rulebook, shelf: Shelf) -> Market:
    return Market(rulebook, tuple(_Stocker(shelf, rulebook, at).stall() for at in range(len(rulebook.providers))))


def price_figure(price: Price, borrowed_from: str = "") -> Figure:
    """An instance price as a figure with its age limit."""
    name = f"{price.instance} {price.purchase} {price.region}"
    kind = GIVEN if price.region == ARTICLE else _STALENESS.get(price.purchase, "list")
    return Figure(
        price.usd_per_hour, "hour", price.provider, name, price.source, price.as_of, price.note, kind, borrowed_from=borrowed_from
    )


def managed_premium(catalogue: Catalogue, provider: str, instance: Instance, region: str) -> Premium:
    """The instance's own managed price over its on-demand price, both from one region.

    The plan's region first; else the region with the newest managed price, ties by name; else the general ratio.
    """
    shared = set(catalogue.regions_priced.get((provider, instance.name, MANAGED), ()))
    shared &= set(catalogue.regions_priced.get((provider, instance.name, "on_demand"), ()))
    if not shared:
        return general_premium(catalogue, CURRENT, provider, "managed_premium:accelerated")
    prices = {r: catalogue.by_key[(provider, instance.name, r, MANAGED)] for r in sorted(shared)}
    chosen = region if region in prices else min(prices, key=lambda r: (-prices[r].as_of.toordinal(), r))
    managed, listed = prices[chosen], catalogue.by_key[(provider, instance.name, chosen, "on_demand")]
    borrowed = "" if chosen == region else chosen
    ratio = exact(managed.usd_per_hour) / exact(listed.usd_per_hour) - 1
    return Premium(ratio, (price_figure(managed, borrowed), price_figure(listed, borrowed)))


def general_premium(catalogue: Catalogue, book: str, provider: str, category: str) -> Premium:
    """The ratio that holds for a whole kind of machine where its own prices are not known."""
    rate = catalogue.find(book, provider, category, "")[0]
    return Premium(exact(rate.usd), (rate.figure(""),))


class _Stocker:
    """Fills one provider's stall."""

    def __init__(self, shelf: Shelf, rulebook: Rulebook, at: int) -> None:
        self.shelf = shelf
        self.rulebook = rulebook
        self.catalogue = rulebook.catalogue
        self.at = at
        self.provider = rulebook.providers[at]
        self.book = shelf.price_book
        self.region = self.provider.regions[shelf.region]
        self.price_region = ARTICLE if self.book == ARTICLE else self.region

    def stall(self) -> Stall:
        here = (self.provider.id, self.region)
        training = self.instances(self.shelf.accelerator)
        return Stall(
            provider=self.provider,
            region=self.region,
            offers=self.offers(training),
            missing=self.missing(training),
            endpoint=self.endpoint(),
            egress=self.catalogue.egress(self.book, *here),
            transfer=self.catalogue.inter_region(self.book, *here),
            storage=self.catalogue.storage(*here, self.shelf.storage_tier),
            infrequent_storage=self.catalogue.storage(*here, "infrequent"),
        )

    def instances(self, family: str) -> list[Instance]:
        """The instances that may be chosen, by name: a known accelerator count, and not retired (the article's book
        has its two machines whatever became of them)."""
        members = [i for i in self.catalogue.members(family) if i.provider == self.provider.id and i.accelerators]
        if self.book == ARTICLE:
            sold = self.catalogue.prices_of
            kept = [i for i in members if any(p.region == ARTICLE for p in sold.get((i.provider, i.name), ()))]
        else:
            kept = [i for i in members if i.lifecycle != RETIRED]
        return sorted(kept, key=lambda i: i.name)

    def offers(self, instances: list[Instance]) -> tuple[Offer, ...]:
        """Every allowed purchase of every instance, in the order in which equal totals are named."""
        return tuple(
            self.offer(instance, at, price)
            for at, purchase in enumerate(self.rulebook.purchases)
            for instance in instances
            if purchase.when is not None and (price := self.price(instance, purchase.id))
        )

    def offer(self, instance: Instance, purchase: int, price: Price) -> Offer:
        discount = self.provider.discount
        discounted = discount is not None and self.rulebook.purchases[purchase].id in discount.purchases
        monthly = self.rulebook.purchases[purchase].hours == "month"
        return Offer(instance, purchase, price_figure(price), self.premium(instance), discounted, monthly)

    def premium(self, instance: Instance) -> Premium:
        if self.book == ARTICLE:
            return general_premium(self.catalogue, ARTICLE, self.provider.id, "managed_premium")
        return managed_premium(self.catalogue, self.provider.id, instance, self.region)

    def price(self, instance: Instance, purchase: str) -> Price | None:
        return self.catalogue.by_key.get((self.provider.id, instance.name, self.price_region, purchase))

    def missing(self, instances: list[Instance]) -> tuple[Missing, ...]:
        lacking = [
            Missing(self.at, at, tuple(i.name for i in instances if self.price(i, purchase.id) is None))
            for at, purchase in enumerate(self.rulebook.purchases)
            if purchase.when is not None
        ]
        return tuple(entry for entry in lacking if entry.instances)

    def endpoint(self) -> Endpoint | None:
        """The starter endpoint, or the cheapest on-demand machine of the endpoint accelerator; None where not offered."""
        family = self.shelf.endpoint_accelerator
        discounted = self.provider.discount is not None and self.provider.discount.endpoints
        if family is None:
            return self.starter(discounted)
        priced = [(i, p) for i in self.instances(family) if (p := self.price(i, "on_demand"))]
        current = [(i, p) for i, p in priced if i.lifecycle != PREVIOUS] or priced
        if not current:
            return None
        instance, price = min(current, key=lambda pair: (pair[1].usd_per_hour, pair[0].name))
        figure = price_figure(price)
        return Endpoint(instance.name, exact(price.usd_per_hour), self.premium(instance), figure, discounted, instance)

    def starter(self, discounted: bool) -> Endpoint:
        """The smallest managed endpoint; its raw rate is the managed one less the premium."""
        step = STARTER if self.book == ARTICLE else self.provider.starter_endpoint
        rate = self.catalogue.endpoint(self.book, self.provider.id, self.region, step)
        category = "managed_premium" if self.book == ARTICLE else "managed_premium:starter"
        premium = general_premium(self.catalogue, self.book, self.provider.id, category)
        return Endpoint(step, exact(rate.usd) / (1 + premium.ratio), premium, rate.figure(self.region), discounted)
