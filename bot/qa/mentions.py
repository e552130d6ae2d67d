"""A question as the inputs, amounts and words that it mentions. What they mean together is decided in bot.qa.changes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

from bot.qa.amounts import one_of
from bot.qa.change_words import FILE, Area, ChangeWords, FootprintWords, NounWords
from bot.qa.quantities import Quantity, frequency, quantities_in
from bot.qa.wording import is_one_slip, plain
from engine.load import RULES_FOLDER
from engine.rulebook import Rulebook
from engine.written import read_file

Role = Literal[
    "opener", "greeting", "asking", "leading", "filler", "blocker", "costing", "place", "negator", "up", "down", "join", "from", "to",
    "scale", "growth", "area", "noun", "setting", "unclear", "outcome", "supposing", "by", "instead", "adding", "taking",
    "ending", "range", "apiece", "each",
]  # fmt: skip
_CARD = "\ue000"  # stands for an accelerator; plain text never has it
_EXPONENT = r"[0-9]{1,15}(?:\.[0-9]{1,15})?e[-+]?[0-9]{1,15}"
_TOKEN = re.compile(
    rf"{_CARD}|{_EXPONENT}|(?<![^\s(])\.[0-9]{{1,15}}|(?P<end>[,;.!?()\[\]→|])|[0-9][0-9.,']*[0-9]|[a-z0-9]+(?:'[a-z]+)?|[^\W_]+"
)
_ARROW = re.compile(r"[-=]{1,2}>")
_SHORTEST_SLIP = 5
_MOST_SLIPS = 60  # so many unknown words of a text are looked up for slips
_PROVIDER = "{provider}"


@dataclass(frozen=True)
class Meaning:
    """One thing that a phrase can be."""

    role: Role
    area: Area = ""
    noun: NounWords | None = None
    sets: tuple[tuple[str, str], ...] = ()
    unclear: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mention:
    """A phrase, an amount, an accelerator, the end of a clause, or a word that nobody knows (none of these)."""

    text: str
    meanings: tuple[Meaning, ...] = ()
    quantity: Quantity | None = None
    card: str = ""
    ends: bool = False

    def has(self, *roles: Role) -> bool:
        return any(meaning.role in roles for meaning in self.meanings)

    def meaning(self, role: Role) -> Meaning | None:
        return next((meaning for meaning in self.meanings if meaning.role == role), None)

    @property
    def noun(self) -> NounWords | None:
        return next((meaning.noun for meaning in self.meanings if meaning.noun), None)

    @property
    def area(self) -> Area:
        return next((meaning.area for meaning in self.meanings if meaning.area), "")

    @property
    def unknown(self) -> bool:
        return not (self.meanings or self.quantity or self.card or self.ends)


class Mentions:
    """Finds what a text mentions; built once for a rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.words = read_file(RULES_FOLDER, FILE, ChangeWords)
        self.skipped = frozenset(self.words.skipped)
        collected: defaultdict[tuple[str, ...], list[Meaning]] = defaultdict(list)
        for name, meaning in _meanings(self.words, rulebook):
            for phrase in _for_each_provider(name, rulebook):
                collected[self._phrase(phrase)].append(meaning)
        self.phrases = {words: tuple(meanings) for words, meanings in collected.items() if words}
        self.longest = max(map(len, self.phrases))

    def _phrase(self, text: str) -> tuple[str, ...]:
        words = tuple(match[0] for match in _TOKEN.finditer(text) if not match["end"])
        return tuple(word for word in words if word not in self.skipped) or words

    def find(self, text: str, most: int) -> list[Mention]:
        """Everything in order, articles left out; no more than so many."""
        return list(islice(self._all(text), most))

    def frequency(self, text: str) -> str:
        """How often something is: 3 times a month. Empty where nothing says so."""
        return frequency(plain(text))

    def _all(self, text: str) -> Iterator[Mention]:
        written, cards = self._without_cards(_ARROW.sub(" → ", plain(text)))
        named = iter(cards)
        slips = iter(range(_MOST_SLIPS))
        at = 0
        for quantity in quantities_in(written):
            yield from self._between(written[at : quantity.start], named, slips)
            yield Mention(quantity.said, quantity=quantity)
            at = quantity.end
        yield from self._between(written[at:], named, slips)

    def _between(self, text: str, cards: Iterator[str], slips: Iterator[int]) -> Iterator[Mention]:
        """The phrases of a piece without amounts."""
        tokens = [(match[0], bool(match["end"])) for match in _TOKEN.finditer(text)]
        run: list[str] = []
        for word, ends in tokens:
            if not ends and word != _CARD:
                word = self._mended(self.words.spellings.get(word, word), slips)
                run += [] if word in self.skipped else [word]
                continue
            yield from self._in(run)
            run = []
            if ends:
                yield Mention(word, ends=True)
            else:
                card = next(cards)
                yield Mention(card, card=card)
        yield from self._in(run)

    def _in(self, words: Sequence[str]) -> Iterator[Mention]:
        at = 0
        while at < len(words):
            for length in range(min(self.longest, len(words) - at), 0, -1):
                piece = tuple(words[at : at + length])
                if piece in self.phrases or length == 1:
                    yield Mention(" ".join(piece), self.phrases.get(piece, ()))
                    at += length
                    break

    # -- accelerators ----------------------------------------------------------------------------------------------

    @cached_property
    def _card(self) -> re.Pattern[str]:
        """8x, the memory, the name, the memory, x8: any of these but the name may be missing."""
        spellings = {name.lower() for each in self.rulebook.accelerators for name in (each.id, *each.also_called)}
        before = r"(?:(?P<times>(?<=[0-9]) ?[x×*] ?)|(?<![a-z])(?P<one>an? )|(?<![a-z0-9-]))(?:(?P<first>[0-9]{1,3}) ?gb )?"
        behind = r"(?:[ -]?\(?(?P<memory>[0-9]{1,3}(?:\.[0-9])?) ?gb\)?(?![a-z]))?(?: ?(?:x|×|\*) ?(?P<count>[0-9]{1,6})(?![0-9a-z.,]))?"
        return re.compile(rf"{before}(?P<card>{one_of(spellings)})s?(?![a-z0-9]){behind}")

    def _without_cards(self, text: str) -> tuple[str, list[str]]:
        """The text with a sign for each accelerator, and their names as the catalogue may know them."""
        cards: list[str] = []

        def sign(match: re.Match[str]) -> str:
            memory = match["memory"] or match["first"]
            asked = f"{match['card']}-{memory}GB" if memory else match["card"]
            cards.append(self.rulebook.catalogue.family_name(asked) or asked.upper())
            count = f"{match['count']} " if match["count"] else "1 " if match["one"] else ""
            return f" {count}{_CARD} "

        return self._card.sub(sign, text.replace(_CARD, " ")), cards

    # -- slips -----------------------------------------------------------------------------------------------------

    @cached_property
    def _known(self) -> frozenset[str]:
        return self.skipped.union(*self.phrases)

    @cached_property
    def _near(self) -> Mapping[str, tuple[str, ...]]:
        """Every long known word by itself with one letter left out."""
        near: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(self._known):
            if len(word) >= _SHORTEST_SLIP:
                for shorter in _shorter(word):
                    near[shorter].append(word)
        return {shorter: tuple(words) for shorter, words in near.items()}

    def _mended(self, word: str, slips: Iterator[int]) -> str:
        """The known word that a long unknown one is one slip away from; looked up as long as `slips` lasts."""
        begins = word.partition("'")[0]  # we're, today's
        if word not in self._known and begins in self._known:
            return begins
        if len(word) < _SHORTEST_SLIP or word in self._known or not word.isalpha() or next(slips, None) is None:
            return word
        for shorter in _shorter(word):
            for known in self._near.get(shorter, ()):
                if is_one_slip(word, known):
                    return known
        return word


