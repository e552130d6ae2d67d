"""Numbers, names and sentences as people read them: the Jinja environment, its filters, and the sentences of a reply."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from engine.advice import Advice, Caution, Confidence, Flip, QuickWin, Reason, ScaleToZero, Steady, WhyNot
from engine.catalogue import Figure
from engine.knowledge import Source, fill
from engine.rulebook import Rulebook

TEMPLATES = Path(__file__).resolve().parent / "templates"
_UNKNOWN = "unknown"
_DOLLARS = "USD"
_PRIVATE = "private"


def usd(amount: Decimal | None) -> str:
    """Whole dollars, half up: $7,892."""
    if amount is None:
        return _UNKNOWN
    whole = amount.quantize(Decimal(1), ROUND_HALF_UP) + 0
    return f"-${-whole:,}" if whole < 0 else f"${whole:,}"


def usd_cents(amount: Decimal | None) -> str:
    """Dollars and cents: $3,487.63."""
    if amount is None:
        return _UNKNOWN
    exact = amount.quantize(Decimal("0.01"), ROUND_HALF_UP) + 0
    return f"-${-exact:,}" if exact < 0 else f"${exact:,}"


def rate(amount: Decimal) -> str:
    """A price per unit with the digits it has, two to eight after the point: $0.0208, $11.80."""
    text = number(amount.quantize(Decimal("0.00000001"), ROUND_HALF_UP))
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents:0<2}"


def number(value: object) -> str:
    """A number without needless zeros and with thousands separated; other values as they are."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return str(value)
    text = f"{Decimal(value):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal | None) -> str:
    """A share of a hundred, whole: 24 %."""
    return _UNKNOWN if value is None else f"{value.quantize(Decimal(1), ROUND_HALF_UP)} %"


def spans(values: Iterable[int]) -> str:
    """Whole numbers as ranges: 0, 4 to 60."""
    ordered = sorted(values)
    runs = groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0])
    parts = [[value for _, value in run] for _, run in runs]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in parts)


def either(names: list[str]) -> str:
    """Names as a choice: AWS, Azure or Both."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def source(entry: Source) -> str:
    """A source in a few words: Skylink 2026, question 2."""
    return f"{entry.publisher} {entry.as_of.year}, {entry.part or entry.title}"


def capitalize_first(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


class _Cache(FileSystemBytecodeCache):
    """Compiled templates in a folder of this user alone; where nothing can be written, they are compiled each time."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _compiled_templates() -> BytecodeCache | None:
    """Compiling takes a tenth of a second. None where the system has no safe temporary folder."""
    try:
        return _Cache()
    except (OSError, RuntimeError):
        return None


