"""The small calculator: one thing priced over the same ladders, rates and prices as an advice, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.advice import LineItem
from engine.bill import climb
from engine.catalogue import ACTIVE, CURRENT, GIVEN, Figure, Instance
from engine.errors import AdviceError, NoRateError, did_you_mean, echo
from engine.exact import cents, exact
from engine.knowledge import Provider
from engine.market import general_premium, managed_premium, price_figure
from engine.rulebook import Rulebook


class QuestionError(AdviceError):
    """What was asked for is not in the catalogue; the text names the nearest that is."""


@dataclass(frozen=True)
class Place:
    """A provider and one of its regions, written `provider:region`."""

    provider: Provider
    region: str


@dataclass(frozen=True)
class Charge:
    """The lines of one answer; `usd` is the sum of the lines, each rounded once to cents."""

    items: tuple[LineItem, ...]
    notes: tuple[str, ...] = ()

    @property
    def usd(self) -> Decimal:
        return sum((cents(item.usd) for item in self.items), Decimal("0.00"))


def read_place(text: str, rulebook: Rulebook) -> Place:
    """`provider:region`, both known to the catalogue. Raises QuestionError with the nearest known."""
    name, _, region = text.strip().lower().partition(":")
    ids = list(rulebook.provider_index)
    if name in ids and not region:
        raise QuestionError(f"{echo(text)} names no region. Write it like {name}:{next(iter(_regions_of(name, rulebook)))}.")
    if name not in ids or not region:
        example = f"{ids[0]}:{next(iter(rulebook.providers[0].regions.values()))}"
        raise QuestionError(f"{echo(text)} is not a place. Write it like {example}. {did_you_mean(name, ids)}")
    known = rulebook.catalogue.regions(name)
    if region not in known:
        raise QuestionError(f"{echo(region)} is no region of {name} in the catalogue. {did_you_mean(region, known)}")
    return Place(rulebook.providers[rulebook.provider_index[name]], region)


def _regions_of(name: str, rulebook: Rulebook) -> Iterable[str]:
    return rulebook.providers[rulebook.provider_index[name]].regions.values()


def egress(rulebook: Rulebook, place: Place, gb: Decimal, free_gb: Decimal | None = None) -> Charge:
    """GB to the internet. The free GB come off the first step; the catalogue's allowance unless given."""
    ladder = rulebook.catalogue.egress(CURRENT, place.provider.id, place.region)
    if free_gb is not None:
        ladder = replace(ladder, free_gb=free_gb, free=_given("internet egress, free as given", "GB per month"))
    return Charge(tuple(climb("egress", "", ladder, gb, "GB")))


def transfer(rulebook: Rulebook, source: Place, target: Place, gb: Decimal, hops: int = 1) -> Charge:
    """GB between two places: across regions, across zones of one region (billed each way), or to another cloud."""
    catalogue = rulebook.catalogue
    inside = source.provider.id == target.provider.id and source.region != target.region
    if hops != 1 and not inside:
        raise QuestionError("hops are region borders inside one cloud. Leave them out here")
    if source.provider.id != target.provider.id:
        charge = egress(rulebook, source, gb)
        note = f"Between two clouds the data leaves over the internet: {source.provider.name}'s egress rates apply."
        return replace(charge, notes=(note,))
    if source.region == target.region:
        rows = catalogue.find(CURRENT, source.provider.id, "cross_zone", source.region)
        if not rows:
            raise NoRateError(f"no rate between zones of {source.provider.id}:{source.region}: it is unknown, not free")
        figure = rows[0].figure(source.region)
        return Charge((LineItem("transfer", figure.name, exact(gb * 2), "GB", exact(figure.usd), (figure,)),))
    figure = catalogue.inter_region(CURRENT, source.provider.id, source.region, target.region)
    return Charge((LineItem("transfer", figure.name, exact(gb * hops), "GB", exact(figure.usd), (figure,)),))


def storage(rulebook: Rulebook, place: Place, tier: str, gb: Decimal) -> Charge:
    """GB kept for a month in a tier."""
    ladder = rulebook.catalogue.storage(place.provider.id, place.region, read_tier(rulebook, tier))
    return Charge(tuple(climb("storage", "", ladder, gb, "GB-month")))


def read_tier(rulebook: Rulebook, text: str) -> str:
    """The storage tier that somebody means."""
    named = {spelling: tier.id for tier in rulebook.storage_tiers for spelling in (tier.id, *tier.also_called)}
    asked = text.strip().lower()
    for spelling in (asked, asked.replace("-", "_"), asked.replace("_", "-")):
        if spelling in named:
            return named[spelling]
    raise QuestionError(f"{echo(text)} is no storage tier. {did_you_mean(asked, [t.id for t in rulebook.storage_tiers])}")


