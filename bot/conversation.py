"""One conversation: five questions in order, then the numbers, then a verdict whenever what was said differs from the last one.

A conversation is a value. `step` makes the next one from an act of a person; it never posts, never stores, never reads a clock.
An act carries when it was done (a Slack timestamp), so that the same act twice, or a late one, changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from bot.acts import (
    Act,
    Adopt,
    Answer,
    Back,
    Cancel,
    Drop,
    Given,
    Numbers,
    Refused,
    Reopen,
    Restart,
    Resume,
    Suppose,
    Typical,
    later,
)
from bot.comparing import Comparing
from engine.case import NO_TRAINING, Case, Value, make_case, parse_answer, skipped_answer
from engine.rulebook import Rulebook

__all__ = [  # whoever works with conversations needs their acts too
    "REGIONS",
    "Act",
    "Adopt",
    "Answer",
    "Back",
    "Branch",
    "Cancel",
    "Conversation",
    "Drop",
    "Given",
    "Numbers",
    "Refused",
    "Reopen",
    "Restart",
    "Resume",
    "Suppose",
    "Typical",
    "step",
]

Stage = Literal["form", "asking", "offering", "advised", "cancelled"]
REGIONS = "inference_regions"
_PARTS = ("answers", "workload", "assumptions")  # of a case
_SOMEONE = "someone"  # who stopped the questions, once their name is forgotten


@dataclass(frozen=True)
class Branch:
    """A what-if: values over what was said, until somebody adopts or drops it. Who asked (empty once they are forgotten), and when.

    `rests_on` is the digest of the case that it was asked of: once that has changed, it is a what-if of something else.
    """

    answers: Mapping[str, Value]
    workload: Mapping[str, Value]
    assumptions: Mapping[str, Value]
    by: str
    at: str
    rests_on: str

    def as_json(self) -> dict[str, Any]:
        values = {part: {n: _plain(v) for n, v in getattr(self, part).items()} for part in _PARTS}
        return {"by": self.by, "at": self.at, "rests_on": self.rests_on, **values}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Branch:
        answers, workload, assumptions = ({n: _value(v) for n, v in written[part].items()} for part in _PARTS)
        return cls(answers, workload, assumptions, written["by"], written["at"], written["rests_on"])


@dataclass(frozen=True)
class Conversation:
    """All that was said in one thread. `thread` is None until its first message is posted; `form` marks an unsent form."""

    id: str
    workspace: str
    channel: str
    thread: str | None
    owner: str
    private: bool
    began_at: str = ""  # acts before it are of an earlier round
    headed: bool = True  # the first message of the thread is ours
    form: bool = False
    quick: bool = False  # its answers came from a form, not from questions
    round: int = 1
    answers: Mapping[str, Given] = field(default_factory=dict)
    workload: Mapping[str, Given] = field(default_factory=dict)
    assumptions: Mapping[str, Given] = field(default_factory=dict)
    numbers: Given | None = None  # who chose the numbers: "typical" or "own"
    reopened: str | None = None
    moved_at: str = ""
    cancelled_by: str = ""
    advised: tuple[str, ...] = ()  # the digest of what each verdict of this round rests on
    version: int = 1
    branch: Branch | None = None
    comparing: Comparing | None = None  # the platforms on each dimension; shown once there is a verdict

    # -- where it stands -------------------------------------------------------------------------------------------

    def open_question(self, rulebook: Rulebook) -> str | None:
        """The question that waits for an answer: one that was opened again, else the first without an answer."""
        if self.cancelled_by or self.form:
            return None
        if self.reopened:
            return self.reopened
        if self.nothing_to_place:
            return REGIONS
        return next((q.id for q in rulebook.questions if q.id not in self.answers), None)

    @property
    def nothing_to_place(self) -> bool:
        """Neither training nor serving: no plan can be priced."""
        said = {name: given.value for name, given in self.answers.items()}
        return said.get("training") == NO_TRAINING and said.get(REGIONS) == 0

    @property
    def stage(self) -> Stage:
        """As far as it got, for lists; `open_question` is exact."""
        if self.form:
            return "form"
        if self.cancelled_by:
            return "cancelled"
        if self.advised:
            return "advised"
        return "offering" if self.numbers is None and len(self.answers) >= 5 else "asking"

    def is_complete(self, rulebook: Rulebook) -> bool:
        """Everything that a verdict needs was said."""
        return self.open_question(rulebook) is None and self.numbers is not None and not self.cancelled_by and not self.form

    @property
    def people(self) -> frozenset[str]:
        """Everybody who took part."""
        single = (each for each in (self.numbers, self.branch) if each)
        given = (*self.answers.values(), *self.workload.values(), *self.assumptions.values(), *single)
        comparing = self.comparing.people if self.comparing else ()
        return frozenset((self.owner, self.cancelled_by, *(each.by for each in given), *comparing)) - {"", _SOMEONE}

    # -- what a verdict rests on -----------------------------------------------------------------------------------

    def case(self, rulebook: Rulebook, day: date, workload: Mapping[str, Value], assumptions: Mapping[str, Value]) -> Case:
        """The case of this conversation over what the workspace sets. Raises CaseError."""
        return make_case(
            rulebook,
            day,
            {name: given.value for name, given in self.answers.items()},
            {**workload, **{name: given.value for name, given in self.workload.items()}},
            {**assumptions, **{name: given.value for name, given in self.assumptions.items()}},
            skipped=[name for name, given in self.answers.items() if given.skipped],
        )

    def digest(self) -> str:
        """What was said, without who and when: the same for the same inputs."""
        said = {
            part: {name: [_plain(given.value), given.skipped] for name, given in sorted(getattr(self, part).items())} for part in _PARTS
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]

    def verdict_due(self, rulebook: Rulebook) -> bool:
        return self.is_complete(rulebook) and self.advised[-1:] != (self.digest(),)

    def supposed(self, rulebook: Rulebook) -> Conversation:
        """As if the what-if had been adopted."""
        return _adopted(self, Adopt(self.branch.by, self.branch.at), rulebook) if self.branch else self

    def with_verdict(self) -> Conversation:
        """After a verdict on what is said now."""
        return replace(self, advised=(*self.advised, self.digest()))

    # -- kept and forgotten ----------------------------------------------------------------------------------------

    def without_person(self, user: str) -> Conversation:
        """The same conversation, saying no more that this person took part."""

        def unnamed(given: Mapping[str, Given]) -> dict[str, Given]:
            return {name: replace(each, by="") if each.by == user else each for name, each in given.items()}

        numbers = replace(self.numbers, by="") if self.numbers and self.numbers.by == user else self.numbers
        return replace(
            self,
            owner="" if self.owner == user else self.owner,
            cancelled_by=_SOMEONE if self.cancelled_by == user else self.cancelled_by,
            answers=unnamed(self.answers),
            workload=unnamed(self.workload),
            assumptions=unnamed(self.assumptions),
            numbers=numbers,
            branch=replace(self.branch, by="") if self.branch and self.branch.by == user else self.branch,
            comparing=self.comparing.without_person(user) if self.comparing else None,
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values for a JSON column; amounts as text, so that they come back exact."""
        written = asdict(self)
        for part in _PARTS:
            written[part] = {name: _given_json(given) for name, given in getattr(self, part).items()}
        written["numbers"] = _given_json(self.numbers) if self.numbers else None
        written["advised"] = list(self.advised)
        written["branch"] = self.branch.as_json() if self.branch else None
        written["comparing"] = self.comparing.as_json() if self.comparing else None
        return written

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Conversation:
        read = dict(written)
        for part in _PARTS:
            read[part] = {name: _given(given) for name, given in written[part].items()}
        read["numbers"] = _given(written["numbers"]) if written["numbers"] else None
        read["advised"] = tuple(written["advised"])
        read["branch"] = Branch.from_json(written["branch"]) if written.get("branch") else None  # kept before there were branches
        read["comparing"] = Comparing.from_json(written["comparing"]) if written.get("comparing") else None
        return cls(**read)


