"""Which entry answers a question: four ways to compare, added up; chosen by `tests/bench/test_bench_questions.py`.

Beside the entries stand groups of questions that are refused, so that what is like them is like no entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from pydantic import Field

from bot.qa.space import Scores, Space
from bot.qa.subjects import read_subjects
from bot.qa.vocabulary import Vocabulary, grams
from bot.qa.wording import plain
from engine.entries import Entry
from engine.knowledge import Text, WrittenModel
from engine.load import RULES_FOLDER
from engine.written import read_file

_WAYS: Final = 4
_SURE_PCT: Final = 12
_APART_COUNTS: Final = 4
_FAR_PCT: Final = 10
_POWER: Final = 3  # between the mean of the likeness to an entry's forms and the greatest


class Group(WrittenModel):
    about: Text
    asked_as: Annotated[list[Text], Field(min_length=1)]


class Refused(WrittenModel):
    """Questions that are not answered here, by what they are about."""

    refused: list[Group]


def read_refused(folder: Path = RULES_FOLDER) -> Refused:
    return read_file(folder / "asking", "refused.yml", Refused)


@dataclass(frozen=True)
class Found:
    """Entries, the likeliest first. `score`: how like the first is, from 0 to 1; `known`: how far it lies above the nearest question
    that is refused; `apart`: how far above the nearest entry that settles something else, or that is about what is not asked for."""

    entries: tuple[Entry, ...]
    score: float
    known: float
    apart: float

    @property
    def is_sure(self) -> bool:
        """Fitted by logistic regression on questions that were in no index; above even odds by some way. What is far below an entry
        about something else is only its neighbour."""
        return self.apart > -_FAR_PCT / 100 and self.known + self.apart / _APART_COUNTS >= _SURE_PCT / 100


class Search:
    """Built once for a rulebook's entries; answering changes nothing in it."""

    def __init__(self, entries: Sequence[Entry], refused: Refused, vocabulary: Vocabulary, folder: Path = RULES_FOLDER) -> None:
        self._entries = tuple(entries)
        self._subject = read_subjects(folder)
        self._about = [self._subject.of(entry) for entry in entries]
        claims = sorted({claim for entry in entries for claim in entry.covers})
        self._settled = np.array([[claim in entry.covers for claim in claims] for entry in entries], dtype=np.int32)
        asked = [[entry.question, *entry.asked_as] for entry in entries] + [group.asked_as for group in refused.refused]
        forms = [[plain(form) for form in each] for each in asked]
        weighted = [" ".join([each[0]] * 2 + each) if at < len(entries) else " ".join(each) for at, each in enumerate(forms)]
        bodies = [_about(entry) for entry in entries] + [""] * len(refused.refused)
        self._owner = np.repeat(np.arange(len(forms)), [len(each) for each in forms])
        self._letters = Space(weighted, grams)
        self._words = Space(weighted, vocabulary.features)
        self._whole = Space([f"{asked} {body}" for asked, body in zip(weighted, bodies, strict=True)], vocabulary.features)
        self._forms = Space([form for each in forms for form in each], grams)

    def find(self, text: str, most: int = 4) -> Found:
        scores = self._scores(plain(text))
        entries, refused = scores[: len(self._entries)], scores[len(self._entries) :]
        elsewhere = self._subject.elsewhere(self._about, text)
        neighbour = entries[elsewhere].max(initial=0)
        entries[elsewhere] = 0
        order = np.argsort(-entries, kind="stable")
        first = order[0]
        others = self._settled[first] @ self._settled.T == 0  # no claim in common
        others[first] = False
        return Found(
            tuple(self._entries[at] for at in order[:most]),
            float(entries[first]),
            float(entries[first] - refused.max(initial=0)),
            float(entries[first] - max(neighbour, entries[others].max(initial=0))),
        )

    def _scores(self, text: str) -> Scores:
        nearest = np.zeros(self._letters.count, dtype=np.float32)
        np.add.at(nearest, self._owner, self._forms.scores(text) ** _POWER)
        added = self._letters.scores(text) + self._words.scores(text) + self._whole.scores(text) + np.cbrt(nearest)
        return np.asarray(added / np.float32(_WAYS), dtype=np.float32)


def _about(entry: Entry) -> str:
    return plain(" ".join([entry.said, *entry.topics, entry.id.replace("-", " ")]))
