"""What is sold and what it costs: instances, hourly prices and rates, each with its source and its day.

Money is Decimal and exact. A figure that is not here is unknown, never zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from engine.errors import NoRateError, did_you_mean, echo

ARTICLE = "article"  # the price book, and the word for its region in the price table
CURRENT = "current"
ANY = "any"
MANAGED = "managed"
GIVEN = "given"  # the kind of a figure that does not age: it came with the question, or is the article's own
ACTIVE, PREVIOUS, RETIRED = "active", "previous-generation", "retired"
_OF_CATEGORY = {
    "egress": "internet egress, ", "egress_free": "internet egress, ", "inter_region": "transfer ",
    "cross_zone": "transfer ", "endpoint": "endpoint ",
}  # fmt: skip
_LONGEST_NAME = 60
_FAMILY = re.compile(r"(?P<name>.+?)[-_ ]?(?P<memory>\d+(\.\d+)?) ?GI?B", re.IGNORECASE)


@dataclass(frozen=True)
class Instance:
    """A machine on sale. `accelerators` may be a fraction of a card, whose whole memory counts; None is unknown."""

    provider: str
    name: str
    accelerator: str
    accelerators: Fraction | None
    accelerator_memory_gb: Decimal | None
    vcpus: int | None
    memory_gib: Decimal | None
    lifecycle: str
    lifecycle_note: str
    source: str
    as_of: date

    @property
    def family(self) -> str:
        """Accelerator and the memory of one whole card, such as T4-16GB."""
        memory = self.accelerator_memory_gb
        return self.accelerator if memory is None else f"{self.accelerator}-{memory.normalize():f}GB"


@dataclass(frozen=True)
class Figure:
    """One number with where it comes from. `as_of` is None where the source bears no date."""

    usd: Decimal
    unit: str
    provider: str  # empty where it belongs to none
    name: str
    source: str
    as_of: date | None
    note: str = ""
    kind: str = "rates"  # whose age limit applies
    confidence: str = "high"
    borrowed_from: str = ""  # the region it was read for, where it serves another

    @property
    def usd_pct(self) -> Decimal:
        """A ratio in percent."""
        return self.usd * 100

    def age_days(self, today: date) -> int | None:
        return None if self.as_of is None else (today - self.as_of).days


@dataclass(frozen=True)
class Price:
    """The hourly price of an instance in a region under one purchase."""

    provider: str
    instance: str
    region: str
    purchase: str
    usd_per_hour: Decimal
    source: str
    as_of: date
    note: str


@dataclass(frozen=True)
class Rate:
    """A rate that is no instance price: GB moved or kept, an endpoint hour, a ratio."""

    book: str
    provider: str
    category: str
    step: str
    regions: tuple[str, ...]
    to_regions: tuple[str, ...]
    from_gb: Decimal | None
    to_gb: Decimal | None
    unit: str
    usd: Decimal
    source: str
    as_of: date | None
    confidence: str
    note: str

    def figure(self, region: str) -> Figure:
        borrowed = "" if self.regions == (ANY,) or region in self.regions else self.regions[0]
        kind = GIVEN if self.book == ARTICLE else "rates"
        name = f"{_OF_CATEGORY.get(self.category.partition(':')[0], '')}{self.step}"
        return Figure(self.usd, self.unit, self.provider, name, self.source, self.as_of, self.note, kind, self.confidence, borrowed)


@dataclass(frozen=True)
class Step:
    """One step of a ladder: the GB from one bound to the next at one rate."""

    from_gb: Decimal
    to_gb: Decimal | None
    figure: Figure


@dataclass(frozen=True)
class Ladder:
    """Steps that count from GB 0; the free GB come off the first of them."""

    steps: tuple[Step, ...]
    free_gb: Decimal = Decimal(0)
    free: Figure | None = None

    def rises(self) -> tuple[tuple[Decimal, Decimal], ...]:
        """From how many GB on, each GB costs how much more (or less) than before: the ladder as a sum of slopes."""
        rates = [Decimal(0), *(step.figure.usd for step in self.steps)]
        return tuple((max(step.from_gb, self.free_gb), rates[at + 1] - rates[at]) for at, step in enumerate(self.steps))

    def bounds(self) -> tuple[Decimal, ...]:
        inner = (step.from_gb for step in self.steps if step.from_gb)
        return (*((self.free_gb,) if self.free_gb else ()), *inner)


@dataclass(frozen=True)
class Catalogue:
    """Everything on sale, with look-ups that either answer or raise NoRateError."""

    instances: tuple[Instance, ...]
    prices: tuple[Price, ...]
    rates: tuple[Rate, ...]
    spellings: dict[str, str]  # a folded spelling -> the accelerator's name

    @cached_property
    def by_key(self) -> dict[tuple[str, str, str, str], Price]:
        return {(p.provider, p.instance, p.region, p.purchase): p for p in self.prices}

    @cached_property
    def prices_of(self) -> dict[tuple[str, str], tuple[Price, ...]]:
        """Provider and instance -> its prices."""
        found: dict[tuple[str, str], list[Price]] = {}
        for price in self.prices:
            found.setdefault((price.provider, price.instance), []).append(price)
        return {key: tuple(prices) for key, prices in found.items()}

    @cached_property
    def by_category(self) -> dict[tuple[str, str, str], tuple[Rate, ...]]:
        """Book, provider and category -> its rates."""
        found: dict[tuple[str, str, str], list[Rate]] = {}
        for rate in self.rates:
            found.setdefault((rate.book, rate.provider, rate.category), []).append(rate)
        return {key: tuple(rates) for key, rates in found.items()}

    @cached_property
    def families(self) -> tuple[str, ...]:
        return tuple(sorted({instance.family for instance in self.instances}))

    @cached_property
    def regions_priced(self) -> dict[tuple[str, str, str], tuple[str, ...]]:
        """Provider, instance and purchase -> the regions that have a price, in the order of their names."""
        found: dict[tuple[str, str, str], list[str]] = {}
        for price in sorted(self.prices, key=lambda p: p.region):
            found.setdefault((price.provider, price.instance, price.purchase), []).append(price.region)
        return {key: tuple(regions) for key, regions in found.items()}

    def regions(self, provider: str) -> tuple[str, ...]:
        """Every region that a price or a rate of the provider names."""
        priced = {p.region for p in self.prices if p.provider == provider}
        rated = {r for rate in self.rates if rate.provider == provider for r in (*rate.regions, *rate.to_regions)}
        return tuple(sorted((priced | rated) - {ANY, ARTICLE}))

    def family_name(self, asked: str) -> str | None:
        """The name of the family that somebody means, with or without memory; None when there is none."""
        if len(asked) > _LONGEST_NAME:
            return None
        whole = self.spellings.get(fold(asked))
        if whole is not None:
            return whole
        match = _FAMILY.fullmatch(asked.strip())
        accelerator = self.spellings.get(fold(match["name"])) if match else None
        if match is None or accelerator is None:
            return None
        wanted = Decimal(match["memory"])
        named = {i.family for i in self.instances if (i.accelerator, i.accelerator_memory_gb) == (accelerator, wanted)}
        return named.pop() if named else None

    def members(self, family: str) -> tuple[Instance, ...]:
        """The instances of a family; of every memory size where the family is named without one."""
        return tuple(i for i in self.instances if family in (i.family, i.accelerator))

    def find(self, book: str, provider: str, category: str, region: str, to: str = "") -> tuple[Rate, ...]:
        """The rates that name the region (and destination) most narrowly."""
        rows = self.by_category.get((book, provider, category), ())
        rows = _narrowest([r for r in rows if region in r.regions], [r for r in rows if r.regions == (ANY,)])
        if to:
            rows = _narrowest([r for r in rows if to in r.to_regions], [r for r in rows if r.to_regions == (ANY,)])
        return rows

    def find_or_borrow(self, book: str, provider: str, category: str, region: str) -> tuple[Rate, ...]:
        """As `find`; where another region alone has the rate, that one, which its figures then say."""
        return self.find(book, provider, category, region) or self.by_category.get((book, provider, category), ())

    def endpoint(self, book: str, provider: str, region: str, step: str) -> Rate:
        """The rate of an endpoint size, borrowed from another region where need be."""
        rows = [r for r in self.by_category.get((book, provider, "endpoint"), ()) if r.step == step]
        here = [r for r in rows if region in r.regions] or rows
        if not here:
            raise NoRateError(f"no endpoint rate for {step} at {provider}: it is unknown, not free")
        return here[0]

    def egress(self, book: str, provider: str, region: str) -> Ladder:
        """GB to the internet. The article's book has its own first step, then today's, and nothing free."""
        today = self.find(CURRENT, provider, "egress", region)
        if not today:
            raise NoRateError(self._no_rate("internet egress", provider, "egress", region))
        if book == ARTICLE:
            own = self.find(ARTICLE, provider, "egress", region)
            return Ladder(_steps((*own, *(r for r in today if r.from_gb)), region))
        free = self.find(CURRENT, provider, "egress_free", region)
        if not free:
            return Ladder(_steps(today, region))
        return Ladder(_steps(today, region), free[0].usd, free[0].figure(region))

    def storage(self, provider: str, region: str, tier: str) -> Ladder:
        """GB-months of a tier, borrowed from the one region that has a rate where need be."""
        rows = self.find_or_borrow(CURRENT, provider, f"storage:{tier}", region)
        if not rows:
            raise NoRateError(f"no rate for {tier} storage at {provider}: it is unknown, not free")
        return Ladder(_steps(rows, region))

    def inter_region(self, book: str, provider: str, region: str, to: str = "") -> Figure:
        """One GB across a border; without a destination, the rate to any other region, or to those of its own group."""
        rows = self.find(book, provider, "inter_region", region, to)
        if not to:
            rows = _narrowest([r for r in rows if r.to_regions == (ANY,)], [r for r in rows if region in r.to_regions])
        if not rows:
            raise NoRateError(self._no_rate("traffic between regions", provider, "inter_region", region))
        return rows[0].figure(region)

    def _no_rate(self, what: str, provider: str, category: str, region: str) -> str:
        known = {r for rate in self.rates if (rate.provider, rate.category) == (provider, category) for r in rate.regions}
        return f"no rate for {what} from {provider}:{region}: it is unknown, not free. {did_you_mean(region, known - {ANY})}"


def _narrowest(narrow: list[Rate], wide: list[Rate]) -> tuple[Rate, ...]:
    """The rates that name a region; where there is none, those for any."""
    return tuple(narrow or wide)


def fold(text: str) -> str:
    """A spelling without case, spaces and dashes."""
    return re.sub(r"[\s_\-]+", "", text).casefold()


def spellings(accelerators: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Every way in which an accelerator may be written -> its name."""
    return {fold(spelling): name for name, others in accelerators for spelling in (name, *others)}


def _steps(rows: Iterable[Rate], region: str) -> tuple[Step, ...]:
    ordered = sorted(rows, key=lambda r: r.from_gb or 0)
    return tuple(Step(r.from_gb or Decimal(0), r.to_gb, r.figure(region)) for r in ordered)


def unknown_accelerator(asked: str, families: Sequence[str]) -> str:
    return f"{echo(asked)} is no accelerator of the catalogue. {did_you_mean(asked, families)}"
