"""What a question on the open case asks for, and which lines, clouds, purchases and questions it names. Typos are mended here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.qa.oncase.asking import CLASS, NAMES, Asking, Asks, Intent
from bot.qa.wording import plain
from engine.rulebook import Rulebook

Wordlist = frozenset[str]
ALONE, WHOLE = "!", "="  # before a pattern: beside it stand only fillers; nothing stands beside it
_MONEY = "$"
_OF_A_SLOT, _OF_A_WORD_LEFT = 3, 4
_SHORTEST_BASE, _LONGEST_SLIP = 3, 30  # nothing longer is a word
_WORD = re.compile(r"\$?\w+(?:[.,']\w+)*")
_ENDING = re.compile(r"'(?:s|re|ve|m|ll|d)$")
_JOINED = str.maketrans({"-": " ", "_": " ", "/": " "})


@dataclass(frozen=True)
class Pattern:
    """One way to ask: each slot is a list of words, of which one must stand in the question."""

    slots: tuple[Wordlist, ...]
    known: Wordlist  # what may stand beside them
    anchored: bool
    fillers: Wordlist


@dataclass(frozen=True)
class Named:
    """The things of the case that a question names, in its order."""

    lines: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    purchases: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    places: tuple[int, ...] = ()  # 0 for the first question
    split: bool = False


@dataclass(frozen=True)
class Question:
    """An intent and what it is about."""

    intent: str
    named: Named
    next: tuple[str, ...]


class Reader:
    """The words of one rulebook, ready to be looked up."""

    def __init__(self, rulebook: Rulebook, asking: Asking) -> None:
        self.rulebook = rulebook
        self.asking = asking
        answers = [answer for said in rulebook.phrases.questions for answer in said.answers]
        clouds = {answer.id: answer.phrases for answer in answers if answer.id in rulebook.provider_index}
        self.providers = {name: [*phrases, *asking.providers.get(name, ())] for name, phrases in clouds.items()}
        named = {
            "provider": self.providers.values(), "purchase": asking.purchases.values(), "line": asking.lines.values(),
            "split": [asking.splits], "question": asking.questions.values(), "place": asking.places,
            "machine": [_machine_words(instance.name) for instance in rulebook.catalogue.instances],
        }  # fmt: skip
        self.lists: dict[str, Wordlist] = {name: frozenset(word for words in named[name] for word in words) for name in NAMES}
        self.lists |= {name: frozenset(words) for name, words in asking.words.items()}
        self.us = frozenset(asking.us)

    # -- words -----------------------------------------------------------------------------------------------------

    def words(self, text: str) -> list[str]:
        """The words of a question; short forms are written out, slips mended, and phrases that belong together are one word.

        Empty where it is too long to be a question on the case.
        """
        found = [_ENDING.sub("", word) for word in _WORD.findall(plain(text).translate(_JOINED))]
        if len(found) > self.asking.most_words:
            return []
        return self._together([each for word in found for each in self._written_out(word)])

    def _written_out(self, word: str) -> list[str]:
        if word.startswith(_MONEY):
            return [_MONEY]
        if word.endswith("n't"):
            return [word.removesuffix("n't"), "not"]
        if word in self.asking.spellings:
            return self.asking.spellings[word].split()
        return self.asking.spellings.get(mended := self._mended(word), mended).split()

    def _mended(self, word: str) -> str:
        """The known word that an unknown one is a form of, or a slip of: a letter too many, too few, another or two turned round."""
        if word in self._vocabulary or not word.isalpha() or not self.asking.shortest_slip <= len(word) <= _LONGEST_SLIP:
            return word
        if base := next((base for base in self._without_ending(word) if base in self._vocabulary and base not in self.asking.others), ""):
            return base
        near = (known for short in _shortened(word) for known in self._slips.get(short, ()))
        return next((known for known in near if self._is_slip(word, known)), word)

    def _without_ending(self, word: str) -> Iterator[str]:
        """What a word may be a form of: calculates, calculating, getting."""
        for ending in self.asking.endings:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_BASE:
                base = word.removesuffix(ending)
                yield from (base, f"{base}e", *((base[:-1],) if base[-1] == base[-2] else ()))

    def _is_slip(self, word: str, known: str) -> bool:
        """In the shortest words only two letters may have changed places."""
        long = max(len(known), len(word)) > self.asking.shortest_slip
        return known[0] == word[0] and (long or sorted(known) == sorted(word))

    def _together(self, words: Sequence[str]) -> list[str]:
        found, at = [], 0
        while at < len(words):
            longest = min(self._longest.get(words[at], 1), len(words) - at)
            lengths = (n for n in range(longest, 1, -1) if " ".join(words[at : at + n]) in self._phrases)
            length = next(lengths, 1)
            found.append(" ".join(words[at : at + length]))
            at += length
        return found

    @cached_property
    def _every(self) -> Wordlist:
        """Every word and phrase that the file and the rulebook name."""
        asked: list[Asks] = [*self.asking.intents, *self.asking.wishes.values()]
        patterns = (CLASS.sub(" ", pattern).lstrip(ALONE + WHOLE) for asks in asked for pattern in asks.asks)
        beside = (word for asks in asked for word in asks.also if not CLASS.search(word))
        listed = (word for words in self.lists.values() for word in words)
        return frozenset((*patterns, *beside, *listed, *self.asking.fillers, *self.asking.wish_fillers, *self.us))

    @cached_property
    def _phrases(self) -> Wordlist:
        """The lists alone make phrases: the words of a pattern may stand apart."""
        beside = (word for intent in self.asking.intents for word in intent.also)
        return frozenset(w for w in (*beside, *(w for words in self.lists.values() for w in words)) if " " in w)

    @cached_property
    def _longest(self) -> Mapping[str, int]:
        longest: dict[str, int] = {}
        for phrase in self._phrases:
            words = phrase.split()
            longest[words[0]] = max(len(words), longest.get(words[0], 0))
        return longest

    @cached_property
    def _vocabulary(self) -> Wordlist:
        return frozenset(word for phrase in self._every for word in phrase.split()) | {*self.asking.spellings, *self.asking.others}

    @cached_property
    def _slips(self) -> Mapping[str, tuple[str, ...]]:
        """What is left of a known word without one of its letters -> the words."""
        slips: dict[str, tuple[str, ...]] = {}
        for word in sorted(self._vocabulary.difference(self.asking.others)):
            if len(word) >= self.asking.shortest_slip and word.isalpha():
                for short in _shortened(word):
                    slips[short] = (*slips.get(short, ()), word)
        return slips

    # -- patterns --------------------------------------------------------------------------------------------------

    @cached_property
    def _intents(self) -> tuple[tuple[Intent, tuple[Pattern, ...]], ...]:
        fillers = frozenset(self.asking.fillers)
        return tuple((each, tuple(self._patterns(each, each.anchored, fillers))) for each in self.asking.intents)

    @cached_property
    def _wishes(self) -> Mapping[str, tuple[Pattern, ...]]:
        fillers = frozenset(self.asking.wish_fillers)
        return {name: tuple(self._patterns(asks, (), fillers)) for name, asks in self.asking.wishes.items()}

    @cached_property
    def _needs(self) -> Mapping[str, tuple[Wordlist, ...]]:
        return {intent.id: tuple(self._expanded(needed) for needed in intent.needs) for intent in self.asking.intents}

    def _patterns(self, asks: Asks, anchored: Iterable[str], fillers: Wordlist) -> Iterator[Pattern]:
        beside = self._expanded(asks.also)
        for written, needs_us in (*((p, False) for p in asks.asks), *((p, True) for p in anchored)):
            slots = tuple(self._slots(written.lstrip(ALONE + WHOLE)))
            known = frozenset[str]() if written.startswith((ALONE, WHOLE)) else beside
            yield Pattern(slots, known.union(*slots), needs_us, frozenset() if written.startswith(WHOLE) else fillers)

    def _slots(self, written: str) -> Iterator[Wordlist]:
        for at, part in enumerate(CLASS.split(written)):
            if at % 2:
                yield self.lists[part]
            else:
                yield from (frozenset([word]) for word in self._together(part.split()))

    def _expanded(self, words: Iterable[str]) -> Wordlist:
        named = [CLASS.fullmatch(word) or word for word in words]
        return frozenset(each for word in named for each in ((word,) if isinstance(word, str) else self.lists[word[1]]))

    # -- reading ---------------------------------------------------------------------------------------------------

    def question(self, text: str) -> Question | None:
        """The intent whose words are all there, and beside which nothing means anything else; the one with most words of its own."""
        words = self.words(text)
        best, found = 0, None
        for intent, patterns in self._intents:
            if not all(any(word in needed for word in words) for needed in self._needs[intent.id]):
                continue
            fit = max((self._fit(words, pattern, intent.spare) for pattern in patterns), default=0)
            if fit > best:
                best, found = fit, intent
        return Question(found.id, self.named(words), found.next) if found else None

    def wish(self, text: str) -> str | None:
        words = self.words(text)
        fits = {name: max(self._fit(words, pattern, 0) for pattern in patterns) for name, patterns in self._wishes.items()}
        best = max(fits, key=lambda name: fits[name])
        return best if fits[best] else None

    def _fit(self, words: Sequence[str], pattern: Pattern, spare: int) -> int:
        """How well a question fits a pattern; 0 where it does not."""
        if any(slot.isdisjoint(words) for slot in pattern.slots):
            return 0  # most patterns end here
        points_here = not self.us.isdisjoint(words)
        left = [word for word in words if word not in pattern.fillers and word not in pattern.known]
        most = spare if points_here and len(pattern.slots) > 1 else 0
        if (pattern.anchored and not points_here) or len(left) > most or any(letter.isdigit() for word in left for letter in word):
            return 0
        return _OF_A_SLOT * len(pattern.slots) - _OF_A_WORD_LEFT * len(left) if _all_filled(words, pattern.slots) else 0

    def named(self, words: Collection[str]) -> Named:
        asking = self.asking
        return Named(
            lines=_ids(words, asking.lines),
            providers=_ids(words, self.providers),
            purchases=_ids(words, asking.purchases),
            questions=_ids(words, asking.questions),
            places=tuple(at for at, place in enumerate(asking.places) if any(word in place for word in words)),
            split=any(word in self.lists["split"] for word in words),
        )


def _machine_words(name: str) -> list[str]:
    """An instance as people write it: whole, and by its family."""
    name = name.lower()
    return [name, name.partition(".")[0]] if "." in name else name.split("_")[:2]


def _shortened(word: str) -> Iterator[str]:
    """The word, and what is left of it without one letter."""
    yield word
    yield from (word[:at] + word[at + 1 :] for at in range(len(word)))


def _all_filled(words: Sequence[str], slots: Sequence[Wordlist]) -> bool:
    """Whether each slot has a word of its own; slots with fewer words choose first."""
    free = list(words)
    for slot in sorted(slots, key=len):
        word = next((word for word in free if word in slot), None)
        if word is None:
            return False
        free.remove(word)
    return True


def _ids(words: Collection[str], lists: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The ids whose words stand there, in the order in which they do."""
    return tuple(dict.fromkeys(name for word in words for name, listed in lists.items() if word in listed))
