"""The article's three actions on the user's own bill, and what scaling to zero may cost before it loses.

Savings follow from the rates in force; the article's averages stand beside them and are never computed with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.advice import Action, QuickWin, QuickWins, ScaleToZero
from engine.case import Case
from engine.columns import Columns
from engine.conditions import Mask
from engine.costs import Priced, allowed_purchases, along, offer_totals, serving_total
from engine.exact import Exact, cents, exact, to_decimal
from engine.market import Market
from engine.rulebook import HOURS_PER_MONTH, LINES, MONTHS_PER_YEAR, Plan

DAYS_PER_YEAR = 365
HOURS_PER_DAY = 24
_OFTEN = 10  # wake-ups a day, shown beside one a day
_SPOT = "spot"
_COLD_START = "cold-start"
_STORAGE = LINES.index("storage")


@dataclass(frozen=True)
class Bill:
    """The verdict plan's month at 1x, in exact arithmetic."""

    case: Case
    market: Market
    columns: Columns
    priced: Priced
    managed: Mask
    plan: Plan
    day: date

    def line(self, line: int) -> Exact:
        at = self.market.rulebook.plans.index(self.plan)
        return self.priced.lines[line, at, 0]

    def assumed(self, name: str) -> Decimal:
        return self.market.rulebook.assumed(name, self.day).usd


def quick_wins(bill: Bill) -> QuickWins:
    """All three, with their sum as a share of the bill. What the bill already has does not count again."""
    wins = (_spot(bill), _scale_to_zero_win(bill), _infrequent(bill))
    total = sum((w.saving_usd_per_month for w in wins if w.state == "open" and w.saving_usd_per_month), Decimal(0))
    month = sum((cents(bill.line(line)) for line in range(len(LINES))), Decimal(0))
    share = total / month * 100 if month else None
    article = (bill.assumed("article_quick_wins_share_min_pct"), bill.assumed("article_quick_wins_share_max_pct"))
    return QuickWins(wins, total, share, article)


def scale_to_zero(bill: Bill) -> ScaleToZero | None:
    """Endpoints off outside the busy hours; None where nothing is served.

    The break-even assumes one wake-up a day for each endpoint: the saving of a month, over that many cold starts.
    """
    endpoint = bill.market.stalls[bill.plan.serving].endpoint
    if endpoint is None or not bill.case.serves:
        return None
    hours, per_day = _off_peak(bill)
    saving = _endpoint_hours_cost(bill, hours)
    starts = exact(bill.columns["endpoints"][0]) * DAYS_PER_YEAR / MONTHS_PER_YEAR
    claims = tuple(
        shown.erratum for shown in bill.market.rulebook.errata
        if _COLD_START in shown.erratum.about and shown.erratum.finding == "unverified"
    )  # fmt: skip
    break_even = cents(saving / starts) if starts else None
    often = cents(saving / (starts * _OFTEN)) if starts else None
    return ScaleToZero(to_decimal(hours), per_day, cents(saving), per_day is None, to_decimal(starts), break_even, often, claims)


def _spot(bill: Bill) -> QuickWin:
    """Training moved to the cheapest spot machine of the same family at the same provider, for the hours really used."""
    average = bill.assumed("article_spot_saving_pct")
    at = bill.plan.training
    chosen = int(bill.priced.chosen[at, 0])
    if chosen < 0:
        return QuickWin("spot", Decimal(0), average, "no effect")
    rulebook, offers = bill.market.rulebook, bill.market.stalls[at].offers
    if rulebook.purchases[offers[chosen].purchase].id == _SPOT:
        return QuickWin("spot", Decimal(0), average, "done")
    if not bill.case.workload["interruptible"]:
        return QuickWin("spot", Decimal(0), average, "impossible")
    amounts, premiums, _ = offer_totals(bill.market, at, bill.columns, bill.managed, allowed_purchases(rulebook, bill.columns))
    totals = [
        amounts[i, 0] + premiums[i, 0]
        for i, offer in enumerate(offers)
        if rulebook.purchases[offer.purchase].id == _SPOT and offer.active == offers[chosen].active
    ]
    if not totals:
        return QuickWin("spot", None, average, "unknown")
    return _win("spot", amounts[chosen, 0] + premiums[chosen, 0], min(totals), average)


def _scale_to_zero_win(bill: Bill) -> QuickWin:
    average = bill.assumed("article_scale_to_zero_saving_pct")
    if not bill.case.serves:
        return QuickWin("scale_to_zero", Decimal(0), average, "no effect")
    hours, per_day = _off_peak(bill)
    saving = cents(_endpoint_hours_cost(bill, hours))
    if per_day is None:
        return QuickWin("scale_to_zero", saving, average, "done")
    share = to_decimal(hours / HOURS_PER_MONTH * 100)
    return QuickWin("scale_to_zero", saving, average, "open" if saving else "no effect", share)


def _infrequent(bill: Bill) -> QuickWin:
    average = bill.assumed("article_infrequent_storage_saving_pct")
    if bill.case.workload["storage_tier"] == "infrequent":
        return QuickWin("infrequent_storage", Decimal(0), average, "done")
    stall = bill.market.stalls[bill.plan.training]
    after = along(stall.slopes("infrequent_storage", exactly=True), bill.columns["storage_gb"])[0]
    return _win("infrequent_storage", bill.line(_STORAGE), after, average)


def _win(action: Action, before: Exact, after: Exact, average: Decimal) -> QuickWin:
    saving = cents(max(before - after, 0))
    share = to_decimal((before - after) / before * 100) if before else None
    return QuickWin(action, saving, average, "open" if saving else "no effect", share)


def _off_peak(bill: Bill) -> tuple[Exact, Decimal | None]:
    """Hours a month in which endpoints could be off, and the hours a day that this assumes (None: they were given)."""
    busy = exact(bill.columns["endpoint_hours_per_month"][0])
    if busy < HOURS_PER_MONTH:
        return HOURS_PER_MONTH - busy, None
    per_day = bill.assumed("off_peak_hours_per_day")
    return HOURS_PER_MONTH * exact(per_day) / HOURS_PER_DAY, per_day


def _endpoint_hours_cost(bill: Bill, hours: Exact) -> Exact:
    """What so many more hours of every endpoint cost, premium included."""
    columns = bill.columns.where("endpoint_hours_per_month", bill.columns.constant(hours))
    return serving_total(bill.market, bill.plan.serving, columns, bill.managed)[0]
