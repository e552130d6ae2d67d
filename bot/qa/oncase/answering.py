"""A question on the open case -> its answer, or None where it is not one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from bot.qa import setup
from bot.qa.answer import Answer
from bot.qa.oncase import buying, deciding
from bot.qa.oncase.asking import load_asking
from bot.qa.oncase.opened import OpenCase
from bot.qa.oncase.reading import Question, Reader
from bot.qa.oncase.telling import Telling, Told
from bot.qa.wording import plain
from bot.words import Words
from engine.rulebook import Rulebook

# A file of the code for the plan, asked for by its name and nothing else.
_FILE = re.compile(r"(?:show |give |open |print |see )?(?:me |us )?(?:the )?(?:file )?([a-z_]{1,40}\.(?:py|tf|sh))(?: please)?[ ?.!]*")
Wish = Literal["adopt", "drop"]
_TELL: dict[str, Callable[[Telling], Told]] = {
    "why": deciding.why, "why_not": deciding.why_not, "flips": deciding.flips, "who_answered": deciding.who_answered,
    "confidence": deciding.confidence, "assumptions": deciding.assumptions, "quick_wins": deciding.quick_wins, "verdict": deciding.verdict,
    "show_line": buying.show_line, "lines": buying.lines, "price_source": buying.price_source, "price_age": buying.price_age,
    "compare_purchases": buying.compare_purchases,
}  # fmt: skip


class OnCase:
    """Answers questions on a case from its advice: the same words as the reply, and no number but the engine's."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self.reader = Reader(rulebook, load_asking())
        self._words = {shows: Words(rulebook, shows_private=shows) for shows in (True, False)}

    def intent(self, text: str) -> str | None:
        """What a question asks of a case, without a case."""
        question = self.reader.question(text)
        return question.intent if question else None

    def ask(self, text: str, open_case: OpenCase) -> Answer | None:
        if answer := self._file(text, open_case):
            return answer
        question = self.reader.question(text)
        if question is None:
            return None
        if question.intent == setup.ANSWER_ID:
            return self._setup(opened=open_case)
        told = self._told(question, open_case)
        return Answer(
            kind="engine",
            id=question.intent,
            text=told.text,
            sources=told.sources,
            suggestions=question.next,
            private=self._is_private(question, open_case, told),
        )

    def _file(self, text: str, opened: OpenCase) -> Answer | None:
        asked = _FILE.fullmatch(plain(text))
        if asked is None:
            return None
        return setup.setup_file(self._rulebook, opened.advice, opened.day, asked[1]) or self._setup(opened)  # which names those there are

    def _setup(self, opened: OpenCase) -> Answer:
        """The code for the plan that is advised."""
        answer = setup.setup_answer(self._rulebook, opened.advice, opened.day)
        telling = Telling(opened, self.reader.named(()), self._words[opened.shows_private])
        return replace(answer, text=f"{_typical(telling)}\n\n{answer.text}") if opened.assumed else answer

    def _told(self, question: Question, opened: OpenCase) -> Told:
        telling = Telling(opened, question.named, self._words[opened.shows_private])
        told = _TELL[question.intent](telling)
        return replace(told, text=f"{_typical(telling)}\n\n{told.text}") if opened.assumed else told

    def _is_private(self, question: Question, opened: OpenCase, told: Told) -> bool:
        """It says something that is not said where others read."""
        said = {*opened.case.given, *opened.answered}
        if not opened.shows_private or not any(field.private and field.id in said for field in self.reader.rulebook.fields):
            return False
        return self._told(question, replace(opened, shows_private=False)).text != told.text

    def wish(self, text: str) -> Wish | None:
        """Whether a what-if is to become the case, or to be dropped."""
        said = self.reader.wish(text)
        return "adopt" if said == "adopt" else "drop" if said == "drop" else None


def _typical(telling: Telling) -> str:
    """Which answers and numbers stand in for a case."""
    words, case = telling.words, telling.opened.case
    answers = [f"{words.input_name(name)} {words.answer(value, name)}" for name, value in case.answers.items()]
    workload = " ".join(words.talk("typical_workload", case, case.serves, case.trains).split())
    return telling.say("typical", telling.opened.assumed == "so far", answers, workload)