# -- what each act makes of it -----------------------------------------------------------------------------------------


def step(conversation: Conversation, act: Act, rulebook: Rulebook) -> Conversation:
    """The conversation after an act; the same object where the act came twice or too late.

    Raises Refused where the act has no place here, ValueError for a value that the question does not take.
    """
    if act.round is not None and act.round != conversation.round:
        raise Refused("earlier round")
    if not later(act.at, conversation.began_at):
        if isinstance(act, Numbers):
            raise Refused("earlier round")  # the form was opened before a restart, and somebody has just filled it in
        return conversation
    if conversation.cancelled_by and not isinstance(act, Resume | Restart):
        raise Refused("cancelled")
    if isinstance(act, Answer):
        return _answered(conversation, act, rulebook)
    if isinstance(act, Numbers):
        return _numbered(conversation, act, rulebook)  # a form says what it changed, so a late one undoes nobody's work
    if not later(act.at, conversation.moved_at):
        return conversation
    return replace(_moved(conversation, act, rulebook), moved_at=act.at)


def _answered(conversation: Conversation, act: Answer, rulebook: Rulebook) -> Conversation:
    question = rulebook.question[act.question]
    said = conversation.answers.get(act.question)
    if said is not None and not later(act.at, said.at):
        return conversation
    value = skipped_answer(question) if act.skipped else parse_answer(question, act.value)
    answers = {**conversation.answers, act.question: Given(value, act.by, act.at, act.skipped)}
    ordered = {q.id: answers[q.id] for q in rulebook.questions if q.id in answers}
    answers_it = conversation.reopened == act.question and later(act.at, conversation.moved_at)  # not one from before it was reopened
    reopened = None if answers_it else conversation.reopened
    return replace(conversation, answers=ordered, reopened=reopened)


