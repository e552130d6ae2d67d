"""Plans side by side as pandas tables, and the sweep of one number over a range. The only module that imports pandas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from engine.advice import Advice
from engine.case import Case
from engine.columns import columns_of
from engine.costs import price
from engine.decide import decide, lean
from engine.market import market_of
from engine.offered import refuse_what_nobody_offers
from engine.rulebook import LINES, Rulebook


def plans_table(advice: Advice) -> pd.DataFrame:
    """One row for each scale and plan: the six lines and the totals in USD (cents), missing where a plan is not offered."""
    rows = []
    for scenario in advice.scenarios:
        for cost in scenario.plans:
            amounts = {f"{line}_usd": float(cost.lines[line]) if cost.lines else None for line in LINES}
            month, year = cost.total_usd_per_month, cost.total_usd_per_year
            rows.append(
                {
                    "scale": scenario.scale, "plan": cost.plan, "advised": cost.plan == scenario.plan,
                    "offered": cost.offered, "allowed": cost.allowed, **amounts,
                    "total_usd_per_month": None if month is None else float(month),
                    "total_usd_per_year": None if year is None else float(year),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def sweep(rulebook: Rulebook, case: Case, day: date, field: str, values: Sequence[float]) -> pd.DataFrame:
    """The verdict and every plan's unrounded USD a month, for each value of one number; one row a value."""
    base = columns_of([(case, 1)], rulebook, exact=False).repeated(len(values))
    columns = base.where(field, np.asarray(values, dtype=np.int64 if field == "gpus" else np.float64))
    market = market_of(case, rulebook)
    leans = lean(rulebook, columns, day)
    priced = price(market, columns, leans.managed)
    refuse_what_nobody_offers(case, market, priced)
    verdicts = decide(market, columns, leans, priced, day)
    names = np.array([plan.id for plan in rulebook.plans])
    totals = {f"{name}_usd_per_month": np.where(np.isinf(row), np.nan, row) for name, row in zip(names, priced.total, strict=True)}
    return pd.DataFrame({field: list(values), "plan": names[verdicts.plan], "basis": verdicts.basis, **totals})
