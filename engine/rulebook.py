"""Everything under rules/, read and held together: what the engine asks for knowledge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from engine.catalogue import GIVEN, Catalogue, Figure
from engine.conditions import Condition, FactKind, Line, Vocabulary
from engine.errors import NoRateError
from engine.knowledge import (
    Accelerator,
    Article,
    Assumption,
    Erratum,
    FieldOfWork,
    Phrases,
    Provider,
    Purchase,
    Question,
    Rule,
    StorageTier,
)

LINES = ("training", "inference", "managed_premium", "egress", "transfer", "storage")
HOURS_PER_MONTH = 730
MONTHS_PER_YEAR = 12
SCALES = (1, 3, 10)


@dataclass(frozen=True)
class Plan:
    """Where training runs and where inference runs, as positions in the list of providers."""

    id: str
    training: int
    serving: int

    @property
    def single(self) -> bool:
        return self.training == self.serving


def plans_of(providers: tuple[Provider, ...]) -> tuple[Plan, ...]:
    """The single-cloud plans in the providers' order, then every split: the order in which equal totals are named."""
    ids = [provider.id for provider in providers]
    single = [Plan(name, at, at) for at, name in enumerate(ids)]
    split = [Plan(f"hybrid-{t}-{s}", ids.index(t), ids.index(s)) for t in ids for s in ids if t != s]
    return (*single, *split)


@dataclass(frozen=True)
class CompiledRule:
    """A rule with its condition ready to be tested, and what it settles."""

    written: Rule
    condition: Condition
    decision: str = ""
    value: Any = None
    excludes: tuple[int, ...] = ()
    file: str = ""
    line: int = 0
    last_line: int = 0

    @property
    def id(self) -> str:
        return self.written.id

    @property
    def priority(self) -> int:
        return self.written.priority or 0

    def in_force(self, day: date) -> bool:
        effective = self.written.effective
        return effective.from_ <= day and (effective.until is None or day < effective.until)


@dataclass(frozen=True)
class ShownErratum:
    erratum: Erratum
    condition: Condition | None


