"""One question, taken apart: which machines, places, purchases and amounts it names, and what its words do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import dropwhile, takewhile
from typing import Any

from bot.qa.priced.lexicon import NAMED, Found, Lexicon
from bot.qa.quantities import Quantity, quantities_in, shown
from bot.qa.wording import plain
from engine.rulebook import HOURS_PER_MONTH, MONTHS_PER_YEAR

_MONTHS = re.compile(r" ?-?(months?|mths?|mos?)(?![a-z])")
_IN_YEAR = re.compile(
    r"\b(?:in|by|since|until|till|during|of|for) ((?:19|20)\d\d)(?![\w.,])(?! (?:[a-z]?gpu|endpoint|instance|hour|machine|card))"
)
_YEARS = re.compile(r" ?-?(years?|yrs?)(?![a-z])")
_PLACES = ("region", "choice", "unpriced", "country")
_MOST_PHRASES = 60  # who writes more tells a story
_MOST_SPACES = 120
_MOST_HOURS = HOURS_PER_MONTH * MONTHS_PER_YEAR * 10


@dataclass(frozen=True)
class Spot:
    """A place that was named: a region with its provider, or a choice of a case; `role` is the word in front of it."""

    kind: str
    value: Any
    role: str
    said: str


@dataclass(frozen=True)
class Reading:
    """`found` are the phrases outside of amounts, in order; `amounts` those that are no part of a name.

    `near`: a region -> the region choice that it lies near.
    """

    text: str
    found: tuple[Found, ...]
    amounts: tuple[Quantity, ...]
    near: Mapping[str, str]

    def has(self, *kinds: str) -> bool:
        return not self._kinds.isdisjoint(kinds)

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(meaning.kind for found in self.found for meaning in found.meanings)

    def values(self, kind: str) -> list[Any]:
        """What was named of a kind, each once."""
        return list(dict.fromkeys(value for found in self.found for value in found.values(kind)))

    @property
    def managed(self) -> bool:
        """The managed layer is named, by its service or by the name of a machine."""
        return self.has("managed") or any(is_managed for _, _, is_managed in self.values("instance"))

    # -- what is not known ---------------------------------------------------------------------------------------------

    @property
    def unknown(self) -> int:
        """Words that nobody knows."""
        return sum(not found.meanings for found in self.found)

    @property
    def words(self) -> int:
        return len(self.found) + len(self.amounts)

    # -- places --------------------------------------------------------------------------------------------------------

    @cached_property
    def providers(self) -> list[str]:
        """The providers that are named, else those of the regions and machines that are, in order."""
        kinds = ("region", "unpriced", "instance", "group", "size")
        named = [value[0] for found in self.found for kind in kinds for value in found.values(kind)]
        return list(dict.fromkeys(self.named_providers or named))

    @cached_property
    def named_providers(self) -> list[str]:
        """Those that are named by name or by a service, in order."""
        return [value for found in self.found for kind in ("provider", "managed", "keeps") for value in found.values(kind)]

    @cached_property
    def spots(self) -> list[Spot]:
        """Every region and choice, in order, but for where the people are that get the data."""
        spots = []
        people = False
        for at, found in enumerate(self.found):
            people = people or found.has("audience")
            for kind in _PLACES:
                for value in found.values(kind)[:1]:
                    spot = Spot(kind, value, self._role(at), found.text)
                    spots += [] if people and kind == "choice" and spot.role != "from" else [spot]
        return spots

    @cached_property
    def unread_place(self) -> str:
        """The words behind `in` that nobody knows, where no place is named: it may be one."""
        if self.spots:
            return ""
        for at, found in enumerate(self.found):
            if found.has("inside"):
                behind = dropwhile(lambda each: each.has("these"), self.found[at + 1 :])  # the
                words = list(takewhile(lambda each: not each.meanings and each.text.isalpha(), behind))
                if words:
                    return " ".join(word.text for word in words)
        return ""

    @cached_property
    def other_day(self) -> str:
        """The day that is meant, where it is not today."""
        said = [found.text for found in self.found if found.has("other_day")]
        return next(iter(said), "") or next((match[1] for match in _IN_YEAR.finditer(self.text)), "")

    def _role(self, at: int) -> str:
        """The word in front: from, to, between; the name of a provider may stand before."""
        for found in reversed(self.found[max(0, at - 3) : at]):
            for role in ("between", "to", "from"):
                if found.has(role):
                    return role
            if not found.has("provider", "managed", "keeps", "filler"):
                return ""
        return ""

    # -- amounts -------------------------------------------------------------------------------------------------------

    @cached_property
    def gigabytes(self) -> list[Quantity]:
        return [amount for amount in self.amounts if amount.unit in ("GB", "GB a month")]

    @cached_property
    def hours(self) -> list[tuple[Fraction, str]]:
        """How long something runs: hours, days and weeks as they are read, months of 730 hours, and what was said."""
        spans = [(amount.exact, amount.echo) for amount in self.amounts if amount.unit in ("hours", "hours a month")]
        for amount in self.amounts:
            if amount.unit == "count" and (span := self._span(amount)):
                hours = amount.exact * span
                spans.append((hours, f"{shown(hours)} hours, {shown(amount.exact)} of {shown(Fraction(span))}"))
        return [(hours, echo) for hours, echo in spans if 0 < hours <= _MOST_HOURS]

    @cached_property
    def counts(self) -> list[Quantity]:
        """Plain numbers, of machines, cards or endpoints."""
        return [amount for amount in self.amounts if amount.unit == "count" and not self._span(amount)]

    @cached_property
    def counted(self) -> list[Fraction]:
        """The numbers that stand right before a machine, a card or an endpoint, or right behind as in x8."""
        counted = [count.exact for count in self.counts if self._before_a_thing(count)]
        return counted + [amount.exact for amount in self.amounts if amount.unit == "factor" and amount.said.startswith("x")]

    def _before_a_thing(self, count: Quantity) -> bool:
        following = min((amount.start for amount in self.amounts if amount.start >= count.end), default=len(self.text))
        for found in (found for found in self.found if count.end <= found.start < following):
            if found.has("instance", "group", "family", "size", "endpoint"):
                return True
            if not found.has("filler", "purchase", "provider", "managed", "machine", "card", "always"):
                return False
        return False

    def _span(self, amount: Quantity) -> int:
        """The hours of the month or year that a number counts."""
        if _MONTHS.match(self.text, amount.end):
            return HOURS_PER_MONTH
        return HOURS_PER_MONTH * MONTHS_PER_YEAR if _YEARS.match(self.text, amount.end) else 0

    def is_bound(self, amount: Quantity) -> bool:
        """The amount bounds something: over 150 TB, the first 10 TB."""
        before = [found for found in self.found if found.end <= amount.start][-1:]
        return any(found.has("bound") and not self.text[found.end : amount.start].strip() for found in before)

    @property
    def unread_numbers(self) -> bool:
        """A number that is no amount, such as a share from one to another."""
        return any(not found.meanings and found.text[0].isdigit() for found in self.found)

    @property
    def other_amounts(self) -> bool:
        """Money or a share that was said: the question is about a claim."""
        return any(amount.unit in ("USD", "%") or amount.change for amount in self.amounts)


def read(text: str, lexicon: Lexicon) -> Reading:
    """The question in its parts."""
    written = lexicon.mended(plain(text))
    everything = lexicon.find(written) if written.count(" ") < _MOST_SPACES else []
    if not 0 < len(everything) <= _MOST_PHRASES:
        return Reading(written, (), (), lexicon.near)
    amounts = _amounts(written, [found for found in everything if found.has(*NAMED)])
    inside = [(amount.start, amount.end) for amount in amounts]
    found = tuple(f for f in everything if not any(start <= f.start and f.end <= end for start, end in inside))
    return Reading(written, found, tuple(amounts), lexicon.near)


def _amounts(text: str, names: list[Found]) -> list[Quantity]:
    """The amounts that are no part of a name. Of one that runs into a name, as 8 h does in 8 h100, the number in front stays."""
    kept: list[Quantity] = []
    for amount in quantities_in(text):
        name = next((name for name in names if name.start < amount.end and amount.start < name.end), None)
        if name is None:
            kept.append(amount)
        elif amount.start < name.start:
            kept += [front for front in quantities_in(text[: name.start]) if front.start == amount.start]
    return kept
