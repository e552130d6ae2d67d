"""What an answer consists of, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class Cited:
    """One source of an answer. `publisher` is empty where the title says it all; `as_of` is None where the source carries no date."""

    title: str
    publisher: str
    as_of: date | None


@dataclass(frozen=True)
class Answer:
    """`id` is that of an entry, or the name of what was asked of the engine; `claims` are those of the source articles that it settles.

    `text` is Markdown: paragraphs, lists, bold, code. `suggestions` are questions to ask next. `private`: it holds a private figure
    and is never posted where others read.
    """

    kind: Literal["entry", "engine", "unknown"]
    id: str
    text: str
    sources: tuple[Cited, ...] = ()
    claims: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    private: bool = False

    @property
    def answered(self) -> bool:
        return self.kind != "unknown"

    @property
    def as_of(self) -> date | None:
        """The day of the oldest source."""
        return min((source.as_of for source in self.sources if source.as_of), default=None)
