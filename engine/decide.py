"""Answers and computed totals -> the verdict, by the rules alone, for many cases at once; with a trace for one of them.

Python here knows only what a plan is and how totals compare. Which cloud is leaned to, which plan is excluded, whether
the numbers win and whether to stay is settled by the rules under rules/decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from engine.catalogue import MANAGED
from engine.columns import Array, Columns
from engine.conditions import Facts, Mask
from engine.costs import Priced
from engine.errors import AdviceError
from engine.knowledge import Lean
from engine.market import Market, Stall
from engine.rulebook import MONTHS_PER_YEAR, CompiledRule, Rulebook, trained_on

STAY, NUMBERS = "stay", "numbers"


@dataclass(frozen=True)
class Leans:
    """What the answers alone settle: the layer, and the provider leaned to for each part (-1: that part is absent)."""

    managed: Mask
    training: Array
    inference: Array

    def repeated(self, times: int) -> Leans:
        """The first case, so many times over."""
        return Leans(*(np.repeat(column[:1], times) for column in (self.managed, self.training, self.inference)))


@dataclass(frozen=True)
class Verdicts:
    """Plans as positions, one entry a case; `plan` is -1 where nothing is on sale. `basis` holds the word that the rules settled."""

    plan: Array
    matrix: Array
    cheapest: Array
    step7: Array
    basis: Array
    own: Array  # the plan of the user's own cloud, -1 where there is none
    leaves: Mask
    allowed: Mask  # (P, C)
    facts: Facts


@dataclass(frozen=True)
class Trace:
    """What became of one rule in one case, and the lines that kept it from firing."""

    rule: CompiledRule
    status: Literal["fired", "outranked", "not fired", "not in force"]
    failed: tuple[str, ...] = ()


def settle(rules: Sequence[CompiledRule], facts: Facts, cases: int) -> Array:
    """Which of the rules (the strongest first) decides each case; -1 where none fires."""
    winner = np.full(cases, -1)
    for at in range(len(rules) - 1, -1, -1):  # the strongest last, so that it has the last word
        winner[rules[at].condition.holds(facts, cases)] = at
    return winner


def lean(rulebook: Rulebook, columns: Columns, day: date) -> Leans:
    """Steps 1 to 3, from the answers alone. Raises AdviceError where no rule in force settles the layer."""
    layers = _settled(rulebook, "layer", columns.values, columns.cases, day)
    return Leans(
        managed=layers == MANAGED,
        training=_providers(rulebook, "training", columns, day),
        inference=_providers(rulebook, "inference", columns, day),
    )


def decide(market: Market, columns: Columns, leans: Leans, priced: Priced, day: date) -> Verdicts:
    """Steps 4 to 8 on totals that are already counted."""
    with np.errstate(invalid="ignore"):  # a case in which nothing is on sale compares infinity with infinity
        steps = _Steps(market, columns, priced, day)
        allowed = steps.allowed_plans()
        matrix, cheapest = steps.matrix_plan(leans, allowed)
        basis, step7 = steps.numbers_against_matrix(matrix, cheapest)
        own, leaves, footprint = steps.staying_against_leaving(step7)
    plan = np.where(leaves & (footprint == STAY), own, step7)
    plan = np.where(priced.exists.any(axis=0), plan, -1)
    return Verdicts(plan, matrix, cheapest, step7, np.where(leaves, footprint, basis), own, leaves, allowed, steps.facts)


class _Steps:
    """The steps of the verdict in their order; each adds the facts that the rules of the next may test."""

    def __init__(self, market: Market, columns: Columns, priced: Priced, day: date) -> None:
        self.market = market
        self.rulebook = market.rulebook
        self.columns = columns
        self.priced = priced
        self.total = priced.total
        self.day = day
        self.facts: dict[str, Array] = dict(columns.values)
        self.row = np.arange(columns.cases)

    def settled(self, decision: str, needed: Mask | None = None) -> Array:
        return _settled(self.rulebook, decision, self.facts, self.columns.cases, self.day, needed)

    def allowed_plans(self) -> Mask:
        """Step 4: what exists and is not excluded."""
        _plan_facts(self.market, self.columns, self.priced, self.facts)
        return self.priced.exists & ~_excluded(self.rulebook, self.facts, self.columns.cases, self.day)

    def matrix_plan(self, leans: Leans, allowed: Mask) -> tuple[Array, Array]:
        """Steps 5 and 6: the matrix's plan, and the cheapest allowed one (of equal ones the matrix's)."""
        joined, leaned = _join(self.rulebook, leans)
        leaned_exists = leaned & self.priced.exists
        first_cheapest = _cheapest(self.total, allowed)
        self.facts["joined_leans_allowed"] = _at(allowed, joined)
        self.facts["leaned_single_cloud_exists"] = np.asarray(leaned_exists.any(axis=0))
        self.facts["cheapest_allowed_plan"] = first_cheapest
        options = {
            "joined_leans": joined,
            "cheaper_lean": _cheapest(self.total, leaned_exists),
            "cheapest_single_cloud": self.facts["cheapest_single_cloud_plan"],
            "cheapest_allowed": first_cheapest,
        }
        matrix = _chosen(options, self.settled("matrix"))
        equal = self.total[matrix, self.row] == self.total[first_cheapest, self.row]
        return matrix, np.where(equal, matrix, first_cheapest)

    def numbers_against_matrix(self, matrix: Array, cheapest: Array) -> tuple[Array, Array]:
        """Step 7: which of the two stands, and the plan that follows."""
        of_matrix = self.total[matrix, self.row]
        materiality = self.columns["materiality_pct"] / self.columns.constant(100)
        dearer = of_matrix - self.total[cheapest, self.row] > materiality * of_matrix
        self.facts["matrix_materially_dearer"] = np.asarray(dearer, dtype=bool)
        basis = self.settled("basis")
        return basis, np.where(basis == NUMBERS, cheapest, matrix)

    def staying_against_leaving(self, step7: Array) -> tuple[Array, Mask, Array]:
        """Step 8: the plan of the user's own cloud, where step 7 leaves it, and what the rules say to that."""
        own = _own_plan(self.rulebook, self.columns)
        leaves = (own >= 0) & _at(self.priced.exists, own) & (own != step7)
        saving = np.where(leaves, self.total[own, self.row], 0) - np.where(leaves, self.total[step7, self.row], 0)
        enough = saving * MONTHS_PER_YEAR > self.columns["switching_threshold_usd_per_year"]
        self.facts["leaves_footprint"] = leaves
        self.facts["leaving_saves_more_than_threshold"] = np.asarray(enough, dtype=bool)
        return own, leaves, self.settled("footprint", needed=leaves)


