"""Which numbers would change the plan: for each the nearest value in either direction.

Within 0.1x to 10x a total is piecewise linear in each number, with kinks at ladder bounds and where another offer becomes
the cheapest. So the verdict can change only at a kink or where two compared totals cross. The crossings are solved from the
totals at the kinks, all numbers in one batch; the verdict is then tested at every crossing and between them, and what was
found is confirmed in exact arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from itertools import combinations, islice, pairwise

import numpy as np

from engine.advice import Flip, Steady
from engine.case import Case, Value
from engine.columns import Array, Columns, columns_of
from engine.costs import Priced, allowed_purchases, offer_totals, price
from engine.decide import Leans, decide, lean
from engine.exact import exact
from engine.market import Market
from engine.rulebook import MONTHS_PER_YEAR, Rulebook

_NEAREST, _FARTHEST = Decimal("0.1"), Decimal(10)
_DIGITS = (5, 8, 12)  # of a value that is shown: short first, longer where the window is narrow
_WINDOWS_TRIED = 3
_CANDIDATES_TRIED = 4
_COUNTED = "gpus"


@dataclass(frozen=True)
class Span:
    """The values of one number that are searched, from `low` to `high` around `base`.

    With a `step`, only every so many whole numbers from `low` on: accelerators come in whole machines, so a total is
    linear in their number only along the numbers that fill all machines equally well.
    """

    name: str
    base: Decimal
    low: Decimal
    high: Decimal
    whole: bool
    step: int = 0

    def around(self, value: float) -> list[float]:
        """The searched whole numbers next to a value, two on each side, in case a crossing lies on one of them."""
        nearest = int(self.low) + (int(value) - int(self.low)) // self.step * self.step
        near = (nearest + away * self.step for away in (-1, 0, 1, 2))
        return [float(number) for number in near if self.low <= number <= self.high]


@dataclass(frozen=True)
class _Window:
    """An open stretch of values, or a single one, on which another plan holds. `near` is its end towards the base."""

    span: Span
    near: float
    far: float
    plan: int

    @property
    def up(self) -> bool:
        return self.far > float(self.span.base) or self.near > float(self.span.base)


def number_flips(case: Case, market: Market, day: date, plan: int) -> tuple[tuple[Flip, ...], tuple[Steady, ...]]:
    """The flips of every number, and the numbers that do not flip the plan. `plan` is the verdict at scale 1."""
    return _Search(case, market, day, plan).run()


def spans_of(case: Case, rulebook: Rulebook, matters: Callable[[str], bool]) -> Iterator[Span]:
    """The numbers to search: those that matter to the case, within 0.1x to 10x and their accepted range."""
    for field in rulebook.fields:
        if field.flips and matters(field.id):
            base = Decimal(str(case.workload[field.id]))
            low, high = (field.min, field.max) if field.flips_over_range else (base * _NEAREST, base * _FARTHEST)
            yield from _clipped(field.id, base, low, high, (field.min, field.max), field.kind == "whole")
    for assumption in rulebook.case_assumptions:
        base = case.assumptions[assumption.id]
        bounds = (assumption.min, assumption.max)
        yield from _clipped(assumption.id, base, base * _NEAREST, base * _FARTHEST, bounds, False)


def _clipped(
    name: str, base: Decimal, low: Decimal | None, high: Decimal | None,
    bounds: tuple[Decimal | None, Decimal | None], whole: bool,
) -> Iterator[Span]:  # fmt: skip
    least, most = bounds
    low = max(x for x in (low, least) if x is not None)
    high = min(x for x in (high, most) if x is not None)
    if whole:
        low, high = low.to_integral_value(ROUND_CEILING), high.to_integral_value(ROUND_FLOOR)
    if low <= high:
        yield Span(name, base, low, high, whole)


class _Search:
    """Three batches of variants: what is given, what lies at and between the crossings, and the exact check."""

    def __init__(self, case: Case, market: Market, day: date, plan: int) -> None:
        self.case = case
        self.market = market
        self.rulebook = market.rulebook
        self.day = day
        self.plan = plan
        self.floats = columns_of([(case, 1)], self.rulebook, exact=False)
        self.exact = columns_of([(case, 1)], self.rulebook, exact=True)
        self.leans = lean(self.rulebook, self.exact, day)  # rests on the answers, which the numbers do not change
        self.spans = list(spans_of(case, self.rulebook, self.matters))
        searched = [span for span in self.spans if span.low < span.high]  # ten times nothing is nothing
        self.lines = [span for span in searched if span.name != _COUNTED]
        self.lines += [part for span in searched if span.name == _COUNTED for part in _parts(span, _period(market))]

    def run(self) -> tuple[tuple[Flip, ...], tuple[Steady, ...]]:
        kinks = [self.kinks(span, at) for span, at in zip(self.lines, self.offer_crossings(), strict=True)]
        columns = self.varied(self.lines, kinks)
        priced = price(self.market, columns, self.leans.repeated(columns.cases).managed)
        windows = self.windows(kinks, _differences(priced, columns)) if self.lines else ()
        flips = tuple(self.confirmed(windows))
        moved = {flip.input for flip in flips}
        return flips, tuple(Steady(s.name, s.low, s.high) for s in self.spans if s.name not in moved)

    def matters(self, name: str) -> bool:
        return bool(self.rulebook.field_matters[name].holds(self.exact.values, 1)[0])

    def verdicts(self, columns: Columns, leans: Leans) -> Array:
        """The plan of each case, -1 where no plan exists."""
        priced = price(self.market, columns, leans.managed)
        return decide(self.market, columns, leans, priced, self.day).plan

    def windows(self, kinks: Sequence[list[float]], differences: Array) -> list[_Window]:
        """The nearest windows in which another plan holds, per number and direction."""
        crossings = _roots(kinks, differences)
        points = [_points(span, values, at) for span, values, at in zip(self.lines, kinks, crossings, strict=True)]
        columns = self.varied(self.lines, points)
        plans = self.verdicts(columns, self.leans.repeated(columns.cases))
        found: list[_Window] = []
        start = 0
        for span, values in zip(self.lines, points, strict=True):
            nearest = self.stepped if span.step else self.nearest
            found += nearest(span, values, plans[start : start + len(values)])
            start += len(values)
        return found

    def kinks(self, span: Span, offer_crossings: list[float]) -> list[float]:
        """The ends, the base, and where the slope of some total can change."""
        low, high = float(span.low), float(span.high)
        if span.step:
            return sorted({low, high, *(x for at in (float(span.base), *offer_crossings) for x in span.around(at))})
        bounds = [float(x) for stall in self.market.stalls for x in _bounds(stall, span.name)]
        inside = (x for x in [*bounds, *offer_crossings] if low < x < high)
        return sorted({low, high, float(span.base), *inside})

    def offer_crossings(self) -> list[list[float]]:
        """For each span, where another offer of one provider becomes the cheapest: offers are linear over a whole span."""
        moving = {_COUNTED, "training_hours_per_month", *(p.discount.field for p in self.rulebook.providers if p.discount)}
        spans = [span for span in self.lines if span.name in moving]
        found: dict[Span, list[float]] = {span: [] for span in self.lines}
        if not spans:
            return list(found.values())
        ends = [[float(span.low), float(span.high)] for span in spans]
        columns = self.varied(spans, ends)
        managed = self.leans.repeated(columns.cases).managed
        purchases = allowed_purchases(self.rulebook, columns)
        for at, stall in enumerate(self.market.stalls):
            if not stall.offers:
                continue
            amounts, premiums, allowed = offer_totals(self.market, at, columns, managed, purchases)
            totals = (amounts + premiums)[allowed.all(axis=1)]
            gaps = np.array([one - other for one, other in combinations(totals, 2)]).reshape(-1, columns.cases)
            for span, crossings in zip(spans, _roots(ends, gaps), strict=True):
                found[span] += crossings
        return list(found.values())

    def varied(self, spans: Sequence[Span], points: Sequence[Sequence[float]]) -> Columns:
        """The base case, once for each point, with one number changed."""
        columns = self.floats.repeated(sum(len(values) for values in points))
        changed = {span.name: columns[span.name].astype(np.float64) for span in spans}
        start = 0
        for span, values in zip(spans, points, strict=True):
            changed[span.name][start : start + len(values)] = values
            start += len(values)
        return Columns({**columns.values, **changed}, columns.cases, exact=False)

    def nearest(self, span: Span, values: Sequence[float], plans: Array) -> Iterator[_Window]:
        """Outwards from the base: the first stretches of values with another plan."""
        at = int(np.searchsorted(np.array(values), float(span.base)))
        for step, order in ((1, range(at + 1, len(values))), (-1, range(at - 1, -1, -1))):
            found = (_window(span, values, plans, position, step) for position in order if plans[position] != self.plan)
            with_values = (window for window in found if next(_candidates(window), None) is not None)
            yield from islice(with_values, _WINDOWS_TRIED)

    def stepped(self, span: Span, values: Sequence[float], plans: Array) -> Iterator[_Window]:
        """The searched whole numbers with another plan, as windows of one number, outwards from the base."""
        base = float(span.base)
        other = [(value, int(plan)) for value, plan in zip(values, plans, strict=True) if plan != self.plan and value != base]
        for side in ([o for o in other if o[0] > base], [o for o in reversed(other) if o[0] < base]):
            yield from (_Window(span, value, value, plan) for value, plan in side[:_WINDOWS_TRIED])

    def confirmed(self, windows: Sequence[_Window]) -> Iterator[Flip]:
        """The first value of each window at which the plan really is another, in exact arithmetic.

        The likeliest value of each number and direction is tried first, the others only where it does not hold.
        """
        directions: dict[tuple[str, bool], list[tuple[_Window, Decimal]]] = {}
        for window in sorted(windows, key=lambda window: abs(window.near - float(window.span.base))):
            values = islice(_candidates(window), _CANDIDATES_TRIED)
            directions.setdefault((window.span.name, window.up), []).extend((window, value) for value in values)
        waiting = list(directions.values())
        for take in (slice(0, 1), slice(1, None)):
            left = []
            for tries, plans in zip(waiting, self.exact_plans([tries[take] for tries in waiting]), strict=True):
                hits = [(window, value, plan) for (window, value), plan in zip(tries[take], plans, strict=True) if plan != self.plan]
                if hits:
                    window, value, plan = hits[0]
                    yield self.flip(window.span, value, plan)
                else:
                    left.append(tries)
            waiting = left

    def exact_plans(self, groups: Sequence[Sequence[tuple[_Window, Decimal]]]) -> list[list[int]]:
        """The plan at each value, computed exactly, all in one batch."""
        tries = [entry for group in groups for entry in group]
        if not tries:
            return [[] for _ in groups]
        columns = self.exact.repeated(len(tries))
        for name in {window.span.name for window, _ in tries}:
            rows = [at for at, (window, _) in enumerate(tries) if window.span.name == name]
            values = [int(v) if w.span.whole else exact(v) for w, v in (tries[at] for at in rows)]
            columns = columns.with_rows(name, rows, values)
        plans = iter(self.verdicts(columns, self.leans.repeated(columns.cases)).tolist())
        return [[next(plans) for _ in group] for group in groups]

    def flip(self, span: Span, value: Decimal, plan: int) -> Flip:
        to: Value = int(value) if span.whole else value
        distance = abs(float(value - span.base)) / float(span.base or span.high - span.low)
        return Flip(span.name, self.case.value(span.name), to, self.rulebook.plans[plan].id, distance)


def _bounds(stall: object, name: str) -> tuple[Decimal, ...]:
    ladder = {"egress_gb_per_month": "egress", "storage_gb": "storage"}.get(name)
    return getattr(stall, ladder).bounds() if ladder else ()


def _window(span: Span, values: Sequence[float], plans: Array, position: int, step: int) -> _Window:
    """The stretch that begins at a position: from a point through the middle beyond it, or between two points."""
    near = position if position % 2 == 0 else position - step
    beyond = position + step if position % 2 == 0 else position
    if not 0 <= beyond < len(values) or plans[beyond] != plans[position]:
        return _Window(span, values[near], values[near], int(plans[position]))
    return _Window(span, values[near], values[beyond + step], int(plans[position]))


def _period(market: Market) -> int:
    """After how many accelerators every kind of machine is full again."""
    return math.lcm(*(offer.accelerators.numerator for stall in market.stalls for offer in stall.offers))


def _parts(span: Span, period: int) -> Iterator[Span]:
    """The span as classes of whole numbers that fill all machines equally well."""
    low, high = int(span.low), int(span.high)
    for first in range(low, min(low + period, high + 1)):
        last = first + (high - first) // period * period
        yield replace(span, low=Decimal(first), high=Decimal(last), step=period)


def _points(span: Span, kinks: list[float], crossings: list[float]) -> list[float]:
    """Where the verdict is tested: at kinks and crossings, and between them where there is something between them."""
    if span.step:
        return sorted({x for at in (*kinks, *crossings) for x in span.around(at)})  # a crossing may lie on a kink
    return _with_middles(sorted({*kinks, *crossings}))


def _with_middles(points: list[float]) -> list[float]:
    """The points at even positions, and between each two of them their middle."""
    middles = [(low + high) / 2 for low, high in pairwise(points)]
    return [x for pair in zip(points, [*middles, math.nan], strict=True) for x in pair][:-1]


def _differences(priced: Priced, columns: Columns) -> Array:
    """Every comparison that a rule can rest on, as a difference whose sign decides it; (comparisons, C).

    Plans that are not offered in some case are left out: the numbers do not change what is offered.
    """
    there = priced.exists[:, -1]
    total = priced.total[there]
    pairs = np.array([(one, other) for one in range(len(total)) for other in range(len(total)) if one != other])
    if not len(pairs):
        return np.zeros((0, columns.cases))
    kept = 1 - columns["materiality_pct"] / 100
    with np.errstate(invalid="ignore"):  # an answer that takes a plan away leaves infinities, which are not looked at
        gap = total[pairs[:, 0]] - total[pairs[:, 1]]
        material = kept * total[pairs[:, 0]] - total[pairs[:, 1]]
    return np.concatenate([gap, material, MONTHS_PER_YEAR * gap - columns["switching_threshold_usd_per_year"]])


def _roots(points: Sequence[Sequence[float]], heights: Array) -> list[list[float]]:
    """Where functions that are linear between the points of a span pass through 0; `heights` is (functions, all points)."""
    x = np.array([value for values in points for value in values])
    span = np.repeat(np.arange(len(points)), [len(values) for values in points])
    low, high = heights[:, :-1], heights[:, 1:]
    row, at = np.nonzero((low * high < 0) & (span[:-1] == span[1:]))
    y0, y1 = low[row, at], high[row, at]
    roots = x[at] + (x[at + 1] - x[at]) * (y0 / (y0 - y1))
    found: list[list[float]] = [[] for _ in points]
    for number, root in zip(span[at].tolist(), roots.tolist(), strict=True):
        found[number].append(root)
    return found


def _candidates(window: _Window) -> Iterator[Decimal]:
    """Values inside a window, the shortest and nearest first."""
    near, far = Decimal(repr(window.near)), Decimal(repr(window.far))
    low, high = min(near, far), max(near, far)
    rounding = ROUND_CEILING if window.up else ROUND_FLOOR
    if window.span.whole:
        first = near.to_integral_value(rounding)
        yield from (x for x in (first, first + (1 if window.up else -1)) if low <= x <= high)
        return
    for digits in _DIGITS:
        first = Context(prec=digits, rounding=rounding).plus(near)
        step = Decimal(1).scaleb(first.adjusted() - digits + 1)
        yield from (x for x in (first, first + (step if window.up else -step)) if low <= x <= high)
    middle = Context(prec=_DIGITS[-1] + 3).plus((low + high) / 2)
    yield middle if low <= middle <= high else (low + high) / 2
