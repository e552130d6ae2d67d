"""What a text names, of providers and of machines, and what an entry is about: it answers no question that names only something else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from bot.qa.wording import plain
from engine.entries import Entry
from engine.knowledge import Id, Text, WrittenModel
from engine.load import RULES_FOLDER
from engine.written import read_file

_MARKS: Final = re.compile(r"[^a-z0-9]+")
_FEWEST: Final = 3  # forms that name a thing, before an entry is about it
_MOSTLY_PCT: Final = 80  # of the forms that name any provider
Names = Annotated[list[Text], Field(min_length=1)]


class Card(WrittenModel):
    """What a card is called; `of`: the machines of each provider that hold it."""

    names: Names
    of: dict[Id, Names]


class Subjects(WrittenModel):
    providers: dict[Id, Names]
    machines: Annotated[list[Card], Field(min_length=1)]


@dataclass(frozen=True)
class About:
    """`provider`: the only one that an entry is about, or ""; `machines`: those that its forms name, empty where it is about none."""

    provider: str = ""
    machines: frozenset[str] = frozenset()


class Subject:
    """The names of rules/asking/subjects.yml, ready to be looked for."""

    def __init__(self, subjects: Subjects) -> None:
        named = {
            name: [*names, *(m for card in subjects.machines for m in card.of.get(name, ()))] for name, names in subjects.providers.items()
        }
        self._providers = {name: _pattern(spellings) for name, spellings in named.items()}
        self._machines = {card.names[0]: _pattern([*card.names, *chain(*card.of.values())]) for card in subjects.machines}

    def providers(self, text: str) -> frozenset[str]:
        return _named(self._providers, text)

    def machines(self, text: str) -> frozenset[str]:
        return _named(self._machines, text)

    def of(self, entry: Entry) -> About:
        """By the forms in which it is asked for."""
        forms = (entry.question, *entry.asked_as)
        return About(_only([self.providers(form) for form in forms]), _shared([self.machines(form) for form in forms]))

    def elsewhere(self, abouts: Sequence[About], text: str) -> list[bool]:
        """For each entry whether it is about others alone, where the text names one provider or some machines."""
        providers, machines = self.providers(text), self.machines(text)
        return [_is_elsewhere(about, providers, machines) for about in abouts]


def _is_elsewhere(about: About, providers: frozenset[str], machines: frozenset[str]) -> bool:
    another = bool(about.provider) and len(providers) == 1 and about.provider not in providers
    return another or (bool(about.machines) and bool(machines) and not about.machines & machines)


def read_subjects(folder: Path = RULES_FOLDER) -> Subject:
    return Subject(read_file(folder / "asking", "subjects.yml", Subjects))


def _only(named: Sequence[frozenset[str]]) -> str:
    """The provider that the question itself names, where nearly all forms name it that name any."""
    counted = Counter(min(each) for each in named if len(each) == 1)
    first, count = next(iter(counted.most_common(1)), ("", 0))
    enough = count >= _FEWEST and 100 * count >= _MOSTLY_PCT * sum(map(bool, named))
    return first if enough and named[0] == {first} else ""


def _shared(named: Sequence[frozenset[str]]) -> frozenset[str]:
    """The machines of an entry whose question names one, and so do several of its forms."""
    machines = Counter(machine for each in named for machine in each)
    return frozenset(machines) if named[0] and sum(map(bool, named)) >= _FEWEST else frozenset()


def _named(patterns: dict[str, re.Pattern[str]], text: str) -> frozenset[str]:
    written = _MARKS.sub(" ", plain(text))
    return frozenset(name for name, pattern in patterns.items() if pattern.search(written))


def _pattern(spellings: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, spellings))})s?\b")
