"""What a sentence would change about a case: `what if we had 32 GPUs?`, `and at 10x?`, `with H100s in Europe`.

Only a sentence that supposes something, or consists of nothing but changes, is read; one that asks for knowledge changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal
from weakref import WeakKeyDictionary

from bot.qa.binding import Binder, Binding, Bound
from bot.qa.mentions import Mention, Mentions, Role
from bot.qa.quantities import shown
from bot.words import number
from engine.case import Case, Value, counting_fields, parse_answer, parse_assumption, parse_field
from engine.exact import to_decimal
from engine.rulebook import SCALES, Rulebook

Part = Literal["answers", "workload", "assumptions"]
Shape = Literal["", "opened", "led", "fragment"]
_CENTS = Decimal("0.01")
_MOST_UNKNOWN = 4  # behind an opener, so many words may mean nothing here; they are named
_MOST_MENTIONS = 120
_IF = "if"
_SHARE = "_pct"
_NO_SHARE = "`{}` is not accepted. Give it in percent, with the sign."
_OUTCOME: tuple[Role, ...] = ("outcome", "supposing")
_SAYS_NOTHING: tuple[Role, ...] = ("filler", "leading", "join", "asking", "greeting", "outcome", "supposing", "instead")
_mentions: WeakKeyDictionary[Rulebook, Mentions] = WeakKeyDictionary()


@dataclass(frozen=True)
class Change:
    """One input and its value; `how` is what it was reckoned from: `2 TB a day`, `half`. `taken_as_month`: no period was said."""

    part: Part
    input: str
    value: Value
    how: str = ""
    taken_as_month: bool = False


@dataclass(frozen=True)
class Refused:
    """A value that an input does not take, with the accepted range in words; `meant` is what was probably meant."""

    input: str
    text: str
    meant: str = ""


@dataclass(frozen=True)
class Changes:
    """What a sentence changes. `scale` multiplies the inputs in `scaled`, after `said`.

    `unclear`: words that could mean several inputs; `left_over`: what was not understood; `named`: the inputs of which it speaks.
    `muddled`: it has amounts that cannot be read together. `asks_back`: it gives a number, and what of was not understood.
    `supposes`: it says so; else it consists of changes and nothing else, which only an open case makes plain.
    """

    said: tuple[Change, ...] = ()
    scale: Decimal | None = None
    scaled: tuple[Change, ...] = ()
    refused: tuple[Refused, ...] = ()
    unclear: tuple[tuple[str, tuple[str, ...]], ...] = ()
    left_over: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    muddled: bool = False
    supposes: bool = False

    @property
    def asks_back(self) -> bool:
        number = bool(self.named) and any(letter.isdigit() for words in self.left_over for letter in words)
        return not self.found and (bool(self.unclear) or self.muddled or number)

    @property
    def found(self) -> bool:
        """There is something to compute, or to refuse with its range."""
        return bool(self.said or self.scale is not None or self.refused)

    @property
    def column(self) -> int | None:
        """The scale at which every advice has a column."""
        return int(self.scale) if self.scale is not None and self.scale in SCALES else None

    def values(self, part: Part) -> dict[str, Value]:
        return {change.input: change.value for change in (*self.said, *self.scaled) if change.part == part}


NO_CHANGES = Changes()


def read_changes(text: str, rulebook: Rulebook, case: Case) -> Changes:
    """What the text would change about the case; nothing where it is no what-if."""
    mentions = _mentions_of(rulebook).find(text, _MOST_MENTIONS)
    if len(mentions) >= _MOST_MENTIONS or any(m.has("blocker") for m in mentions):
        return NO_CHANGES
    hours = tuple(_mentions_of(rulebook).words.hours_unclear)
    apiece, often = _mentions_of(rulebook).words.apiece, _mentions_of(rulebook).frequency(text)
    binding = Binder(mentions, trains=case.trains, serves=case.serves, hours_unclear=hours, apiece=apiece, often=often).bound()
    shape = _shape(mentions, binding)
    if not shape:
        return NO_CHANGES
    return replace(_Resolver(rulebook, case).changes(binding, tuple(_unknown(mentions))), supposes=shape != "fragment")


def supposes(text: str, rulebook: Rulebook) -> bool:
    """Whether somebody says that they only suppose: `what if`, `suppose`. Without it the same words may be meant as they stand."""
    mentions = _mentions_of(rulebook).find(text, _MOST_MENTIONS)
    return any(mention.has("opener") or (mention.has("leading") and _IF in mention.text.split()) for mention in mentions)


def _mentions_of(rulebook: Rulebook) -> Mentions:
    if rulebook not in _mentions:
        _mentions[rulebook] = Mentions(rulebook)
    return _mentions[rulebook]


def whichcloud_case_with(case: Case, changes: Changes) -> tuple[dict[str, Value], dict[str, Value], dict[str, Value]]:
    """Answers, workload and assumptions of the case after the changes, as `make_case` takes them. What nobody gave stays left out."""
    workload = {name: value for name, value in case.workload.items() if name in case.given}
    assumptions: dict[str, Value] = {name: value for name, value in case.assumptions.items() if name in case.given}
    return (
        {**case.answers, **changes.values("answers")},
        {**workload, **changes.values("workload")},
        {**assumptions, **changes.values("assumptions")},
    )


# -- is it a what-if? ------------------------------------------------------------------------------------------------


def _shape(mentions: Sequence[Mention], binding: Binding) -> Shape:
    """How a sentence supposes something: with an opener, led by a word like `with`, or as changes and nothing else. Empty: not at all."""
    strangers = sum(mention.unknown for mention in mentions)
    known = sum(not mention.unknown and not mention.ends for mention in mentions)
    if any(mention.has("opener") for mention in mentions):
        return "opened" if strangers <= (min(_MOST_UNKNOWN, known) if binding.strong else 1) else ""
    if binding.clashes or binding.muddled or binding.left_over:
        return ""
    if strangers == 0 and binding.strong and _asks_for_the_outcome(mentions):
        return "led"
    if _asks(mentions, binding):
        return ""
    if _leads(mentions):
        return "led" if strangers <= (1 if binding.strong else 0) else ""
    alone = [mention for mention in mentions if not mention.ends and not _is_filler(mention)]
    complete = binding.strong or any(" " in mention.text for mention in alone if mention.has("setting"))
    return "fragment" if complete and strangers == 0 and not binding.unclear else ""


def _asks(mentions: Sequence[Mention], binding: Binding) -> bool:
    """It begins as a question, is of money, or gives amounts in the region of one cloud: it asks for knowledge or for a price."""
    of_price = any(mention.has("costing") or (binding.strong and mention.has("place")) for mention in mentions)
    first = (mention for before, mention in pairwise((Mention("", ends=True), *mentions)) if before.ends)
    return of_price or any(mention.has("asking") for mention in first)


def _asks_for_the_outcome(mentions: Sequence[Mention]) -> bool:
    """Would 16 GPUs change the verdict? What is the bill with 100 endpoints?"""
    return all(any(mention.has(role) for mention in mentions) for role in _OUTCOME)


def _leads(mentions: Sequence[Mention]) -> bool:
    """The first words lead to a change: `with`, `and at`; greetings may stand before them."""
    first = next((mention for mention in mentions if not (mention.ends or mention.has("greeting"))), None)
    return first is not None and first.has("leading")


def _is_filler(mention: Mention) -> bool:
    return bool(mention.meanings) and all(meaning.role in _SAYS_NOTHING for meaning in mention.meanings)


def _unknown(mentions: Sequence[Mention]) -> Iterator[str]:
    """Words that nobody knows, neighbours together."""
    run: list[str] = []
    for mention in (*mentions, Mention("", ends=True)):
        if mention.unknown:
            run.append(mention.text)
        elif run:
            yield " ".join(run)
            run = []


# -- from what was said to values ------------------------------------------------------------------------------------


class _Resolver:
    """Turns what was said into values of one case, and checks them as the case itself does."""

    def __init__(self, rulebook: Rulebook, case: Case) -> None:
        self.rulebook = rulebook
        self.case = case
        self.assumptions = {each.id: each for each in rulebook.case_assumptions}
        self.refused: list[Refused] = []
        self.counts: Mapping[str, Fraction | str] = {}

    def changes(self, binding: Binding, unknown: tuple[str, ...]) -> Changes:
        left_over = tuple(dict.fromkeys(binding.muddled or (*binding.left_over, *unknown)))
        if binding.clashes or binding.muddled:
            return Changes(left_over=left_over, named=binding.named, muddled=bool(binding.muddled))
        self.counts = {bound.input: bound.amount for bound in binding.bounds if bound.how == "set"}
        said = [change for bound in binding.bounds if not self._says_nothing(bound) for change in self._change(bound)]
        without = {refused.input for refused in self.refused}
        needs = {bound.input: bound.needed_by for bound in binding.bounds if bound.needed_by}
        said = [change for change in said if not self._is_needless(change, needs.get(change.input), without)]
        order = {name: at for at, name in enumerate((*self.rulebook.question, *self.rulebook.field, *self.assumptions))}
        ordered = tuple(sorted(said, key=lambda change: order[change.input]))
        scaled = tuple(self._scaled(binding.scale, {change.input: change.value for change in ordered}))
        scale = None if binding.scale is None else to_decimal(binding.scale)
        return Changes(ordered, scale, scaled, tuple(self.refused), tuple(binding.unclear), left_over, binding.named)

    def _is_needless(self, change: Change, needed_by: str | None, without: set[str]) -> bool:
        """It follows from another change, and is so already, or that other was refused."""
        return needed_by is not None and (needed_by in without or self.case.value(change.input) == change.value)

    def _says_nothing(self, bound: Bound) -> bool:
        """A card that is in use already, named without its memory."""
        now = self.case.workload.get(bound.input)
        family = isinstance(bound.amount, str) and isinstance(now, str) and self.rulebook.field[bound.input].kind == "accelerator"
        return family and str(now).startswith(f"{bound.amount}-")

    def _change(self, bound: Bound) -> Iterator[Change]:
        amount = bound.amount if isinstance(bound.amount, str) else self._amount(bound, bound.amount)
        if isinstance(amount, Decimal) and bound.bare and bound.input.endswith(_SHARE) and 0 < amount < 1:
            self.refused.append(Refused(bound.input, _NO_SHARE.format(number(amount)), f"{number(amount * 100)} %"))
            return
        said = bound.said
        if bound.each and not isinstance(bound.amount, str):
            said = f"{shown(bound.amount)} × {number(self._number(bound.each))}"
        try:
            part, value = self._parsed(bound.input, amount)
        except ValueError as error:
            self.refused.append(Refused(bound.input, str(error)))
            return
        yield Change(part, bound.input, value, said, bound.taken_as_month)

    def _amount(self, bound: Bound, amount: Fraction) -> Decimal:
        """The number meant; a share or a multiple of what counts whole things is rounded."""
        before, each = Fraction(self._number(bound.input)), Fraction(self._number(bound.each)) if bound.each else Fraction(1)
        values = {"set": amount, "times": before * amount, "more": before + amount, "less": before - amount, "apiece": amount * each}
        return _rounded(values[bound.how], whole=bound.how == "times" and self._is_whole(bound.input))

    def _number(self, name: str) -> Decimal:
        """What the sentence gives for an input, else the case; nothing where that is no number."""
        now = self.case.value(name)
        said = self.counts.get(name)
        if isinstance(said, Fraction):
            return to_decimal(said)
        return Decimal(now) if isinstance(now, int | Decimal) else Decimal(0)

    def _is_whole(self, name: str) -> bool:
        return name in self.rulebook.question or (name in self.rulebook.field and self.rulebook.field[name].kind == "whole")

    def _parsed(self, name: str, value: object) -> tuple[Part, Value]:
        if name in self.rulebook.question:
            return "answers", parse_answer(self.rulebook.question[name], _number_or_word(value))
        if name in self.rulebook.field:
            field = self.rulebook.field[name]
            return "workload", parse_field(field, _number_or_word(value), self.rulebook)
        return "assumptions", parse_assumption(self.assumptions[name], value)

    def _scaled(self, scale: Fraction | None, said: Mapping[str, Value]) -> Iterator[Change]:
        """Every input that grows with the volume and has an effect on the case."""
        counting = counting_fields(self.case, self.rulebook)
        for field in self.rulebook.fields if scale is not None else ():
            now = said.get(field.id, self.case.workload[field.id])
            if not field.scaled or not isinstance(now, int | Decimal) or not (field.id in counting or field.id in said):
                continue
            assert scale is not None
            number = _rounded(Fraction(now) * scale, whole=field.kind == "whole")
            try:
                yield Change("workload", field.id, parse_field(field, number, self.rulebook), f"{shown(scale)} times")
            except ValueError as error:
                self.refused.append(Refused(field.id, str(error)))


def _rounded(number: Fraction, *, whole: bool) -> Decimal:
    """Whole things half up; other numbers as they are, or to two digits where they have no end."""
    value = to_decimal(number)
    if whole:
        return value.quantize(Decimal(1), ROUND_HALF_UP)
    return value if Fraction(value) == number else value.quantize(_CENTS, ROUND_HALF_UP)


def _number_or_word(value: object) -> object:
    """Numbers of the file are written as digits."""
    return Decimal(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
