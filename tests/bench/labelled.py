"""Questions in the words of people, each labelled with what answers it, and how well they are answered.

questions/*.jsonl: `claims` (any of them settles it), `intent` of the engine, `followup` on a case, or `refuse`; `half` is "tune"
or "held". The held-out half was looked at only as figures. `people` was written last, by two who
knew the claims and nothing of the entries: asked once before anything was tuned on it, hit@1 0.958, hit@3 1.0 of 240, wrong 6 of 320.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from bot.qa.answer import Answer
from bot.qa.asker import Asker

FOLDER: Final = Path(__file__).parent / "questions"
DAY: Final = date(2026, 11, 22)
Half = Literal["tune", "held"]


@dataclass(frozen=True)
class Labelled:
    """One question. `file`: claims, forum, people, refuse, engine or followup."""

    text: str
    file: str
    half: Half
    claims: frozenset[str]
    intent: str

    @property
    def is_known(self) -> bool:
        return bool(self.claims)


@dataclass(frozen=True)
class Figures:
    """Counts over some questions. `first`, `among_three`: the entry, or one of the three nearest, settles the claim.

    `wrong`: answered, and not by what answers it; every question may be answered wrongly, a refused one too.
    """

    questions: int
    known: int
    first: int
    among_three: int
    answered_right: int
    wrong: int


def labelled(file: str) -> list[Labelled]:
    return [_read(json.loads(line), file) for line in (FOLDER / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()]


def _read(line: dict[str, Any], file: str) -> Labelled:
    intent = line.get("intent") or line.get("followup") or ""
    return Labelled(line["q"], file, line["half"], frozenset(line.get("claims", ())), intent)


def every_question() -> list[Labelled]:
    """What can be asked without a case, the refused among them."""
    return [each for file in ("claims", "forum", "people", "engine", "refuse") for each in labelled(file)]


def figures(asker: Asker, questions: Iterable[Labelled]) -> Figures:
    counted = list(questions)
    ranks = [_rank(asker, each) for each in counted if each.is_known]
    answers = [(each, asker.ask(each.text, DAY)) for each in counted]
    right = sum(is_right(each, answer) for each, answer in answers)
    wrong = sum(answer.answered and not is_right(each, answer) for each, answer in answers)
    return Figures(len(counted), len(ranks), sum(r == 0 for r in ranks), sum(r < 3 for r in ranks), right, wrong)


def is_right(question: Labelled, answer: Answer) -> bool:
    if question.intent:
        return answer.kind == "engine" and answer.id == question.intent
    return answer.answered and bool(question.claims & set(answer.claims))


def _rank(asker: Asker, question: Labelled) -> int:
    """At which place an entry stands that settles it, from 0; 99 where none of the nearest does."""
    entries = asker.nearest(question.text)
    return next((at for at, entry in enumerate(entries) if question.claims & set(entry.covers)), 99)
