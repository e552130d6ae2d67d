"""Prices and bills as text with their sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.qa.answer import Answer, Cited
from bot.qa.priced.charges import Bill, Bills
from bot.qa.priced.hourly import Hourly, compared
from bot.qa.priced.phrases import Settles
from bot.qa.priced.places import Nowhere, Unpriced, default_choice
from bot.qa.priced.quotes import Quote
from bot.qa.priced.reading import Reading
from bot.qa.priced.records import Kind, Origins, oldest_and_newest
from bot.qa.priced.settled import claims_settled, of_bills, of_prices
from bot.view import quantity, unit_rate
from bot.words import Words, rate, usd_cents
from engine.advice import LineItem
from engine.catalogue import ACTIVE, GIVEN, Figure, Instance
from engine.exact import Exact, cents, to_decimal
from engine.rulebook import MONTHS_PER_YEAR, Rulebook

_TEMPLATE = "qa/priced.j2"
_CARD = Decimal("0.0001")
_GAPS = re.compile(r"\n{3,}")
_CONFLICT = "CONFLICT"
_HOW_OLD = "How old are your prices?"
_MOST_SUGGESTED = 3


class Voice:
    """The sentences of one rulebook."""

    def __init__(self, rulebook: Rulebook, settles: Sequence[Settles]) -> None:
        self.rulebook = rulebook
        self.settles = settles
        words = Words(rulebook)
        environment = words.environment
        environment.filters |= {
            "cards": _cards, "each": _each, "unit_rate": unit_rate, "year": _year,
            "bought": lambda purchase: words.purchase(purchase) if purchase in rulebook.purchase else purchase,
        }  # fmt: skip
        self.module: Any = environment.get_template(_TEMPLATE).module

    def hourly(self, intent: str, hourly: Hourly, day: date) -> Answer:
        lower = compared(hourly) if intent == "compare_prices" else ()
        shown = [offer.instance or (row.quote.instance if row.quote else None) for offer in hourly.offers for row in offer.rows]
        text = self._text("hourly", hourly, lower, _lifecycle(shown))
        instances = [row.quote.instance for offer in hourly.offers for row in offer.rows if row.quote] or list(hourly.instances)
        claims = claims_settled(self.settles, of_prices(intent, hourly))
        return Answer("engine", intent, text, self._cited(hourly.figures, instances), claims, self._after_a_price(intent, instances))

    def bills(self, intent: str, bills: Bills, day: date) -> Answer:
        stale = {id(figure) for figure in bills.figures if self.rulebook.is_stale(figure, day)}
        lines = [(bill, *self._lines(bill, stale, day, _hourly if bills.hourly else _rounded)) for bill in bills.bills]
        notes = list(dict.fromkeys(note for bill in bills.bills if bill.charge for note in bill.charge.notes))
        conflicts = [figure for figure in dict.fromkeys(bills.figures) if figure.note.startswith(_CONFLICT)]
        text = self._text("bills", bills, lines, notes, conflicts)
        machines = [bill.instance for bill in bills.bills if bill.instance]
        claims = claims_settled(self.settles, of_bills(intent, bills))
        return Answer("engine", intent, text, self._cited(bills.figures, machines), claims, self._after_a_bill(bills))

    def age(self, kinds: tuple[Kind, ...], day: date) -> Answer:
        suggestions = ("Where do your prices come from?",)
        return Answer(
            "engine", "price_age", self._text("age", kinds, day), self._cited(oldest_and_newest(kinds), ()), suggestions=suggestions
        )

    def sources(self, origins: Origins) -> Answer:
        cited = tuple(Cited(origin.title, "", origin.as_of) for origin in origins.shown)
        return Answer("engine", "price_source", self._text("sources", origins), cited, suggestions=(_HOW_OLD,))

    def no_region(self, intent: str, refused: Unpriced, reading: Reading) -> Answer:
        said = next(spot.said for spot in reading.spots if spot.kind == "unpriced")
        cited = self._catalogue(refused.provider)
        text = self._text("no_region", refused, cited.as_of)
        return Answer("engine", intent, text, (cited,), suggestions=(reading.text.replace(said, refused.nearest),))

    def nowhere(self, intent: str, refused: Nowhere, reading: Reading) -> Answer:
        said = next((spot.said for spot in reading.spots if spot.kind == "country"), refused.place)
        cited = self._catalogue()
        elsewhere = reading.text.replace(said, default_choice(self.rulebook))
        return Answer("engine", intent, self._text("nowhere", refused, cited.as_of), (cited,), suggestions=(elsewhere,))

    def of_today(self, answer: Answer, reading: Reading, day: date) -> Answer:
        """Another day or another currency is not known: said before everything else."""
        other_day = "" if reading.other_day == str(day.year) else reading.other_day
        if not other_day and not reading.has("other_money"):
            return answer
        return replace(answer, text=f"{self._text('of_today', other_day, reading.has('other_money'))}\n\n{answer.text}")

    def no_machine(self, intent: str, name: str, group: tuple[str, tuple[str, ...]]) -> Answer:
        provider, near = group
        cited = self._catalogue(provider)
        text = self._text("no_machine", provider, name, near, cited.as_of)
        return Answer(
            "engine", intent, text, (cited,), suggestions=tuple(f"How much is {each} an hour?" for each in near[:_MOST_SUGGESTED])
        )

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _text(self, macro: str, *values: object) -> str:
        lines = (" ".join(line.split()) for line in str(getattr(self.module, macro)(*values)).strip().splitlines())
        return _GAPS.sub("\n\n", "\n".join(lines)).strip()

    def _lines(self, bill: Bill, stale: set[int], day: date, said: Callable[[Exact], str]) -> tuple[list[dict[str, Any]], str]:
        """The lines of a bill, and its total."""
        if bill.charge is None:
            return [], ""
        lines = [self._line(item, stale, day, said) for item in bill.charge.items if _counts(item)]
        return lines, said(sum(item.usd for item in bill.charge.items)) if said is _hourly else usd_cents(bill.charge.usd)

    def _line(self, item: LineItem, stale: set[int], day: date, said: Callable[[Exact], str]) -> dict[str, Any]:
        figure = item.figures[0]
        much = f"{said(item.quantity)} raw" if item.unit.startswith("USD") else quantity(item)
        stale_figure, age = id(figure) in stale, figure.age_days(day)
        return {"item": item, "figure": figure, "stale": stale_figure, "age": age, "usd": said(item.usd), "quantity": much}

    def _cited(self, figures: Iterable[Figure], instances: Iterable[Instance]) -> tuple[Cited, ...]:
        found = [Cited(figure.source, "", figure.as_of) for figure in figures if figure.kind != GIVEN]
        if not any(cited.as_of for cited in found):
            found += [Cited(instance.source, "", instance.as_of) for instance in instances]
        if not any(cited.as_of for cited in found):
            found.append(self._catalogue())
        return tuple(dict.fromkeys(found))

    def _catalogue(self, provider: str = "") -> Cited:
        """The catalogue itself, where there is no figure to cite."""
        days = (price.as_of for price in self.rulebook.catalogue.prices if price.provider == (provider or price.provider))
        return Cited("catalogue of prices and rates", "whichcloud", max(days))

    def _after_a_price(self, intent: str, instances: Iterable[Instance]) -> tuple[str, ...]:
        """What one asks next of a price: the other cloud, a month of it, its age."""
        first = next(iter(instances), None)
        if first is None:
            return (_HOW_OLD,)
        clouds = " and ".join(provider.name for provider in self.rulebook.providers)
        compare = f"{first.accelerator} price on {clouds}"
        month = f"What does {first.name} cost for a month?"
        near = [
            f"{card.equivalents[0].accelerator} price"
            for card in self.rulebook.accelerators
            if card.id == first.accelerator and card.equivalents
        ]
        return (*near, month, _HOW_OLD) if intent == "compare_prices" else (*(near or [month]), compare, _HOW_OLD)

    def _after_a_bill(self, bills: Bills) -> tuple[str, ...]:
        cards = dict.fromkeys(bill.instance.accelerator for bill in bills.bills if bill.instance)
        return (*(f"{card} price on {' and '.join(p.name for p in self.rulebook.providers)}" for card in list(cards)[:1]), _HOW_OLD)


def _cards(instance: Instance) -> str:
    """8 x A100 40 GB."""
    memory = f" {instance.accelerator_memory_gb.normalize():f} GB" if instance.accelerator_memory_gb is not None else ""
    count = "" if instance.accelerators is None else f"{instance.accelerators} x "
    return f"{count}{instance.accelerator}{memory}"


def _each(quote: Quote) -> Decimal | None:
    """For one card, to a hundredth of a cent."""
    return None if quote.each is None else quote.each.quantize(_CARD)


def _rounded(usd: Exact) -> str:
    return usd_cents(cents(usd))


def _hourly(usd: Exact) -> str:
    return rate(to_decimal(usd))


def _year(usd: Decimal) -> Decimal:
    return usd * MONTHS_PER_YEAR


def _counts(item: LineItem) -> bool:
    """A line of nothing is left out, unless it says that a layer costs nothing."""
    return bool(item.quantity)


def _lifecycle(instances: Iterable[Instance | None]) -> list[tuple[list[str], str, str]]:
    """The machines that are no longer sold as new, with what is known of it: names, state and note."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for instance in instances:
        if instance is not None and instance.lifecycle != ACTIVE:
            found.setdefault((instance.lifecycle, instance.lifecycle_note), {})[instance.name] = None
    return [(list(names), state, note) for (state, note), names in found.items()]
