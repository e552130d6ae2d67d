"""A question in, an answer out: the engine's where it has one, else the knowledge's, else that nothing is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from bot.qa.answer import Answer
from bot.qa.changes import read_changes, supposes
from bot.qa.entries import Library
from bot.qa.named import typical_case
from bot.qa.oncase import OnCase, OpenCase
from bot.qa.priced import Priced
from bot.qa.search import Found, Search, read_refused
from bot.qa.vocabulary import read_vocabulary
from bot.qa.whatif import Supposed, suppose
from bot.qa.wording import plain
from bot.words import Words
from engine.advise import advise
from engine.entries import KNOWLEDGE_FOLDER, Entry, load_entries
from engine.load import RULES_FOLDER
from engine.rulebook import Rulebook

_MOST_SUGGESTIONS = 3


class Asker:
    """Everything that answers questions, over one rulebook; built once, and never changed by a question. Threads may ask at once."""

    def __init__(self, rulebook: Rulebook, folder: Path = RULES_FOLDER) -> None:
        self.rulebook = rulebook
        self.words = Words(rulebook, shows_private=False)
        self.library = Library(self.words, load_entries(rulebook, folder / KNOWLEDGE_FOLDER.name))
        self.on_case = OnCase(rulebook)
        self._own_words = Words(rulebook)
        self._priced = Priced(rulebook)
        self._priced.prepare()
        self._vocabulary = read_vocabulary(folder)
        self._search = Search(self.library.entries, read_refused(folder), self._vocabulary)
        self._unknown = self.words.environment.get_template("qa/unknown.j2").module

    def ask(self, text: str, day: date, *, shows_private: bool = True, so_far: OpenCase | None = None) -> Answer:
        """The answer to a question without a verdict. What only a case can answer is answered over the case so far, else over a typical
        one, which is said.

        `shows_private` is False where others read: a discount that somebody supposes is then named and never written.
        """
        opened = so_far or replace(_typical(self.rulebook, day), shows_private=shows_private)
        answer = next(self._without_a_verdict(text, opened))
        return replace(answer, suggestions=tuple(each for each in answer.suggestions if plain(each) != plain(text)))

    def nearest(self, text: str) -> tuple[Entry, ...]:
        """The entries that come nearest, the likeliest first, whether any of them is sure or not."""
        return self._search.find(text).entries

    def begins_advice(self, text: str, answer: Answer) -> bool:
        """Whoever asks this wants the five questions, rather than a text about them or an answer over somebody's typical numbers."""
        return answer.id in self._vocabulary.begins_advice or self.on_case.intent(text) == answer.id

    def supposes(self, text: str) -> bool:
        return supposes(text, self.rulebook)

    def what_if(self, text: str, opened: OpenCase) -> Supposed | None:
        """What becomes of a case where something changes; None where the text names no change."""
        changes = read_changes(text, self.rulebook, opened.case)
        if not (changes.found or changes.asks_back):
            return None
        return suppose(self._own_words if opened.shows_private else self.words, changes, opened)

    # -- without a verdict -----------------------------------------------------------------------------------------

    def _without_a_verdict(self, text: str, opened: OpenCase) -> Iterator[Answer]:
        """The first is the answer."""
        if not any(letter.isalnum() for letter in plain(text)):
            yield self._not_known("nothing_asked")
        if answer := self._priced.ask(text, opened.day):
            yield answer
        if answer := self.on_case.ask(text, opened):
            yield answer
        if self.supposes(text) and (supposed := self.what_if(text, opened)):
            yield supposed.answer
        found = self._search.find(text)
        if found.is_sure:
            yield self.library.answer(found.entries[0], opened.day)
        if supposed := self.what_if(text, opened):  # only a piece of one: `with H100s in Europe`
            yield supposed.answer
        yield self._nearest(found)

    def _nearest(self, found: Found) -> Answer:
        questions = tuple(entry.question for entry in found.entries[:_MOST_SUGGESTIONS])
        return self._not_known("nearest", len(questions), suggestions=questions)

    def _not_known(self, sentence: str, *values: object, suggestions: tuple[str, ...] = ()) -> Answer:
        said = " ".join(str(getattr(self._unknown, sentence)(*values)).split())
        return Answer(kind="unknown", id="unknown", text=said, suggestions=suggestions)


@lru_cache(maxsize=4)
def _typical(rulebook: Rulebook, day: date) -> OpenCase:
    """Nobody's case, for what only a case can answer."""
    case = typical_case(rulebook, day)
    return OpenCase(case, advise(case, rulebook, day), {}, day, shows_private=True, assumed="typical")
