"""The cost kernel: one month of every plan, for one case or for thousands at once.

The same lines of code run on exact columns (for what is shown) and on float64 columns (for the search of flips).
Shapes: P plans, C cases, 6 cost lines in the order of `LINES`. Amounts are USD a month, not rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from engine.case import NO_TRAINING
from engine.columns import Array, Columns
from engine.conditions import Mask
from engine.exact import exact
from engine.market import Market, Slopes, Stall
from engine.rulebook import HOURS_PER_MONTH, Rulebook


@dataclass(frozen=True)
class Priced:
    """`lines` is (6, P, C), `total` (P, C) and infinite where the plan does not exist, `exists` (P, C).

    `chosen` is (providers, C): the position of the offer that wins among a provider's offers, -1 for none.
    `trains_at` and `serves_at` are (providers, C): where a part is offered, or not needed.
    """

    lines: Array
    total: Array
    exists: Mask
    chosen: Array
    trains_at: Mask
    serves_at: Mask


@dataclass(frozen=True)
class _Side:
    """What one provider charges for its part, per case."""

    amount: Array
    premium: Array
    exists: Mask
    chosen: Array


def price(market: Market, columns: Columns, managed: Mask) -> Priced:
    """Every plan of every case. `managed` says which cases buy the managed layer."""
    rulebook = market.rulebook
    trains = columns["training"] != rulebook.vocabulary["training"].code(NO_TRAINING)
    serves = np.asarray(columns["inference_regions"] > 0, dtype=bool)
    purchases = allowed_purchases(rulebook, columns)
    training = [_train(market, at, columns, managed, trains, purchases) for at in range(len(market.stalls))]
    serving = [_serve(market, at, columns, managed, serves) for at in range(len(market.stalls))]
    egress_slopes = [stall.slopes("egress", exactly=columns.exact) for stall in market.stalls]
    egress = [along(slopes, columns["egress_gb_per_month"]) for slopes in egress_slopes]
    artifacts = [along(slopes, columns["artifact_gb_per_month"]) for slopes in egress_slopes]
    transfer = [_transfer(stall, columns) for stall in market.stalls]
    storage = [along(stall.slopes("storage", exactly=columns.exact), columns["storage_gb"]) for stall in market.stalls]
    nothing = columns.zeros()
    lines, exists = [], []
    for plan in rulebook.plans:
        train, serve = training[plan.training], serving[plan.serving]
        moved = transfer[plan.training] + (nothing if plan.single else artifacts[plan.training])
        lines.append([train.amount, serve.amount, train.premium + serve.premium, egress[plan.serving], moved, storage[plan.training]])
        exists.append(train.exists & serve.exists & (plan.single | (trains & serves)))
    table = np.array(lines, dtype=object if columns.exact else np.float64).transpose(1, 0, 2)
    there = np.array(exists)
    total = np.where(there, table.sum(axis=0), columns.constant(np.inf))
    return Priced(
        lines=table,
        total=total,
        exists=there,
        chosen=np.array([side.chosen for side in training]),
        trains_at=np.array([side.exists for side in training]),
        serves_at=np.array([side.exists for side in serving]),
    )


def along(slopes: Slopes, gb: Array) -> Array:
    """What so many GB cost on a ladder: where a step begins, every further GB costs that much more than before."""
    return np.asarray((np.maximum(gb - slopes.lows, 0) * slopes.rises).sum(axis=0))


def offer_totals(market: Market, at: int, columns: Columns, managed: Mask, purchases: Mask) -> tuple[Array, Array, Mask]:
    """Amount and premium of each of a provider's offers (offers, C), and which are allowed; `purchases` is (purchases, C).

    An amount is machines x rate x hours, less the discount where the purchase has one. A previous-generation machine is
    allowed only where no active one of the family is.
    """
    offers = market.stalls[at].offer_arrays(exactly=columns.exact)
    hours = np.where(offers.monthly, HOURS_PER_MONTH, columns["training_hours_per_month"])
    amounts = machines(offers.numerators, offers.denominators, columns["gpus"]) * offers.rates * hours
    if market.rulebook.providers[at].discount is not None:
        amounts = np.where(offers.discounted, amounts * discount_factor(market.rulebook, at, columns), amounts)
    premiums = amounts * offers.ratios * managed
    allowed = purchases[offers.purchases]
    has_active = (allowed & offers.active).any(axis=0)
    return amounts, premiums, allowed & (offers.active | ~has_active)


def serving_total(market: Market, at: int, columns: Columns, managed: Mask) -> Array:
    """What a provider charges for all endpoints, premium included, whether or not the case serves."""
    side = _serve(market, at, columns, managed, np.ones(columns.cases, dtype=bool))
    return side.amount + side.premium


def machines(numerators: Array, denominators: Array, gpus: Array) -> Array:
    """How many instances hold so many accelerators: whole ones, rounded up, exactly."""
    return np.asarray(-((-gpus * denominators) // numerators))


def discount_factor(rulebook: Rulebook, at: int, columns: Columns) -> Array:
    """What is left of a provider's price after its negotiated discount, where one is in force."""
    one = columns.constant(1)
    discount, condition = rulebook.providers[at].discount, rulebook.discount_conditions[at]
    if discount is None or condition is None:
        return one
    counts = condition.holds(columns.values, columns.cases)
    return np.where(counts, one - columns[discount.field] / 100, one)


