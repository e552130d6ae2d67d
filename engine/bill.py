"""The line items of one plan: every dollar as quantity x rate, with the prices it rests on.

Built from the same offers, ladders and rates that the kernel used; a test holds the sums against the kernel's lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.advice import LineItem
from engine.catalogue import Figure, Ladder
from engine.columns import Columns
from engine.conditions import Mask
from engine.costs import Priced, discount_factor
from engine.exact import ZERO, Exact, cents, exact
from engine.market import Endpoint, Market, Offer, Premium, Stall
from engine.rulebook import HOURS_PER_MONTH, Plan


def bill(market: Market, columns: Columns, priced: Priced, managed: Mask, plan: Plan) -> tuple[LineItem, ...]:
    """The items of a plan in the first of the cases, in the order of the six lines. Only for a plan that exists."""
    writer = _Writer(market, columns.first(), bool(managed[0]))
    return tuple(writer.items(priced, plan))


def shown_cents(items: Sequence[LineItem], lines: Mapping[str, Decimal]) -> tuple[Decimal, ...]:
    """Cents of each item that add up to the cents of its line: the last item of a line takes what rounding leaves."""
    left = dict(lines)
    shown = []
    for at, item in enumerate(items):
        last = not any(later.line == item.line for later in items[at + 1 :])
        shown.append(left[item.line] if last else cents(item.usd))
        left[item.line] -= shown[-1]
    return tuple(shown)


def climb(line: str, name: str, ladder: Ladder, gb: Exact, unit: str) -> Iterator[LineItem]:
    """The items of one amount on a ladder: the free GB, then each step's share at its rate."""
    gb = exact(gb)
    free = min(gb, exact(ladder.free_gb))
    if free and ladder.free:
        yield LineItem(line, f"{name}{ladder.free.name}", free, unit, ZERO, (ladder.free,))
    for step in ladder.steps:
        low = exact(max(step.from_gb, ladder.free_gb))
        share = max(gb if step.to_gb is None else min(gb, exact(step.to_gb)), low) - low
        if share:
            yield LineItem(line, f"{name}{step.figure.name}", share, unit, exact(step.figure.usd), (step.figure,))


class _Writer:
    def __init__(self, market: Market, columns: Columns, managed: bool) -> None:
        self.market = market
        self.columns = columns
        self.managed = managed

    def items(self, priced: Priced, plan: Plan) -> Iterator[LineItem]:
        train, serve = self.market.stalls[plan.training], self.market.stalls[plan.serving]
        at = int(priced.chosen[plan.training, 0])
        raw = []
        if at >= 0:
            raw.append(self.training(plan.training, train.offers[at]))
        if serve.endpoint and self.one("inference_regions") > 0:
            raw.append(self.inference(plan.serving, serve.endpoint))
        yield from (item for item, _ in raw)
        if self.managed:
            yield from (self.premium(item, premium) for item, premium in raw)
        yield from self.ladder("egress", "", serve.egress, self.one("egress_gb_per_month"), "GB")
        yield from self.transfer(plan, train)
        yield from self.ladder("storage", "", train.storage, self.one("storage_gb"), "GB-month")

    def training(self, provider: int, offer: Offer) -> tuple[LineItem, Premium]:
        purchase = self.market.rulebook.purchases[offer.purchase]
        count = offer.machines(int(self.one("gpus")))
        hours = HOURS_PER_MONTH if purchase.hours == "month" else self.one("training_hours_per_month")
        name = f"{offer.instance.name}, {purchase.name}"
        detail = {"instances": count, "hours": hours}
        item = self.hourly(
            "training", name, provider, count * hours, "instance-hours", offer.rate, offer.rate.usd, offer.discounted, detail
        )
        return item, offer.premium

    def inference(self, provider: int, endpoint: Endpoint) -> tuple[LineItem, Premium]:
        hours = self.one("endpoints") * self.one("endpoint_hours_per_month")
        detail = {"endpoints": self.one("endpoints"), "hours": self.one("endpoint_hours_per_month")}
        item = self.hourly(
            "inference", f"{endpoint.name}, raw rate", provider, hours, "endpoint-hours",
            endpoint.figure, endpoint.raw_usd, endpoint.discounted, detail,
        )  # fmt: skip
        return item, endpoint.premium

    def hourly(
        self, line: str, name: str, provider: int, quantity: Any, unit: str,
        figure: Figure, usd: Exact, discounted: bool, detail: dict[str, Any],
    ) -> LineItem:  # fmt: skip
        factor = discount_factor(self.market.rulebook, provider, self.columns)[0] if discounted else 1
        return LineItem(line, name, exact(quantity), unit, exact(usd) * factor, (figure,), factor != 1, detail)

    def premium(self, item: LineItem, premium: Premium) -> LineItem:
        name = f"managed layer on {item.line}"
        return LineItem(
            "managed_premium", name, item.usd, "USD of raw compute", premium.ratio, (*premium.figures, *item.figures), item.private
        )

    def transfer(self, plan: Plan, stall: Stall) -> Iterator[LineItem]:
        gb = exact(self.one("inter_region_gb_per_month") * self.one("inter_region_hops"))
        if gb:
            yield LineItem("transfer", stall.transfer.name, gb, "GB", exact(stall.transfer.usd), (stall.transfer,))
        if not plan.single:
            yield from self.ladder("transfer", "model artifacts, ", stall.egress, self.one("artifact_gb_per_month"), "GB")

    def ladder(self, line: str, name: str, ladder: Ladder, gb: Any, unit: str) -> Iterator[LineItem]:
        return climb(line, name, ladder, gb, unit)

    def one(self, name: str) -> Any:
        return self.columns[name][0]
