"""Costs of GB, machines and endpoints, by the calculator: each place a bill of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial

from bot.qa.priced.hourly import Pricer
from bot.qa.priced.places import Assumed, Nowhere, Where, check_priced, country_of, place_of, where
from bot.qa.priced.quotes import elsewhere, on_sale, quote, sold
from bot.qa.priced.reading import Reading
from bot.qa.quantities import Quantity
from engine import calculator
from engine.calculator import Charge, Place
from engine.catalogue import CURRENT, Figure, Instance
from engine.errors import NoRateError
from engine.exact import to_decimal
from engine.rulebook import HOURS_PER_MONTH, MONTHS_PER_YEAR, Rulebook

_MOST_COUNT = 1_000_000
_MOST_BILLS = 9
_MOST_YEARLY = 6  # bills that are also said by the year
_MONTHS = ("month", "monthly", "mo", "mth", "mnth")
_MOST_GB = Fraction(1_000_000_000)
_HOURS_OF = {"yearly": HOURS_PER_MONTH * MONTHS_PER_YEAR, "monthly": HOURS_PER_MONTH, "always": HOURS_PER_MONTH, "weekly": 168, "daily": 24}


@dataclass(frozen=True)
class Bill:
    """One place, or one way: a charge, or why there is none. `detail` is what it is bought for."""

    places: tuple[Place, ...]
    charge: Charge | None
    purchase: str = ""
    instance: Instance | None = None
    count: int = 1
    hours: Decimal = Decimal(0)
    known_in: tuple[str, ...] = ()
    note: str = ""
    counterpart: str = ""
    asked: str = ""
    whole_months: bool = False
    endpoints: bool = False

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for item in self.charge.items for figure in item.figures) if self.charge else ()


@dataclass(frozen=True)
class Bills:
    bills: tuple[Bill, ...]
    assumed: tuple[Assumed, ...]
    yearly: bool = False
    monthly: bool = False
    hourly: bool = False  # what one hour costs: a rate, which is not rounded to cents
    not_sold: tuple[tuple[str, str], ...] = ()

    @property
    def counterparts(self) -> tuple[tuple[str, Bill], ...]:
        """The providers that sell the nearest of what was asked for, each once."""
        return tuple({bill.places[0].provider.id: (bill.asked, bill) for bill in self.bills if bill.counterpart}.values())

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for bill in self.bills for figure in bill.figures)


class Biller:
    """The bills of one rulebook on one day."""

    def __init__(self, rulebook: Rulebook, pricer: Pricer, day: date) -> None:
        self.rulebook = rulebook
        self.pricer = pricer
        self.day = day

    # -- GB ------------------------------------------------------------------------------------------------------------

    def egress(self, reading: Reading) -> Bills | None:
        gb, assumed = _gigabytes(reading, once=True)
        if gb is None:
            return None
        places = where(reading, self.rulebook)
        bills = [self._bill((place,), "egress", partial(calculator.egress, self.rulebook, place, gb)) for place in places.places]
        return Bills(tuple(bills), (*places.assumed, *assumed), yearly=_yearly(reading), monthly=True)

    def storage(self, reading: Reading) -> Bills | None:
        gb, assumed = _gigabytes(reading, kept=True)
        if gb is None:
            return None
        tiers = reading.values("tier") or reading.values("weak_tier")
        tier = tiers[0] if tiers else self.rulebook.storage_tiers[0].id
        assumed = assumed if tiers else (*assumed, Assumed("tier", tier))
        places = where(reading, self.rulebook)
        bills = [
            self._bill((place,), f"storage:{tier}", partial(calculator.storage, self.rulebook, place, tier, gb)) for place in places.places
        ]
        return Bills(tuple(bills), (*places.assumed, *assumed), yearly=_yearly(reading), monthly=True)

    def transfer(self, reading: Reading) -> Bills | None:
        gb, assumed = _gigabytes(reading)
        if gb is None:
            return None
        check_priced(reading)
        ways, taken = self._ways(reading)
        bills = []
        for source, target in ways:
            charge = partial(calculator.transfer, self.rulebook, source, target, gb)
            bills.append(self._bill((source, target), _category(source, target), charge))
        return Bills(tuple(bills), (*taken, *assumed), yearly=_yearly(reading)) if bills else None

    def _ways(self, reading: Reading) -> tuple[list[tuple[Place, Place]], tuple[Assumed, ...]]:
        """From where to where."""
        fallback = next(iter(reading.providers), self.rulebook.providers[0].id)
        spots = [spot for spot in reading.spots if spot.kind != "unpriced"]
        if len(spots) == 2:
            to_first = spots[0].role == "to" and spots[1].role == "from"
            source, target = reversed(spots) if to_first else spots
            return [(place_of(source, self.rulebook, fallback), place_of(target, self.rulebook, fallback))], ()
        clouds = list(dict.fromkeys(reading.named_providers))
        if reading.has("across_zones"):
            places = where(reading, self.rulebook)
            return [(place, place) for place in places.places], places.assumed
        if reading.has("across_clouds") or len(clouds) == 2:
            return self._between_clouds(reading, clouds)
        places = where(reading, self.rulebook)
        ways = [(place, Place(place.provider, other)) for place in places.places for other in self._others(place)]
        return ways, (*places.assumed, Assumed("other_regions"))

    def _between_clouds(self, reading: Reading, clouds: list[str]) -> tuple[list[tuple[Place, Place]], tuple[Assumed, ...]]:
        """Out of one cloud to the other; both ways where neither is named first."""
        names = clouds if len(clouds) == 2 else [provider.id for provider in self.rulebook.providers[:2]]
        if len(names) == 2 and _names_target_first(reading, names):
            names.reverse()
        places: Where = where(reading, self.rulebook, names)
        by_provider = {place.provider.id: place for place in places.places}
        if any(name not in by_provider for name in names):
            raise Nowhere(country_of(reading), known=True)
        first, second = by_provider[names[0]], by_provider[names[1]]
        both = len(clouds) < 2 or reading.has("between")
        return ([(first, second), (second, first)] if both else [(first, second)]), places.assumed

    def _others(self, place: Place) -> list[str]:
        """The regions of the provider's other choices."""
        return [region for region in place.provider.regions.values() if region != place.region]

    def _bill(self, places: tuple[Place, ...], category: str, charge: Callable[[], Charge]) -> Bill:
        try:
            return Bill(places, charge())
        except NoRateError:
            rates = self.rulebook.catalogue.by_category.get((CURRENT, places[0].provider.id, category), ())
            return Bill(places, None, known_in=tuple(sorted({region for rate in rates for region in rate.regions})))

    # -- hours ---------------------------------------------------------------------------------------------------------

    def hour(self, reading: Reading) -> Bills | None:
        """One hour of what the managed layer is part of."""
        bills = self.endpoint(reading, one_hour=True) if reading.has("size") else self.compute(reading, one_hour=True)
        return replace(bills, hourly=True) if bills else None

    def compute(self, reading: Reading, *, one_hour: bool = False) -> Bills | None:
        hours, assumed = (Decimal(1), ()) if one_hour else _hours(reading)
        count = _count(reading)
        if hours is None or count is None:
            return None
        managed = reading.managed
        purchases, taken = self.pricer.purchases(reading, layered=False)
        machines = self.pricer.instances(reading)
        if len(machines) * len(purchases) > _MOST_BILLS and taken:
            purchases, taken = purchases[:1], (Assumed("purchase", purchases[0]),)
        wanted: list[str] | None = [machine.provider for machine in machines] or None
        places = where(reading, self.rulebook, wanted)
        bills: list[Bill] = []
        not_sold: list[tuple[str, str]] = []
        for place in places.places:
            mine = [machine for machine in machines if machine.provider == place.provider.id]
            for machine in mine:
                bills += [self._hire(place, machine, purchase, hours, count, managed) for purchase in purchases]
            for family in () if machines else reading.values("family"):
                bought = self._cards(place, family, purchases, hours, count, managed)
                bills += bought
                not_sold += [] if bought else [(place.provider.id, family)]
        if machines and not bills:
            return None
        fewest = (Assumed("count", machines or reading.values("family")),) if not reading.counts and not machines else ()
        yearly = _yearly(reading) and bool(reading.hours) and len(bills) <= _MOST_YEARLY
        everything = (*places.assumed, *taken, *assumed, *fewest) if bills else ()
        return Bills(tuple(bills), everything, yearly=yearly, not_sold=tuple(not_sold))

    def _hire(
        self, place: Place, machine: Instance, purchase: str, hours: Decimal, count: int, managed: bool, *, known: Iterable[Instance] = ()
    ) -> Bill:
        """Machines for some hours. What is reserved is paid for whole months."""
        paid = hours
        if self.rulebook.purchase[purchase].hours == "month" and hours > 1:
            paid = Decimal(math.ceil(hours / HOURS_PER_MONTH) * HOURS_PER_MONTH)
        try:
            charge = calculator.compute(self.rulebook, place, machine.name, purchase, paid, count, managed=managed)
        except NoRateError:
            regions = elsewhere(self.rulebook, place.provider.id, list(known) or (machine,), purchase)
            return Bill((place,), None, purchase, None if known else machine, count, paid, regions)
        return Bill((place,), charge, purchase, machine, count, paid, whole_months=paid != hours)

    def _cards(self, place: Place, family: str, purchases: Iterable[str], hours: Decimal, cards: int, managed: bool) -> list[Bill]:
        """The machines that hold so many cards for the least money, purchase by purchase."""
        found = sold(self.rulebook, place.provider.id, family)
        holding = on_sale(found.members) if found else []
        if found is None or not holding:
            return []
        bills = []
        for purchase in purchases:
            priced = [(i, q.figure.usd) for i in holding if (q := quote(self.rulebook, place, i, purchase, self.day)).figure]
            best = min(priced, key=lambda pair: (pair[1] * _machines(pair[0], cards), pair[0].name), default=(holding[0], Decimal(0)))[0]
            bill = self._hire(place, best, purchase, hours, _machines(best, cards), managed, known=holding)
            bills.append(bill if found.asked else replace(bill, counterpart=found.family, asked=family, note=found.note))
        return bills

    def endpoint(self, reading: Reading, *, one_hour: bool = False) -> Bills | None:
        hours, assumed = (Decimal(1), ()) if one_hour else _hours(reading, month=True)
        count = _count(reading)
        if hours is None or count is None:
            return None
        sizes = [(provider, size) for provider, size in reading.values("size")]
        sizes += [(provider, name) for provider, name, _ in reading.values("instance")]
        places = where(reading, self.rulebook, [provider for provider, _ in sizes] or None)
        bills = []
        for place in places.places:
            for size in [size for provider, size in sizes if provider == place.provider.id] or [None]:
                charge = partial(calculator.endpoint, self.rulebook, place, size, hours, count)
                bills.append(replace(self._bill((place,), "endpoint", charge), count=count, hours=hours, endpoints=True))
        smallest = () if sizes else (Assumed("smallest"),)
        return Bills(tuple(bills), (*places.assumed, *smallest, *assumed), yearly=_yearly(reading))


