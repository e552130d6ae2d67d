"""What people did and saw, and what stands at the end: the evidence that is judged. Nothing here looks at a bot or a Slack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Step:
    """Something that a person wanted: from the first try to the moment at which they saw it done, by the monotonic clock."""

    name: str
    began: float
    ended: float | None = None


@dataclass
class Account:
    """One person's conversation. `said`, `numbers`, `verdicts` and `reports` count once Slack saw the act acknowledged, or the person
    saw it done; `typed` are the timestamps of what they wrote; `ended` is `finished`, or the step that was never done."""

    workspace: str
    person: str
    channel: str
    private: bool
    thread: str = ""
    commands: int = 0
    said: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] | None = None
    verdicts: int = 0
    reports: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    told_since_act: int = 0
    failed_presses: int = 0
    last_failure: str = ""
    done_again: int = 0
    typed: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    ended: str = ""

    @property
    def waits_for(self) -> Step | None:
        return self.steps[-1] if self.steps and self.steps[-1].ended is None else None

    def next_done(self, moment: float) -> float | None:
        """When the first step after a moment was done."""
        return next((step.ended for step in self.steps if step.ended is not None and step.ended >= moment), None)


@dataclass(frozen=True)
class Post:
    """A message of the bot that stands in Slack at the end. `actions` are its buttons and what they carry; `to` is who alone sees it;
    a `stub` is a line that was to become the message."""

    workspace: str
    channel: str
    ts: str
    text: str
    thread: str | None = None
    actions: tuple[tuple[str, str], ...] = ()
    key: str = ""
    to: str = ""
    stub: bool = False


@dataclass(frozen=True)
class Row:
    """A conversation as the database keeps it."""

    workspace: str
    id: str
    channel: str
    thread: str | None
    owner: str
    people: frozenset[str]
    answers: dict[str, str]
    numbers: str
    workload: dict[str, str]


@dataclass(frozen=True)
class Evidence:
    """Everything at the end. `ids` are the conversations and reports that the database has, each with its workspace; `homes` says in
    which workspace each person is; `reports` are the channels that take nothing but reports."""

    accounts: tuple[Account, ...]
    posts: tuple[Post, ...]
    rows: tuple[Row, ...]
    ids: frozenset[tuple[str, str]]
    homes: dict[str, str]
    reports: frozenset[tuple[str, str]]


Kind = Literal["lost", "doubled", "foreign", "silent", "left over"]


@dataclass(frozen=True)
class Finding:
    """Something that must not be, except `left over`: words that stand there beside what had to."""

    kind: Kind
    workspace: str
    person: str
    what: str
