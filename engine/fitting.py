"""Which platform fits a team on each dimension, and where that agrees with the verdict on cost. Data without words.

Nothing is added up: each dimension stands for itself, and what speaks against it stays beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from engine.advice import Advice, PlanCost, Scenario
from engine.case import Value
from engine.dimensions import NEITHER, Asked, Choice, Dimension, Dimensions, Statement
from engine.rulebook import Rulebook

State = Literal["fits", "leans", "apart", "silent"]
Stance = Literal["agree", "apart", "mixed", "silent"]
Part = Literal["training", "serving"]


@dataclass(frozen=True)
class Ground:
    """What one answer says on a dimension. `asked`: the dimension's own question, None where it was one of the five."""

    question: str
    statement: Statement
    asked: Asked | None

    @property
    def provider(self) -> str | None:
        """The provider that it speaks for, None for neither."""
        return None if self.statement.speaks_for == NEITHER else self.statement.speaks_for


@dataclass(frozen=True)
class Fit:
    """One dimension: the provider that fits, and all that was said on it.

    `fits`: an answer on the dimension itself decides. `leans`: nothing but judgements do. `apart`: what was said speaks for
    more than one provider, so none is named. `silent`: nothing that was said speaks for any.
    """

    dimension: Dimension
    state: State
    provider: str | None
    grounds: tuple[Ground, ...]
    unanswered: tuple[str, ...]

    @property
    def for_it(self) -> tuple[Ground, ...]:
        """What speaks for the provider that fits; where none does, what speaks for any."""
        return tuple(g for g in self.grounds if g.provider and self.provider in (None, g.provider))

    @property
    def against_it(self) -> tuple[Ground, ...]:
        return tuple(g for g in self.grounds if g.provider and self.provider not in (None, g.provider))

    @property
    def neutral(self) -> tuple[Ground, ...]:
        return tuple(g for g in self.grounds if not g.provider)


@dataclass(frozen=True)
class Pull:
    """The dimensions that fit another provider than the verdict's, and what following them comes to.

    `plan` is the cheapest allowed plan there, None where there is none; `by_usd_per_year` what it costs more than the plan
    advised (less than 0: it is cheaper); `from_scale` the first scale at which the verdict names that provider too.
    """

    provider: str
    fits: tuple[Fit, ...]
    plan: str | None
    by_usd_per_year: Decimal | None
    from_scale: int | None

    @property
    def saves_usd_per_year(self) -> Decimal | None:
        return None if self.by_usd_per_year is None else -self.by_usd_per_year


@dataclass(frozen=True)
class Beside:
    """The dimensions beside a verdict. `part` is the half of the plan that they are held against: training, where there is any.

    What leans by judgement alone is in neither `agree` nor `pulls`: it is a question to the team, and contradicts nothing.
    """

    advice: Advice
    part: Part
    provider: str
    agree: tuple[Fit, ...]
    pulls: tuple[Pull, ...]

    @property
    def stance(self) -> Stance:
        if self.pulls:
            return "mixed" if self.agree else "apart"
        return "agree" if self.agree else "silent"


@dataclass(frozen=True)
class Comparison:
    """Every dimension in its order; `beside` where there is a verdict."""

    fits: tuple[Fit, ...]
    beside: Beside | None

    def by_provider(self, state: State) -> dict[str, tuple[Fit, ...]]:
        """The providers that a dimension in that state names, each with its dimensions."""
        return _by_provider(self.fits, state)

    @property
    def undecided(self) -> tuple[Fit, ...]:
        return tuple(fit for fit in self.fits if fit.provider is None)


