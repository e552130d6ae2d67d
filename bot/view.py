"""Advice -> what is shown, in its order: the first screen, then why, what would flip it, the lines and the prices.

Everything here is text or a flag. The terminal, Markdown, HTML and later the thread show the same view.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.words import Words, capitalize_first, number, percent, rate, source, usd, usd_cents
from engine.advice import Advice, LineItem, PriceUsed
from engine.bill import shown_cents
from engine.exact import cents, to_decimal
from engine.rulebook import LINES, SCALES

_LINE_NAMES = {
    "training": "Training compute", "inference": "Inference endpoints", "managed_premium": "Managed premium",
    "egress": "Internet egress", "transfer": "Transfer between regions and clouds", "storage": "Storage",
}  # fmt: skip
_SHORT_LINE_NAMES = {
    "training": "Training", "inference": "Endpoints", "managed_premium": "Premium",
    "egress": "Egress", "transfer": "Transfer", "storage": "Storage",
}  # fmt: skip
NO_FLIPS = "Nothing that was said or assumed, between a tenth and ten times its value."


@dataclass(frozen=True)
class Row:
    """One row of a table; `strong` rows are the advised plan's."""

    cells: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """`right` says that every column but the first holds numbers; `bold` that strong rows stand out in text too."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    right: bool = False
    bold: bool = False


@dataclass(frozen=True)
class Sourced:
    text: str
    source: str


@dataclass(frozen=True)
class Segment:
    """One cost line of a bar; `width` is its share of the longest bar in percent."""

    line: str
    short_line: str
    amount: Decimal
    usd: str
    width: str


@dataclass(frozen=True)
class Bar:
    """One plan's month as a bar of its cost lines. `compared`: a plan of one cloud, or the plan advised."""

    name: str
    compared: bool
    total: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class View:
    """A reply, section by section."""

    headline: str  # the verdict, one sentence
    headline_reason: str  # its reason with the number
    buying: str
    scale: str
    plans: Table
    chart: tuple[Bar, ...]
    confidence: str
    assumed_count: str
    assumed: tuple[str, ...]
    first_cautions: tuple[str, ...]
    reasons: tuple[Sourced, ...]
    why_not: tuple[str, ...]
    flips: tuple[str, ...]
    steady: tuple[str, ...]
    quick_wins: tuple[str, ...]
    quick_wins_total: str
    scale_to_zero: str
    lines: Table
    items: tuple[Table, ...]
    prices: Table
    price_notes: tuple[str, ...]
    also_listed: Table
    cautions: tuple[Sourced, ...]
    not_counted: str
    as_of: str


def view_of(advice: Advice, words: Words) -> View:
    """The whole reply as text. Nothing is computed here but the choice of what to show."""
    return View(
        headline=words.say("verdict", advice),
        headline_reason=words.say("verdict_reason", advice),
        buying=_buying(advice, words),
        scale=_scale(advice, words),
        plans=_plans(advice, words),
        chart=tuple(_chart(advice, words)),
        confidence=words.confidence(advice.confidence, advice),
        assumed_count=_assumed_count(advice),
        assumed=tuple(_assumed(advice, words)),
        first_cautions=tuple(_first_cautions(advice, words)),
        reasons=tuple(Sourced(words.reason(r), source(r.source)) for r in advice.reasons),
        why_not=tuple(words.why_not(entry, advice) for entry in advice.why_not),
        flips=tuple(words.flips(advice)),
        steady=tuple(words.steady(entry) for entry in advice.steady),
        quick_wins=tuple(words.quick_win(win) for win in advice.quick_wins.wins),
        quick_wins_total=_quick_wins_total(advice),
        scale_to_zero=words.scale_to_zero(advice.scale_to_zero) if advice.scale_to_zero else "",
        lines=_lines(advice, words),
        items=tuple(_items(plan, items, advice, words) for plan, items in advice.bills.items()),
        prices=_prices(advice.prices, words),
        price_notes=tuple(f"{words.figure(p.figure)}: {p.figure.note}" for p in advice.prices if p.figure.note),
        also_listed=_also_listed(advice, words),
        cautions=tuple(Sourced(words.caution(c, advice), words.caution_source(c)) for c in advice.cautions if not c.first),
        not_counted="; ".join(words.rulebook.not_counted),
        as_of=str(advice.day),
    )


