"""Words as they are compared: cut to their stems, and beside them what they mean where several words mean the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from bot.qa.wording import plain
from engine.knowledge import Text, WrittenModel
from engine.load import RULES_FOLDER
from engine.written import read_file

_WORD = re.compile(r"[a-z0-9]+(?:[._][a-z0-9]+)*")
_ENDING = re.compile(r"(?:ations|ation|ings|ing|ies|ied|ed|es|s|er|ers|ly|ment|ments)$")
_SHORT = 4
_GRAMS = (3, 4, 5)
_NOT_LETTERS = re.compile(r"[^a-z0-9$%]+")


class Concepts(WrittenModel):
    """`begins_advice`: the entries that stand for the wish to be advised."""

    concepts: dict[str, Annotated[list[Text], Field(min_length=1)]]
    begins_advice: list[Text]


class Vocabulary:
    """The concepts of rules/asking/vocabulary.yml, by the words of their phrases."""

    def __init__(self, concepts: Concepts) -> None:
        self._concept = {tuple(_words(phrase)): name for name, phrases in concepts.concepts.items() for phrase in phrases}
        self.begins_advice = frozenset(concepts.begins_advice)
        self._longest = max(map(len, self._concept), default=0)

    def features(self, text: str) -> Iterator[str]:
        """Of a plain text: the stem of each word, then each concept in it; the longest phrase at a place wins."""
        words = _words(text)
        yield from map(_stem, words)
        at = 0
        while at < len(words):
            length, concept = self._at(words, at)
            if concept:
                yield f"#{concept}"
            at += length

    def _at(self, words: list[str], at: int) -> tuple[int, str]:
        for length in range(min(self._longest, len(words) - at), 0, -1):
            if concept := self._concept.get(tuple(words[at : at + length])):
                return length, concept
        return 1, ""


def read_vocabulary(folder: Path = RULES_FOLDER) -> Vocabulary:
    return Vocabulary(read_file(folder / "asking", "vocabulary.yml", Concepts))


def grams(text: str) -> Iterator[str]:
    """Runs of three to five characters, over the borders of words: they hardly mind a slip of the keyboard."""
    padded = f" {_NOT_LETTERS.sub(' ', text).strip()} "
    for length in _GRAMS:
        yield from (padded[at : at + length] for at in range(len(padded) - length + 1))


def _words(text: str) -> list[str]:
    return _WORD.findall(plain(text))


def _stem(word: str) -> str:
    if len(word) <= _SHORT:
        return word[:-1] if len(word) == _SHORT and word.endswith("s") else word
    return _ENDING.sub("", word) or word
