"""The guided comparison as what is shown: which platform fits on each dimension and why, beside the cost verdict. No Slack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.qa.answer import Answer, Cited
from bot.words import Words
from engine.advice import Advice
from engine.case import Case, Value
from engine.dimensions import Dimensions, Grounded
from engine.fitting import Beside, Comparison, Fit, Ground, answer_name, compare_platforms
from engine.knowledge import Source
from engine.rulebook import Rulebook

ID = "compare"
_SUGGESTIONS = 3
_TEMPLATE = "qa/compare.j2"


@dataclass(frozen=True)
class FitView:
    """One dimension as text; `lines` are the reasons, each with what it was drawn from an answer to."""

    id: str
    title: str
    fit: str
    differ: str
    lines: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class ComparisonView:
    """`verdict` and `reason` are empty without a case; of `overall`, the first line is the one to read."""

    verdict: str
    reason: str
    overall: tuple[str, ...]
    dimensions: tuple[FitView, ...]
    notes: tuple[str, ...]


def said_of(case: Case) -> dict[str, Value]:
    """What was said to the five questions; 'not sure' says nothing."""
    return {name: value for name, value in case.answers.items() if name not in case.skipped}


def guided_comparison(
    rulebook: Rulebook, dimensions: Dimensions, chosen: Mapping[str, str], said: Mapping[str, Value], advice: Advice | None = None
) -> Comparison:
    """The comparison on what was said to the five questions, or, with an advice, on what its case has."""
    return compare_platforms(dimensions, chosen, said_of(advice.case) if advice else said, rulebook, advice)


def comparison_answer(comparison: Comparison, words: Words, questions: Mapping[str, str] | None = None) -> Answer:
    """`questions`: the entries of the knowledge and what each answers, to suggest what to ask next."""
    said = _said(words)
    text = str(said.markdown(comparison_view(comparison, words))).strip()
    return Answer(
        kind="engine",
        id=ID,
        text=text,
        sources=tuple(dict.fromkeys(_cited(comparison))),
        claims=tuple(dict.fromkeys(claim for grounded in _grounded(comparison) for claim in grounded.claims)),
        suggestions=tuple(_suggested(comparison, questions or {}))[:_SUGGESTIONS],
    )


def comparison_view(comparison: Comparison, words: Words) -> ComparisonView:
    return _Viewer(words).view(comparison)


def platform(provider: str, words: Words) -> str:
    """The platform of a provider, as it calls it."""
    return next(each.managed_service for each in words.rulebook.providers if each.id == provider)


def sentence(words: Words, name: str, *values: object) -> str:
    """One of the sentences of compare.j2, on one line."""
    return " ".join(str(getattr(_said(words), name)(*values)).split())


def _said(words: Words) -> Any:
    return words.environment.get_template(_TEMPLATE).module


class _Viewer:
    def __init__(self, words: Words) -> None:
        self.words = words

    def say(self, name: str, *values: object) -> str:
        return sentence(self.words, name, *values)

    def view(self, comparison: Comparison) -> ComparisonView:
        beside = comparison.beside
        return ComparisonView(
            verdict=self.words.say("verdict", beside.advice) if beside else "",
            reason=self.words.say("verdict_reason", beside.advice) if beside else "",
            overall=tuple(self.overall(comparison)),
            dimensions=tuple(self.dimension(fit) for fit in comparison.fits),
            notes=tuple(self.notes(beside)),
        )

    def overall(self, comparison: Comparison) -> Iterator[str]:
        """Where fit and verdict agree, and where they pull apart; never a sum."""
        named, leaning = comparison.by_provider("fits"), comparison.by_provider("leans")
        if comparison.beside:
            yield from self.beside(comparison.beside)
        else:
            yield from (self.say("named", list(fits), self.platform(provider)) for provider, fits in named.items())
        if not named:
            yield self.say("none_fits")
        yield from (self.say("leaning", list(fits), self.platform(provider)) for provider, fits in leaning.items())
        if comparison.undecided:
            yield self.say("undecided", list(comparison.undecided))

    def beside(self, beside: Beside) -> Iterator[str]:
        for pull in beside.pulls:
            yield self.say("apart", pull, self.platform(pull.provider), beside.advice.plan)
        if beside.agree:
            yield self.say("agree", list(beside.agree), self.platform(beside.provider), not beside.pulls)

    def notes(self, beside: Beside | None) -> Iterator[str]:
        if beside is None:
            yield self.say("no_case")
        elif beside.part == "serving":
            yield self.say("serves_only")
        elif beside.advice.plan != beside.provider:
            yield self.say("about_training", beside.provider)
        if beside and beside.advice.layer != "managed":
            yield self.say("raw_layer")
        if beside:
            yield self.words.confidence(beside.advice.confidence, beside.advice)
        yield self.say("never_added")

    def dimension(self, fit: Fit) -> FitView:
        said = [*(self.ground(ground) for ground in (*fit.for_it, *fit.neutral)), *(self.ground(g, against=True) for g in fit.against_it)]
        if fit.provider is None and fit.unanswered:
            asked = [question.ask for question in fit.dimension.questions if question.id in fit.unanswered]
            said.append(self.say("would_turn_on", asked))
        return FitView(
            id=fit.dimension.id,
            title=fit.dimension.title,
            fit=self.say("fit", fit, self.platform(fit.provider)),
            differ=fit.dimension.differ,
            lines=tuple(said),
            sources=tuple(dict.fromkeys(self.say("source", source) for source in _sources(fit))),
        )

    def ground(self, ground: Ground, *, against: bool = False) -> str:
        answer = answer_name(ground, self.words.rulebook)
        return self.say("ground", ground, answer, self.asked(ground), self.platform(ground.provider), against)

    def asked(self, ground: Ground) -> str:
        return ground.asked.name if ground.asked else self.words.rulebook.question[ground.question].name

    def platform(self, provider: str | None) -> str:
        return platform(provider, self.words) if provider else ""


def _grounded(comparison: Comparison) -> Iterator[Grounded]:
    """All that the comparison says, and what it says the platforms differ in."""
    for fit in comparison.fits:
        yield fit.dimension
        yield from (ground.statement for ground in fit.grounds)


def _sources(fit: Fit) -> Iterator[Source]:
    for grounded in (fit.dimension, *(ground.statement for ground in fit.grounds)):
        yield from grounded.sources


def _cited(comparison: Comparison) -> Iterator[Cited]:
    for fit in comparison.fits:
        yield from (Cited(source.title, source.publisher, source.as_of) for source in _sources(fit))
    if comparison.beside:
        deciding = (price.figure for price in comparison.beside.advice.prices if price.deciding)
        yield from (Cited(figure.source, "", figure.as_of) for figure in deciding)


def _suggested(comparison: Comparison, questions: Mapping[str, str]) -> Iterator[str]:
    """What to read on: first on dimensions that are undecided or pull another way than the verdict."""
    beside = comparison.beside
    settled = beside.agree if beside else ()
    for fit in sorted(comparison.fits, key=lambda fit: fit in settled):
        yield from (questions[name] for name in fit.dimension.entries[:1] if name in questions)
