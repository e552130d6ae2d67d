"""What a new verdict says of the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from bot.changes import changed_lines
from bot.words import Words
from engine.advice import Advice
from engine.advise import advise
from engine.case import make_case
from engine.rulebook import Rulebook
from tests.bot.worked import CASES


def advice_on(rulebook: Rulebook, day: date, answers: Mapping[str, object], **given: object) -> Advice:
    """Case P6 with other answers, and numbers where they are given."""
    own = {name: given.pop(name) for name in list(given) if name in {a.id for a in rulebook.case_assumptions}}
    return advise(make_case(rulebook, day, {**CASES["P6"].answers, **answers}, given, own), rulebook, day)


# What was asked before, what after, and the first line; nothing where only the totals are told.
CHANGES: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "a number": ({}, {"gpus": 64}, "Changed: GPUs 8 → 64."),
    "a number given back": ({"gpus": 64}, {}, "Changed: GPUs 64 → 8."),
    "two numbers": ({}, {"gpus": 1, "storage_gb": 5}, "Changed: GPUs 8 → 1; storage 10,000 → 5 GB."),
    "yes and no": ({}, {"interruptible": False}, "Changed: interruptible yes → no."),
    "a sum of money": (
        {}, {"switching_threshold_usd_per_year": Decimal("1234.5")}, "Changed: switching threshold $50,000 → $1,234.50 a year.",
    ),
    "an answer": ({}, {"footprint": "azure"}, "Changed: footprint AWS → Azure."),
    "regions": ({}, {"inference_regions": 2}, "Changed: inference regions 5 → 2."),
    "a private figure": ({}, {"ea_discount_pct": Decimal("17.25")}, "Changed: EA discount (private)."),
    "a private figure for another": (
        {"ea_discount_pct": Decimal("17.25")}, {"ea_discount_pct": Decimal("18.5")}, "Changed: EA discount (private).",
    ),
    "what was typical is now said": ({}, {"gpus": 8}, ""),
    "nothing": ({}, {}, ""),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "line"), CHANGES.values(), ids=CHANGES)
def test_what_changed_is_said_first(
    before: dict[str, object], after: dict[str, object], line: str, rulebook: Rulebook, today: date
) -> None:
    lines = changed_lines(_on(rulebook, today, before), _on(rulebook, today, after), Words(rulebook, shows_private=False))
    assert list(lines[:-1]) == ([line] if line else [])


def _on(rulebook: Rulebook, day: date, given: dict[str, object]) -> Advice:
    answers = {name: value for name, value in given.items() if name in rulebook.question}
    return advice_on(rulebook, day, answers, **{name: value for name, value in given.items() if name not in answers})


def test_what_follows_from_an_answer_is_not_listed(rulebook: Rulebook, today: date) -> None:
    before, after = _on(rulebook, today, {}), _on(rulebook, today, {"training": "continuous"})
    assert before.case.workload["training_hours_per_month"] != after.case.workload["training_hours_per_month"]
    assert changed_lines(before, after, Words(rulebook))[0] == "Changed: training schedule Now and then → Around the clock."


def test_the_second_line_tells_what_the_change_did(rulebook: Rulebook, today: date) -> None:
    """The totals of case P6 and of its tenfold, as the specification prints them, and the plan that each advises."""
    words, before = Words(rulebook, shows_private=False), _on(rulebook, today, {})
    same = changed_lines(before, _on(rulebook, today, {}), words)
    assert same == ("AWS $3,488 → $3,488 a month. The advice is the same.",)
    moved = changed_lines(before, _on(rulebook, today, {"switching_threshold_usd_per_year": Decimal(0)}), words)
    assert moved[1] == "Azure $2,830 → $2,830 a month. The advice was: AWS."
