"""Every name and word of a priced question -> what it means. Spaces, dashes, dots and single slips do not matter."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.qa.priced.phrases import Phrases, ProviderNames
from bot.qa.wording import plain
from engine.catalogue import CURRENT
from engine.rulebook import Rulebook

NAMED = ("instance", "size", "group", "family", "region", "unpriced", "purchase")  # what a quantity inside of is part of the name
_WORD = re.compile(r"[^\W_]+")
_TIMES = re.compile(r"(\d{1,6})x([^\W\d_].*)")
_JOINED = frozenset(" -_./()'")
_MOST_WORDS = 7
_SHORTEST_SLIP = 5  # shorter words are too near to each other
_LONGEST_SLIP = 24
_MOST_MENDED = 60  # words of one question


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: str
    value: Any = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits, a slip in it mended, and where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase or a single word; without meanings nobody knows it."""

    text: str
    start: int
    end: int
    meanings: tuple[Meaning, ...]

    def has(self, *kinds: str) -> bool:
        return any(meaning.kind in kinds for meaning in self.meanings)

    def values(self, kind: str) -> list[Any]:
        return [meaning.value for meaning in self.meanings if meaning.kind == kind]


class Lexicon:
    """All phrases by their letters and digits alone."""

    def __init__(self, rulebook: Rulebook, phrases: Phrases) -> None:
        collected: defaultdict[str, dict[Meaning, None]] = defaultdict(dict)
        words: set[str] = set()
        for phrase, meaning in _meanings(rulebook, phrases):
            parts = _WORD.findall(plain(phrase))
            collected[_key(parts)][meaning] = None
            words |= {part for part in parts if part.isalpha()}
        self.meanings = {key: tuple(found) for key, found in collected.items() if key}
        self.longest = max(map(len, self.meanings))
        self.words = words
        self.regions = {region: p.id for p in rulebook.providers for region in rulebook.catalogue.regions(p.id)}
        self.slips = _slips(words)

    def find(self, text: str) -> list[Found]:
        """The phrases of a plain text, the longest first at each place."""
        tokens = self._mended(text)
        found: list[Found] = []
        at = 0
        while at < len(tokens):
            here = self._phrase(text, tokens, at)
            if here is None:
                found.append(Found(tokens[at].text, tokens[at].start, tokens[at].end, ()))
                at += 1
            else:
                length, meanings = here
                rest = _rest(text, tokens, at + length, meanings)
                last = tokens[at + length + rest - 1]
                if rest:
                    meanings = self._unlisted(text[tokens[at].start : last.end], meanings)
                found.append(Found(text[tokens[at].start : last.end], tokens[at].start, last.end, meanings))
                at += length + rest
        return found

    def _phrase(self, text: str, tokens: list[Token], at: int) -> tuple[int, tuple[Meaning, ...]] | None:
        best = None
        key = ""
        for length in range(1, min(_MOST_WORDS, len(tokens) - at) + 1):
            token = tokens[at + length - 1]
            if length > 1 and not _joins(text, tokens[at + length - 2], token):
                break
            key = _glue(key, token.text)
            if len(key) > self.longest:
                break
            if key in self.meanings:
                best = (length, self.meanings[key])
        return best

    def _unlisted(self, said: str, meanings: tuple[Meaning, ...]) -> tuple[Meaning, ...]:
        """What the name of something must be of which only the beginning is known: a machine of a group, or a region."""
        found = [Meaning("unlisted", meaning.value) for meaning in meanings if meaning.kind == "group"]
        if not found and any(meaning.kind in ("region", "choice", "unpriced") for meaning in meanings):
            near = get_close_matches(said, self.regions, n=1, cutoff=0)
            found = [Meaning("unpriced", (self.regions[name], said, name)) for name in near]
        return tuple(found)

    def _mended(self, text: str) -> list[Token]:
        """The words of the text, `8xa100` in its parts, and slips of words that nobody knows mended."""
        tokens: list[Token] = []
        mended = 0
        for match in _WORD.finditer(text):
            word, start, end = match[0], match.start(), match.end()
            times = _TIMES.fullmatch(word) if word not in self.meanings else None
            if times is not None and not _goes_on(tokens, text, start):
                tokens.append(Token(times[1], start, start + len(times[1])))
                tokens.append(Token("x", start + len(times[1]), start + len(times[1]) + 1))
                start += len(times[1]) + 1
                word = times[2]
            elif word not in self.words and word not in self.meanings and mended < _MOST_MENDED and self._may_slip(word):
                mended += 1
                word = self._nearest(word)
            tokens.append(Token(word, start, end))
        return tokens

    def _may_slip(self, word: str) -> bool:
        return _SHORTEST_SLIP <= len(word) <= _LONGEST_SLIP and word.isascii() and word.isalpha()

    def _nearest(self, word: str) -> str:
        """The known word that is one slip away: a letter too many, too few, two swapped, in longer words one mistaken."""
        near = {known for short in _shortened(word) for known in self.slips.get(short, ())}
        fits = [known for known in near if _one_slip(word, known)]
        return min(fits, key=lambda known: (known[0] != word[0], abs(len(known) - len(word)), known), default=word)


