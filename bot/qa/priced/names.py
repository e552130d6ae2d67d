"""Every name and word of a priced question with what it means: from the catalogue, the rulebook and rules/asking/priced.yml."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.qa.priced.phrases import Phrases, ProviderNames
from engine.catalogue import CURRENT
from engine.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: str
    value: Any = ""


def meanings_of(rulebook: Rulebook, phrases: Phrases) -> Iterator[tuple[str, Meaning]]:
    for role, listed in phrases.roles.model_dump(by_alias=True).items():
        yield from ((phrase, Meaning(role)) for phrase in listed)
    lists = {
        "veto": phrases.not_asked_here,
        "open_case": phrases.open_case,
        "other_cloud": phrases.other_clouds,
        "bound": phrases.bounds,
        "filler": phrases.filler,
    }
    for kind, listed in lists.items():
        yield from ((phrase, Meaning(kind)) for phrase in listed)
    for provider in phrases.providers:
        yield from _of_provider(provider)
    for country in phrases.countries:
        there = tuple((name, tuple(regions)) for name, regions in country.regions.items())
        yield from ((phrase, Meaning("country", (country.name, there))) for phrase in country.names)
    for choice, named in phrases.choices.items():
        yield from ((phrase, Meaning("choice", choice)) for phrase in (choice, *named.names))
    for purchase in phrases.purchases:
        yield from ((phrase, Meaning("purchase", tuple(purchase.means))) for phrase in purchase.names)
    for entry in rulebook.purchases:
        yield from ((phrase, Meaning("purchase", (entry.id,))) for phrase in (entry.id, entry.name))
    for tier in rulebook.storage_tiers:
        yield from ((phrase, Meaning("tier", tier.id)) for phrase in (tier.id, *tier.also_called) if "-" in phrase or "_" in phrase)
    for name, listed in phrases.storage_tiers.items():
        yield from ((phrase, Meaning("weak_tier", name)) for phrase in listed)
    yield from _regions(rulebook)
    yield from _machines(rulebook)
    yield from _cards(rulebook)


def _of_provider(provider: ProviderNames) -> Iterator[tuple[str, Meaning]]:
    for kind, listed in (("provider", provider.names), ("managed", provider.managed), ("keeps", provider.storage)):
        yield from ((phrase, Meaning(kind, provider.id)) for phrase in listed)
    for tier, listed in provider.storage_tiers.items():
        for phrase in listed:
            yield phrase, Meaning("keeps", provider.id)
            yield phrase, Meaning("tier", tier)
    for region, listed in provider.regions.items():
        yield from ((phrase, Meaning("region", (provider.id, region))) for phrase in listed)
    for region, unpriced in provider.unpriced_regions.items():
        for phrase in (region, *unpriced.names):
            yield phrase, Meaning("unpriced", (provider.id, region, unpriced.nearest))


def _regions(rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    for provider in rulebook.providers:
        for region in rulebook.catalogue.regions(provider.id):
            yield region, Meaning("region", (provider.id, region))


def _machines(rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    """Machines by their whole name, without the part that all share, with the managed prefix, and by their group."""
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for provider in rulebook.providers:
        mine = [instance.name for instance in rulebook.catalogue.instances if instance.provider == provider.id]
        prefix = provider.managed_prefix
        for name in mine:
            for spelling in spellings(name):
                yield spelling, Meaning("instance", (provider.id, name, False))
                if prefix:
                    yield f"{prefix}{spelling}", Meaning("instance", (provider.id, name, True))
            groups[(provider.id, _group(name))].append(name)
        for rate in rulebook.catalogue.by_category.get((CURRENT, provider.id, "endpoint"), ()):
            for spelling in spellings(rate.step):
                yield spelling, Meaning("size", (provider.id, rate.step))
    for (provider_id, group), names in groups.items():
        meaning = Meaning("instance", (provider_id, names[0], False)) if len(names) == 1 else Meaning("group", (provider_id, tuple(names)))
        yield group, meaning


def spellings(name: str) -> set[str]:
    parts = name.split("_")
    short = "_".join(parts[1:]) if len(parts) > 1 else name
    return {spelling for each in (name, short) for spelling in (each, each.replace("xlarge", "xl"))}


def _group(name: str) -> str:
    """What stands before the size: g5 of g5.xlarge, and the first word of a name of several."""
    return name.split("_")[1] if "_" in name else name.split(".")[0]


def _cards(rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    for card in rulebook.accelerators:
        sizes = {i.accelerator_memory_gb: i.family for i in rulebook.catalogue.members(card.id) if i.accelerator_memory_gb is not None}
        for spelling in (card.id, *card.also_called):
            for ending in ("", "s"):
                yield f"{spelling}{ending}", Meaning("family", card.id)
                for memory, family in sizes.items():
                    size = f"{memory.normalize():f}"
                    for unit in ("gb", "g", "gib"):
                        yield f"{spelling}{ending} {size}{unit}", Meaning("family", family)
                        yield f"{size}{unit} {spelling}{ending}", Meaning("family", family)
