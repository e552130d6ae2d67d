"""What a machine or a card costs an hour, and where it costs less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bot.qa.priced.places import Assumed, where
from bot.qa.priced.quotes import Quote, Sold, cheapest, elsewhere, on_sale, ordered, quote, sold
from bot.qa.priced.reading import Reading
from engine.calculator import Place
from engine.catalogue import MANAGED, Figure, Instance
from engine.rulebook import Rulebook

_MOST_LISTED = 9  # machines, in all regions together
_MOST_ROWS = 10


@dataclass(frozen=True)
class Row:
    """One purchase. Without a quote the price is unknown here; `priced_in` says where it is known."""

    purchase: str
    quote: Quote | None
    priced_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """The prices of one place for one machine (`instance`), or for the cheapest machine that holds a card (`family`)."""

    place: Place
    rows: tuple[Row, ...]
    instance: Instance | None = None
    family: str = ""
    asked_family: str = ""
    note: str = ""
    instead_of: str = ""  # a machine that this provider does not sell

    @property
    def counterpart(self) -> bool:
        """The provider does not sell what was asked for; this is the nearest."""
        return bool(self.family) and self.family != self.asked_family

    @property
    def figures(self) -> Iterator[Figure]:
        yield from (row.quote.figure for row in self.rows if row.quote and row.quote.figure)


@dataclass(frozen=True)
class Hourly:
    """An answer before it is put in words. `not_sold`: providers that have neither the card nor anything near."""

    offers: tuple[Offer, ...]
    assumed: tuple[Assumed, ...]
    purchases: tuple[str, ...]
    not_sold: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()  # further machines of the group, which are not listed
    instances: tuple[Instance, ...] = ()
    families: tuple[str, ...] = ()  # the cards that are named

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for offer in self.offers for figure in offer.figures)

    @property
    def managed_unknown(self) -> bool:
        """A price with the managed layer is missing here; the calculator adds the layer to the raw price."""
        return any(row.purchase == MANAGED and row.quote is None for offer in self.offers for row in offer.rows)

    @property
    def compact(self) -> bool:
        """So many rows that each place has to do with one line."""
        return sum(len(offer.rows) + 1 for offer in self.offers) > _MOST_ROWS


@dataclass(frozen=True)
class Lower:
    """The cheapest of several under one purchase; `pct` is how much lower it is than the dearest."""

    purchase: str
    quotes: tuple[Quote, ...]
    best: Quote | None
    pct: Decimal | None
    per_card: bool

    @property
    def same_provider(self) -> bool:
        return len({quote.place.provider.id for quote in self.quotes}) < len(self.quotes)


class Pricer:
    """The prices of one rulebook on one day."""

    def __init__(self, rulebook: Rulebook, usual: tuple[str, ...], day: date) -> None:
        self.rulebook = rulebook
        self.usual = usual
        self.day = day

    def price(self, reading: Reading) -> Hourly:
        """Every machine and card that is named, in every place."""
        named = self.instances(reading)
        purchases, assumed = self.purchases(reading)
        if not named:
            return self._of_families(reading, purchases, assumed)
        places = where(reading, self.rulebook, [*(instance.provider for instance in named), *reading.named_providers])
        regions = Counter(place.provider.id for place in places.places)
        most = _MOST_LISTED // max(regions.values())
        offers = [self.of_machine(p, i, purchases) for i in named[:most] for p in places.places if p.provider.id == i.provider]
        offers += self._elsewhere(named, places.places, purchases)
        others = tuple(instance.name for instance in named[most:])
        return Hourly(tuple(offers), (*places.assumed, *assumed), purchases, others=others, instances=tuple(named))

    def _of_families(self, reading: Reading, purchases: tuple[str, ...], assumed: tuple[Assumed, ...]) -> Hourly:
        """Every card that is named, in every place."""
        places = where(reading, self.rulebook)
        offers: list[Offer] = []
        not_sold: list[tuple[str, str]] = []
        for family in reading.values("family"):
            for place in places.places:
                offered = self.of_family(place, family, purchases)
                offers += offered
                not_sold += [] if offered else [(place.provider.id, family)]
        taken = (*places.assumed, *assumed) if offers else ()
        return Hourly(tuple(offers), taken, purchases, tuple(dict.fromkeys(not_sold)), families=tuple(reading.values("family")))

    def _elsewhere(self, named: list[Instance], places: Iterable[Place], purchases: tuple[str, ...]) -> Iterator[Offer]:
        """The same card on a cloud that does not sell the machine."""
        sellers = {instance.provider for instance in named}
        first = named[0]
        for place in places:
            if place.provider.id not in sellers:
                family = next((f for f in (first.family, first.accelerator) if _sells(self.rulebook, place, f)), first.accelerator)
                yield from (replace(offer, instead_of=first.name) for offer in self.of_family(place, family, purchases))

    def instances(self, reading: Reading) -> list[Instance]:
        """The machines that are named, one by one or as a group."""
        names = [(provider, name) for provider, name, _ in reading.values("instance")]
        names += [(provider, name) for provider, group in reading.values("group") for name in group]
        by_name = {(i.provider, i.name): i for i in self.rulebook.catalogue.instances}
        families = set(reading.values("family"))
        found = [by_name[name] for name in dict.fromkeys(names)]
        fitting = [i for i in found if not families or families & {i.family, i.accelerator}]
        return fitting or found

    def purchases(self, reading: Reading, *, layered: bool = True) -> tuple[tuple[str, ...], tuple[Assumed, ...]]:
        """The ways to buy that are named; side by side where none is. `layered`: a managed machine has a price of its own."""
        named = tuple(dict.fromkeys(each for meant in reading.values("purchase") for each in meant))
        if layered and reading.managed:
            raw = () if named or all(is_managed for _, _, is_managed in reading.values("instance")) else self.usual[:1]
            return (*named, *raw, MANAGED), ()
        return (named, ()) if named else (self.usual, (Assumed("purchases", self.usual),))

    def of_machine(self, place: Place, instance: Instance, purchases: Iterable[str]) -> Offer:
        quotes = (quote(self.rulebook, place, instance, purchase, self.day) for purchase in purchases)
        rows = (Row(q.purchase, q if q.figure else None, q.priced_in) for q in quotes)
        return Offer(place, tuple(rows), instance)

    def of_family(self, place: Place, family: str, purchases: tuple[str, ...]) -> list[Offer]:
        """The cheapest machines of a card, or its machines one by one where nobody knows how many cards they hold."""
        found = sold(self.rulebook, place.provider.id, family)
        if found is None:
            return []
        if not on_sale(found.members):
            return [replace(self.of_machine(place, i, purchases), asked_family=family) for i in ordered(found.members)]
        rows = [self.row(place, found, purchase) for purchase in purchases]
        return [Offer(place, tuple(rows), None, found.family, family, found.note)]

    def row(self, place: Place, found: Sold, purchase: str) -> Row:
        best = cheapest(self.rulebook, place, found.members, purchase, self.day)
        regions = () if best else elsewhere(self.rulebook, place.provider.id, on_sale(found.members), purchase)
        return Row(purchase, best, regions)


def compared(hourly: Hourly) -> tuple[Lower, ...]:
    """Who is cheaper, purchase by purchase: for one card where that is known of all, else for the machine."""
    found = []
    for purchase in hourly.purchases:
        quotes = tuple(row.quote for offer in hourly.offers for row in offer.rows if row.purchase == purchase and row.quote)
        if len(quotes) > 1 and _named(hourly) <= _priced(hourly, purchase):
            found.append(_lower(purchase, quotes))
    return tuple(found)


def _named(hourly: Hourly) -> set[str]:
    """What is compared, where several things are: nothing is said of them unless each has a price."""
    names = {*hourly.families, *(instance.name for instance in hourly.instances)}
    return names if len(names) > 1 else set()


def _priced(hourly: Hourly, purchase: str) -> set[str]:
    priced = [offer for offer in hourly.offers if any(row.purchase == purchase and row.quote for row in offer.rows)]
    return {
        offer.instance.name if offer.instance and not offer.asked_family else offer.asked_family
        for offer in priced
        if not offer.counterpart
    }


def _sells(rulebook: Rulebook, place: Place, family: str) -> bool:
    found = sold(rulebook, place.provider.id, family)
    return found is not None and found.asked


def _lower(purchase: str, quotes: tuple[Quote, ...]) -> Lower:
    per_card = all(quote.each is not None for quote in quotes)
    amounts = [(quote.each if per_card else quote.figure.usd if quote.figure else None) or Decimal(0) for quote in quotes]
    low, high = min(amounts), max(amounts)
    best = quotes[amounts.index(low)] if low < high else None
    return Lower(purchase, quotes, best, (1 - low / high) * 100, per_card)
