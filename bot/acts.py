"""What a person may do in a conversation and in its guided comparison, each as a value, and what is kept of an answer. No Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from engine.case import Value


@dataclass(frozen=True)
class Given:
    """What somebody said: the value, who (an empty id after they asked to be forgotten), when, and whether it was 'not sure'."""

    value: Value
    by: str
    at: str
    skipped: bool = False


@dataclass(frozen=True)
class Act:
    """Something that a person did. `at` is Slack's timestamp of it; `round` is that of the button, None for typed words."""

    by: str
    at: str
    round: int | None = None


@dataclass(frozen=True)
class Answer(Act):
    """An answer to a question, open or not; `skipped` stands for 'not sure'."""

    question: str = ""
    value: Value = None
    skipped: bool = False


@dataclass(frozen=True)
class Reopen(Act):
    """The question is to be asked again."""

    question: str = ""


@dataclass(frozen=True)
class Back(Act):
    """The question before the one that is open."""


@dataclass(frozen=True)
class Restart(Act):
    """From the first question; what was said is set aside."""


@dataclass(frozen=True)
class Cancel(Act):
    """No more questions; what was said is kept."""


@dataclass(frozen=True)
class Resume(Act):
    """On with a conversation that was cancelled."""


@dataclass(frozen=True)
class Typical(Act):
    """Typical numbers for everything that nobody gave."""


@dataclass(frozen=True)
class Numbers(Act):
    """What a form changed: the values set, and the names that go back to their defaults. `answers` where the form asked those too."""

    workload: Mapping[str, Value] = field(default_factory=dict)
    assumptions: Mapping[str, Value] = field(default_factory=dict)
    answers: Mapping[str, Value] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Suppose(Act):
    """A what-if on the case: nothing of it counts until it is adopted. The newest takes the place of the one before."""

    answers: Mapping[str, Value] = field(default_factory=dict)
    workload: Mapping[str, Value] = field(default_factory=dict)
    assumptions: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Adopt(Act):
    """The what-if becomes the case. `supposed_at`: which one, where a button says so."""

    supposed_at: str | None = None


@dataclass(frozen=True)
class Drop(Act):
    """The what-if is forgotten. `supposed_at`: which one, where a button says so."""

    supposed_at: str | None = None


class Refused(Exception):
    """The act has no effect here; `reason` is a word that the reply is chosen by."""

    def __init__(self, reason: Literal["earlier round", "first question", "cancelled", "too early", "no branch"]) -> None:
        self.reason = reason
        super().__init__(reason)


def later(at: str, than: str) -> bool:
    """Slack's timestamps, seconds with six digits after the point, compared as numbers."""
    return not than or Decimal(at) > Decimal(than)
