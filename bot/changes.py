"""What a new verdict says of the one before it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.words import Words
from engine.advice import Advice
from engine.case import Value


def changed_lines(before: Advice, after: Advice, words: Words) -> tuple[str, ...]:
    """Two sentences: what was changed, and what that did. Private figures are named, not shown."""
    changes = list(_changes(before, after, words))
    plan = after.plan
    totals = [advice.now.cost(plan).total_usd_per_month for advice in (before, after)]
    compared = words.talk("compared", plan, *totals, before.plan == plan, before.plan)
    return (words.talk("changed", changes), compared) if changes else (compared,)


def _changes(before: Advice, after: Advice, words: Words) -> Iterator[tuple[str, str, str]]:
    """Name, value before, value after. A value that only follows from another is not listed."""
    rulebook = words.rulebook
    names = (*rulebook.question, *rulebook.field, *(a.id for a in rulebook.case_assumptions))
    for name in names:
        old, new = before.case.value(name), after.case.value(name)
        said = name in rulebook.question or name in before.case.given or name in after.case.given
        if old != new and said:
            yield name, _said(old, name, words, unit=False), _said(new, name, words, unit=not words.counts(name))


def _said(value: Value, name: str, words: Words, *, unit: bool) -> str:
    return words.given(value, name) if words.hides(name) else words.value(value, name, unit=unit)