def _train(market: Market, at: int, columns: Columns, managed: Mask, trains: Mask, purchases: Mask) -> _Side:
    nothing = columns.zeros()
    if not market.stalls[at].offers:
        return _Side(nothing, nothing, ~trains, np.full(columns.cases, -1))
    amounts, premiums, allowed = offer_totals(market, at, columns, managed, purchases)
    totals = np.where(allowed, amounts + premiums, columns.constant(np.inf))
    chosen, row = np.argmin(totals, axis=0), np.arange(columns.cases)
    offered = allowed.any(axis=0)
    counts = trains & offered
    return _Side(
        np.where(counts, amounts[chosen, row], nothing),
        np.where(counts, premiums[chosen, row], nothing),
        ~trains | offered,
        np.where(counts, chosen, -1),
    )


def allowed_purchases(rulebook: Rulebook, columns: Columns) -> Mask:
    """Which purchases the schedule allows; (purchases, C)."""
    never = np.zeros(columns.cases, dtype=bool)
    conditions = rulebook.purchase_conditions
    return np.array([condition.holds(columns.values, columns.cases) if condition else never for condition in conditions])


def _serve(market: Market, at: int, columns: Columns, managed: Mask, serves: Mask) -> _Side:
    nothing = columns.zeros()
    endpoint = market.stalls[at].endpoint
    none_chosen = np.full(columns.cases, -1)
    if endpoint is None:
        return _Side(nothing, nothing, ~serves, none_chosen)
    hours = columns["endpoints"] * columns["endpoint_hours_per_month"]
    amount = hours * (endpoint.raw_usd if columns.exact else float(endpoint.raw_usd))
    if endpoint.discounted:
        amount = amount * discount_factor(market.rulebook, at, columns)
    amount = np.where(serves, amount, nothing)
    ratio = endpoint.premium.ratio if columns.exact else float(endpoint.premium.ratio)
    premium = amount * ratio * managed
    return _Side(amount, premium, np.ones(columns.cases, dtype=bool), none_chosen)


def _transfer(stall: Stall, columns: Columns) -> Array:
    crossed = columns["inter_region_gb_per_month"] * columns["inter_region_hops"]
    return np.asarray(crossed * _like(columns, stall.transfer.usd))


def _like(columns: Columns, number: Decimal) -> Any:
    return exact(number) if columns.exact else float(number)
