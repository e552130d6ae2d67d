"""What is kept, as values. Figures that a workspace calls private are left out of every repr, and so of every log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

LONGEST_RETENTION_DAYS: Final = 36_500
PostState = Literal["posting", "posted", "unknown"]


@dataclass(frozen=True)
class Verdict:
    """An advice as it was given: enough to show it again, and with the kept rulebook to compute it again. Names nobody but `asked_by`."""

    id: str
    conversation: str
    number: int
    asked_by: str
    created_at: datetime
    day: date
    inputs: Mapping[str, Any] = field(repr=False)
    outputs: Mapping[str, Any] = field(repr=False)
    rules_version: str
    prices_version: str


@dataclass(frozen=True)
class WorkspaceSettings:
    """What a workspace set for all its conversations; version 0 until something is saved."""

    assumptions: Mapping[str, str] = field(default_factory=dict)
    ea_discount_pct: str | None = field(default=None, repr=False)
    editors: tuple[str, ...] = ()
    retention_days: int | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if self.retention_days is not None and not 1 <= self.retention_days <= LONGEST_RETENTION_DAYS:
            raise ValueError(f"a retention period has 1 to {LONGEST_RETENTION_DAYS:,} days")


@dataclass(frozen=True)
class Feedback:
    """What a person thinks of a verdict."""

    verdict: str
    user: str
    value: str
    at: datetime


@dataclass(frozen=True)
class Post:
    """One message of ours: being posted, posted, or nobody knows. A slot names a place in the conversation, never a person."""

    slot: str
    ts: str | None
    digest: str
    state: PostState
    claimed_at: datetime


@dataclass(frozen=True)
class Forgotten:
    """How much was deleted for a person, and how many of their answers in conversations of others lost their name."""

    conversations: int = 0
    verdicts: int = 0
    feedback: int = 0
    answers_anonymised: int = 0