def _moved(conversation: Conversation, act: Act, rulebook: Rulebook) -> Conversation:
    match act:
        case Back():
            return replace(conversation, reopened=_question_before(conversation, rulebook))
        case Reopen():
            if act.question not in conversation.answers:
                raise Refused("too early")
            return replace(conversation, reopened=act.question)
        case Restart():
            return _restarted(conversation, act)
        case Cancel():
            return replace(conversation, cancelled_by=act.by, reopened=None)
        case Resume():
            return replace(conversation, cancelled_by="")
        case Typical():
            return _typical(conversation, act, rulebook)
        case Suppose():
            if conversation.open_question(rulebook) is not None:
                raise Refused("too early")
            return replace(conversation, branch=Branch(act.answers, act.workload, act.assumptions, act.by, act.at, conversation.digest()))
        case Adopt():
            return _adopted(conversation, act, rulebook)
        case Drop():
            _branch_of(conversation, act)
            return replace(conversation, branch=None)
    raise TypeError(f"no step for {type(act).__name__}")


def _adopted(conversation: Conversation, act: Adopt, rulebook: Rulebook) -> Conversation:
    """As if whoever adopts it had given its values in a form."""
    branch = _branch_of(conversation, act)
    numbers = Numbers(act.by, act.at, None, branch.workload, branch.assumptions, branch.answers)
    return replace(_numbered(conversation, numbers, rulebook), branch=None)


def _branch_of(conversation: Conversation, act: Adopt | Drop) -> Branch:
    branch = conversation.branch
    if branch is None or act.supposed_at not in (None, branch.at):
        raise Refused("no branch")
    if isinstance(act, Adopt) and branch.rests_on != conversation.digest():
        raise Refused("no branch")  # whoever corrected an answer in the meantime would find it undone
    return branch


def _question_before(conversation: Conversation, rulebook: Rulebook) -> str:
    order = [q.id for q in rulebook.questions]
    now = conversation.open_question(rulebook)
    at = order.index(now) if now else len(order)
    if at == 0:
        raise Refused("first question")
    return order[at - 1]


def _restarted(conversation: Conversation, act: Act) -> Conversation:
    return replace(
        conversation,
        round=conversation.round + 1,
        began_at=act.at,
        answers={},
        workload={},
        assumptions={},
        numbers=None,
        reopened=None,
        cancelled_by="",
        advised=(),
        branch=None,
    )


def _typical(conversation: Conversation, act: Act, rulebook: Rulebook) -> Conversation:
    if conversation.open_question(rulebook) is not None:
        raise Refused("too early")
    return replace(conversation, numbers=Given("typical", act.by, act.at), workload={}, assumptions={})


def _numbered(conversation: Conversation, act: Numbers, rulebook: Rulebook) -> Conversation:
    """The changes of a form over what was said before."""
    answers = {**conversation.answers, **{n: Given(value, act.by, act.at, n in act.skipped) for n, value in act.answers.items()}}
    changed = replace(
        conversation,
        answers={q.id: answers[q.id] for q in rulebook.questions if q.id in answers},
        workload=_changed(conversation.workload, act.workload, act),
        assumptions=_changed(conversation.assumptions, act.assumptions, act),
        reopened=None,
        form=False,
    )
    if changed.open_question(rulebook) is not None:
        raise Refused("too early")
    own = bool(changed.workload or changed.assumptions)
    return replace(changed, numbers=Given("own" if own else "typical", act.by, act.at))


def _changed(before: Mapping[str, Given], said: Mapping[str, Value], act: Numbers) -> dict[str, Given]:
    kept = {name: given for name, given in before.items() if name not in act.cleared}
    return {**kept, **{name: Given(value, act.by, act.at) for name, value in said.items()}}


def _plain(value: Value) -> Any:
    return {"amount": str(value)} if isinstance(value, Decimal) else value


def _given_json(given: Given) -> dict[str, Any]:
    return {"value": _plain(given.value), "by": given.by, "at": given.at, "skipped": given.skipped}


def _given(written: Mapping[str, Any]) -> Given:
    return Given(_value(written["value"]), written["by"], written["at"], written["skipped"])


def _value(written: Any) -> Value:
    return Decimal(written["amount"]) if isinstance(written, dict) else written
