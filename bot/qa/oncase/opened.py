"""The case that a question is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from engine.advice import Advice
from engine.case import Case, Value

Assumed = Literal["", "typical", "so far"]


class Said(NamedTuple):
    """What somebody said: the value, who as written (`<@U1>`; empty where they are not known), and when."""

    value: Value
    who: str
    when: datetime | date | None


@dataclass(frozen=True)
class OpenCase:
    """A case with its advice. `answered`: what people said, by the id of the question, field or assumption.

    `shows_private` is False where others read. `assumed`: there is no case in the thread, and this is a typical one; or the case so far of
    a thread whose questions are open, typical where nothing was said yet.
    """

    case: Case
    advice: Advice
    answered: Mapping[str, Said]
    day: date
    shows_private: bool
    assumed: Assumed = ""