def trace(rulebook: Rulebook, facts: Facts, cases: int, case: int, day: date) -> tuple[Trace, ...]:
    """What became of every rule in one of the cases: fired, outranked by a stronger one, or which line failed."""
    failed = [rule.condition.failed(facts, case, cases) for rule in rulebook.rules]
    strongest: dict[str, CompiledRule] = {}
    for rule, lines in zip(rulebook.rules, failed, strict=True):
        if rule.decision and not lines and rule.in_force(day):
            rival = strongest.setdefault(rule.decision, rule)
            strongest[rule.decision] = max(rival, rule, key=lambda r: r.priority)
    return tuple(_trace_one(rule, lines, day, strongest) for rule, lines in zip(rulebook.rules, failed, strict=True))


def _trace_one(rule: CompiledRule, failed: tuple[str, ...], day: date, strongest: dict[str, CompiledRule]) -> Trace:
    if not rule.in_force(day):
        return Trace(rule, "not in force")
    if failed:
        return Trace(rule, "not fired", failed)
    outranked = bool(rule.decision) and strongest[rule.decision].value != rule.value
    return Trace(rule, "outranked" if outranked else "fired")


def _settled(rulebook: Rulebook, decision: str, facts: Facts, cases: int, day: date, needed: Mask | None = None) -> Array:
    """The value that the rules settle, one a case; None where no rule fires and none is needed."""
    rules = rulebook.rules_for(decision, day)
    winner = settle(rules, facts, cases)
    if (winner < 0)[... if needed is None else needed].any():
        raise AdviceError(f"no rule in force on {day} settles `{decision}` for these answers")
    values = np.array([rule.value for rule in rules] + [None], dtype=object)
    return values[winner]


