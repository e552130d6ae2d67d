"""Why, why not, what to beware of and how far to trust it: data made from the traces, the bills and the prices. No words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.advice import Caution, Confidence, Flip, LineItem, PriceUsed, Reason, Scenario, WhyNot
from engine.case import Case, Value, computed_answers
from engine.catalogue import ACTIVE, PREVIOUS, RETIRED, Figure, Instance
from engine.conditions import one_case
from engine.costs import Priced
from engine.decide import STAY, Trace
from engine.market import Market
from engine.rulebook import LINES, Plan, Rulebook

_ORDER = ("training", "inference", "layer", "matrix", "basis", "footprint")
_DECIDING_SHARE = 10  # a line decides when it holds at least one part in ten of all that differs between two plans
_OPEN_WITHIN = 0.10  # a flip this near to an assumed value leaves the verdict open
_CONFLICT = "CONFLICT"


@dataclass(frozen=True)
class Settled:
    """All that is known once the verdict stands: what the explanations are drawn from."""

    case: Case
    day: date
    market: Market
    priced: Priced
    scenario: Scenario
    traces: tuple[Trace, ...]
    bills: Mapping[str, tuple[LineItem, ...]]

    @property
    def rulebook(self) -> Rulebook:
        return self.market.rulebook

    @property
    def plan(self) -> Plan:
        return self.rulebook.plans[self.rulebook.plan_index[self.scenario.plan]]

    @property
    def rival(self) -> str | None:
        """The plan that the verdict was weighed against: the one it overruled, else the cheapest other allowed one."""
        chosen = self.scenario.plan
        for name in (self.scenario.own_plan, self.scenario.step7_plan, self.scenario.matrix_plan):
            if name is not None and name != chosen:
                return name
        others = [c for c in self.scenario.plans if c.allowed and c.plan != chosen and c.total_usd_per_month is not None]
        return min(others, key=lambda c: c.total_usd_per_month or 0).plan if others else None

    @property
    def cheaper_excluded(self) -> str | None:
        """The cheapest plan that is not allowed, where it costs less than the advice."""
        chosen = self.scenario.cost(self.scenario.plan).total_usd_per_year or Decimal(0)
        barred = [c for c in self.scenario.plans if c.offered and not c.allowed and (c.total_usd_per_year or chosen) < chosen]
        return min(barred, key=lambda c: c.total_usd_per_year or chosen).plan if barred else None


def reasons(settled: Settled) -> tuple[Reason, ...]:
    """The rules that decided, in the order of the decision."""
    values = _values(settled)
    fired = [t.rule for t in settled.traces if t.status == "fired" and t.rule.decision]
    ordered = sorted(fired, key=lambda rule: _ORDER.index(rule.decision))
    settled_footprint = settled.scenario.own_plan is not None
    return tuple(Reason(rule, values) for rule in ordered if rule.decision != "footprint" or settled_footprint)


def why_not(settled: Settled) -> tuple[WhyNot, ...]:
    """One entry for each plan that is not the advice."""
    return tuple(_why_not(settled, plan) for plan in settled.rulebook.plans if plan.id in _shown(settled) - {settled.scenario.plan})


def _shown(settled: Settled) -> set[str]:
    return {cost.plan for cost in settled.scenario.plans}


def _why_not(settled: Settled, plan: Plan) -> WhyNot:
    cost, chosen = settled.scenario.cost(plan.id), settled.scenario.cost(settled.scenario.plan)
    if cost.total_usd_per_year is None or chosen.total_usd_per_year is None:
        return WhyNot(plan.id, "not offered", None, providers=_lacking(settled, plan))
    by = cost.total_usd_per_year - chosen.total_usd_per_year
    if not cost.allowed:
        at = settled.rulebook.plan_index[plan.id]
        barred = [t.rule for t in settled.traces if t.status == "fired" and at in t.rule.excludes]
        return WhyNot(plan.id, "excluded", by, tuple(Reason(rule, _values(settled)) for rule in barred))
    if by > 0:
        return WhyNot(plan.id, "dearer", by)
    return WhyNot(plan.id, "stay" if settled.scenario.basis == STAY else "close", by)


def _lacking(settled: Settled, plan: Plan) -> tuple[str, ...]:
    """The providers that would have to run a part of the plan and do not offer it."""
    parts = ((plan.training, settled.priced.trains_at), (plan.serving, settled.priced.serves_at))
    names = [settled.rulebook.providers[at].id for at, there in parts if not there[at, 0]]
    return tuple(dict.fromkeys(names))


def _values(settled: Settled) -> dict[str, Value]:
    """What the placeholders of a rule's text stand for."""
    scenario = settled.scenario
    return {
        "matrix_plan": scenario.matrix_plan,
        "cheapest_plan": scenario.cheapest_plan,
        "matrix_usd_per_year": scenario.cost(scenario.matrix_plan).total_usd_per_year,
        "cheapest_usd_per_year": scenario.cost(scenario.cheapest_plan).total_usd_per_year,
        "footprint": settled.case.answers["footprint"],
        "saving_usd_per_year": scenario.saving_usd_per_year,
        **settled.case.assumptions,
    }


