"""A what-if: the case as it is and as it would be, side by side. First as data, then as an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.qa.answer import Answer, Cited
from bot.qa.changes import Change, Changes, Refused, whichcloud_case_with
from bot.qa.oncase import OpenCase
from bot.qa.quantities import holds_figure
from bot.words import Words, capitalize_first, usd, usd_cents
from engine.advice import Advice, LineItem
from engine.advise import advise
from engine.case import Case, make_case
from engine.catalogue import GIVEN
from engine.errors import CaseError
from engine.rulebook import LINES, Rulebook

WHAT_IF, AT_SCALE = "what_if", "at_scale"
_TEMPLATE = "qa/whatif.j2"
_NOT_OFFERED = "not offered"
_ASK_NEXT = ("Adopt it", "Drop it", "What would flip it?")
_ASK_INSTEAD = ("What if we had 32 GPUs?", "And at 10x?", "Without the EA")
_MOST_SOURCES = 6
_MOST_SUGGESTIONS = 3
_THAT = "that"
_RESTS_ON = {"managed_premium": ("training", "inference")}  # a premium is a share of other lines


@dataclass(frozen=True)
class BeforeAfter:
    """An amount of a plan or a line, as it is and as it would be. None: the plan does not exist there."""

    name: str
    before: Decimal | None
    after: Decimal | None

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class WhatIf:
    """Both advices. `totals` are those of every plan a month; `lines` those of the plan advised after the change."""

    changes: Changes
    before: Advice
    after: Advice

    @property
    def verdict_changed(self) -> bool:
        return self.before.plan != self.after.plan

    @property
    def confidence_changed(self) -> bool:
        return self.before.confidence.word != self.after.confidence.word

    @property
    def totals(self) -> tuple[BeforeAfter, ...]:
        plans = {cost.plan: None for advice in (self.after, self.before) for cost in advice.now.plans}
        return tuple(BeforeAfter(plan, _total(self.before, plan), _total(self.after, plan)) for plan in plans)

    @property
    def lines(self) -> tuple[BeforeAfter, ...]:
        plan = self.after.plan
        return tuple(BeforeAfter(line, _line(self.before, plan, line), _line(self.after, plan, line)) for line in LINES)

    @property
    def without_effect(self) -> tuple[str, ...]:
        """The fields that were changed and count for nothing, before and after."""
        counting = {*self.before.counting, *self.after.counting}
        fields = (change for change in self.changes.said if change.part == "workload")
        return tuple(change.input for change in fields if change.input not in counting)

    @property
    def followed(self) -> tuple[str, ...]:
        """The fields that nobody gave and that take another default now."""
        told = {change.input for change in (*self.changes.said, *self.changes.scaled)}
        before, after = self.before.case, self.after.case
        return tuple(name for name in self.after.counting if name not in told and before.value(name) != after.value(name))


def what_if(rulebook: Rulebook, case: Case, changes: Changes, day: date, before: Advice | None = None) -> WhatIf:
    """The case before and after the changes. Raises CaseError where nothing can be computed of it, or nobody offers it.

    `before` is the advice on the case, where it is at hand.
    """
    after = changed_case(rulebook, case, changes, day)
    return WhatIf(changes, before or advise(case, rulebook, day), advise(after, rulebook, day))


def changed_case(rulebook: Rulebook, case: Case, changes: Changes, day: date) -> Case:
    """The case after the changes. An answer that was changed is no longer a skipped one."""
    answers, workload, assumptions = whichcloud_case_with(case, changes)
    skipped = case.skipped - changes.values("answers").keys()
    return make_case(rulebook, day, answers, workload, assumptions, skipped)


def _total(advice: Advice, plan: str) -> Decimal | None:
    return next((cost.total_usd_per_month for cost in advice.now.plans if cost.plan == plan), None)


def _line(advice: Advice, plan: str, line: str) -> Decimal | None:
    lines = next((cost.lines for cost in advice.now.plans if cost.plan == plan), None)
    return None if lines is None else lines[line]


# -- as an answer ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Supposed:
    """A what-if that somebody asked: what it would change, what becomes of the case, and the answer. `found`: None where nothing can be
    computed."""

    changes: Changes
    found: WhatIf | None
    answer: Answer

    @property
    def can_be_adopted(self) -> bool:
        return _adoptable(self.changes, self.found)


def suppose(words: Words, changes: Changes, opened: OpenCase) -> Supposed:
    """What was understood, what becomes of the verdict, the totals, and the lines that change. What is private is for `words` to hide."""
    found, problems = None, None
    if not changes.asks_back and (changes.said or changes.scale is not None):
        try:
            found = what_if(words.rulebook, opened.case, changes, opened.day, opened.advice)
        except CaseError as error:
            problems = error
    return Supposed(changes, found, _Telling(words, changes, opened, found).answer(problems))


def _adoptable(changes: Changes, found: WhatIf | None) -> bool:
    """What was computed is all that was said."""
    return found is not None and changes.found and not changes.refused


class _Telling:
    def __init__(self, words: Words, changes: Changes, opened: OpenCase, found: WhatIf | None) -> None:
        self.words = words
        self.rulebook = words.rulebook
        self.case = opened.case
        self.changes = changes
        self.assumed = opened.assumed
        self.before = opened.advice
        self.found = found

    def answer(self, problems: CaseError | None) -> Answer:
        if self.changes.asks_back:
            return Answer("unknown", WHAT_IF, _text(self._not_read()), suggestions=tuple(self._clearer()) or _ASK_INSTEAD)
        if problems is not None:
            said = [capitalize_first(f"{problem.text.rstrip('.')}.") for problem in problems.problems]
            return self._answer([*self._head(), self.say("cannot", said)])
        if self.found is None:
            return self._answer([*self._head(), self.say("nothing_computed", self._verdict(self.before))])
        return self._answer([*self._head(), *self._beside(self.found), *self._told(self.found)])

    def _answer(self, blocks: Sequence[str | Sequence[str]]) -> Answer:
        private = self.words.shows_private and any(self._is_private(change) for change in self.changes.said)
        kind = WHAT_IF if self.changes.said or self.changes.scale is None else AT_SCALE
        instead = (*self._meant(), *_ASK_INSTEAD)[:_MOST_SUGGESTIONS]
        suggestions = _ASK_NEXT if _adoptable(self.changes, self.found) and not self.assumed else instead
        after = self.found.after if self.found else self.before
        return Answer("engine", kind, _text(blocks), _sources(after), suggestions=suggestions, private=private)

    def _meant(self) -> Iterator[str]:
        """The refused figures as they were probably meant, where they may be written."""
        for refused in self.changes.refused:
            if refused.meant and not self.words.hides(refused.input):
                yield capitalize_first(f"{self.words.input_name(refused.input)}: {refused.meant}")

    def say(self, sentence: str, *values: object) -> str:
        """One of the sentences of whatif.j2, on one line."""
        template: Any = self.words.environment.get_template(_TEMPLATE).module
        return " ".join(str(getattr(template, sentence)(*values)).split())

    # -- what was understood -----------------------------------------------------------------------------------------

    def _head(self) -> Iterator[str]:
        if self.assumed:
            answers = [f"{self.words.input_name(name)} {self.words.answer(value, name)}" for name, value in self.case.answers.items()]
            workload = " ".join(self.words.talk("typical_workload", self.case, self.case.serves, self.case.trains).split())
            yield self.say("typical", self.assumed == "so far", answers, workload)
        changes = [self._changed(change) for change in self._shown_changes()]
        if changes:
            yield self.say("understood", self.changes.scale, changes)
        for refused in self.changes.refused:
            yield self.say("refused", refused.input, self._refusal(refused))
        yield from self._not_read()

    def _beside(self, found: WhatIf) -> Iterator[str]:
        """What follows from the changes without being said, and what counts for nothing."""
        if found.followed:
            yield self.say("followed", [self._changed(self._default(name, found.after.case)) for name in found.followed])
        if found.without_effect:
            yield self.say("without_effect", [self.words.input_name(name) for name in found.without_effect])

    def _default(self, name: str, case: Case) -> Change:
        return Change("workload", name, case.value(name))

    def _shown_changes(self) -> Iterator[Change]:
        """Each input once: where everything is scaled, with what it was scaled to."""
        scaled = {change.input for change in self.changes.scaled}
        yield from (change for change in self.changes.said if change.input not in scaled)
        yield from (replace(change, how="") for change in self.changes.scaled)

    def _changed(self, change: Change) -> str:
        if self.words.hides(change.input):
            return self.say("changed_privately", change)
        counts = self.words.counts(change.input)
        before = self.words.value(self.case.value(change.input), change.input, unit=False)
        return self.say("changed", change, before, self.words.value(change.value, change.input, unit=not counts))

    def _refusal(self, refused: Refused) -> str:
        """What is accepted; the figure that was said only where it is nobody's secret."""
        if self.words.hides(refused.input):
            return refused.text.partition(". ")[2]
        return f"{refused.text} {self.say('meant', refused.meant)}" if refused.meant else refused.text

    def _not_read(self) -> Iterator[str]:
        for said, inputs in self.changes.unclear:
            yield self.say("unclear", _THAT if self._speaks_of_private() else said, [self.words.input_name(name) for name in inputs])
        told = {word for said, _ in self.changes.unclear for word in said.split()}
        left_over = [words for words in self._left_over() if words not in told]
        hidden = len(self._left_over()) < len(self.changes.left_over)
        if not self.changes.found and not self.changes.unclear:
            yield self.say("unread", left_over)
        elif (left_over or hidden) and self.changes.found and not self.changes.unclear:
            yield self.say("left_over", left_over, hidden)

    def _left_over(self) -> list[str]:
        """What was not understood. Where others read, no figure is repeated, and nothing at all that was said of a private one."""
        if self._speaks_of_private():
            return []
        return [words for words in self.changes.left_over if self.words.shows_private or not holds_figure(words)]

    def _speaks_of_private(self) -> bool:
        """The sentence names a private input, and others read: then any of its words may be the figure."""
        return any(self.words.hides(name) for name in self.changes.named)

    def _clearer(self) -> Iterator[str]:
        """What was said, of each input that it could be of."""
        for said, inputs in () if self._speaks_of_private() else self.changes.unclear[:1]:
            amount = next((words for words in self._left_over() if words != said), said)
            if amount == said and not any(letter.isdigit() for letter in said):
                return
            yield from (capitalize_first(f"{self.words.input_name(name)}: {amount}") for name in inputs[:_MOST_SUGGESTIONS])

    def _is_private(self, change: Change) -> bool:
        return change.input in self.rulebook.field and self.rulebook.field[change.input].private

    # -- what becomes of it ------------------------------------------------------------------------------------------

    def _told(self, found: WhatIf) -> Iterator[str | Sequence[str]]:
        yield self.say("verdict", found.verdict_changed, self._verdict(found.before), self._verdict(found.after), self._reason(found.after))
        yield self.say("totals")
        yield [self._total(total, found.after.plan) for total in found.totals]
        lines = [self._line(line, found) for line in found.lines if line.differs]
        if lines:
            yield self.say("lines", found.after.plan)
            yield lines
        yield from self._doubts(found)

    def _verdict(self, advice: Advice) -> str:
        return self.words.say("verdict", advice)

    def _reason(self, advice: Advice) -> str:
        return self.words.say("verdict_reason", advice)

    def _total(self, total: BeforeAfter, advised: str) -> str:
        amounts = [_NOT_OFFERED if amount is None else usd(amount) for amount in (total.before, total.after)]
        return self.say("total", total.name, *amounts, total.name == advised)

    def _line(self, line: BeforeAfter, found: WhatIf) -> str:
        """Where others read, a line that would give a private figure away is named and not shown."""
        if self._turns_a_discount() and any(
            item.private and item.line in (line.name, *_RESTS_ON.get(line.name, ())) for item in _items(found)
        ):
            return self.say("private_line", line.name)
        amounts = [_NOT_OFFERED if amount is None else usd_cents(amount) for amount in (line.before, line.after)]
        return self.say("line", line.name, *amounts)

    def _turns_a_discount(self) -> bool:
        """What is changed decides how much a private figure takes off: the figure, or when it counts."""
        when = {name for provider in self.rulebook.providers if provider.discount for name in provider.discount.when}
        changed = {change.input for change in self.changes.said}
        return not self.words.shows_private and any(name in when or self.words.hides(name) for name in changed)

    def _doubts(self, found: WhatIf) -> Iterator[str]:
        """The confidence where it changed, and the age of the prices that decide."""
        if found.confidence_changed:
            before, after = found.before.confidence, found.after.confidence
            yield self.say("confidence", before.word, after.word, self.words.confidence(after, found.after))
        old = [caution for caution in found.after.cautions if caution.kind == "stale" and caution.first]
        if len(old) > 1:
            yield self.words.say("old_prices", old)
        elif old:
            yield self.words.caution(old[0], found.after)


def _items(found: WhatIf) -> Iterator[LineItem]:
    for advice in (found.before, found.after):
        yield from advice.bills.get(found.after.plan, ())


def _sources(advice: Advice) -> tuple[Cited, ...]:
    """Where the prices of the advised plan are from: each once, and the oldest always among them."""
    figures = (figure for item in advice.bills[advice.plan] for figure in item.figures if figure.kind != GIVEN)
    cited = list(dict.fromkeys(Cited(figure.source, "", figure.as_of) for figure in figures))
    oldest = min(cited, key=lambda source: source.as_of or date.max, default=None)
    first = cited[:_MOST_SOURCES]
    return tuple(first if oldest in first or oldest is None else [*first[:-1], oldest])


def _text(blocks: Iterable[str | Sequence[str]]) -> str:
    """Paragraphs and lists as Markdown."""
    return "\n\n".join(block if isinstance(block, str) else "\n".join(f"- {line}" for line in block) for block in blocks)
