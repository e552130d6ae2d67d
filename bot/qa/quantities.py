"""Amounts in free text: each with its exact value, its unit, where it stands, and how it is said back.

A number that can be read in two ways (`1.500 GB`, `8-16`) is no quantity: it stays unread and whoever asked is told so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import Literal

from bot.qa.amounts import FILE, Patterns, Period, QuantityWords
from bot.qa.wording import is_one_slip, plain
from bot.words import number, usd_cents
from engine.exact import to_decimal
from engine.load import RULES_FOLDER
from engine.rulebook import HOURS_PER_MONTH
from engine.written import read_file

Unit = Literal["count", "GB", "GB a month", "hours", "hours a month", "%", "factor", "USD"]
Change = Literal["", "more", "less"]
MOST = 200  # nobody asks with more amounts than these; what stands behind them is not read
_MONTH, _YEAR = "month", "year"
_MONTHS_PER_YEAR = 12
_SHOWN = Decimal("0.01")
_MARKS = "%$"
_SHORTEST_SLIP = 4  # letters of a number word that is known with a slip, too
_BY_THOUSANDS = re.compile(r"[0-9]{1,3}(?:([.,'])[0-9]{3})(?:\1[0-9]{3}){0,4}")
_JOINS = re.compile(r"(?<![a-z])(?:and|but|plus|with|for)(?![a-z])")
_MOST = Fraction(10) ** 18
_LONGEST_SHORT_UNIT = 3
_LONGEST_AFTER_A_COMMA = 2  # three digits behind one are thousands


@dataclass(frozen=True)
class Quantity:
    """An amount. `start` and `end` are places in the plain text (bot.qa.wording), `said` is what stands there.

    `change`: so much more or less than now. `how` is what the value was reckoned from, where it was said in another unit.
    `yearly`: dollars or a count with a period, as so many a year.
    """

    exact: Fraction
    unit: Unit
    said: str
    start: int
    end: int
    change: Change = ""
    how: str = ""
    yearly: Fraction | None = None

    @property
    def value(self) -> Decimal:
        return to_decimal(self.exact)

    @property
    def echo(self) -> str:
        """As it was understood: 60,000 GB a month, from 2 TB a day."""
        return f"{self._amount}{f' {self.change}' if self.change else ''}{f', from {self.how}' if self.how else ''}"

    @property
    def _amount(self) -> str:
        if self.unit == "factor":
            return f"{shown(self.exact)} times"
        if self.unit == "USD":
            yearly = f"{_dollars(self.yearly)} a year" if self.yearly is not None else ""
            return yearly or _dollars(self.exact)
        return shown(self.exact) if self.unit == "count" else f"{shown(self.exact)} {self.unit}"


def _dollars(exact: Fraction) -> str:
    return usd_cents(to_decimal(exact)).removesuffix(".00")


def shown(exact: Fraction) -> str:
    """A number as it is said: fractions that end as they are, others to two digits."""
    value = to_decimal(exact)
    ends = Fraction(value) == exact and len(value.as_tuple().digits) <= 12
    return number(value if ends else value.quantize(_SHOWN))


def quantities(text: str) -> tuple[Quantity, ...]:
    """The amounts in a text, in order."""
    return tuple(_reader().read(plain(text)))


def quantities_in(plain_text: str) -> tuple[Quantity, ...]:
    """The same for a text that is plain already."""
    return tuple(_reader().read(plain_text))


def frequency(plain_text: str) -> str:
    """How often something is, in the words of a plain text: 3 times a month. Empty where nothing says so, or it is once a month."""
    return next(_reader().often(plain_text), "")


def holds_figure(plain_text: str) -> bool:
    """Whether there are digits, number words (one slip off, too), or a word that stands behind a figure: 17, sevnteen, percent."""
    return any(not letter.isascii() or letter.isdigit() for letter in plain_text) or _reader().names_figure(plain_text)


@lru_cache(maxsize=1)
def _reader() -> _Reader:
    return _Reader(read_file(RULES_FOLDER, FILE, QuantityWords))


class _Reader:
    def __init__(self, words: QuantityWords) -> None:
        self.words = Patterns(words)
        self.more = frozenset(words.more)
        behind = (*words.percent, *words.dollars.before, *words.dollars.behind)
        self._figures = (*words.numbers, *words.multiples, *words.short_multiples, *behind)

    def names_figure(self, text: str) -> bool:
        words = frozenset(re.split(r"[\s-]", text))
        slips = (is_one_slip(word, known) for known in self._figures if len(known) >= _SHORTEST_SLIP for word in words)
        return any(mark in text for mark in _MARKS) or not words.isdisjoint(self._figures) or any(slips)

    def read(self, text: str) -> Iterator[Quantity]:
        for match in islice(self.words.any.finditer(text), MOST):
            special = match["all"] or match["factor"] or match["crossed"] or match["under"]
            read = self._other(match) if special else self._amount(match, text)
            if read is not None:
                yield read

    def _other(self, match: re.Match[str]) -> Quantity | None:
        written, where = self.words.words, (match[0], match.start(), match.end())
        if match["all"]:
            return Quantity(Fraction(HOURS_PER_MONTH), "hours a month", *where, how=match[0])
        if match["factor"]:
            return Quantity(Fraction(written.factors[match["factor"]]), "factor", *where)
        if match["crossed"]:
            value = digits_value(match["crossed"])
            return None if value is None else Quantity(value, "factor", *where)
        under = int(match["under"])
        return Quantity(Fraction(int(match["over"]), under), "factor", *where) if under else None

    def _amount(self, match: re.Match[str], text: str) -> Quantity | None:
        value = self._value(match)
        if value is None or abs(value) > _MOST:
            return None
        before = self.words.before.search(text, max(0, match.start() - 14), match.start())
        change = match["change"] or (before[0].strip() if before else "")
        direction: Change = "" if not change else "more" if change in self.more or change == "+" else "less"
        value, unit, how = self._in_unit(value, match)
        if unit == "factor" and direction:  # three times more is three times as much, three times less a third
            value, direction = (1 / value if direction == "less" and value else value), ""
        start = before.start() if before else match.start()
        period = self._period(match, "")[0] if unit == "USD" or (unit == "count" and match["per"]) else None
        yearly = None if period is None else value * _MONTHS_PER_YEAR * HOURS_PER_MONTH / Fraction(period.hours)
        return Quantity(value, unit, text[start : match.end()], start, match.end(), direction, how, yearly)

    def often(self, text: str) -> Iterator[str]:
        """What says so and is no part of an amount: the `daily` of `1 TB daily` says how much."""
        amounts = tuple(self.read(text))
        for match in islice(self.words.often.finditer(text), MOST):
            inside = any(each.start <= match.start() and (match.end() <= each.end or each.how.endswith(match[0])) for each in amounts)
            once = match["every"] or match["adverb"] or self.words.words.often.get(match["often"] or "") == "1"
            monthly = self._named(match["per"] or match["every"] or match["adverb"]).names[0] == _MONTH
            if not (inside or (once and monthly)):
                yield match[0].strip()

    def _value(self, match: re.Match[str]) -> Fraction | None:
        words = self.words.words
        if match["alone"]:
            return Fraction(words.multiples[match["alone"]]) / (2 if match["few"] else 1)
        value = digits_value(match["digits"]) if match["digits"] else Fraction(spelled_value(match["spelled"], words.numbers))
        if value is None:
            return None
        if match["short"]:
            value *= Fraction(words.short_multiples[match["short"].strip()])
        if match["long"]:
            value = value * Fraction(words.multiples[match["long"]]) + spelled_value(match["rest"] or "", words.numbers)
        return -value if match["sign"] else value

    def _in_unit(self, value: Fraction, match: re.Match[str]) -> tuple[Fraction, Unit, str]:
        """The value in the unit that is reckoned in, and what was said where that is another."""
        words = self.words.words
        said = match[0].strip()
        if match["percent"]:
            return value, "%", ""
        if match["times"]:
            return value, "factor", ""
        if match["data"]:
            return self._data(value * Fraction(words.data[match["data"]]), match)
        if match["time"]:
            return self._time(value * Fraction(words.time[match["time"]]), match)
        if match["dollars"] or match["behind"]:
            period, amount = self._period(match, _without_change(match))
            return value, "USD", "" if period is None or period.names[0] == _YEAR else amount
        return value, "count", said if match["short"] or match["long"] or match["alone"] else ""

    def _data(self, gigabytes: Fraction, match: re.Match[str]) -> tuple[Fraction, Unit, str]:
        said = _without_change(match).replace(match["data"], _written_unit(match["data"]))
        period, said = self._period(match, said)
        if period is None:
            return gigabytes, "GB", said if Fraction(self.words.words.data[match["data"]]) != 1 else ""
        plain_unit = period.names[0] == _MONTH and Fraction(self.words.words.data[match["data"]]) == 1
        return gigabytes * Fraction(period.data_a_month), "GB a month", "" if plain_unit else said

    def _time(self, hours: Fraction, match: re.Match[str]) -> tuple[Fraction, Unit, str]:
        said = _without_change(match)
        period, said = self._period(match, said)
        plain_unit = Fraction(self.words.words.time[match["time"]]) == 1
        if period is None:
            return hours, "hours", "" if plain_unit else said
        monthly = period.names[0] == _MONTH
        return hours * HOURS_PER_MONTH / Fraction(period.hours), "hours a month", "" if plain_unit and monthly else said

    def _period(self, match: re.Match[str], said: str) -> tuple[Period | None, str]:
        """How often, right behind the amount or after what it is of (10 TB of egress a day); and the amount with it."""
        if match["per"]:
            return self._named(match["per"]), said
        later = self.words.later.match(match.string, match.end())
        if later is None or _JOINS.search(later["of"]):
            return None, said
        return self._named(later["per"]), f"{said} {later['per'].strip()}"

    def _named(self, period: str) -> Period:
        return self.words.period_of[re.split(r"[ /]", period.strip())[-1]]


def _written_unit(unit: str) -> str:
    """TB and TiB, as they are written; words stay as they are."""
    if len(unit) > _LONGEST_SHORT_UNIT:
        return unit
    return f"{unit[0].upper()}i{unit[-1].upper()}" if "i" in unit and unit.endswith("b") else unit.upper()


def _without_change(match: re.Match[str]) -> str:
    said = match[0]
    return (said.removesuffix(match["change"]) if match["change"] else said).strip()


def digits_value(text: str) -> Fraction | None:
    """A number in digits; None where a mark in it may part thousands or begin the decimals."""
    marks = [letter for letter in text if not letter.isdigit()]
    if not marks:
        return Fraction(text)
    if _BY_THOUSANDS.fullmatch(text) and not text.startswith("0"):
        return None if marks == ["."] else Fraction(_digits(text))
    whole, mark, rest = text.rpartition(marks[-1])
    plain_whole = whole.isdigit() or _groups_by_another(whole, mark)
    if mark == "'" or not plain_whole or (mark == "," and len(rest) > _LONGEST_AFTER_A_COMMA):
        return None
    return Fraction(f"{_digits(whole)}.{rest}")


def _digits(text: str) -> str:
    return re.sub(r"[.,']", "", text)


def _groups_by_another(whole: str, decimal_mark: str) -> bool:
    """The whole part is parted into thousands by a mark that is not the one of the decimals."""
    return bool(_BY_THOUSANDS.fullmatch(whole)) and decimal_mark not in whole


def spelled_value(text: str, numbers: Mapping[str, str]) -> int:
    """Twenty-five, two."""
    return sum(int(numbers[word]) for word in re.split(r"[ -]", text) if word in numbers)