class Words:
    """The words for the ids of one rulebook, and the sentences of an advice.

    Where others read, `shows_private` is False: figures of private fields are named and never written.
    """

    def __init__(self, rulebook: Rulebook, *, shows_private: bool = True) -> None:
        self.rulebook = rulebook
        self.shows_private = shows_private

    @cached_property
    def environment(self) -> Environment:
        """Templates see what they are given and nothing else; a name that is missing is an error."""
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            undefined=StrictUndefined,
            autoescape=lambda name: bool(name and name.endswith(".html.j2")),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            bytecode_cache=_compiled_templates(),
        )
        environment.filters |= {
            "usd": usd, "usd_cents": usd_cents, "rate": rate, "number": number, "percent": percent, "spans": spans,
            "plan": self.plan, "destination": self.destination, "provider": self.provider, "purchase": self.purchase,
            "input": self.input_name, "answer": self.answer, "figure": self.figure, "source": source, "either": either,
            "cell": _cell, "conflict": _conflict, "capitalize_first": capitalize_first, "given": self.given,
        }  # fmt: skip
        return environment

    @cached_property
    def _sentences(self) -> Any:
        return self.environment.get_template("sentences.j2").module

    @cached_property
    def _talk(self) -> Any:
        return self.environment.get_template("talk.j2").module

    def say(self, sentence: str, *values: object) -> str:
        """One of the sentences of sentences.j2, on one line."""
        return " ".join(str(getattr(self._sentences, sentence)(*values)).split())

    def talk(self, sentence: str, *values: object) -> str:
        """One of the sentences of talk.j2, which the bot says in a conversation; lines stay lines."""
        lines = str(getattr(self._talk, sentence)(*values)).strip().splitlines()
        return "\n".join(" ".join(line.split()) for line in lines)

    # -- names -----------------------------------------------------------------------------------------------------

    def provider(self, name: str) -> str:
        return self.rulebook.providers[self.rulebook.provider_index[name]].name

    def plan(self, name: str) -> str:
        """AWS, or: train AWS, serve Azure."""
        plan = self.rulebook.plans[self.rulebook.plan_index[name]]
        training, serving = (self.rulebook.providers[at].name for at in (plan.training, plan.serving))
        return training if plan.single else f"train {training}, serve {serving}"

    def destination(self, name: str) -> str:
        """A plan as where one moves to: Azure, or: a split, train AWS, serve Azure."""
        return self.plan(name) if name in self.rulebook.provider_index else f"a split, {self.plan(name)}"

    def purchase(self, name: str) -> str:
        return self.rulebook.purchase[name].name

    def input_name(self, name: str) -> str:
        """The name of an answer, a field or an assumption."""
        if name in self.rulebook.field:
            return self.rulebook.field[name].name
        if name in self.rulebook.assumptions:
            return self.rulebook.assumptions[name].name
        return self.rulebook.question[name].name

    def given(self, value: object, name: str) -> str:
        """A value that somebody gave, for a place where others may read."""
        return _PRIVATE if self.hides(name) else self.value(value, name)

    def value(self, value: object, name: str, *, unit: bool = True) -> str:
        """A value of an answer, a field or an assumption, with its unit: 30,000 GB a month, $50,000 a year, yes."""
        if value is None:
            return "none"
        if isinstance(value, bool):
            return "yes" if value else "no"
        written = self.unit(name)
        if written.startswith(_DOLLARS) and isinstance(value, int | Decimal):
            return f"{usd_cents(Decimal(value)).removesuffix('.00')}{written.removeprefix(_DOLLARS) if unit else ''}"
        return f"{self.answer(value, name)} {written if unit else ''}".strip()

    def hides(self, name: str) -> bool:
        """The figure is private and others read."""
        return not self.shows_private and name in self.rulebook.field and self.rulebook.field[name].private

    def counts(self, name: str) -> bool:
        """Its name says already what is counted: 'GPUs 64' needs no unit."""
        return name in self.rulebook.field and self.rulebook.field[name].kind == "whole"

    def unit(self, name: str) -> str:
        if name in self.rulebook.field:
            return self.rulebook.field[name].unit
        return self.rulebook.assumptions[name].unit if name in self.rulebook.assumptions else ""

    def answer(self, value: object, question: str) -> str:
        """An answer in the words of its button."""
        known = self.rulebook.question.get(question)
        named = [answer.name for answer in known.answers if answer.id == value] if known else []
        return named[0] if named else number(value)

    def figure(self, figure: Figure) -> str:
        """A price by its machine, purchase and region, or a rate by its step, with the cloud in front."""
        words = [self.purchase(word) if word in self.rulebook.purchase else word for word in figure.name.split(" ")]
        return " ".join([self.provider(figure.provider), *words] if figure.provider else words)

    # -- sentences -------------------------------------------------------------------------------------------------

    def headline(self, advice: Advice) -> str:
        """The verdict and its reason, two sentences."""
        return f"{self.say('verdict', advice)} {self.say('verdict_reason', advice)}"

    def reason(self, reason: Reason) -> str:
        return fill(reason.rule.written.because, {name: self._value(name, value) for name, value in reason.values.items()})

    def _value(self, name: str, value: Any) -> str:
        if name.endswith("_plan"):
            return self.plan(value)
        if "usd" in name:
            return usd(value)
        return self.answer(value, name)

    def why_not(self, entry: WhyNot, advice: Advice) -> str:
        return self.say("why_not", entry, advice, [self.reason(reason) for reason in entry.rules])

    def caution(self, caution: Caution, advice: Advice) -> str:
        if caution.rule is not None:
            return fill(caution.rule.rule.written.caution or "", {n: self._value(n, v) for n, v in caution.rule.values.items()})
        return self.say("caution", caution, advice)

    def caution_source(self, caution: Caution) -> str:
        if caution.erratum is not None:
            return str(caution.erratum.source)
        if caution.rule is not None:
            return str(caution.rule.source)
        if caution.figure is not None:
            return caution.figure.source
        if caution.instance is not None:
            return caution.instance.source
        return "whichcloud, from the catalogue and the rules of this advice"

    def confidence(self, confidence: Confidence, advice: Advice) -> str:
        return self.say("confidence", confidence, advice)

    def quick_win(self, win: QuickWin) -> str:
        return self.say("quick_win", win)

    def scale_to_zero(self, entry: ScaleToZero) -> str:
        return self.say("scale_to_zero", entry)

    def steady(self, entry: Steady) -> str:
        return self.say("steady", entry, self.value(entry.low, entry.input, unit=False), self.value(entry.high, entry.input))

    def flips(self, advice: Advice) -> list[str]:
        """One line for each change, nearest first; answers that lead to the same plan share a line."""
        lines: dict[tuple[str, str], list[Flip]] = {}
        for flip in advice.flips:
            apart = flip.input not in self.rulebook.question and not self._hidden(flip, advice)
            lines.setdefault((flip.input, f"{flip.plan} {flip.to}" if apart else flip.plan), []).append(flip)
        hidden = [group for group in lines.values() if self._hidden(group[0], advice)]
        return [self.say("private_flip", group[0]) if group in hidden else self._flip(group) for group in lines.values()]

    def _hidden(self, flip: Flip, advice: Advice) -> bool:
        """The flip would tell a private figure; a default is nobody's secret."""
        return self.hides(flip.input) and flip.input in advice.case.given

    def _flip(self, flips: list[Flip]) -> str:
        first = flips[0]
        question = self.rulebook.question.get(first.input)
        if question is None:
            return self.say("number_flip", first, self.value(first.to, first.input), self.value(first.from_value, first.input, unit=False))
        if question.whole_number:
            return self.say("answer_flip", first, spans(flip.to for flip in flips if isinstance(flip.to, int)))
        return self.say("answer_flip", first, either([self.answer(flip.to, first.input) for flip in flips]))


def _conflict(note: str) -> str:
    """What two sources disagree about, without the mark that the catalogue gives it."""
    return note.removeprefix("CONFLICT: ")


def _cell(text: str) -> str:
    """Text inside a Markdown table: no bar may end the cell."""
    return text.replace("|", "\\|").replace("\n", " ")