def _goes_on(tokens: list[Token], text: str, start: int) -> bool:
    """The word goes on from the one before, as the size of a machine does."""
    return bool(tokens) and tokens[-1].end == start - 1 and text[start - 1] in "._-"


def _rest(text: str, tokens: list[Token], at: int, meanings: tuple[Meaning, ...]) -> int:
    """How many words more a name has than anything known: p9.huge is no p9, and us-east-9 is not the east."""
    if at >= len(tokens) or not any(meaning.kind in (*NAMED, "choice") for meaning in meanings):
        return 0
    length = 0
    while at + length < len(tokens) and _goes_on(tokens[at + length - 1 : at + length], text, tokens[at + length].start):
        length += 1
    rest = "".join(token.text for token in tokens[at : at + length])
    return length if any(letter.isdigit() for letter in rest) or text[tokens[at].start - 1] in "._" else 0


def _joins(text: str, left: Token, right: Token) -> bool:
    between = text[left.end : right.start]
    if len(between) > 2 or not set(between) <= _JOINED:
        return False
    return not (between.isspace() and len(left.text) == 1 and left.text.isalpha() and right.text[0].isdigit())  # a 100 GB disk is no card


def _glue(key: str, word: str) -> str:
    """Two numbers side by side stay two."""
    return f"{key}|{word}" if key[-1:].isdigit() and word[0].isdigit() else key + word


def _key(parts: Iterable[str]) -> str:
    key = ""
    for part in parts:
        key = _glue(key, part)
    return key


