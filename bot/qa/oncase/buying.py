"""Questions on the money: a line, all lines, where the prices are from, how old they are, and the ways to buy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.qa.answer import Cited
from bot.qa.oncase.purchases import Bought, purchases
from bot.qa.oncase.telling import MOST_BULLETS, Block, Telling, Told, bullets, quoted
from bot.view import quantity, unit_rate
from bot.words import usd_cents
from engine.advice import LineItem, PriceUsed
from engine.bill import shown_cents
from engine.catalogue import GIVEN, MANAGED, Figure
from engine.exact import cents
from engine.rulebook import LINES


@dataclass(frozen=True)
class Item:
    """Quantity times rate, as text."""

    name: str
    quantity: str
    rate: str
    amount: str


# -- lines -------------------------------------------------------------------------------------------------------------


def show_line(it: Telling) -> Told:
    """A line for each plan, or the whole bill of one plan where no line is named."""
    plans = it.plans_named()
    if not it.named.lines:
        return _bill(it, plans[0] if plans else it.advice.plan)
    shown = plans if plans and it.advice.bills.keys() & set(plans) else tuple(it.advice.bills)
    blocks: list[Block] = []
    for line in it.named.lines[:2]:
        blocks += _line(it, line, shown)
    figures = [f for line in it.named.lines[:2] for f in _figures(it, [line], shown)]
    left = MOST_BULLETS - sum(1 if isinstance(block, str) else len(block) for block in blocks)
    prices = [_price(it, price) for price in it.advice.prices if price.figure in figures]
    if prices:
        blocks += [it.say("behind"), bullets(prices, it.say("more", len(prices) - left), left + 1)]
    return it.told(blocks, map(quoted, figures))


def _line(it: Telling, line: str, plans: Iterable[str]) -> list[Block]:
    title = it.view.lines.rows[LINES.index(line)].cells[0]
    offered = [plan for plan in it.advice.bills if plan in plans]
    if not any((it.advice.now.cost(plan).lines or {})[line] for plan in offered):
        return [it.say("no_line", title)]
    return [it.say("line", title), [_line_of(it, line, plan) for plan in offered]]


def _line_of(it: Telling, line: str, plan: str) -> str:
    total = (it.advice.now.cost(plan).lines or {})[line]
    return it.say("line_of", it.words.plan(plan), usd_cents(total), items_of(it, plan, line))


def items_of(it: Telling, plan: str, line: str) -> list[Item]:
    """The items of a line of a plan; free ones too, they explain the rest."""
    items = it.advice.bills[plan]
    amounts = shown_cents(items, it.advice.now.cost(plan).lines or {})
    pairs = [(item, amount) for item, amount in zip(items, amounts, strict=True) if item.line == line]
    return [_item(it, item, amount) for item, amount in pairs]


def _item(it: Telling, item: LineItem, amount: Decimal) -> Item:
    return Item(item.name, quantity(item), unit_rate(item, shows_private=it.words.shows_private), usd_cents(amount))


def _bill(it: Telling, plan: str) -> Told:
    """The six lines of one plan, each with its items."""
    cost = it.advice.now.cost(plan) if any(c.plan == plan for c in it.advice.now.plans) else None
    if cost is None or not cost.lines:
        return it.told([it.say("not_offered", plan)], it.from_rules())
    titles = {line: row.cells[0] for line, row in zip(LINES, it.view.lines.rows, strict=False)}
    rows = [it.say("bill_line", titles[line], usd_cents(cost.lines[line]), items_of(it, plan, line)) for line in LINES]
    first = it.say("bill", plan, cost.total_usd_per_month, cost.total_usd_per_year)
    return it.told([first, rows], map(quoted, _figures(it, LINES, [plan])))


def lines(it: Telling) -> Told:
    """The six lines of every plan."""
    table = it.view.lines
    rows = {row.cells[0]: row.cells[1:] for row in table.rows}
    names = list(rows)[: len(LINES)]
    total = list(rows)[len(LINES)]
    listed = [
        it.say("plan_lines", plan, f"{rows[total][at]} a month", [(name, rows[name][at]) for name in names])
        for at, plan in enumerate(table.heads[1:])
    ]
    return it.told([it.say("lines", it.advice.plan), listed], (quoted(price.figure) for price in it.advice.prices))


# -- prices ------------------------------------------------------------------------------------------------------------


def price_source(it: Telling) -> Told:
    """The prices behind the lines, purchases and clouds that are named; else those that decide."""
    asked = [price for price in it.advice.prices if _is_named(it, price.figure)]
    shown = asked or it.deciding()
    count, decide = len(it.advice.prices), sum(price.deciding for price in it.advice.prices)
    first = it.say("asked_for", len(asked)) if asked else it.say("deciding", decide, count)
    rows = bullets([_price(it, price) for price in shown], it.say("more", len(shown) - MOST_BULLETS + 1))
    return it.told([first, rows], (quoted(price.figure) for price in shown))


def _is_named(it: Telling, figure: Figure) -> bool:
    """Something is named, and the figure belongs to all of it."""
    named = it.named
    if not named.lines and not named.purchases and not named.providers:
        return False
    of_lines = not named.lines or named.purchases or figure in _figures(it, named.lines, it.advice.bills)
    of_purchase = not named.purchases or any(purchase in figure.name.split(" ") for purchase in named.purchases)
    return bool(of_lines and of_purchase and (not named.providers or figure.provider in named.providers))


def _figures(it: Telling, lines: Sequence[str], plans: Iterable[str]) -> list[Figure]:
    items = (item for plan in plans if plan in it.advice.bills for item in it.advice.bills[plan] if item.line in lines)
    return list(dict.fromkeys(figure for item in items for figure in item.figures))


def _price(it: Telling, price: PriceUsed) -> str:
    return it.say("price", it.view.prices.rows[it.advice.prices.index(price)].cells)


def price_age(it: Telling) -> Told:
    """Every price with its age, the stale ones first, then the older."""
    prices = [price for price in it.advice.prices if _is_named(it, price.figure)] or list(it.advice.prices)
    ordered = sorted(prices, key=lambda p: (not p.stale, p.age_days is not None, -(p.age_days or 0)))
    dated = [price for price in prices if price.age_days is not None]
    oldest = max(dated, key=lambda p: p.age_days or 0, default=None)
    first = it.say("ages", len(prices), sum(p.stale for p in prices), oldest, len(prices) - len(dated))
    rows = bullets(
        [it.say("aged", it.words.figure(p.figure), p) for p in ordered], it.say("more", len(ordered) - MOST_BULLETS + 1), MOST_BULLETS
    )
    return it.told([first, rows, _limits(it, prices)], (quoted(p.figure) for p in sorted(prices, key=lambda p: -(p.age_days or 0))))


def _limits(it: Telling, prices: Iterable[PriceUsed]) -> str:
    """From when on each kind of price is stale."""
    names = {MANAGED: "managed prices", "list": "list prices"}
    kinds: dict[int, list[str]] = {}
    for kind in sorted({price.figure.kind for price in prices} - {GIVEN}):
        kinds.setdefault(it.rulebook.stale_after_days(kind, it.advice.day), []).append(names.get(kind, kind))
    return it.say("limits", sorted(kinds.items())) if kinds else ""


# -- purchases ---------------------------------------------------------------------------------------------------------


def compare_purchases(it: Telling) -> Told:
    return it.told(purchase_lines(it, ()), purchase_sources(it))


def purchase_sources(it: Telling) -> list[Cited]:
    return [quoted(each.figure) for each in purchases(it.advice, it.rulebook) if each.figure]


def purchase_lines(it: Telling, only: Sequence[str]) -> list[Block]:
    """Each way to buy the training machine of each cloud; `only` some of them, beside the one that is chosen."""
    case = it.advice.case
    if not case.trains:
        return [it.say("untrained")]
    found = purchases(it.advice, it.rulebook)
    shown = [each for each in found if not only or each.purchase in only or each.chosen]
    lacking = [p.id for p in it.rulebook.providers if p.id not in {each.provider for each in found}]
    managed = it.advice.layer == MANAGED
    first = it.say("purchases", case.workload["training_hours_per_month"], managed)
    return [first, [_bought(it, each, found) for each in shown], it.say("unsold", lacking) if lacking else ""]


def _bought(it: Telling, each: Bought, found: Iterable[Bought]) -> str:
    item, barred = each.item, [f"{it.words.input_name(name)} is {it.words.value(value, name)}" for name, value in each.barred]
    if item is None:
        return it.say("bought", each, "", "", "", "", _standing(it, each, found), barred)
    rate = unit_rate(item, shows_private=it.words.shows_private)
    return it.say("bought", each, usd_cents(cents(item.usd)), quantity(item), rate, _age(it, item), _standing(it, each, found), barred)


def _age(it: Telling, item: LineItem) -> str:
    figure = item.figures[0]
    age = figure.age_days(it.advice.day)
    written = f"{figure.as_of}, {age} days" if age is not None else "undated"
    return f"{written}, stale" if it.rulebook.is_stale(figure, it.advice.day) else written


def _standing(it: Telling, each: Bought, found: Iterable[Bought]) -> str:
    if each.barred:
        return "barred"
    if each.chosen:
        return "advised" if each.provider == it.advice.training_provider else "cheapest"
    chosen = next((other.item for other in found if other.chosen and other.provider == each.provider), None)
    if each.item is None or chosen is None:
        return ""
    return "equal" if each.item.usd == chosen.usd else "dearer"