def trace_table(advice: Advice) -> Table:
    """What became of every rule, for those who write them."""
    rows = [Row((t.rule.id, t.rule.decision or "-", t.status, "; ".join(t.failed)), t.status == "fired") for t in advice.traces]
    return Table("Rules, in the order of the decision", ("Rule", "Settles", "Status", "Lines that failed"), tuple(rows))


def _buying(advice: Advice, words: Words) -> str:
    by_id = {provider.id: provider for provider in words.rulebook.providers}
    training, serving = (by_id.get(name or "") for name in (advice.training_provider, advice.serving_provider))
    return words.say("buying", advice, training, serving)


def _scale(advice: Advice, words: Words) -> str:
    for scenario in advice.scenarios:
        if scenario.plan != advice.plan:
            return words.say("scale_change", scenario)
    larger = " and ".join(str(scale) for scale in SCALES[1:])
    return f"The answer is the same at {larger} times the volume."


def _plans(advice: Advice, words: Words) -> Table:
    """Plans by rows, scales by columns; dollars a month."""
    heads = ("Plan, $ a month", "now", *(f"{scale}x" for scale in SCALES[1:]))
    rows = []
    for cost in advice.now.plans:
        months = [scenario.cost(cost.plan) for scenario in advice.scenarios]
        cells = [usd(month.total_usd_per_month) if month.offered else "not offered" for month in months]
        advised = [SCALES[at] for at, scenario in enumerate(advice.scenarios) if scenario.plan == cost.plan]
        rows.append(Row((f"{capitalize_first(words.plan(cost.plan))}{_advised(advised)}", *cells), cost.plan == advice.plan))
    return Table("", heads, tuple(rows), right=True, bold=True)


def _chart(advice: Advice, words: Words) -> Iterator[Bar]:
    """The six lines of every offered plan at 1x, drawn to one scale."""
    offered = [cost for cost in advice.now.plans if cost.lines is not None and cost.total_usd_per_month]
    longest = max((cost.total_usd_per_month or Decimal(0) for cost in offered), default=Decimal(0))
    for cost in offered:
        amounts = cost.lines or {}
        segments = tuple(
            Segment(_LINE_NAMES[line], _SHORT_LINE_NAMES[line], amounts[line], usd(amounts[line]), f"{amounts[line] / longest * 100:.2f}")
            for line in LINES
        )
        compared = cost.plan in words.rulebook.provider_index or cost.plan == advice.plan
        yield Bar(capitalize_first(words.plan(cost.plan)), compared, usd(cost.total_usd_per_month), segments)


def _advised(scales: Sequence[int]) -> str:
    if not scales:
        return ""
    if len(scales) == len(SCALES):
        return " (advised)"
    return f" (advised {' and '.join('now' if scale == 1 else f'at {scale}x' for scale in scales)})"


def _assumed_count(advice: Advice) -> str:
    if not advice.assumed:
        return "Nothing was assumed: every number that counts is yours."
    return f"Assumed: {len(advice.assumed)} of {len(advice.counting)} inputs that count are typical values, not yours."


def _assumed(advice: Advice, words: Words) -> Iterator[str]:
    for name in advice.assumed:
        yield f"{capitalize_first(words.input_name(name))}: {words.value(advice.case.value(name), name)}"


def _first_cautions(advice: Advice, words: Words) -> Iterator[str]:
    """The first screen's cautions; the prices that are old share one line."""
    first = [caution for caution in advice.cautions if caution.first]
    old = [caution for caution in first if caution.kind == "stale"]
    yield from (words.caution(caution, advice) for caution in first if caution.kind != "stale")
    if len(old) > 1:
        yield words.say("old_prices", old)
    else:
        yield from (words.caution(caution, advice) for caution in old)


