"""What can go wrong, as exceptions whose text says what to do.

* AdviceError
   + ProblemsError     several problems found at once, each with its place
      + RulesError     a file under rules/ does not hold together
      + CaseError      the answers or the workload cannot be computed
   + NoRateError       the catalogue has no figure for what was asked
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

MOST_PROBLEMS = 500
_LONGEST_ECHO = 60
_MOST_WORDS_LISTED = 24


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, where it is, and how to mend it."""

    file: str
    line: int
    field: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.field}: {self.text}" if self.field else f"{place}{self.text}"


@dataclass
class Problems:
    """Collects problems, so that a person sees all of them at once; a flood is cut off."""

    found: list[Problem] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.found) >= MOST_PROBLEMS

    def add(self, file: str, line: int, field: str, text: str) -> None:
        if self.full:
            return
        if len(self.found) == MOST_PROBLEMS - 1:
            text = f"{text}. More problems follow; they are not listed"
        self.found.append(Problem(file, line, printable(field)[:_LONGEST_ECHO], text))

    def __bool__(self) -> bool:
        return bool(self.found)


class AdviceError(Exception):
    """Something a person can mend; the text says how."""


class ProblemsError(AdviceError):
    """Several problems at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RulesError(ProblemsError):
    """A file under rules/ does not hold together."""


class CaseError(ProblemsError):
    """The answers or the workload cannot be computed."""


class NoRateError(AdviceError):
    """The catalogue has no figure for what was asked. It is unknown, not zero."""


def printable(text: str) -> str:
    """The text with a question mark for each control character."""
    return "".join(char if char.isprintable() else "?" for char in text)


def echo(value: object) -> str:
    """What somebody wrote, shortened and free of control characters, to be quoted back to them."""
    text = printable(str(value))
    return f"`{text[:_LONGEST_ECHO]}...`" if len(text) > _LONGEST_ECHO else f"`{text}`"


def did_you_mean(word: str, known: Collection[str], what: str = "Known") -> str:
    """A hint towards the nearest known word, or the list of them."""
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(word[:_LONGEST_ECHO].lower(), by_lower, n=1)
    if near:
        return f"Did you mean `{by_lower[near[0]]}`?"
    listed = sorted(known)
    more = f" and {len(listed) - _MOST_WORDS_LISTED} more" if len(listed) > _MOST_WORDS_LISTED else ""
    return f"{what}: {', '.join(listed[:_MOST_WORDS_LISTED])}{more}."