# -- prices and confidence ---------------------------------------------------------------------------------------------


def prices_used(settled: Settled) -> tuple[PriceUsed, ...]:
    """Every figure that some plan's bill rests on, once, with its age; deciding ones first."""
    deciding = set(_deciding_figures(settled))
    figures = dict.fromkeys(f for items in settled.bills.values() for item in items for f in item.figures)
    used = [
        PriceUsed(figure, settled.rulebook.is_stale(figure, settled.day), figure.age_days(settled.day), figure in deciding)
        for figure in figures
    ]
    return tuple(sorted(used, key=lambda price: not price.deciding))


def _deciding_figures(settled: Settled) -> Iterator[Figure]:
    """The figures in the lines that make the difference between the verdict and its rival."""
    rival = settled.rival
    if rival is None:
        return  # the only plan that there is: no price decides
    chosen, other = settled.scenario.cost(settled.scenario.plan).lines, settled.scenario.cost(rival).lines
    if chosen is None or other is None:
        return
    gaps = {line: abs(chosen[line] - other[line]) for line in LINES}
    floor = sum(gaps.values()) / _DECIDING_SHARE
    for plan in (settled.scenario.plan, rival):
        counting = (item for item in settled.bills[plan] if item.usd and gaps[item.line] >= floor > 0)
        yield from (figure for item in counting for figure in item.figures)


def confidence(settled: Settled, prices: Iterable[PriceUsed], flips: Iterable[Flip]) -> Confidence:
    """Open where an assumed value nearly flips it; tentative where the machine is retired, or a deciding price is stale or stands in."""
    near = [f for f in flips if 0 < f.distance <= _OPEN_WITHIN and f.input not in settled.case.given]
    if near:
        return Confidence("open", "flip", flip=near[0])
    compared = {settled.scenario.plan, settled.rival}
    if any(instance.lifecycle == RETIRED and plans & compared for instance, plans in _instances(settled).items()):
        return Confidence("tentative", "retired")
    deciding = [price for price in prices if price.deciding]
    for price in deciding:
        if price.stale:
            return Confidence("tentative", "stale", price.figure)
    for price in deciding:
        if price.figure.borrowed_from:
            return Confidence("tentative", "borrowed", price.figure)
    for price in deciding:
        if price.figure.unit == "ratio" and price.figure.confidence == "low":
            return Confidence("tentative", "general premium", price.figure)
    return Confidence("firm")


# -- cautions ----------------------------------------------------------------------------------------------------------


def cautions(settled: Settled, prices: tuple[PriceUsed, ...]) -> tuple[Caution, ...]:
    """What to know before acting, the first screen's first."""
    found = [
        *_overruled(settled),
        *_bought_otherwise(settled),
        *_machines(settled),
        *_missing(settled),
        *_equivalents(settled),
        *_figures(prices),
        *_unsure(settled),
        *_from_rules(settled),
        *_errata(settled),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda caution: not caution.first))


def _from_rules(settled: Settled) -> Iterator[Caution]:
    """The sentences of caution rules that fired."""
    for trace in settled.traces:
        if trace.status == "fired" and trace.rule.written.caution:
            yield Caution("rule", True, rule=Reason(trace.rule, _values(settled)))


def _overruled(settled: Settled) -> Iterator[Caution]:
    scenario = settled.scenario
    if scenario.step7_plan != scenario.matrix_plan:
        matrix, numbers = scenario.cost(scenario.matrix_plan), scenario.cost(scenario.step7_plan)
        if matrix.total_usd_per_year is not None and numbers.total_usd_per_year is not None:
            saving = matrix.total_usd_per_year - numbers.total_usd_per_year
            yield Caution("overruled", True, words=(scenario.matrix_plan, scenario.step7_plan), saving_usd_per_year=saving)


def _bought_otherwise(settled: Settled) -> Iterator[Caution]:
    """The purchase that the matrix leans to, where the advice buys training in another way."""
    bought = settled.scenario.cost(settled.scenario.plan).purchase
    for trace in settled.traces:
        leaned = trace.rule.value.purchase if trace.status == "fired" and trace.rule.decision == "training" else None
        if bought is not None and leaned is not None and bought != leaned:
            yield Caution("bought otherwise", True, words=(leaned, bought, _why_otherwise(settled, leaned)))


