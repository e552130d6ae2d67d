"""Where a question is priced: the regions that it names, their counterparts, or the first region choice where it names none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.qa.priced.reading import Reading, Spot
from engine.calculator import Place
from engine.knowledge import Provider
from engine.rulebook import Rulebook

_MOST_PLACES = 3


@dataclass(frozen=True)
class Assumed:
    """Something that was taken for granted, said before the figures."""

    kind: str
    value: Any = ""


@dataclass(frozen=True)
class Unpriced(Exception):
    """A region that has no prices here, with the nearest that has."""

    provider: str
    region: str
    nearest: str


@dataclass(frozen=True)
class Nowhere(Exception):
    """A part of the world in which no region has prices here; `known`: it is known to be one."""

    place: str
    known: bool


@dataclass(frozen=True)
class Where:
    places: tuple[Place, ...]
    assumed: tuple[Assumed, ...] = ()


def where(reading: Reading, rulebook: Rulebook, only: list[str] | None = None) -> Where:
    """The places of a question about each provider that it names, or about `only` those that sell what it names.

    Raises Unpriced where it names a region that has no prices, and Nowhere for a country where nobody has one.
    """
    check_priced(reading)
    named = only or reading.providers or list(rulebook.provider_index)
    found = [_of_provider(reading, rulebook.providers[rulebook.provider_index[name]], rulebook) for name in dict.fromkeys(named)]
    if not any(each.places for each in found):
        raise Nowhere(country_of(reading), known=True)
    return Where(tuple(p for each in found for p in each.places), tuple(dict.fromkeys(a for each in found for a in each.assumed)))


def country_of(reading: Reading) -> str:
    return next(str(spot.value[0]) for spot in reading.spots if spot.kind == "country")


def check_priced(reading: Reading) -> None:
    for spot in reading.spots:
        if spot.kind == "unpriced":
            raise Unpriced(*spot.value)
    if reading.unread_place and not reading.gigabytes:
        raise Nowhere(reading.unread_place, known=False)


def _of_provider(reading: Reading, provider: Provider, rulebook: Rulebook) -> Where:
    regions = [region for spot in reading.spots for region in regions_of(spot, provider)]
    if regions:
        return Where(tuple(Place(provider, region) for region in list(dict.fromkeys(regions))[:_MOST_PLACES]))
    countries = [spot for spot in reading.spots if spot.kind == "country"]
    if countries:
        return Where((), (Assumed("not_there", (provider.name, countries[0].value[0])),))
    others = [spot for spot in reading.spots if spot.kind == "region"]
    if others:
        choice = _choice(others[0], rulebook) or reading.near.get(others[0].value[1])
        place = Place(provider, provider.regions[choice or default_choice(rulebook)])
        return Where((place,), (Assumed("counterpart" if choice else "no_counterpart", (others[0].value[1], place.region)),))
    choice = default_choice(rulebook)
    return Where((Place(provider, provider.regions[choice]),), (Assumed("region", choice),))


def regions_of(spot: Spot, provider: Provider) -> tuple[str, ...]:
    """The regions of the provider at a place; none where it is another's."""
    if spot.kind == "choice":
        return (provider.regions[spot.value],)
    if spot.kind == "country":
        return next((regions for name, regions in spot.value[1] if name == provider.id), ())
    return (spot.value[1],) if spot.kind == "region" and spot.value[0] == provider.id else ()


def _choice(spot: Spot, rulebook: Rulebook) -> str | None:
    """The region choice that a provider's region stands for."""
    owner, region = spot.value
    regions = rulebook.providers[rulebook.provider_index[owner]].regions
    return next((choice for choice, mine in regions.items() if mine == region), None)


def default_choice(rulebook: Rulebook) -> str:
    return rulebook.field["region"].choices[0]


def place_of(spot: Spot, rulebook: Rulebook, fallback: str) -> Place:
    """One end of a transfer; a choice belongs to the provider that is named beside it."""
    owner = rulebook.providers[rulebook.provider_index[spot.value[0] if spot.kind == "region" else fallback]]
    regions = regions_of(spot, owner)
    if not regions:
        raise Nowhere(spot.value[0], known=True)
    return Place(owner, regions[0])