def _quick_wins_total(advice: Advice) -> str:
    wins = advice.quick_wins
    if wins.share_of_bill_pct is None:
        return ""
    low, high = wins.article_share_pct
    return (
        f"Together {usd(wins.total_usd_per_month)} a month, {percent(wins.share_of_bill_pct)} of this bill "
        f"(the article says {number(low)} to {number(high)} %, without a source)."
    )


def _lines(advice: Advice, words: Words) -> Table:
    """The six lines of every plan at 1x; dollars and cents a month."""
    offered = [cost for cost in advice.now.plans if cost.lines is not None]
    heads = ("One month, now", *(capitalize_first(words.plan(cost.plan)) for cost in offered))
    rows = [Row((_LINE_NAMES[line], *(usd_cents(cost.lines[line]) for cost in offered if cost.lines))) for line in LINES]
    rows.append(Row(("Total a month", *(usd_cents(cost.total_usd_per_month) for cost in offered)), strong=True))
    rows.append(Row(("Total a year", *(usd_cents(cost.total_usd_per_year) for cost in offered)), strong=True))
    return Table("", heads, tuple(rows), right=True, bold=True)


def _items(plan: str, items: Sequence[LineItem], advice: Advice, words: Words) -> Table:
    """Quantity times rate, item by item."""
    amounts = shown_cents(items, advice.now.cost(plan).lines or {})
    rows = tuple(
        Row((_LINE_NAMES[i.line], i.name, quantity(i), unit_rate(i, shows_private=words.shows_private), usd_cents(amount)))
        for i, amount in zip(items, amounts, strict=True)
    )
    return Table(capitalize_first(words.plan(plan)), ("Line", "What", "Quantity", "Rate", "USD a month"), rows)


def quantity(item: LineItem) -> str:
    """How much of an item: 120 instance-hours (1 x 120)."""
    parts = " x ".join(number(value) for value in (item.detail or {}).values())
    if item.unit.startswith("USD"):
        return f"{usd_cents(cents(item.quantity))} raw"
    return f"{number(to_decimal(item.quantity))} {item.unit} ({parts})" if parts else f"{number(to_decimal(item.quantity))} {item.unit}"


def unit_rate(item: LineItem, *, shows_private: bool = True) -> str:
    """What one unit of an item costs; a premium in percent. A negotiated discount is named, and where others read only named."""
    if item.unit.startswith("USD"):
        return _premium_rate(item)
    if item.private and not shows_private:
        return "list price less your EA discount (private)"
    return f"{rate(to_decimal(item.usd_per_unit))}{' (less your EA discount, private)' if item.private else ''}"


def _premium_rate(item: LineItem) -> str:
    """A premium with two digits after the point, as 15.00 %."""
    return f"{to_decimal(item.usd_per_unit * 100):.2f} %"


def _prices(prices: Sequence[PriceUsed], words: Words) -> Table:
    rows = tuple(
        Row((words.figure(p.figure), _figure_rate(p), p.figure.source, str(p.figure.as_of or "undated"), _age(p)), p.deciding)
        for p in prices
    )
    return Table("", ("Price", "Rate", "Source", "Date", "Age"), rows)


def _figure_rate(price: PriceUsed) -> str:
    figure = price.figure
    if figure.unit == "ratio":
        return f"{number(figure.usd_pct)} %"
    return f"{number(figure.usd)} GB" if figure.unit == "GB per month" else f"{rate(figure.usd)} per {figure.unit}"


def _age(price: PriceUsed) -> str:
    age = "unknown" if price.age_days is None else f"{price.age_days} days"
    return f"{age}, stale" if price.stale else age


def _also_listed(advice: Advice, words: Words) -> Table:
    rows = tuple(Row((words.figure(f), f"{rate(f.usd)} per {f.unit}", f.source, str(f.as_of))) for f in advice.also_listed)
    return Table("", ("On the price list, not used", "Rate", "Source", "Date"), rows)
