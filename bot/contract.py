"""Advice -> the machine-readable answer, schema version 1. A promise to programs: keys are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.words import Words
from engine.advice import Advice, PlanCost, PriceUsed, Scenario
from engine.rulebook import LINES

SCHEMA_VERSION = 1


def contract(advice: Advice, words: Words) -> dict[str, Any]:
    """The answer as plain JSON values; money as numbers with at most two decimals, unknown as null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": _verdict(advice, words),
        "confidence": {"word": advice.confidence.word, "text": words.confidence(advice.confidence, advice)},
        "scenarios": [_scenario(scenario) for scenario in advice.scenarios],
        "reasons": [{"rule": r.rule.id, "text": words.reason(r), "source": str(r.source)} for r in advice.reasons],
        "why_not": [{"plan": entry.plan, "text": words.why_not(entry, advice)} for entry in advice.why_not],
        "flips": [{"input": f.input, "from": plain(f.from_value), "to": plain(f.to), "plan": f.plan} for f in advice.flips],
        "does_not_flip": [{"input": s.input, "from": plain(s.low), "to": plain(s.high)} for s in advice.steady],
        "quick_wins": [
            {
                "action": win.action,
                "saving_usd_per_month": plain(win.saving_usd_per_month),
                "article_average_pct": plain(win.article_average_pct),
                "text": words.quick_win(win),
            }
            for win in advice.quick_wins.wins
        ],
        "quick_wins_share_of_bill_pct": _rounded(advice.quick_wins.share_of_bill_pct),
        "scale_to_zero": _scale_to_zero(advice),
        "cautions": [{"text": words.caution(caution, advice), "source": words.caution_source(caution)} for caution in advice.cautions],
        "assumed": list(advice.assumed),
        "trace": [{"rule": t.rule.id, "status": t.status, "failed": list(t.failed)} for t in advice.traces],
        "prices": [_price(price) for price in advice.prices],
        "not_counted": list(words.rulebook.not_counted),
        "as_of": str(advice.day),
        "rules_version": advice.rules_version,
    }


def verdict_of(kept: Mapping[str, Any]) -> str:
    """The verdict of a kept answer, the first sentence of its headline: Stay on AWS."""
    return str(kept["verdict"]["headline"]).partition(". ")[0].rstrip(".") + "."


def plain(value: Any) -> Any:
    """A Decimal as the shortest number that reads back as the same amount; other values as they are."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else float(value)


def _amount(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _rounded(value: Decimal | None) -> float | None:
    return None if value is None else float(round(value, 2))


def _verdict(advice: Advice, words: Words) -> dict[str, Any]:
    now = advice.now
    training = None
    if advice.training is not None:
        cost = advice.training
        training = {
            "provider": advice.training_provider,
            "purchase": cost.purchase,
            "instance": cost.instance,
            "instances": cost.instances,
        }
    return {
        "plan": now.plan,
        "basis": now.basis,
        "matrix_plan": now.matrix_plan,
        "cheapest_plan": now.cheapest_plan,
        "saving_usd_per_year": _amount(now.saving_usd_per_year),
        "layer": advice.layer,
        "training": training,
        "inference": {"provider": advice.serving_provider} if advice.serving_provider else None,
        "headline": words.headline(advice),
    }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {
        "scale": scenario.scale,
        "plan": scenario.plan,
        "basis": scenario.basis,
        "matrix_plan": scenario.matrix_plan,
        "cheapest_plan": scenario.cheapest_plan,
        "saving_usd_per_year": _amount(scenario.saving_usd_per_year),
        "plans": [_plan(cost) for cost in scenario.plans],
    }


def _plan(cost: PlanCost) -> dict[str, Any]:
    """A plan that is not offered has its amounts null, never 0."""
    lines = {f"{line}_usd": _amount(cost.lines[line] if cost.lines else None) for line in LINES}
    return {
        "plan": cost.plan,
        "offered": cost.offered,
        "allowed": cost.allowed,
        "purchase": cost.purchase,
        "instance": cost.instance,
        "instances": cost.instances,
        **lines,
        "total_usd_per_month": _amount(cost.total_usd_per_month),
        "total_usd_per_year": _amount(cost.total_usd_per_year),
    }


def _scale_to_zero(advice: Advice) -> dict[str, Any] | None:
    entry = advice.scale_to_zero
    if entry is None:
        return None
    return {
        "off_peak_hours_per_month": plain(entry.off_peak_hours_per_month),
        "saving_usd_per_month": _amount(entry.saving_usd_per_month),
        "already_in_bill": entry.already_in_bill,
        "cold_starts_per_month": _rounded(entry.cold_starts_per_month),
        "break_even_usd_per_cold_start": _amount(entry.break_even_usd_per_cold_start),
    }


def _price(price: PriceUsed) -> dict[str, Any]:
    figure = price.figure
    return {
        "name": f"{figure.provider} {figure.name}".strip(),
        "usd": float(figure.usd),
        "unit": figure.unit,
        "source": figure.source,
        "as_of": str(figure.as_of) if figure.as_of else None,
        "stale": price.stale,
        "borrowed_from": figure.borrowed_from or None,
        "note": figure.note,
    }