def _why_otherwise(settled: Settled, leaned: str) -> str:
    """Whether the case rules the purchase out, the catalogue has no price for it, or another is cheaper."""
    rulebook, stall = settled.rulebook, settled.market.stalls[settled.plan.training]
    at = [purchase.id for purchase in rulebook.purchases].index(leaned)
    facts = one_case({**computed_answers(settled.case, rulebook), **settled.case.workload}, rulebook.vocabulary)
    condition = rulebook.purchase_conditions[at]
    if condition is None or not condition.holds(facts, 1)[0]:
        return "ruled out"
    return "dearer" if any(offer.purchase == at for offer in stall.offers) else "no price"


def _machines(settled: Settled) -> Iterator[Caution]:
    """Machines of the offered plans that are on their way out; first where the advice or its rival uses them."""
    compared = {settled.scenario.plan, settled.rival}
    for instance, plans in _instances(settled).items():
        kind = {PREVIOUS: "previous generation", RETIRED: "retired"}.get(instance.lifecycle)
        if kind == "retired":
            yield Caution("retired", bool(plans & compared), instance=instance, provider=instance.provider)
        elif instance.lifecycle != ACTIVE:
            yield Caution("previous generation", bool(plans & compared), instance=instance, provider=instance.provider)


def _instances(settled: Settled) -> dict[Instance, set[str]]:
    """The machines that the offered plans run on, and which plans those are."""
    used: dict[Instance, set[str]] = {}
    for cost in settled.scenario.plans:
        if not cost.offered:
            continue
        plan = settled.rulebook.plans[settled.rulebook.plan_index[cost.plan]]
        stalls = settled.market.stalls
        chosen = int(settled.priced.chosen[plan.training, 0])
        endpoint = stalls[plan.serving].endpoint
        machines = [stalls[plan.training].offers[chosen].instance] if chosen >= 0 else []
        if settled.case.serves and endpoint and endpoint.instance:
            machines.append(endpoint.instance)
        for machine in machines:
            used.setdefault(machine, set()).add(cost.plan)
    return used


def _missing(settled: Settled) -> Iterator[Caution]:
    """Purchases that this schedule allows and the catalogue has no price for."""
    facts = one_case({**computed_answers(settled.case, settled.rulebook), **settled.case.workload}, settled.rulebook.vocabulary)
    for stall in settled.market.stalls:
        for missing in stall.missing:
            condition = settled.rulebook.purchase_conditions[missing.purchase]
            if not settled.case.trains or condition is None or not condition.holds(facts, 1)[0]:
                continue
            purchase = settled.rulebook.purchases[missing.purchase].id
            left_out = not any(offer.purchase == missing.purchase for offer in stall.offers)
            yield Caution("missing price", left_out, provider=stall.provider.id, words=(purchase, stall.region, *missing.instances))


def _equivalents(settled: Settled) -> Iterator[Caution]:
    """Where a cloud does not sell the card, the nearest one that it does sell."""
    parts = ((settled.priced.trains_at, "accelerator"), (settled.priced.serves_at, "endpoint_accelerator"))
    for there, field in parts:
        asked = settled.case.workload[field]
        for at, provider in enumerate(settled.rulebook.providers):
            if there[at, 0] or asked is None:
                continue
            catalogue = settled.rulebook.catalogue
            names = {i.accelerator for i in catalogue.members(str(asked))}
            for near in (e for a in settled.rulebook.accelerators if a.id in names for e in a.equivalents):
                families = sorted({i.family for i in catalogue.members(near.accelerator) if i.provider == provider.id})
                for family in families:
                    yield Caution("equivalent", True, provider=provider.id, words=(str(asked), family, near.note, field))


def _figures(prices: tuple[PriceUsed, ...]) -> Iterator[Caution]:
    for price in prices:
        figure = price.figure
        if price.stale:
            yield Caution("stale", price.deciding, figure, price.age_days)
        elif price.age_days is not None and price.age_days < 0:
            yield Caution("dated later", price.deciding, figure, price.age_days)
        if figure.borrowed_from:
            yield Caution("borrowed", False, figure)
        if figure.unit == "ratio" and figure.confidence == "low":
            yield Caution("general premium", False, figure)
        elif figure.note.startswith(_CONFLICT):
            yield Caution("conflict", False, figure)
        elif figure.confidence == "low":
            yield Caution("low confidence", False, figure)


def _unsure(settled: Settled) -> Iterator[Caution]:
    """Answers that computed as another one."""
    seen = computed_answers(settled.case, settled.rulebook)
    for question in settled.rulebook.questions:
        if seen[question.id] != settled.case.answers[question.id]:
            yield Caution("unsure", False, words=(question.id, str(seen[question.id])))


def _errata(settled: Settled) -> Iterator[Caution]:
    facts = one_case({**computed_answers(settled.case, settled.rulebook), **settled.case.workload}, settled.rulebook.vocabulary)
    for shown in settled.rulebook.errata:
        if shown.condition is not None and shown.condition.holds(facts, 1)[0]:
            yield Caution("erratum", False, erratum=shown.erratum)
