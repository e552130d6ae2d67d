"""Is what answers questions sound? Every problem of the knowledge, of the words that are understood, and of the code that is handed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.qa.entries import Library, check_entries
from bot.qa.oncase.asking import load_asking
from bot.qa.search import read_refused
from bot.qa.setup_book import read_book
from bot.qa.vocabulary import read_vocabulary
from bot.words import Words
from engine.dimensions import load_dimensions
from engine.entries import KNOWLEDGE_FOLDER, load_entries
from engine.errors import Problem, RulesError
from engine.rulebook import Rulebook

_SETUP = "setup"


@dataclass(frozen=True)
class Answers:
    """Counts of what is sound."""

    entries: int
    forms: int
    refused: int
    snippets: int
    dimensions: int


def check_answers(rulebook: Rulebook, folder: Path, day: date) -> Answers:
    """Raises RulesError with what is wrong, one kind of file after the other: the later rest on the earlier."""
    entries = load_entries(rulebook, folder / KNOWLEDGE_FOLDER.name)
    if not entries:
        raise RulesError([Problem(KNOWLEDGE_FOLDER.name, 0, "", "has no entry. Put one there")])
    check_entries(Library(Words(rulebook, shows_private=False), entries), day)
    dimensions = load_dimensions(rulebook, folder, entries)
    read_vocabulary(folder)
    load_asking(folder)
    refused = read_refused(folder)
    book = read_book(rulebook, folder / _SETUP)
    return Answers(
        entries=len(entries),
        forms=sum(1 + len(entry.asked_as) for entry in entries),
        refused=sum(len(group.asked_as) for group in refused.refused),
        snippets=len(book.written.snippets),
        dimensions=len(dimensions.dimensions),
    )
