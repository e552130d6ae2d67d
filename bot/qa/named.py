"""The figures that an entry names: looked up at the moment of answering, each with its source.

An entry's text may hold calls of these functions with constant arguments, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from bot import words
from bot.qa.answer import Cited
from engine.case import Case, default_of, make_case, skipped_answer
from engine.catalogue import ANY, ARTICLE, CURRENT, Figure, Rate
from engine.entries import Entry
from engine.errors import AdviceError
from engine.exact import Exact, exact, to_decimal
from engine.knowledge import Erratum, Source
from engine.market import price_figure
from engine.rulebook import Rulebook

_ON_DEMAND = "on_demand"
# What an entry may call.
FUNCTIONS = (
    "price", "rate", "article_rate", "premium", "off", "beside", "rates_beside", "assumed", "typical", "found", "said", "figure",
)  # fmt: skip


class NoSuchFigure(AdviceError):
    """An entry names a figure that is not in the catalogue."""


@dataclass
class Named:
    """The functions for one entry on one day; `cited` collects the sources of what was looked up."""

    say: words.Words
    entry: Entry
    day: date
    cited: list[Cited] = field(default_factory=list)

    @property
    def rulebook(self) -> Rulebook:
        return self.say.rulebook

    def functions(self) -> Mapping[str, Callable[..., str]]:
        return {name: getattr(self, name) for name in FUNCTIONS}

    # -- the functions ---------------------------------------------------------------------------------------------

    def price(self, provider: str, instance: str, region: str, purchase: str) -> str:
        """$7.88 an hour."""
        return f"{words.rate(self._price(provider, instance, region, purchase).usd)} an hour"

    def rate(self, provider: str, category: str, region: str, step: str) -> str:
        """$0.09 per GB."""
        return self._said(self._rate(CURRENT, provider, category, region, step))

    def article_rate(self, provider: str, category: str, step: str) -> str:
        return self._said(self._rate(ARTICLE, provider, category, ANY, step))

    def premium(self, provider: str, instance: str, region: str) -> str:
        """What the managed layer adds to on demand: 15 %."""
        managed, listed = (self._price(provider, instance, region, purchase) for purchase in ("managed", _ON_DEMAND))
        return _percent(exact(managed.usd) / exact(listed.usd) - 1)

    def off(self, provider: str, instance: str, region: str, purchase: str) -> str:
        """How far a purchase lies below on demand: 64 %."""
        bought, listed = (self._price(provider, instance, region, each) for each in (purchase, _ON_DEMAND))
        return _percent(1 - exact(bought.usd) / exact(listed.usd))

    def beside(self, one: str, other: str) -> str:
        return self._beside(*(self._price(*_parts(key, 4)) for key in (one, other)))

    def rates_beside(self, one: str, other: str) -> str:
        return self._beside(*(self._rate(CURRENT, *_parts(key, 4)) for key in (one, other)))

    def assumed(self, name: str) -> str:
        """A number that is neither an answer nor a price: $50,000 a year."""
        assumption = self.rulebook.assumptions.get(name)
        value = assumption.on(self.day) if assumption else None
        if value is None:
            raise NoSuchFigure(f"no assumption {name} on {self.day}")
        self._cite(value.source)
        return self.say.value(value.value, name)

    def typical(self, name: str) -> str:
        """The value of a workload field where nobody gave one."""
        if name not in self.rulebook.field:
            raise NoSuchFigure(f"no field {name}")
        return self.say.value(default_of(self.rulebook.field[name], typical_case(self.rulebook, self.day)), name)

    def found(self, claim: str) -> str:
        """What came of checking a claim."""
        erratum = self._erratum(claim)
        self._cite(erratum.source)
        return erratum.checked

    def said(self, claim: str) -> str:
        return self._erratum(claim).says

    def figure(self, name: str) -> str:
        """A figure of the entry's own front matter: $614.40 a month."""
        if name not in self.entry.figures:
            raise NoSuchFigure(f"no figure {name}")
        own = self.entry.figures[name]
        currency, _, rest = own.unit.partition(" ")
        if currency != "USD":
            return f"{words.number(own.value)} {own.unit}"
        return f"{words.rate(own.value).removesuffix('.00')} {rest}".strip()

    # -- looking up ------------------------------------------------------------------------------------------------

    def _price(self, provider: str, instance: str, region: str, purchase: str) -> Figure:
        price = self.rulebook.catalogue.by_key.get((provider, instance, region, purchase))
        if price is None:
            raise NoSuchFigure(f"no price {provider} {instance} {region} {purchase}")
        return self._cite_figure(price_figure(price))

    def _rate(self, book: str, provider: str, category: str, region: str, step: str) -> Figure:
        rows = self.rulebook.catalogue.by_category.get((book, provider, category), ())
        row: Rate | None = next((row for row in rows if row.step == step and (region in row.regions or ANY in row.regions)), None)
        if row is None:
            raise NoSuchFigure(f"no rate {book} {provider} {category} {region} {step}")
        return self._cite_figure(row.figure(region))

    def _erratum(self, claim: str) -> Erratum:
        for shown in self.rulebook.errata:
            if shown.erratum.id == claim:
                return shown.erratum
        raise NoSuchFigure(f"no erratum {claim}")

    def _beside(self, one: Figure, other: Figure) -> str:
        lower, higher = sorted((one, other), key=lambda figure: figure.usd)
        apart = _percent(1 - exact(lower.usd) / exact(higher.usd))
        return self.say.say("beside", one, other, lower, apart)

    @staticmethod
    def _said(figure: Figure) -> str:
        return f"{words.rate(figure.usd)} {_per(figure.unit)}"

    def _cite_figure(self, figure: Figure) -> Figure:
        self.cited.append(Cited(figure.source, "", figure.as_of))
        return figure

    def _cite(self, source: Source) -> None:
        self.cited.append(Cited(source.title, source.publisher, source.as_of))


def _parts(key: str, count: int) -> list[str]:
    """The last part may hold spaces."""
    parts = key.split(" ", count - 1)
    if len(parts) != count:
        raise NoSuchFigure(f"{key!r} does not name a figure")
    return parts


def _per(unit: str) -> str:
    return "an hour" if unit == "hour" else f"per {unit}"


def _percent(share: Exact) -> str:
    return words.percent(to_decimal(share * 100))


@lru_cache(maxsize=8)
def typical_case(rulebook: Rulebook, day: date) -> Case:
    """The case of somebody who answers 'not sure' to all five questions and gives no number."""
    answers = {question.id: skipped_answer(question) for question in rulebook.questions}
    return make_case(rulebook, day, answers, {}, {}, skipped=list(answers))