def _providers(rulebook: Rulebook, decision: str, columns: Columns, day: date) -> Array:
    rules = rulebook.rules_for(decision, day)
    winner = settle(rules, columns.values, columns.cases)
    leans: list[Lean] = [rule.value for rule in rules]
    return np.array([rulebook.provider_index[each.provider] for each in leans] + [-1])[winner]


def _plan_facts(market: Market, columns: Columns, priced: Priced, facts: dict[str, Array]) -> None:
    """Adds the facts that rest on totals alone."""
    rulebook, total = market.rulebook, priced.total
    single = np.array([plan.single for plan in rulebook.plans])[:, None]
    cheapest = _cheapest(total, priced.exists & single)
    floor = _floor(total, cheapest) * (1 - columns["materiality_pct"] / columns.constant(100))
    saves = np.asarray(total < floor, dtype=bool)
    facts["existing_plans"] = priced.exists
    facts["single_cloud_plan_exists"] = (priced.exists & single).any(axis=0)
    facts["cheapest_single_cloud_plan"] = cheapest
    facts["material_hybrids"] = saves & priced.exists & ~single & facts["single_cloud_plan_exists"]
    bought = np.array([_bought(stall, chosen) for stall, chosen in zip(market.stalls, priced.chosen, strict=True)])
    of_plan = bought[[plan.training for plan in rulebook.plans]]
    for at, purchase in enumerate(rulebook.purchases):
        facts[trained_on(purchase.id)] = (of_plan == at) & priced.exists


def _bought(stall: Stall, chosen: Array) -> Array:
    """How each case buys training at one provider, as a position in the list of purchases; -1 where it does not."""
    return np.array([*(offer.purchase for offer in stall.offers), -1])[chosen]


def _floor(total: Array, cheapest: Array) -> Array:
    """The cheapest single cloud's total; nothing is below it where there is none."""
    amount = total[cheapest, np.arange(total.shape[1])]
    return np.where(amount == np.inf, 0, amount)


def _excluded(rulebook: Rulebook, facts: Facts, cases: int, day: date) -> Mask:
    mask = np.zeros((len(rulebook.plans), cases), dtype=bool)
    for rule in rulebook.rules:
        if rule.excludes and rule.in_force(day):
            mask[list(rule.excludes)] |= rule.condition.holds(facts, cases)
    return mask


def _join(rulebook: Rulebook, leans: Leans) -> tuple[Array, Mask]:
    """The plan of the two leans joined, and the single-cloud plans that they name (P, C)."""
    by_pair = {(plan.training, plan.serving): at for at, plan in enumerate(rulebook.plans)}
    providers = len(rulebook.providers)
    table = np.array([[by_pair[t, s] for s in range(providers)] for t in range(providers)])
    training = np.where(leans.training < 0, leans.inference, leans.training)
    inference = np.where(leans.inference < 0, training, leans.inference)
    position = np.arange(len(rulebook.plans))[:, None]
    leaned = (position == table[training, training]) | (position == table[inference, inference])
    return table[training, inference], leaned


def _own_plan(rulebook: Rulebook, columns: Columns) -> Array:
    """The single-cloud plan of the footprint, -1 where it is no one cloud."""
    words = rulebook.vocabulary["footprint"].words
    return np.array([rulebook.provider_index.get(word, -1) for word in words])[columns["footprint"]]


def _cheapest(total: Array, among: Mask) -> Array:
    """The position of the lowest total among some plans; of equal ones the first."""
    return np.asarray(np.argmin(np.where(among, total, np.inf), axis=0))


def _at(mask: Mask, position: Array) -> Mask:
    return np.asarray(mask[position, np.arange(mask.shape[1])] & (position >= 0), dtype=bool)


def _chosen(options: dict[str, Array], names: Array) -> Array:
    return np.select([names == name for name in options], list(options.values()))
