"""'How do I set this up?': the code for a plan of an advice, as files. The words are in rules/setup; nothing is computed twice here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from bot.qa.answer import Answer, Cited
from bot.qa.setup_book import SETUP_FOLDER, Book, Language, WrittenSnippet, read_book
from bot.qa.setup_code import render, sentence
from bot.qa.setup_values import Filled, filled, plan_named
from bot.words import Words
from engine.advice import Advice
from engine.rulebook import Rulebook

HOW = "How do I set this up?"
ANSWER_ID = "setup"
_MOST_SUGGESTIONS = 3
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Snippet:
    """One file, ready to be run. `says` tells in a sentence what it is; `notes` are to be read before it is used."""

    id: str
    title: str
    says: str
    file_name: str
    language: Language
    code: str
    notes: tuple[str, ...]
    sources: tuple[Cited, ...]
    claims: tuple[str, ...]


def setup_for(
    rulebook: Rulebook, advice: Advice, day: date, *, plan: str | None = None, folder: Path = SETUP_FOLDER
) -> tuple[Snippet, ...]:
    """The files for the advised plan, or for another one of the advice, the most important first.

    Sources that are dated later than `day` are left out. Raises AdviceError for a plan that the case does not have or nobody sells.
    """
    book = read_book(rulebook, folder)
    return _snippets(_filled(rulebook, advice, plan, book), book, day)


def setup_answer(rulebook: Rulebook, advice: Advice, day: date, *, plan: str | None = None, folder: Path = SETUP_FOLDER) -> Answer:
    """The answer in words: it shows the first of the files and names the others."""
    book = read_book(rulebook, folder)
    values = _filled(rulebook, advice, plan, book)
    snippets = _snippets(values, book, day)
    return Answer(
        kind="engine",
        id=ANSWER_ID,
        text=_text(rulebook, advice, plan or advice.plan, snippets),
        sources=_each_once(source for snippet in snippets for source in snippet.sources),
        claims=_each_once(claim for snippet in snippets for claim in snippet.claims),
        suggestions=(*(f"Show me {snippet.file_name}" for snippet in snippets[1:2]), *book.ask_next(values.facts))[:_MOST_SUGGESTIONS],
    )


def setup_file(rulebook: Rulebook, advice: Advice, day: date, name: str, folder: Path = SETUP_FOLDER) -> Answer | None:
    """One of the files, by its name or the end of it; None where the plan has no such file."""
    asked = name.lower()
    found = next((each for each in setup_for(rulebook, advice, day, folder=folder) if each.file_name.lower().endswith(asked)), None)
    if found is None:
        return None
    text = _render(Words(rulebook), "qa/setup_file.j2", snippet=found)
    return Answer(kind="engine", id=ANSWER_ID, text=text, sources=found.sources, claims=found.claims, suggestions=(HOW,))


def _filled(rulebook: Rulebook, advice: Advice, plan: str | None, book: Book) -> Filled:
    return filled(rulebook, advice, plan_named(advice, plan or advice.plan), book)


def _snippets(values: Filled, book: Book, day: date) -> tuple[Snippet, ...]:
    return tuple(_snippet(entry, values, book, day) for entry in book.snippets(values.facts))


def _snippet(entry: WrittenSnippet, values: Filled, book: Book, day: date) -> Snippet:
    shown = values.values.shown()
    sources = (book.written.sources[name] for name in entry.sources)
    return Snippet(
        id=entry.id,
        title=entry.title,
        says=entry.says,
        file_name=entry.file,
        language=entry.language,
        code=render(book.folder, entry.template, entry.language, shown),
        notes=tuple(sentence(note, shown) for note in book.notes(entry, values.facts)),
        sources=tuple(Cited(source.title, source.publisher, source.as_of) for source in sources if source.as_of <= day),
        claims=tuple(entry.covers),
    )


def _text(rulebook: Rulebook, advice: Advice, plan: str, snippets: Sequence[Snippet]) -> str:
    words = Words(rulebook)
    return _render(words, "qa/setup.j2", plan=words.plan(plan), layer=advice.layer, first=snippets[0], snippets=snippets)


def _render(words: Words, template: str, **values: object) -> str:
    return words.environment.get_template(template).render(**values).strip()


def _each_once(values: Iterable[_Value]) -> tuple[_Value, ...]:
    return tuple(dict.fromkeys(values))