def compute(
    rulebook: Rulebook,
    place: Place,
    instance: str,
    purchase: str,
    hours: Decimal,
    count: int = 1,
    *,
    managed: bool = False,
    rate: Decimal | None = None,
) -> Charge:
    """Machines for some hours, with the managed layer's premium on a line of its own where it is wanted.

    A `rate` replaces the catalogue's, for machines or contracts that it does not have.
    """
    bought = read_purchase(rulebook, purchase)
    name = instance.removeprefix(place.provider.managed_prefix) if place.provider.managed_prefix else instance
    if rate is not None and managed:
        raise QuestionError("a rate of your own already holds what you pay. Leave out --managed")
    managed = managed or name != instance
    if rate is not None:
        item = LineItem(
            "compute", f"{name}, given rate", exact(hours * count), "instance-hours", exact(rate), (_given("rate", "hour", rate),)
        )
        return Charge((item,))
    machine = read_instance(rulebook, place.provider, name)
    figure = _price(rulebook, place, machine, bought)
    item = LineItem(
        "compute", f"{machine.name}, {rulebook.purchase[bought].name}", exact(hours * count), "instance-hours", exact(figure.usd), (figure,)
    )
    items = [item]
    if managed:
        items.append(_premium_on(rulebook, place, machine, item))
    return Charge(tuple(items), tuple(_lifecycle(machine)))


def endpoint(
    rulebook: Rulebook,
    place: Place,
    instance: str | None,
    hours: Decimal,
    count: int = 1,
    *,
    raw: bool = False,
    rate: Decimal | None = None,
) -> Charge:
    """Inference endpoints for some hours each: the provider's starter endpoint unless an instance is named."""
    quantity = exact(hours * count)
    if rate is not None:
        given = _given("rate", "hour", rate)
        return Charge((LineItem("endpoint", f"{instance or 'endpoint'}, given rate", quantity, "endpoint-hours", exact(rate), (given,)),))
    wanted = instance or place.provider.starter_endpoint
    sizes = {rate.step for rate in rulebook.catalogue.by_category.get((CURRENT, place.provider.id, "endpoint"), ())}
    named = {name.removeprefix(place.provider.managed_prefix): name for name in sizes} | {name: name for name in sizes}
    row = rulebook.catalogue.endpoint(CURRENT, place.provider.id, place.region, named[wanted]) if wanted in named else None
    if row is None:
        prefix = place.provider.managed_prefix
        machine = read_instance(rulebook, place.provider, wanted.removeprefix(prefix) if prefix else wanted)
        figure = _price(rulebook, place, machine, "on_demand")
        item = LineItem("endpoint", f"{machine.name}, raw rate", quantity, "endpoint-hours", exact(figure.usd), (figure,))
        premium = () if raw else (_premium_on(rulebook, place, machine, item),)
        return Charge((item, *premium), tuple(_lifecycle(machine)))
    ratio = general_premium(rulebook.catalogue, CURRENT, place.provider.id, "managed_premium:starter")
    figure = row.figure(place.region)
    item = LineItem("endpoint", f"{row.step}, raw rate", quantity, "endpoint-hours", exact(figure.usd) / (1 + ratio.ratio), (figure,))
    if raw:
        return Charge((item,))
    return Charge((item, LineItem("endpoint", "managed layer", item.usd, "USD of raw compute", ratio.ratio, ratio.figures)))


def read_purchase(rulebook: Rulebook, text: str) -> str:
    """The purchase that somebody means; dashes and underscores do not differ."""
    asked = text.strip().lower().replace("-", "_")
    if asked not in rulebook.purchase:
        raise QuestionError(f"{echo(text)} is no way to buy compute. {did_you_mean(asked, list(rulebook.purchase))}")
    return asked


def read_instance(rulebook: Rulebook, provider: Provider, text: str) -> Instance:
    """An instance of the provider, whatever its case."""
    by_name = {i.name.lower(): i for i in rulebook.catalogue.instances if i.provider == provider.id}
    found = by_name.get(text.strip().lower())
    if found is None:
        hint = did_you_mean(text, [i.name for i in by_name.values()])
        raise QuestionError(f"{echo(text)} is no instance of {provider.name} in the catalogue. {hint} Or give its price with --rate.")
    return found


def _price(rulebook: Rulebook, place: Place, machine: Instance, purchase: str) -> Figure:
    catalogue = rulebook.catalogue
    price = catalogue.by_key.get((place.provider.id, machine.name, place.region, purchase))
    if price is not None:
        return price_figure(price)
    regions = catalogue.regions_priced.get((place.provider.id, machine.name, purchase), ())
    where = f" Priced in: {', '.join(regions)}." if regions else ""
    raise NoRateError(f"no {purchase} price for {machine.name} in {place.provider.id}:{place.region}: it is unknown, not free.{where}")


def _premium_on(rulebook: Rulebook, place: Place, machine: Instance, item: LineItem) -> LineItem:
    premium = managed_premium(rulebook.catalogue, place.provider.id, machine, place.region)
    return LineItem(item.line, "managed layer", item.usd, "USD of raw compute", premium.ratio, (*premium.figures, *item.figures))


def _lifecycle(machine: Instance) -> Iterable[str]:
    if machine.lifecycle != ACTIVE:
        yield f"{machine.name} is {machine.lifecycle}: {machine.lifecycle_note}. A listed price is not availability."


def _given(name: str, unit: str, usd: Decimal = Decimal(0)) -> Figure:
    return Figure(usd, unit, "", name, "given with the question", None, kind=GIVEN)
