"""The training machine of each cloud under every purchase: what a month costs, and whether the case allows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.advice import Advice, LineItem
from engine.case import Value, computed_answers
from engine.catalogue import Figure
from engine.columns import Columns, columns_of
from engine.conditions import Facts, one_case
from engine.costs import discount_factor
from engine.exact import exact
from engine.market import Market, Offer, Stall, market_of
from engine.rulebook import HOURS_PER_MONTH, Rulebook


@dataclass(frozen=True)
class Bought:
    """One machine under one purchase. `item` is None where the catalogue has no price; `barred` are the inputs that rule it out."""

    provider: str
    region: str
    instance: str
    purchase: str
    item: LineItem | None
    chosen: bool  # by the plan of this cloud
    barred: tuple[tuple[str, Value], ...] = ()

    @property
    def figure(self) -> Figure | None:
        return self.item.figures[0] if self.item else None


def purchases(advice: Advice, rulebook: Rulebook) -> tuple[Bought, ...]:
    """For every cloud that trains in some plan, each purchase that an advice can choose, in the rulebook's order."""
    return tuple(_Comparison(advice, rulebook).all())


class _Comparison:
    def __init__(self, advice: Advice, rulebook: Rulebook) -> None:
        self.advice = advice
        self.rulebook = rulebook
        self.case = advice.case
        self.market: Market = market_of(advice.case, rulebook)
        self.columns: Columns = columns_of([(advice.case, 1)], rulebook, exact=True)
        self.facts: Facts = one_case({**computed_answers(advice.case, rulebook), **advice.case.workload}, rulebook.vocabulary)

    def all(self) -> Iterator[Bought]:
        for at, stall in enumerate(self.market.stalls):
            machine = self.machine(at)
            if machine is not None:
                yield from self.of_stall(at, stall, *machine)

    def machine(self, provider: int) -> tuple[str, str] | None:
        """The instance and the purchase with which the plans of a cloud train; None where it cannot."""
        plans = self.rulebook.plans
        costs = (c for c in self.advice.now.plans if plans[self.rulebook.plan_index[c.plan]].training == provider)
        return next(((c.instance, c.purchase) for c in costs if c.instance and c.purchase), None)

    def of_stall(self, provider: int, stall: Stall, instance: str, chosen: str) -> Iterator[Bought]:
        offers = {offer.purchase: offer for offer in stall.offers if offer.instance.name == instance}
        for at, purchase in enumerate(self.rulebook.purchases):
            if purchase.when is not None:
                item = self.item(provider, offers[at]) if at in offers else None
                bought = purchase.id == chosen
                yield Bought(stall.provider.id, stall.region, instance, purchase.id, item, bought, tuple(self.barred(at)))

    def item(self, provider: int, offer: Offer) -> LineItem:
        """The training line as the bill writes it."""
        hours = HOURS_PER_MONTH if offer.monthly else self.columns["training_hours_per_month"][0]
        count = offer.machines(int(self.columns["gpus"][0]))
        factor = discount_factor(self.rulebook, provider, self.columns)[0] if offer.discounted else 1
        name = f"{offer.instance.name}, {self.rulebook.purchases[offer.purchase].name}"
        rate, detail = exact(offer.rate.usd) * factor, {"instances": count, "hours": hours}
        return LineItem("training", name, exact(count * hours), "instance-hours", rate, (offer.rate,), factor != 1, detail)

    def barred(self, purchase: int) -> Iterator[tuple[str, Value]]:
        """The inputs for which the case does not allow the purchase."""
        condition = self.rulebook.purchase_conditions[purchase]
        for line in condition.when if condition else ():
            if not line.holds(self.facts, 1)[0]:
                yield line.fact, self.case.value(line.fact)