def _shortened(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _slips(words: set[str]) -> dict[str, tuple[str, ...]]:
    """A word with one letter left out -> the words that it may come from."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        if len(word) >= _SHORTEST_SLIP:
            for short in _shortened(word):
                found[short].append(word)
    return {short: tuple(known) for short, known in found.items()}


def _one_slip(typed: str, known: str) -> bool:
    if len(typed) != len(known):
        short, long = sorted((typed, known), key=len)
        return len(long) - len(short) == 1 and short in _shortened(long)
    apart = [at for at in range(len(known)) if typed[at] != known[at]]
    if len(apart) == 1:
        return len(known) > _SHORTEST_SLIP
    return len(apart) == 2 and apart[1] == apart[0] + 1 and typed[apart[0]] == known[apart[1]] and typed[apart[1]] == known[apart[0]]


# -- what each phrase means --------------------------------------------------------------------------------------------


def _meanings(rulebook: Rulebook, phrases: Phrases) -> Iterator[tuple[str, Meaning]]:
    for role, listed in phrases.roles.model_dump(by_alias=True).items():
        yield from ((phrase, Meaning(role)) for phrase in listed)
    lists = {
        "veto": phrases.not_asked_here,
        "open_case": phrases.open_case,
        "other_cloud": phrases.other_clouds,
        "filler": phrases.filler,
    }
    for kind, listed in lists.items():
        yield from ((phrase, Meaning(kind)) for phrase in listed)
    for provider in phrases.providers:
        yield from _of_provider(provider)
    for choice, listed in phrases.choices.items():
        yield from ((phrase, Meaning("choice", choice)) for phrase in (choice, *listed))
    for purchase in phrases.purchases:
        yield from ((phrase, Meaning("purchase", tuple(purchase.means))) for phrase in purchase.names)
    for entry in rulebook.purchases:
        yield from ((phrase, Meaning("purchase", (entry.id,))) for phrase in (entry.id, entry.name))
    for tier in rulebook.storage_tiers:
        yield from ((phrase, Meaning("tier", tier.id)) for phrase in (tier.id, *tier.also_called) if "-" in phrase or "_" in phrase)
    for name, listed in phrases.storage_tiers.items():
        yield from ((phrase, Meaning("weak_tier", name)) for phrase in listed)
    yield from _regions(rulebook)
    yield from _machines(rulebook)
    yield from _cards(rulebook)


def _of_provider(provider: ProviderNames) -> Iterator[tuple[str, Meaning]]:
    for kind, listed in (("provider", provider.names), ("managed", provider.managed), ("keeps", provider.storage)):
        yield from ((phrase, Meaning(kind, provider.id)) for phrase in listed)
    for tier, listed in provider.storage_tiers.items():
        for phrase in listed:
            yield phrase, Meaning("keeps", provider.id)
            yield phrase, Meaning("tier", tier)
    for region, listed in provider.regions.items():
        yield from ((phrase, Meaning("region", (provider.id, region))) for phrase in listed)
    for region, unpriced in provider.unpriced_regions.items():
        for phrase in (region, *unpriced.names):
            yield phrase, Meaning("unpriced", (provider.id, region, unpriced.nearest))


def _regions(rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    for provider in rulebook.providers:
        for region in rulebook.catalogue.regions(provider.id):
            yield region, Meaning("region", (provider.id, region))


def _machines(rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    """Machines by their whole name, without the part that all share, with the managed prefix, and by their group."""
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for provider in rulebook.providers:
        mine = [instance.name for instance in rulebook.catalogue.instances if instance.provider == provider.id]
        prefix = provider.managed_prefix
        for name in mine:
            for spelling in _spellings(name):
                yield spelling, Meaning("instance", (provider.id, name, False))
                if prefix:
                    yield f"{prefix}{spelling}", Meaning("instance", (provider.id, name, True))
            groups[(provider.id, _group(name))].append(name)
        for rate in rulebook.catalogue.by_category.get((CURRENT, provider.id, "endpoint"), ()):
            for spelling in _spellings(rate.step):
                yield spelling, Meaning("size", (provider.id, rate.step))
    for (provider_id, group), names in groups.items():
        meaning = Meaning("instance", (provider_id, names[0], False)) if len(names) == 1 else Meaning("group", (provider_id, tuple(names)))
        yield group, meaning


def _spellings(name: str) -> set[str]:
    parts = name.split("_")
    short = "_".join(parts[1:]) if len(parts) > 1 else name
    return {spelling for each in (name, short) for spelling in (each, each.replace("xlarge", "xl"))}


def _group(name: str) -> str:
    """What stands before the size: g5 of g5.xlarge, and the first word of a name of several."""
    return name.split("_")[1] if "_" in name else name.split(".")[0]


def _cards(rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    for card in rulebook.accelerators:
        sizes = {i.accelerator_memory_gb: i.family for i in rulebook.catalogue.members(card.id) if i.accelerator_memory_gb is not None}
        for spelling in (card.id, *card.also_called):
            for ending in ("", "s"):
                yield f"{spelling}{ending}", Meaning("family", card.id)
                for memory, family in sizes.items():
                    size = f"{memory.normalize():f}"
                    for unit in ("gb", "g", "gib"):
                        yield f"{spelling}{ending} {size}{unit}", Meaning("family", family)
                        yield f"{size}{unit} {spelling}{ending}", Meaning("family", family)
