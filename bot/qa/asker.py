"""A question in, an answer out: the engine's where it has one, else the knowledge's, else that nothing is known."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from bot.qa.answer import Answer
from bot.qa.entries import Library
from bot.qa.search import Hit, Search, read_refused
from bot.qa.vocabulary import read_vocabulary
from bot.qa.wording import plain
from bot.words import Words
from engine.entries import KNOWLEDGE_FOLDER, load_entries
from engine.load import RULES_FOLDER
from engine.rulebook import Rulebook

# Chosen on the tuning half of tests/bench/questions: below it the nearest questions are offered instead.
SURE: Final = 18  # hundredths of a likeness
_MOST_SUGGESTIONS = 3


class Asker:
    """Everything that answers questions, over one rulebook; built once, and never changed by a question."""

    def __init__(self, rulebook: Rulebook, folder: Path = RULES_FOLDER) -> None:
        self.words = Words(rulebook, shows_private=False)
        self.library = Library(self.words, load_entries(rulebook, folder / KNOWLEDGE_FOLDER.name))
        self._search = Search(self.library.entries, read_refused(folder), read_vocabulary(folder))
        self._unknown = self.words.environment.get_template("qa/unknown.j2").module

    def ask(self, text: str, day: date) -> Answer:
        """The answer to a question without a case."""
        if not any(letter.isalnum() for letter in plain(text)):
            return self._not_known("nothing_asked")
        hits = self._search.hits(text)
        best = hits[0]
        if best.entry is None or best.score * 100 < SURE:
            return self._nearest(hits)
        return self.library.answer(best.entry, day)

    def _nearest(self, hits: list[Hit]) -> Answer:
        questions = [hit.entry.question for hit in hits if hit.entry is not None][:_MOST_SUGGESTIONS]
        return self._not_known("nearest", len(questions), suggestions=tuple(questions))

    def _not_known(self, sentence: str, *values: object, suggestions: tuple[str, ...] = ()) -> Answer:
        said = " ".join(str(getattr(self._unknown, sentence)(*values)).split())
        return Answer(kind="unknown", id="unknown", text=said, suggestions=suggestions)