def _category(source: Place, target: Place) -> str:
    """Which rates a way is charged at."""
    if source.provider.id != target.provider.id:
        return "egress"
    return "cross_zone" if source.region == target.region else "inter_region"


def _machines(instance: Instance, cards: int) -> int:
    assert instance.accelerators is not None
    return math.ceil(cards / instance.accelerators)


def _names_target_first(reading: Reading, names: list[str]) -> bool:
    """To the one from the other."""
    role = ""
    for found in reading.found:
        role = next((r for r in ("to", "from") if found.has(r)), role)
        if names[0] in [*found.values("provider"), *found.values("keeps"), *found.values("managed")]:
            return role == "to"
    return False


def _gigabytes(reading: Reading, *, kept: bool = False, once: bool = False) -> tuple[Decimal | None, tuple[Assumed, ...]]:
    """The GB of one month."""
    amount = reading.gigabytes[0]
    if not 0 < amount.exact <= _MOST_GB or (kept and _daily(amount)):
        return None, ()
    assumed = [Assumed("understood", amount.echo)] if amount.how else []
    if once and amount.unit == "GB" and not reading.has("monthly", "yearly"):
        assumed.append(Assumed("one_month"))
    return to_decimal(amount.exact), tuple(assumed)


def _daily(amount: Quantity) -> bool:
    """So much every day or year: no amount that is kept."""
    return amount.unit == "GB a month" and bool(amount.how) and not amount.how.endswith(_MONTHS)


def _hours(reading: Reading, *, month: bool = False) -> tuple[Decimal | None, tuple[Assumed, ...]]:
    """How long each machine runs. `month`: where nothing is said, all month."""
    said = reading.hours
    if len(said) > 1:
        said = [span for span in said if span[0] != HOURS_PER_MONTH] or said[:1]
    if len(said) == 1:
        return to_decimal(said[0][0]), ((Assumed("understood", said[0][1]),) if "," in said[0][1] else ())
    if said:
        return None, ()
    if month:
        return Decimal(HOURS_PER_MONTH), (Assumed("all_month", HOURS_PER_MONTH),)
    spans = [hours for role, hours in _HOURS_OF.items() if reading.has(role)]
    return (Decimal(spans[0]), (Assumed("span", spans[0]),)) if spans else (None, ())


def _count(reading: Reading) -> int | None:
    """How many are meant: one where no number is said, None where it is not clear or no whole number."""
    counts = reading.counted or [count.exact for count in reading.counts]
    if not counts:
        return 1
    if len(counts) > 1 or counts[0].denominator != 1 or not 0 < counts[0] <= _MOST_COUNT:
        return None
    return int(counts[0])


def _yearly(reading: Reading) -> bool:
    return reading.has("yearly")
