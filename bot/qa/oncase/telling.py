"""What every answer on the open case is made of: its advice in words, its lines of text, and its sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from bot.qa.answer import Cited
from bot.qa.oncase.opened import OpenCase
from bot.qa.oncase.reading import Named
from bot.view import View, view_of
from bot.words import Words
from engine.advice import Advice, PriceUsed
from engine.catalogue import Figure
from engine.knowledge import Source
from engine.rulebook import Rulebook

MOST_BULLETS = 11
MOST_SOURCES = 6
_ROLES = ("training", "inference")
_TEMPLATE = "qa/oncase.j2"
Block = str | Sequence[str]


@dataclass(frozen=True)
class Told:
    """The text of an answer and what it rests on."""

    text: str
    sources: tuple[Cited, ...]


@dataclass(frozen=True)
class Telling:
    """One question on one case: what an intent needs to answer it."""

    opened: OpenCase
    named: Named
    words: Words

    @property
    def advice(self) -> Advice:
        return self.opened.advice

    @property
    def rulebook(self) -> Rulebook:
        return self.words.rulebook

    @cached_property
    def view(self) -> View:
        return view_of(self.advice, self.words)

    def say(self, sentence: str, *values: object) -> str:
        """One of the sentences of oncase.j2, on one line."""
        template: Any = self.words.environment.get_template(_TEMPLATE).module
        return " ".join(str(getattr(template, sentence)(*values)).split())

    def told(self, blocks: Iterable[Block], sources: Iterable[Cited]) -> Told:
        """Paragraphs and lists as Markdown. The sources end with those of the rules where none of the others bears a date."""
        text = "\n\n".join(block if isinstance(block, str) else "\n".join(f"- {line}" for line in block) for block in blocks if block)
        given = fewer(sources)
        if not any(each.as_of for each in given):
            given = (*given, *fewer(cited(reason.source) for reason in self.advice.reasons))
        return Told(text, given)

    # -- sources ---------------------------------------------------------------------------------------------------

    def deciding(self) -> tuple[PriceUsed, ...]:
        """The prices that decide; every price of the bill where there is nothing to weigh it against."""
        return tuple(price for price in self.advice.prices if price.deciding) or self.advice.prices

    def from_prices(self) -> Iterator[Cited]:
        yield from (quoted(price.figure) for price in self.deciding())

    def from_rules(self) -> Iterator[Cited]:
        yield from (cited(reason.source) for reason in self.advice.reasons)

    # -- plans -----------------------------------------------------------------------------------------------------

    def plans_named(self) -> tuple[str, ...]:
        """The plans that a question means by the clouds in it: one cloud, a split, or every split."""
        plans, named = self.rulebook.plans, self.named
        at = [self.rulebook.provider_index[name] for name in named.providers]
        if len(at) > 1 and set(named.lines) == set(_ROLES):
            part = dict(zip(named.lines, at, strict=False))
            return self._meant(*(part[role] for role in _ROLES))
        if named.split:
            return tuple(plan.id for plan in plans if not plan.single)
        return tuple(plan.id for plan in plans if plan.single and plan.training in at)

    def plans_moved(self) -> tuple[str, ...]:
        """As `plans_named`; where one cloud is named with training or serving alone, the other part stays where it is advised."""
        named, plans = self.named, self.rulebook.plans
        if len(named.providers) != 1 or len(named.lines) != 1 or named.lines[0] not in _ROLES:
            return self.plans_named()
        advised, to = plans[self.rulebook.plan_index[self.advice.plan]], self.rulebook.provider_index[named.providers[0]]
        return self._meant(to, advised.serving) if named.lines[0] == _ROLES[0] else self._meant(advised.training, to)

    def _meant(self, training: int, serving: int) -> tuple[str, ...]:
        return tuple(plan.id for plan in self.rulebook.plans if (plan.training, plan.serving) == (training, serving))


def bullets(lines: Sequence[str], rest: str = "", most: int = MOST_BULLETS) -> list[str]:
    """As many lines as fit, the last of them `rest` where some were left out."""
    return list(lines) if len(lines) <= most else [*lines[: most - 1], rest]


def fewer(sources: Iterable[Cited]) -> tuple[Cited, ...]:
    """Each once, the first of them and always the oldest, whose day is that of the answer."""
    each = list(dict.fromkeys(sources))
    if len(each) <= MOST_SOURCES:
        return tuple(each)
    oldest = min(each, key=lambda source: source.as_of or date.max)
    kept = each[:MOST_SOURCES]
    return tuple(kept if oldest in kept else [*kept[:-1], oldest])


def cited(source: Source) -> Cited:
    return Cited(f"{source.title}, {source.part}" if source.part else source.title, source.publisher, source.as_of)


def quoted(figure: Figure) -> Cited:
    return Cited(figure.source, "", figure.as_of)