def compare_platforms(
    dimensions: Dimensions, chosen: Mapping[str, str], said: Mapping[str, Value], rulebook: Rulebook, advice: Advice | None = None
) -> Comparison:
    """`chosen`: answers to the dimensions' own questions, `said`: answers to the five; what is not known is left out of both.

    Raises ValueError for an answer that a question does not have, KeyError for a question that no dimension has.
    """
    unknown = set(chosen) - {question.id for question in dimensions.questions}
    if unknown:
        raise KeyError(min(unknown))
    fits = tuple(_fit(dimension, chosen, said) for dimension in dimensions.dimensions)
    return Comparison(fits, _beside(fits, advice, rulebook) if advice else None)


def _fit(dimension: Dimension, chosen: Mapping[str, str], said: Mapping[str, Value]) -> Fit:
    """Answers on the dimension itself decide; what was said elsewhere decides only where they are silent."""
    own = tuple(Ground(q.id, q.answer(chosen[q.id]), q) for q in dimension.questions if q.id in chosen)
    elsewhere = tuple(_reused(dimension, said))
    deciding = [g for g in own if g.provider] or [g for g in elsewhere if g.provider]
    providers = {g.provider for g in deciding}
    provider = deciding[0].provider if len(providers) == 1 else None
    state: State = "apart" if len(providers) > 1 else "silent"
    if provider:
        state = "leans" if all(g.statement.judgement for g in deciding) else "fits"
    unanswered = tuple(question.id for question in dimension.questions if question.id not in chosen)
    return Fit(dimension, state, provider, (*own, *elsewhere), unanswered)


def _reused(dimension: Dimension, said: Mapping[str, Value]) -> Iterator[Ground]:
    for reused in dimension.reused:
        for statement in reused.answers:
            if said.get(reused.question) == statement.id:
                yield Ground(reused.question, statement, None)


def _beside(fits: tuple[Fit, ...], advice: Advice, rulebook: Rulebook) -> Beside:
    part: Part = "training" if advice.case.trains else "serving"
    provider = _runs_at(advice.plan, part, rulebook)
    fitting = _by_provider(fits, "fits")
    agree = fitting.pop(provider, ())
    pulls = tuple(_pull(other, pulling, advice, part, rulebook) for other, pulling in fitting.items())
    return Beside(advice, part, provider, agree, pulls)


def _by_provider(fits: tuple[Fit, ...], state: State) -> dict[str, tuple[Fit, ...]]:
    named = [fit for fit in fits if fit.state == state]
    providers = dict.fromkeys(fit.provider for fit in named if fit.provider)
    return {provider: tuple(fit for fit in named if fit.provider == provider) for provider in providers}


def _pull(provider: str, fits: tuple[Fit, ...], advice: Advice, part: Part, rulebook: Rulebook) -> Pull:
    there = _cheapest_at(provider, advice.now, part, rulebook)
    advised = advice.now.cost(advice.plan).total_usd_per_year
    total = there.total_usd_per_year if there else None
    scales = (scenario.scale for scenario in advice.scenarios if _runs_at(scenario.plan, part, rulebook) == provider)
    return Pull(
        provider=provider,
        fits=fits,
        plan=there.plan if there else None,
        by_usd_per_year=None if total is None or advised is None else total - advised,
        from_scale=next(scales, None),
    )


def _cheapest_at(provider: str, scenario: Scenario, part: Part, rulebook: Rulebook) -> PlanCost | None:
    """The cheapest allowed plan whose training, or serving, runs at that provider."""
    there = [cost for cost in scenario.plans if cost.allowed and _runs_at(cost.plan, part, rulebook) == provider]
    return min(there, key=lambda cost: cost.total_usd_per_year or Decimal(0), default=None)


def _runs_at(name: str, part: Part, rulebook: Rulebook) -> str:
    plan = rulebook.plans[rulebook.plan_index[name]]
    return rulebook.providers[plan.training if part == "training" else plan.serving].id


def answer_name(ground: Ground, rulebook: Rulebook) -> str:
    """The answer as its button has it."""
    if isinstance(ground.statement, Choice):
        return ground.statement.name
    return next(answer.name for answer in rulebook.question[ground.question].answers if answer.id == ground.statement.id)
