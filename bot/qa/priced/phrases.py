"""rules/asking/priced.yml: the words of a question for a price or a cost, checked against the rulebook."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from engine.errors import Problem, RulesError, did_you_mean, echo
from engine.knowledge import Id, Text, WrittenModel
from engine.load import RULES_FOLDER
from engine.rulebook import Rulebook
from engine.written import read_file

FILE = "asking/priced.yml"
Names = Annotated[list[Text], Field(min_length=1)]


class UnpricedRegion(WrittenModel):
    """A region that exists and has no price in the catalogue, with the nearest that has."""

    names: Names
    nearest: Id


class ProviderNames(WrittenModel):
    """What people call a provider, its managed service, its storage, its storage tiers and its regions."""

    id: Id
    names: Names
    managed: Names
    storage: Names
    storage_tiers: dict[Id, Names]
    regions: dict[Id, Names]
    unpriced_regions: dict[Id, UnpricedRegion]


class Country(WrittenModel):
    """A part of the world with the regions of each provider there that have prices."""

    name: Text
    names: Names
    regions: dict[Id, Annotated[list[Id], Field(min_length=1)]]


class ChoiceNames(WrittenModel):
    names: Names
    near: list[Id]


class PurchaseNames(WrittenModel):
    names: Names
    means: Annotated[list[Id], Field(min_length=1)]


class Roles(WrittenModel):
    """What a word does in a question."""

    cost: Names
    hourly: Names
    daily: Names
    weekly: Names
    monthly: Names
    yearly: Names
    cheaper: Names
    versus: Names
    either: Names
    which: Names
    everywhere: Names
    egress: Names
    transfer: Names
    across_regions: Names
    across_zones: Names
    across_clouds: Names
    storage: Names
    endpoint: Names
    always: Names
    card: Names
    machine: Names
    audience: Names
    from_: Names = Field(alias="from")
    to: Names
    between: Names
    inside: Names
    other_day: Names
    other_money: Names
    figures: Names
    numbers: Names
    yours: Names
    these: Names
    age: Names
    source: Names


class Settles(WrittenModel):
    """Claims that an answer settles which shows this; what is left out does not matter."""

    claims: Annotated[list[Id], Field(min_length=1)]
    intent: str = ""
    provider: str = ""
    machine: str = ""
    accelerator: str = ""
    purchase: str = ""


class Phrases(WrittenModel):
    """The file as a whole. `not_asked_here`: with one of these words the question is for somebody else."""

    providers: list[ProviderNames]
    countries: list[Country]
    choices: dict[Id, ChoiceNames]
    purchases: list[PurchaseNames]
    usual_purchases: Annotated[list[Id], Field(min_length=1)]
    storage_tiers: dict[Id, Names]
    roles: Roles
    settles: list[Settles]
    not_asked_here: Names
    open_case: Names
    bounds: Names
    other_clouds: Names
    filler: Names


def read_phrases(rulebook: Rulebook, folder: Path = RULES_FOLDER) -> Phrases:
    """The words, or RulesError with every problem."""
    phrases = read_file(folder, FILE, Phrases)
    lost = [
        Problem(FILE, 0, ".".join(map(str, path)), f"{echo(word)} is not in the rulebook. {did_you_mean(word, known)}")
        for path, word, known in _references(phrases, rulebook)
        if word not in known
    ]
    if lost:
        raise RulesError(lost)
    return phrases


def _references(phrases: Phrases, rulebook: Rulebook) -> Iterator[tuple[tuple[str | int, ...], str, Collection[str]]]:
    """Every id in the file that must lead somewhere: its path, the id, and what is known."""
    tiers = [tier.id for tier in rulebook.storage_tiers]
    for at, provider in enumerate(phrases.providers):
        here = ("providers", at)
        yield (*here, "id"), provider.id, list(rulebook.provider_index)
        regions = rulebook.catalogue.regions(provider.id)
        yield from (((*here, "storage_tiers", tier), tier, tiers) for tier in provider.storage_tiers)
        yield from (((*here, "regions", region), region, regions) for region in provider.regions)
        near = ((name, region.nearest) for name, region in provider.unpriced_regions.items())
        yield from (((*here, "unpriced_regions", name, "nearest"), nearest, regions) for name, nearest in near)
    for at, country in enumerate(phrases.countries):
        for name, listed in country.regions.items():
            yield ("countries", at, "regions", name), name, list(rulebook.provider_index)
            known = rulebook.catalogue.regions(name) if name in rulebook.provider_index else []
            yield from ((("countries", at, "regions", name), region, known) for region in listed)
    every_region = [region for provider in rulebook.providers for region in rulebook.catalogue.regions(provider.id)]
    for choice, named in phrases.choices.items():
        yield ("choices", choice), choice, rulebook.field["region"].choices
        yield from ((("choices", choice, "near"), region, every_region) for region in named.near)
    yield from ((("storage_tiers", tier), tier, tiers) for tier in phrases.storage_tiers)
    for at, purchase in enumerate(phrases.purchases):
        yield from ((("purchases", at, "means"), meant, list(rulebook.purchase)) for meant in purchase.means)
    yield from _settled(phrases, rulebook)
    yield from ((("usual_purchases",), usual, list(rulebook.purchase)) for usual in phrases.usual_purchases)


def _settled(phrases: Phrases, rulebook: Rulebook) -> Iterator[tuple[tuple[str | int, ...], str, Collection[str]]]:
    """The names of what settles a claim."""
    catalogue = rulebook.catalogue
    machines = {instance.name for instance in catalogue.instances} | {rate.step for rate in catalogue.rates if rate.category == "endpoint"}
    for at, entry in enumerate(phrases.settles):
        known = ((entry.provider, list(rulebook.provider_index)), (entry.machine, machines), (entry.purchase, list(rulebook.purchase)))
        yield from ((("settles", at), name, names) for name, names in known if name)