@dataclass(frozen=True, eq=False)
class Rulebook:
    """The knowledge of one day's rules/ folder. Immutable; `version` is a hash of every file in it, `prices_version` of the catalogue."""

    questions: tuple[Question, ...]
    fields: tuple[FieldOfWork, ...]
    field_matters: Mapping[str, Condition]
    assumptions: Mapping[str, Assumption]
    not_counted: tuple[str, ...]
    rules: tuple[CompiledRule, ...]
    providers: tuple[Provider, ...]
    discount_conditions: tuple[Condition | None, ...]
    purchases: tuple[Purchase, ...]
    purchase_conditions: tuple[Condition | None, ...]
    storage_tiers: tuple[StorageTier, ...]
    accelerators: tuple[Accelerator, ...]
    articles: tuple[Article, ...]
    errata: tuple[ShownErratum, ...]
    phrases: Phrases
    catalogue: Catalogue
    vocabulary: Vocabulary
    version: str
    prices_version: str

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        return plans_of(self.providers)

    @cached_property
    def plan_index(self) -> dict[str, int]:
        return {plan.id: at for at, plan in enumerate(self.plans)}

    @cached_property
    def provider_index(self) -> dict[str, int]:
        return {provider.id: at for at, provider in enumerate(self.providers)}

    @cached_property
    def field(self) -> dict[str, FieldOfWork]:
        return {field.id: field for field in self.fields}

    @cached_property
    def question(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def purchase(self) -> dict[str, Purchase]:
        return {purchase.id: purchase for purchase in self.purchases}

    @cached_property
    def case_assumptions(self) -> tuple[Assumption, ...]:
        return tuple(a for a in self.assumptions.values() if a.case)

    @cached_property
    def _by_decision(self) -> dict[tuple[str, date], tuple[CompiledRule, ...]]:
        return {}

    def rules_for(self, decision: str, day: date) -> tuple[CompiledRule, ...]:
        """The rules in force that settle a decision, the strongest first."""
        key = (decision, day)
        if key not in self._by_decision:
            chosen = [r for r in self.rules if r.decision == decision and r.in_force(day)]
            self._by_decision[key] = tuple(sorted(chosen, key=lambda r: -r.priority))
        return self._by_decision[key]

    def lines_on(self, fact: str) -> tuple[Line, ...]:
        """Every line of any condition that tests a fact."""
        if fact not in self._lines:
            conditions = [rule.condition for rule in self.rules]
            conditions += [c for c in (*self.discount_conditions, *self.purchase_conditions) if c]
            every = [line for condition in conditions for line in (*condition.when, *condition.unless)]
            self._lines[fact] = tuple(line for line in every if line.fact == fact)
        return self._lines[fact]

    @cached_property
    def _lines(self) -> dict[str, tuple[Line, ...]]:
        return {}

    def assumed(self, name: str, day: date) -> Figure:
        """The value of an assumption on a day, with its source."""
        assumption = self.assumptions[name]
        value = assumption.on(day)
        if value is None:
            first = min(assumption.values)
            raise NoRateError(f"{name}: no value is in force on {day}; the first holds from {first}")
        return Figure(value.value, assumption.unit, "", assumption.name, str(value.source), value.source.as_of, value.note)

    def stale_after_days(self, kind: str, day: date) -> int:
        return int(self.assumed(f"stale_after_days_{kind}", day).usd)

    def is_stale(self, figure: Figure, day: date) -> bool:
        """Older on that day than the limit of its kind; a figure without a date is always stale."""
        age = figure.age_days(day)
        if figure.kind == GIVEN:
            return False
        return age is None or age > self.stale_after_days(figure.kind, day)


def vocabulary(
    questions: tuple[Question, ...],
    fields: tuple[FieldOfWork, ...],
    providers: tuple[Provider, ...],
    purchases: tuple[Purchase, ...],
    families: tuple[str, ...],
) -> dict[str, FactKind]:
    """Every fact there is: the answers, the workload, and what the cost model computes."""
    return _answers(questions) | {f.id: _field_kind(f, families) for f in fields} | computed_facts(providers, purchases)


def rule_vocabulary(
    questions: tuple[Question, ...], providers: tuple[Provider, ...], purchases: tuple[Purchase, ...]
) -> dict[str, FactKind]:
    """What a rule of the decision may test: the answers and the computed facts, no number of the workload."""
    return _answers(questions) | computed_facts(providers, purchases)


_COMPUTED = {
    "exclude": ("existing_plans", "single_cloud_plan_exists", "cheapest_single_cloud_plan", "material_hybrids", "plans_trained_"),
    "matrix": ("joined_leans_allowed", "leaned_single_cloud_exists", "cheapest_allowed_plan"),
    "basis": ("matrix_materially_dearer",),
    "footprint": ("leaves_footprint", "leaving_saves_more_than_threshold"),
}


def step_of(rule: Rule) -> str:
    """The step of the decision at which a rule is asked: leans, exclude, matrix, basis or footprint; a caution comes last."""
    if rule.recommend is None:
        return "exclude" if rule.exclude else "footprint"
    settled = rule.recommend.settles()
    return settled[0] if settled and settled[0] in _COMPUTED else "leans"


def known_at(step: str, facts: Mapping[str, FactKind]) -> dict[str, FactKind]:
    """The facts that are known when a step is decided: the answers, and what was computed up to it."""
    steps = list(_COMPUTED)
    later = [prefix for name in steps[steps.index(step) + 1 if step in steps else 0 :] for prefix in _COMPUTED[name]]
    return {name: kind for name, kind in facts.items() if not name.startswith(tuple(later))}


def said(facts: Mapping[str, FactKind]) -> dict[str, FactKind]:
    """The facts that a case says by itself: the answers and the workload."""
    return known_at("leans", facts)


def _answers(questions: tuple[Question, ...]) -> dict[str, FactKind]:
    return {q.id: _answer_kind(q) for q in questions}


def computed_facts(providers: tuple[Provider, ...], purchases: tuple[Purchase, ...]) -> dict[str, FactKind]:
    """What the cost model tells the rules about a case."""
    plans = tuple(plan.id for plan in plans_of(providers))
    facts = {trained_on(p.id): FactKind("set", plans) for p in purchases}
    return facts | {
        "existing_plans": FactKind("set", plans),
        "material_hybrids": FactKind("set", plans),
        "single_cloud_plan_exists": FactKind("flag"),
        "cheapest_single_cloud_plan": FactKind("word", plans),
        "joined_leans_allowed": FactKind("flag"),
        "leaned_single_cloud_exists": FactKind("flag"),
        "cheapest_allowed_plan": FactKind("word", plans),
        "matrix_materially_dearer": FactKind("flag"),
        "leaves_footprint": FactKind("flag"),
        "leaving_saves_more_than_threshold": FactKind("flag"),
    }


def trained_on(purchase: str) -> str:
    """The name of the fact that holds the plans whose training is bought that way."""
    return f"plans_trained_{purchase}" if purchase.startswith("on_") else f"plans_trained_on_{purchase}"


def _answer_kind(question: Question) -> FactKind:
    if question.whole_number:
        return FactKind("number")
    return FactKind("word", tuple(answer.id for answer in question.answers))


def _field_kind(field: FieldOfWork, families: tuple[str, ...]) -> FactKind:
    if field.kind in ("whole", "number"):
        return FactKind("number")
    if field.kind == "boolean":
        return FactKind("flag")
    return FactKind("word", tuple(field.choices) or families)