def _shorter(word: str) -> Iterator[str]:
    if len(word) <= 30:
        yield word
        yield from (word[:at] + word[at + 1 :] for at in range(len(word)))


def _for_each_provider(name: str, rulebook: Rulebook) -> list[str]:
    if _PROVIDER not in name:
        return [name]
    return sorted({name.replace(_PROVIDER, said) for each in rulebook.providers for said in (each.id.lower(), each.name.lower())})


def _meanings(words: ChangeWords, rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    plain_roles: list[tuple[Role, list[str]]] = [
        ("opener", words.openers), ("greeting", words.greetings), ("asking", words.asking), ("leading", words.leading),
        ("filler", words.fillers), ("blocker", words.blockers), ("costing", words.costing), ("negator", words.negators),
        ("up", words.up), ("down", words.down), ("join", words.joins), ("from", words.from_), ("to", words.to),
        ("scale", words.scale.names), ("growth", words.scale.verbs), ("outcome", words.outcome), ("supposing", words.supposing),
        ("by", words.by), ("instead", words.instead), ("adding", words.adding), ("taking", words.taking), ("ending", words.ending),
        ("range", words.ranges), ("apiece", words.apiece.names), ("each", words.apiece.bare),
    ]  # fmt: skip
    for role, names in plain_roles:
        yield from ((name, Meaning(role)) for name in names)
    for area, names in words.areas.items():
        yield from ((name, Meaning("area", area)) for name in names)
    for noun in words.nouns:
        yield from ((name, Meaning("noun", noun.area, noun=noun)) for name in noun.names)
    for setting in words.settings:
        yield from ((name, Meaning("setting", setting.area, sets=tuple(setting.set.items()))) for name in setting.names)
    for unclear in words.unclear:
        yield from ((name, Meaning("unclear", unclear=tuple(unclear.say))) for name in unclear.names)
    yield from _footprints(words.footprint, rulebook)
    yield from _places(rulebook)


def _footprints(words: FootprintWords, rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    for provider in rulebook.providers:
        for name in words.one:
            for said in sorted({provider.id.lower(), provider.name.lower()}):
                yield name.replace(_PROVIDER, said), Meaning("setting", sets=(("footprint", provider.id),))
    yield from ((name, Meaning("setting", sets=(("footprint", "none"),))) for name in words.none)
    yield from ((name, Meaning("setting", sets=(("footprint", "both"),))) for name in words.both)


def _places(rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    """The regions of the clouds by name; one that no choice has is refused with the choices."""
    chosen = {place: choice for provider in rulebook.providers for choice, place in provider.regions.items()}
    for provider in rulebook.providers:
        for place in sorted({*provider.known_regions, *provider.regions.values()}):
            yield place, Meaning("setting", sets=(("region", chosen.get(place, place)),))
            yield place, Meaning("place")
    for choice in rulebook.field["region"].choices:
        yield choice, Meaning("setting", sets=(("region", choice),))
