"""The one entry point: a case and a day in, the whole advice out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from engine.advice import Advice, Flip, PlanCost, Scenario, Steady
from engine.answers import OtherAnswers
from engine.bill import bill
from engine.case import Case, assumed_fields, counting_fields
from engine.catalogue import MANAGED, Figure
from engine.columns import Columns, columns_of, joined
from engine.costs import Priced, price
from engine.decide import Leans, Verdicts, decide, lean, trace
from engine.exact import cents
from engine.explain import Settled, cautions, confidence, prices_used, reasons, why_not
from engine.flips import number_flips
from engine.market import Market, market_of, price_figure
from engine.offered import refuse_what_nobody_offers
from engine.quickwins import Bill, quick_wins, scale_to_zero
from engine.rulebook import LINES, MONTHS_PER_YEAR, SCALES, Plan, Rulebook

RAW = "raw"


def advise(case: Case, rulebook: Rulebook, day: date) -> Advice:
    """The verdict with its numbers at every scale, the reasons, the flips and the prices it rests on.

    Raises CaseError where neither cloud offers what the case needs, AdviceError where no rule is in force.
    """
    return _Advisor(case, rulebook, day).advice()


class _Advisor:
    def __init__(self, case: Case, rulebook: Rulebook, day: date) -> None:
        self.case = case
        self.rulebook = rulebook
        self.day = day
        self.market: Market = market_of(case, rulebook)
        scales = columns_of([(case, scale) for scale in SCALES], rulebook, exact=True)
        self.others = OtherAnswers(case, rulebook, scales)
        self.columns: Columns = joined([scales, self.others.columns])  # the case at its scales, then its other answers
        self.leans: Leans = lean(rulebook, self.columns, day)
        self.priced: Priced = price(self.market, self.columns, self.leans.managed)
        refuse_what_nobody_offers(case, self.market, self.priced)
        self.verdicts: Verdicts = decide(self.market, self.columns, self.leans, self.priced, day)

    def advice(self) -> Advice:
        scenarios = tuple(self.scenario(at) for at in range(len(SCALES)))
        plan = self.rulebook.plans[int(self.verdicts.plan[0])]
        facts = {name: column[..., :1] for name, column in self.verdicts.facts.items()}
        traces = trace(self.rulebook, facts, 1, 0, self.day)
        bills = {cost.plan: self.bill(cost.plan) for cost in scenarios[0].plans if cost.offered}
        settled = Settled(self.case, self.day, self.market, self.priced, scenarios[0], traces, bills)
        flips, steady = self.flips()
        prices = prices_used(settled)
        counting = counting_fields(self.case, self.rulebook)
        month = Bill(self.case, self.market, self.columns.first(), self.priced, self.leans.managed[:1], plan, self.day)
        chosen = scenarios[0].cost(plan.id)
        return Advice(
            case=self.case,
            day=self.day,
            rules_version=self.rulebook.version,
            layer=MANAGED if self.leans.managed[0] else RAW,
            training=chosen if self.case.trains else None,
            training_provider=self.provider(plan.training) if self.case.trains else None,
            serving_provider=self.provider(plan.serving) if self.case.serves else None,
            rival=settled.rival,
            cheaper_excluded=settled.cheaper_excluded,
            scenarios=scenarios,
            traces=traces,
            reasons=reasons(settled),
            why_not=why_not(settled),
            flips=flips,
            steady=steady,
            quick_wins=quick_wins(month),
            scale_to_zero=scale_to_zero(month),
            cautions=cautions(settled, prices),
            confidence=confidence(settled, prices, flips),
            counting=(*self.case.skipped, *counting),
            assumed=assumed_fields(self.case, self.rulebook, counting),
            bills=bills,
            prices=prices,
            also_listed=tuple(self.also_listed()),
        )

    def flips(self) -> tuple[tuple[Flip, ...], tuple[Steady, ...]]:
        """Every change that flips the plan, nearest first, and the numbers that do not."""
        plan = int(self.verdicts.plan[0])
        others = self.verdicts.plan[len(SCALES) :]
        numbers, steady = number_flips(self.case, self.market, self.day, plan)
        flips = [*self.others.flips(others, plan), *numbers]
        return tuple(sorted(flips, key=lambda flip: flip.distance)), steady

    def provider(self, at: int) -> str:
        return self.rulebook.providers[at].id

    def scenario(self, at: int) -> Scenario:
        ids = [plan.id for plan in self.rulebook.plans]
        plans = tuple(self.cost(plan, at) for plan in self.rulebook.plans if self.exists_at_all(plan))
        costs = {cost.plan: cost for cost in plans}
        own = ids[self.verdicts.own[at]] if self.verdicts.leaves[at] else None
        step7 = ids[self.verdicts.step7[at]]
        saving = None
        if own is not None:
            mine, theirs = costs[own].total_usd_per_year, costs[step7].total_usd_per_year
            saving = mine - theirs if mine is not None and theirs is not None else None
        return Scenario(
            scale=SCALES[at],
            plan=ids[self.verdicts.plan[at]],
            basis=str(self.verdicts.basis[at]),
            matrix_plan=ids[self.verdicts.matrix[at]],
            cheapest_plan=ids[self.verdicts.cheapest[at]],
            step7_plan=step7,
            own_plan=own,
            saving_usd_per_year=saving,
            plans=plans,
        )

    def exists_at_all(self, plan: Plan) -> bool:
        """A split is a plan only where there are two parts to split."""
        return plan.single or (self.case.trains and self.case.serves)

    def cost(self, plan: Plan, at: int) -> PlanCost:
        """One month, each line rounded once and the totals the sums of the rounded lines, so that the table foots."""
        index = self.rulebook.plan_index[plan.id]
        if not self.priced.exists[index, at]:
            return PlanCost(plan.id, offered=False, allowed=False)
        lines = {name: cents(self.priced.lines[row, index, at]) for row, name in enumerate(LINES)}
        month = sum(lines.values(), Decimal("0.00"))
        offer = self.market.stalls[plan.training].offers[self.priced.chosen[plan.training, at]] if self.case.trains else None
        machine: dict[str, Any] = {}
        if offer is not None:
            count = offer.machines(int(self.columns["gpus"][at]))
            purchase = self.rulebook.purchases[offer.purchase].id
            machine = {"purchase": purchase, "instance": offer.instance.name, "instances": count}
        allowed = bool(self.verdicts.allowed[index, at])
        return PlanCost(
            plan.id, True, allowed, lines=lines, total_usd_per_month=month, total_usd_per_year=month * MONTHS_PER_YEAR, **machine
        )

    def bill(self, plan: str) -> Any:
        return bill(self.market, self.columns, self.priced, self.leans.managed, self.rulebook.plans[self.rulebook.plan_index[plan]])

    def also_listed(self) -> list[Figure]:
        """Prices of the same family that are shown and never chosen: purchases without a `when`."""
        shown = {purchase.id for purchase in self.rulebook.purchases if purchase.when is None}
        if not self.case.trains:
            return []
        catalogue = self.rulebook.catalogue
        regions = {stall.region for stall in self.market.stalls}
        return [
            price_figure(price)
            for machine in catalogue.members(str(self.case.workload["accelerator"]))
            for price in catalogue.prices_of.get((machine.provider, machine.name), ())
            if price.purchase in shown and price.region in regions
        ]
