"""Finds names and phrases in a question. Spaces, dashes, dots and single slips do not matter."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.qa.priced.names import Meaning, meanings_of, spellings
from bot.qa.priced.phrases import Phrases
from engine.rulebook import Rulebook

NAMED = ("instance", "size", "group", "family", "region", "unpriced", "purchase")  # what a quantity inside of is part of the name
_PROPER = (*NAMED, "choice", "country")
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")
_TIMES = re.compile(r"(\d{1,6})x([^\W\d_].*)")
_JOINED = frozenset(" -_./()'")
_GLUE = ("", ".", "_", "-")  # between the words of one name
_MOST_WORDS = 7
_SHORTEST_SLIP = 5  # shorter words are too near to each other
_LONGEST_SLIP = 24
_MOST_MENDED = 60  # words of one question
_LONGEST_NAME = 30
_ALIKE = 5 / 6  # how near a mistyped machine must be


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits and where it stands."""

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
        self.cuts: defaultdict[str, set[int]] = defaultdict(set)  # where the words of a phrase may be apart
        for phrase, meaning in meanings_of(rulebook, phrases):
            parts = _WORD.findall(phrase.casefold())
            key, cuts = _key(parts)
            collected[key][meaning] = None
            self.cuts[key] |= cuts
            words |= {part for part in parts if part.isalpha()}
        self.meanings = {key: tuple(found) for key, found in collected.items() if key}
        self.longest = max(map(len, self.meanings))
        self.words = words
        self.near = {region: choice for choice, named in phrases.choices.items() for region in named.near}
        self.regions = {region: p.id for p in rulebook.providers for region in rulebook.catalogue.regions(p.id)}
        self.slips = _slips(words)

    def mended(self, text: str) -> str:
        """The plain text with `8xa100` in its parts, and with the slips in words that nobody knows undone."""
        parts: list[str] = []
        end = mended = 0
        for match in _WORD.finditer(text):
            word = match[0]
            if word in self.words or word in self.meanings:
                continue
            times = _TIMES.fullmatch(word)
            if times is not None and (match.start() == 0 or text[match.start() - 1] not in "._-"):
                word = f"{times[1]} x {times[2]}"
            elif mended < _MOST_MENDED and _may_slip(word):
                mended += 1
                word = self._nearest(word)
            parts += [text[end : match.start()], word]
            end = match.end()
        return "".join((*parts, text[end:]))

    def find(self, text: str) -> list[Found]:
        """The phrases of a mended text, the longest first at each place."""
        tokens = [Token(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
        found: list[Found] = []
        at = 0
        while at < len(tokens):
            length, meanings = self._phrase(text, tokens, at) or (1, ())
            if length > 1 and not any(meaning.kind in _PROPER for meaning in meanings):
                length, meanings = self._before_a_name(text, tokens, at, length) or (length, meanings)
            rest = _rest(text, tokens, at + length, meanings)
            start, end = tokens[at].start, tokens[at + length + rest - 1].end
            if rest:
                meanings = self._unlisted(text[start:end], meanings)
            found.append(Found(text[start:end], start, end, meanings))
            at += length + rest
        return found

    def _before_a_name(self, text: str, tokens: list[Token], at: int, length: int) -> tuple[int, tuple[Meaning, ...]] | None:
        """The shorter phrase, where a name begins inside of this one and goes beyond it: what is `for us-west-2` is not `for us`."""
        for inside in range(1, length):
            name = self._phrase(text, tokens, at + inside)
            if name and inside + name[0] > length and any(meaning.kind in _PROPER for meaning in name[1]):
                return self._phrase(text, tokens[: at + inside], at) or (1, ())
        return None

    def _phrase(self, text: str, tokens: list[Token], at: int) -> tuple[int, tuple[Meaning, ...]] | None:
        best = None
        key = ""
        apart: set[int] = set()
        for length in range(1, min(_MOST_WORDS, len(tokens) - at) + 1):
            token = tokens[at + length - 1]
            if length > 1 and not _joins(text, tokens[at + length - 2], token):
                break
            if length > 1 and _words_apart(text, tokens[at + length - 2], token):
                apart.add(len(key))
            key = _glue(key, token.text)
            if len(key) > self.longest:
                break
            if key in self.meanings and apart <= self.cuts[key]:
                best = (length, self.meanings[key])
        return best

    def _unlisted(self, said: str, meanings: tuple[Meaning, ...]) -> tuple[Meaning, ...]:
        """What the name of something must be of which only the beginning is known: a machine of a group, or a region."""
        found = [_slipped(said, *meaning.value) for meaning in meanings if meaning.kind == "group"]
        found += [_slipped(said, *_alone(meaning.value)) for meaning in meanings if meaning.kind == "instance"]
        if not found and any(meaning.kind in ("region", "choice", "unpriced") for meaning in meanings):
            near = next(iter(get_close_matches(said[:_LONGEST_NAME], self.regions, n=1)), next(iter(self.regions)))
            found = [Meaning("unpriced", (self.regions[near], said, near))]
        return tuple(found)

    def _nearest(self, word: str) -> str:
        """The known word that is one slip away: a letter too many, too few, two swapped, in longer words one mistaken."""
        near = {known for short in _shortened(word) for known in self.slips.get(short, ())}
        fits = [known for known in near if _one_slip(word, known)]
        if len(word) < _SHORTEST_SLIP:  # one letter left out, and not at an end
            fits = [known for known in fits if len(known) > len(word) and (known[0], known[-1]) == (word[0], word[-1])]
        return min(fits, key=lambda known: (known[0] != word[0], abs(len(known) - len(word)), -len(known), known), default=word)


def _slipped(said: str, provider: str, names: tuple[str, ...]) -> Meaning:
    """The machine of a group whose name was mistyped with all its digits right; else one that is not in the catalogue."""
    by_spelling = {spelling.lower(): name for name in names for spelling in spellings(name)}
    for near in get_close_matches(said[:_LONGEST_NAME], by_spelling, n=1, cutoff=_ALIKE):
        if _DIGITS.findall(near) == _DIGITS.findall(said):
            return Meaning("instance", (provider, by_spelling[near], False))
    return Meaning("unlisted", (provider, names))


def _alone(machine: tuple[str, str, bool]) -> tuple[str, tuple[str, ...]]:
    """A machine as a group of its own."""
    provider, name, _ = machine
    return provider, (name,)


def _may_slip(word: str) -> bool:
    return _SHORTEST_SLIP - 1 <= len(word) <= _LONGEST_SLIP and word.isascii() and word.isalpha()


def _rest(text: str, tokens: list[Token], at: int, meanings: tuple[Meaning, ...]) -> int:
    """How many words more a name has than anything known: p9.huge is no p9, and us-east-9 is not the east."""
    if at >= len(tokens) or not any(meaning.kind in _PROPER for meaning in meanings):
        return 0
    length = 0
    while length < _MOST_WORDS and at + length < len(tokens) and text[tokens[at + length - 1].end : tokens[at + length].start] in _GLUE:
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


def _key(parts: Iterable[str]) -> tuple[str, set[int]]:
    """The letters and digits of a phrase, and where in them its words end."""
    key = ""
    cuts = set()
    for part in parts:
        cuts.add(len(key))
        key = _glue(key, part)
    return key, cuts


def _words_apart(text: str, left: Token, right: Token) -> bool:
    """Two words that a space parts: `us a month` is not the USA."""
    return text[left.end : right.start].isspace() and left.text[-1].isalpha() and right.text[0].isalpha()


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
