"""What people write in rules/asking/quantities.yml, and the regular expressions that it makes: none of them repeats what repeats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from engine.knowledge import Text, WrittenModel

FILE = "asking/quantities.yml"
_DIGITS = r"[0-9]{1,15}(?:[.,'][0-9]{1,15}){0,6}"
_NOT_INSIDE = r"(?<![a-z0-9.,:/_])(?<![a-z0-9]-)(?<![0-9]e[+])"  # not the digits of a name, a date or a longer number
_NOT_GOING_ON = r"(?![0-9]|[-/:][0-9]|[.,][0-9]|_|x?large|e[-+]?[0-9])"


class Period(WrittenModel):
    """How often something is: `data_a_month` of it make a month of data; `hours` is how long one lasts."""

    names: list[Text]
    data_a_month: str
    hours: str


class Dollars(WrittenModel):
    before: list[Text]
    behind: list[Text]


class QuantityWords(WrittenModel):
    """How people write amounts."""

    numbers: dict[str, str]
    multiples: dict[str, str]
    short_multiples: dict[str, str]
    data: dict[str, str]
    time: dict[str, str]
    periods: list[Period]
    adverbs: dict[str, str]
    percent: list[Text]
    dollars: Dollars
    factors: dict[str, str]
    often: dict[str, str]
    times: list[Text]
    all_hours: list[Text]
    more: list[Text]
    less: list[Text]


class Patterns:
    """The words of the file as regular expressions."""

    def __init__(self, words: QuantityWords) -> None:
        self.words = words

    @cached_property
    def period_of(self) -> Mapping[str, Period]:
        named = {name: period for period in self.words.periods for name in period.names}
        return named | {adverb: named[name] for adverb, name in self.words.adverbs.items()}

    @cached_property
    def period(self) -> str:
        names = one_of(name for period in self.words.periods for name in period.names)
        return rf"(?:(?:(?: a | an | per | each | every | ?/ ?){names})|(?: {one_of(self.words.adverbs)}))(?![a-z])"

    @cached_property
    def number(self) -> str:
        """Digits or number words, with what they are multiplied by."""
        words = one_of(self.words.numbers)
        spelled = rf"(?<![a-z0-9-]){words}(?:(?:-| | and ){words}){{0,3}}(?![a-z0-9])"
        short = rf"(?P<short> ?{one_of(self.words.short_multiples)})(?![a-z0-9])"
        rest = rf"(?: (?:and )?(?P<rest>{words}(?:[ -]{words})?)(?![a-z]))?"
        multiple = rf"(?:{short}|(?: (?P<long>{one_of(self.words.multiples)})(?![a-z]){rest}))"
        few = rf"(?<![a-z])(?P<few>half )?an? (?P<alone>{one_of(self.words.multiples)})(?![a-z])"
        digits = rf"{_NOT_INSIDE}(?P<sign>(?<![^\s(])-)?(?P<digits>{_DIGITS}){_NOT_GOING_ON}"
        return rf"(?:{few}|(?:{digits}|(?P<spelled>{spelled})){multiple}?)"

    @cached_property
    def any(self) -> re.Pattern[str]:
        """One amount; of two that begin at once, the one of a kind of its own."""
        return re.compile(f"{self._others}|{self._amount}")

    @cached_property
    def _amount(self) -> str:
        words = self.words
        dollars = rf"(?:(?P<dollars>{one_of(words.dollars.before)}) ?)?"
        data = rf"(?: ?-?(?P<data>{one_of(words.data)})(?![a-z]))"
        time = rf"(?: ?-?(?P<time>{one_of(words.time)})(?![a-z]))"
        behind = rf"(?: ?(?P<behind>{one_of(words.dollars.behind)})(?![a-z]))"
        percent = rf"(?: ?(?P<percent>{one_of(words.percent)})(?![a-z]))"
        times = rf"(?: ?(?P<times>{one_of(words.times)})(?![a-z])(?! ?[a-z]{{0,4}}[0-9])(?! (?:a|per|each|every) ))"
        change = rf"(?: (?P<change>{one_of((*words.more, *words.less))})(?![a-z]))?"
        unit = rf"(?:{percent}|{data}|{time}|{behind}|{times})?"
        return rf"{dollars}{self.number}{unit}(?P<per>{self.period})?{change}"

    @cached_property
    def later(self) -> re.Pattern[str]:
        """A period behind a few words."""
        return re.compile(rf"(?P<of>[a-z' -]{{1,40}}?)(?P<per>{self.period})")

    @cached_property
    def often(self) -> re.Pattern[str]:
        """How often something is: 3 times a month, once a week, every day."""
        number = rf"{_NOT_INSIDE}[0-9]{{1,6}}|(?<![a-z]){one_of(self.words.numbers)}"
        counted = rf"(?:(?:{number}) ?{one_of(self.words.times)}|(?<![a-z])(?P<often>{one_of(self.words.often)}))(?P<per>{self.period})"
        names = one_of(name for period in self.words.periods for name in period.names)
        return re.compile(rf"{counted}|(?<![a-z])(?:(?:each|every) (?P<every>{names})|(?P<adverb>{one_of(self.words.adverbs)}))(?![a-z])")

    @cached_property
    def before(self) -> re.Pattern[str]:
        """An amount that is on top, by the word in front of it: another 8, an extra 2 TB, +20 %."""
        return re.compile(rf"(?:(?<![a-z]){one_of((*self.words.more, *self.words.less))} |\+ ?)$")

    @cached_property
    def _others(self) -> str:
        """All hours, a share or a multiple in words, x10, 2/3."""
        every = rf"(?P<all>{one_of(self.words.all_hours)})"
        factor = rf"(?<![a-z-])(?P<factor>{one_of(self.words.factors)})(?![a-z]| (?:a|an|per|each|every) )"
        crossed = rf"(?<![a-z0-9])[x×] ?(?P<crossed>{_DIGITS})(?![a-z0-9.,:-])"
        share = rf"{_NOT_INSIDE}(?P<over>[0-9]{{1,3}}) ?[/\u2044] ?(?P<under>[0-9]{{1,3}})(?![0-9/%.,])"
        return f"{every}|{factor}|{crossed}|{share}"


def one_of(words: Iterable[str]) -> str:
    """Any of the words, the longest first."""
    return f"(?:{'|'.join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))})"
