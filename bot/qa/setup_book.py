"""rules/setup/setup.yml: which snippet for which plan, with its words and sources. Shapes and conditions; nothing is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.conditions import Condition, ConditionError, FactKind, Vocabulary, compile_line, one_case
from engine.errors import Problems, RulesError, did_you_mean
from engine.knowledge import Id, Lines, Source, Text, Whole
from engine.load import RULES_FOLDER
from engine.rulebook import Rulebook
from engine.written import read_file

SETUP_FOLDER = RULES_FOLDER / "setup"
FILE = "setup.yml"
NOBODY = "none"
Language = Literal["python", "terraform", "shell"]
FileName = Annotated[str, Field(pattern=r"^([a-z0-9_]+/)?[a-z0-9_]+\.(py|tf|sh)$", max_length=80)]
TemplateName = Annotated[str, Field(pattern=r"^[a-z0-9_]+\.(py|tf|sh)\.j2$", max_length=80)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Written):
    """What a job may take: hours become seconds within these."""

    longest_job_hours: Whole
    shortest_job_hours: Whole
    spot_wait_hours: Whole
    sources: Annotated[list[Id], Field(min_length=1)]


class WrittenNote(_Written):
    """Something to know before running the code."""

    text: Text
    when: Lines = {}
    unless: Lines = {}


class WrittenSnippet(_Written):
    """One file: the template it comes from, and for whom it is."""

    id: Id
    title: Text
    says: Text
    template: TemplateName
    file: FileName
    language: Language
    when: Lines = {}
    unless: Lines = {}
    notes: list[WrittenNote] = []
    sources: Annotated[list[Id], Field(min_length=1)]
    covers: list[Id] = []


class WrittenQuestion(_Written):
    """A question to ask next; it is one that an entry answers."""

    ask: Text
    when: Lines = {}
    unless: Lines = {}


class WrittenBook(_Written):
    limits: Limits
    own_image_machines: list[Text]
    sources: dict[Id, Source]
    snippets: Annotated[list[WrittenSnippet], Field(min_length=1)]
    ask_next: list[WrittenQuestion]


@dataclass(frozen=True)
class Book:
    """The written book with its conditions ready to be tested."""

    written: WrittenBook
    folder: Path
    vocabulary: Vocabulary
    conditions: Mapping[tuple[str, ...], Condition]

    def snippets(self, facts: Mapping[str, object]) -> tuple[WrittenSnippet, ...]:
        return tuple(entry for entry in self.written.snippets if self._holds((entry.id,), facts))

    def notes(self, entry: WrittenSnippet, facts: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(note.text for at, note in enumerate(entry.notes) if self._holds((entry.id, str(at)), facts))

    def ask_next(self, facts: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(q.ask for q in self.written.ask_next if self._holds(("", q.ask), facts))

    def _holds(self, key: tuple[str, ...], facts: Mapping[str, object]) -> bool:
        return bool(self.conditions[key].holds(one_case(facts, self.vocabulary), 1)[0])


@lru_cache(maxsize=8)
def read_book(rulebook: Rulebook, folder: Path = SETUP_FOLDER) -> Book:
    """The book of a folder. Raises RulesError with every problem of it."""
    written = read_file(folder, FILE, WrittenBook)
    vocabulary = vocabulary_of(rulebook)
    problems = Problems()
    conditions: dict[tuple[str, ...], Condition] = {}
    for entry in written.snippets:
        conditions[entry.id,] = _condition(entry, entry.id, vocabulary, problems)
        for at, note in enumerate(entry.notes):
            conditions[entry.id, str(at)] = _condition(note, entry.id, vocabulary, problems)
        _check_names(entry, written, folder, problems)
    for question in written.ask_next:
        conditions["", question.ask] = _condition(question, "ask_next", vocabulary, problems)
    for name in written.limits.sources:
        _check_source(name, "limits", written, problems)
    _check_twice(written, problems)
    if problems:
        raise RulesError(problems.found)
    return Book(written, folder, vocabulary, conditions)


def vocabulary_of(rulebook: Rulebook) -> dict[str, FactKind]:
    """What a line of setup.yml may test."""
    clouds = (*(provider.id for provider in rulebook.providers), NOBODY)
    starters = (p.starter_endpoint.removeprefix(p.managed_prefix) for p in rulebook.providers)
    machines = (*dict.fromkeys((*(i.name for i in rulebook.catalogue.instances), *starters)), NOBODY)
    return {
        "training": FactKind("word", clouds),
        "serving": FactKind("word", clouds),
        "layer": FactKind("word", ("managed", "raw")),
        "purchase": FactKind("word", (*(purchase.id for purchase in rulebook.purchases), NOBODY)),
        "training_machine": FactKind("word", machines),
        "serving_machine": FactKind("word", machines),
        "inference_regions": FactKind("number"),
        "clouds": FactKind("set", clouds[:-1]),
        "split": FactKind("flag"),
        "cut_short": FactKind("flag"),
        "retired": FactKind("flag"),
    }


def _condition(written: WrittenSnippet | WrittenNote | WrittenQuestion, name: str, facts: Vocabulary, problems: Problems) -> Condition:
    parts = []
    for lines in (written.when, written.unless):
        compiled = []
        for fact, test in lines.items():
            try:
                compiled.append(compile_line(fact, test, facts))
            except ConditionError as error:
                problems.add(FILE, 0, name, str(error))
        parts.append(tuple(compiled))
    return Condition(*parts)


def _check_names(entry: WrittenSnippet, written: WrittenBook, folder: Path, problems: Problems) -> None:
    for name in entry.sources:
        _check_source(name, entry.id, written, problems)
    if not (folder / entry.template).is_file():
        problems.add(FILE, 0, entry.id, f"there is no template {entry.template}")


def _check_source(name: str, where: str, written: WrittenBook, problems: Problems) -> None:
    if name not in written.sources:
        problems.add(FILE, 0, where, f"{name!r} is no source. {did_you_mean(name, list(written.sources), 'Sources')}")


def _check_twice(written: WrittenBook, problems: Problems) -> None:
    ids = [entry.id for entry in written.snippets]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        problems.add(FILE, 0, name, "is written twice. Keep one")
