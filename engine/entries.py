"""rules/knowledge/ -> entries: short answers to questions that people ask, each with the forms in which they ask it and its sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from engine.errors import Problems, RulesError, did_you_mean, echo
from engine.knowledge import Claim, Id, Number, Source, Text, WrittenModel
from engine.load import RULES_FOLDER
from engine.rulebook import Rulebook
from engine.written import Written

KNOWLEDGE_FOLDER = RULES_FOLDER / "knowledge"
Topic = Literal[
    "training", "inference", "gpu-pricing", "cold-start", "egress", "managed-ml", "hybrid", "decision-matrix", "spreadsheet",
    "multi-cloud", "quick-wins", "permissions", "data-storage", "compute", "environment", "maturity",
]  # fmt: skip
_FEWEST_FORMS = 8
_LONGEST_QUESTION = 75  # it becomes a button
_MOST_WORDS = 140
_HEAD = re.compile(r"---\n(.*?\n)---\n(.*)", re.DOTALL)
_CALL = re.compile(r"\{\{.*?\}\}")
_MARKUP = re.compile(r"^(?:#|\||>|!)|\]\(|\{%|<[a-z/!]", re.MULTILINE)


def _question(value: str) -> str:
    if len(value) > _LONGEST_QUESTION or not value.endswith("?"):
        raise ValueError(f"a question of at most {_LONGEST_QUESTION} characters is needed, with its question mark")
    return value


class EntryFigure(WrittenModel):
    """A figure that the catalogue does not have: of an article or a document."""

    value: Number
    unit: Text
    note: Text


class Head(WrittenModel):
    """The front matter of an entry.

    `covers`: claims of the two source articles; `checked`: what came of checking what it answers; `see`: what people ask next.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    question: Annotated[Text, AfterValidator(_question)]
    asked_as: Annotated[list[Text], Field(min_length=_FEWEST_FORMS)]
    topics: Annotated[list[Topic], Field(min_length=1)]
    covers: list[Annotated[str, Field(pattern=r"^[AB][1-9][0-9]?$")]]
    checked: Literal["holds", "slip", "contradicted", "out-of-date", "unverified", "imprecise", "method"]
    sources: Annotated[list[Source], Field(min_length=1)]
    rules: list[Claim] = Field(default_factory=list)
    figures: dict[Id, EntryFigure] = Field(default_factory=dict)
    see: list[str] = Field(default_factory=list)


class Entry(Head):
    """`body` is Markdown with calls such as `{{ price(...) }}` in it; the words for their values are chosen elsewhere."""

    body: str

    @property
    def said(self) -> str:
        """The body without its figures."""
        return _CALL.sub(" ", self.body)


def load_entries(rulebook: Rulebook, folder: Path = KNOWLEDGE_FOLDER) -> tuple[Entry, ...]:
    """Every entry of the folder, in the order of their files. Raises RulesError with every problem found."""
    problems = Problems()
    entries = {str(path.relative_to(folder)): entry for path in _files(folder, problems) if (entry := _read(path, folder, problems))}
    if not problems:  # else most of what follows would follow from them
        _check(entries, rulebook, problems)
    if problems:
        raise RulesError(problems.found)
    return tuple(entries.values())


def _files(folder: Path, problems: Problems) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        if path.suffix == ".md":
            yield path
        else:
            problems.add(str(path.relative_to(folder)), 0, "", "is not read. Entries end in .md")


def _read(path: Path, folder: Path, problems: Problems) -> Entry | None:
    name = str(path.relative_to(folder))
    try:
        parts = _HEAD.fullmatch(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        problems.add(name, 0, "", "cannot be read as UTF-8 text")
        return None
    if parts is None:
        problems.add(name, 1, "", "has no front matter. Begin with `---`, the keys, `---`, then the answer")
        return None
    head = Written({name: parts[1].encode()}, problems).read(name, Head)
    if head is None:
        return None
    _check_body(name, parts[2], problems)
    if path.stem != head.id or path.parent.name != head.topics[0]:
        problems.add(name, 0, "id", f"the file of this entry is {head.topics[0]}/{head.id}.md")
    return Entry.model_construct(**head.__dict__, body=parts[2].strip())


def _check_body(name: str, body: str, problems: Problems) -> None:
    said = _CALL.sub("x", body)
    if _MARKUP.search(said):
        problems.add(name, 0, "body", "only paragraphs, lists, **bold** and `code` are shown everywhere")
    if not 1 <= len(said.split()) <= _MOST_WORDS:
        problems.add(name, 0, "body", f"{len(said.split())} words; from 1 to {_MOST_WORDS} are read")


def _check(entries: dict[str, Entry], rulebook: Rulebook, problems: Problems) -> None:
    ids = {entry.id for entry in entries.values()}
    _once(((name, entry.id) for name, entry in entries.items()), "id", problems)
    forms = ((name, form.casefold()) for name, entry in entries.items() for form in (entry.question, *entry.asked_as))
    _once(forms, "asked_as", problems)
    rules = {rule.written.id for rule in rulebook.rules}
    for name, entry in entries.items():
        _known(name, "see", entry.see, ids - {entry.id}, problems)
        _known(name, "rules", entry.rules, rules, problems)


def _once(said: Iterable[tuple[str, str]], field: str, problems: Problems) -> None:
    seen: dict[str, str] = {}
    for name, text in said:
        if (other := seen.setdefault(text, name)) != name:
            problems.add(name, 0, field, f"{echo(text)} stands in {other} already. Keep one")


def _known(name: str, field: str, written: Iterable[str], known: Iterable[str], problems: Problems) -> None:
    for each in written:
        if each not in known:
            problems.add(name, 0, field, f"unknown {echo(each)}. {did_you_mean(each, list(known))}")
