"""The guided comparison inside a conversation: which question is next, what was answered, by whom and when. No Slack.

A comparison is a value, as a conversation is: `step` makes the next one from an act of a person, and the same act twice, or a
late one, changes nothing. What it says beside the verdict is computed anew whenever its answers or the verdict differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.acts import Act, Answer, Back, Cancel, Given, Refused, Reopen, Restart, Resume, later
from engine.dimensions import Dimensions

_SOMEONE = "someone"  # who stopped it, once their name is forgotten


@dataclass(frozen=True)
class Comparing:
    """What was said to the questions of the dimensions. `shown`: the digest of what each result rests on."""

    began_by: str
    began_at: str = ""  # acts before it are of an earlier round
    round: int = 1
    answers: Mapping[str, Given] = field(default_factory=dict)
    reopened: str | None = None
    moved_at: str = ""
    stopped_by: str = ""
    shown: tuple[str, ...] = ()

    def open_question(self, dimensions: Dimensions) -> str | None:
        """The question that waits for an answer: one that was opened again, else the first without one."""
        if self.stopped_by:
            return None
        asked = [question.id for question in dimensions.questions]
        if self.reopened in asked:
            return self.reopened
        settled = self.settled(dimensions)
        return next((name for name in asked if name not in settled), None)

    def is_complete(self, dimensions: Dimensions) -> bool:
        return not self.stopped_by and self.open_question(dimensions) is None

    def settled(self, dimensions: Dimensions) -> dict[str, Given]:
        """The answers that still are answers: questions and buttons may have changed since."""
        known = {question.id: {choice.id for choice in question.answers} for question in dimensions.questions}
        return {name: given for name, given in self.answers.items() if name in known and (given.skipped or given.value in known[name])}

    def chosen(self, dimensions: Dimensions) -> dict[str, str]:
        """The answers that say something; 'not sure' says nothing."""
        return {name: str(given.value) for name, given in self.settled(dimensions).items() if not given.skipped}

    @property
    def people(self) -> frozenset[str]:
        return frozenset((self.began_by, self.stopped_by, *(given.by for given in self.answers.values()))) - {"", _SOMEONE}

    # -- results ---------------------------------------------------------------------------------------------------

    def result_due(self, dimensions: Dimensions, basis: str) -> bool:
        """`basis` names the verdict that it stands beside, empty where there is none yet."""
        return self.is_complete(dimensions) and self.shown[-1:] != (self.digest(dimensions, basis),)

    def with_result(self, dimensions: Dimensions, basis: str) -> Comparing:
        return replace(self, shown=(*self.shown, self.digest(dimensions, basis)))

    def digest(self, dimensions: Dimensions, basis: str) -> str:
        """The same for the same answers beside the same verdict, whoever gave them."""
        said = [sorted(self.chosen(dimensions).items()), basis]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]

    # -- kept and forgotten ----------------------------------------------------------------------------------------

    def without_person(self, user: str) -> Comparing:
        return replace(
            self,
            began_by="" if self.began_by == user else self.began_by,
            stopped_by=_SOMEONE if self.stopped_by == user else self.stopped_by,
            answers={name: replace(given, by="") if given.by == user else given for name, given in self.answers.items()},
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "shown": list(self.shown)}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Comparing:
        answers = {name: Given(**given) for name, given in written["answers"].items()}
        return cls(**{**written, "answers": answers, "shown": tuple(written["shown"])})


def step(comparing: Comparing, act: Act, dimensions: Dimensions) -> Comparing:
    """The comparison after an act; the same object where the act came twice or too late.

    Raises Refused where the act has no place here, ValueError for an answer that the question does not have.
    """
    if act.round is not None and act.round != comparing.round:
        raise Refused("earlier round")
    if not later(act.at, comparing.began_at):
        return comparing
    if comparing.stopped_by and not isinstance(act, Resume | Restart):
        raise Refused("cancelled")
    if isinstance(act, Answer):
        return _answered(comparing, act, dimensions)
    if not later(act.at, comparing.moved_at):
        return comparing
    return replace(_moved(comparing, act, dimensions), moved_at=act.at)


def _answered(comparing: Comparing, act: Answer, dimensions: Dimensions) -> Comparing:
    question = next((each for each in dimensions.questions if each.id == act.question), None)
    if question is None:
        raise Refused("earlier round")  # it is asked no more
    said = comparing.answers.get(act.question)
    if said is not None and not later(act.at, said.at):
        return comparing
    value = None if act.skipped else question.answer(str(act.value)).id
    answers = {**comparing.answers, act.question: Given(value, act.by, act.at, act.skipped)}
    answers_it = comparing.reopened == act.question and later(act.at, comparing.moved_at)
    return replace(comparing, answers=answers, reopened=None if answers_it else comparing.reopened)


def _moved(comparing: Comparing, act: Act, dimensions: Dimensions) -> Comparing:
    match act:
        case Back():
            return replace(comparing, reopened=_question_before(comparing, dimensions))
        case Reopen():
            if act.question not in comparing.settled(dimensions):
                raise Refused("too early")
            return replace(comparing, reopened=act.question)
        case Restart():
            return Comparing(comparing.began_by, began_at=act.at, round=comparing.round + 1)
        case Cancel():
            return replace(comparing, stopped_by=act.by, reopened=None)
        case Resume():
            return replace(comparing, stopped_by="")
    raise TypeError(f"no step for {type(act).__name__}")


def _question_before(comparing: Comparing, dimensions: Dimensions) -> str:
    order = [question.id for question in dimensions.questions]
    now = comparing.open_question(dimensions)
    at = order.index(now) if now else len(order)
    if at == 0:
        raise Refused("first question")
    return order[at - 1]
