"""phrases.yml made ready for looking up: which phrases stand in a message, and what each can mean. Typos are mended here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.understanding.text import Token, folded, tokens
from engine.case import Value
from engine.knowledge import Question, QuestionPhrases
from engine.phrases import said_answer
from engine.rulebook import Rulebook

SHORTEST_TYPO = 5  # shorter words are too near to each other
_LONGEST_TYPO = 30
_NEAR = 0.8  # one slip in five letters, two in ten
_PLACEHOLDERS = {"{n}": "anynumber", "{year}": "anyyear"}  # in a phrase: any number, any year
_YEARS = range(1990, 2050)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a phrase can be: its role, the question that it belongs to, and the answer that it gives."""

    role: str
    question: str = ""
    value: Value = None


@dataclass(frozen=True, slots=True)
class Span:
    """A phrase that was found, or a word that nobody knows (no meanings)."""

    text: str
    meanings: tuple[Meaning, ...] = ()
    glued: bool = False
    number: str = ""

    def has(self, *roles: str) -> bool:
        for meaning in self.meanings:  # noqa: SIM110 - the innermost loop, and any() is slower
            if meaning.role in roles:
                return True
        return False

    def belongs(self, question: str, *roles: str) -> bool:
        for meaning in self.meanings:  # noqa: SIM110 - as above
            if meaning.question == question and meaning.role in roles:
                return True
        return False

    def values(self, question: str, role: str) -> list[Value]:
        return [meaning.value for meaning in self.meanings if meaning.role == role and meaning.question == question]


class Lexicon:
    """Every phrase by its tokens, ready to be found in a message."""

    def __init__(self, rulebook: Rulebook) -> None:
        phrases = rulebook.phrases
        self.spellings = {folded(word): tuple(folded(full).split()) for word, full in phrases.spellings.items()}
        self.endings = phrases.endings
        collected: defaultdict[tuple[str, ...], dict[Meaning, None]] = defaultdict(dict)
        for phrase, meaning in _meanings(rulebook):
            for placeholder, word in _PLACEHOLDERS.items():
                phrase = phrase.replace(placeholder, word)
            collected[tuple(token.text for token in self.tokens(phrase))][meaning] = None
        _complete(collected)
        self.meanings = {words: tuple(found) for words, found in collected.items() if words}
        self.longest: dict[str, int] = {}
        for words in self.meanings:
            self.longest[words[0]] = max(len(words), self.longest.get(words[0], 0))
        self.known = {word for words in self.meanings for word in words} - set(_PLACEHOLDERS.values())
        self.near = _by_first_letter(
            self.known - {words[0] for words, found in self.meanings.items() if len(words) == 1 and _is_yes_or_no(found)}
        )

    def tokens(self, text: str) -> list[Token]:
        return tokens(folded(text), self.spellings, self.endings)

    def spans(self, text: str) -> list[Span]:
        """The message as phrases, numbers, breaks and unknown words, in order."""
        read = [self._mended(token) for token in self.tokens(text)]
        found: list[Span] = []
        at = 0
        loose = [self._loose(token) for token in read]
        for length in self._lengths(read, loose):
            meanings = self._found(read[at : at + length], loose[at : at + length])
            here = read[at]
            if meanings or here.kind not in ("mark", "sign"):
                number = here.text if here.kind == "number" and not meanings else ""
                words = " ".join(token.text for token in read[at : at + length])
                found.append(Span(words, meanings or _break(here), here.glued, number))
            at += length
        return found

    def _found(self, read: Sequence[Token], loose: Sequence[str]) -> tuple[Meaning, ...]:
        """What the words mean together, as they are or with any number in their place."""
        exact = self.meanings.get(tuple(token.text for token in read), ())
        return exact or (self.meanings.get(tuple(loose), ()) if len(read) > 1 else ())

    def _loose(self, token: Token) -> str:
        """A number as it stands in a phrase for any number."""
        if token.kind == "number" and token.text.strip("0.,"):
            return "anyyear" if len(token.text) == 4 and token.text.isdigit() and int(token.text) in _YEARS else "anynumber"
        counts = any(meaning.role == "number" and 0 < int(str(meaning.value)) < 100 for meaning in self.meanings.get((token.text,), ()))
        return "anynumber" if counts else token.text

    def _lengths(self, read: Sequence[Token], loose: Sequence[str]) -> list[int]:
        """The message cut into phrases so that few long ones are found rather than many short ones."""
        best = [(0, 0)] * (len(read) + 1)  # from each token on: the sum of the squared lengths, and the length that begins it
        for at in range(len(read) - 1, -1, -1):
            best[at] = (best[at + 1][0], 1)
            longest = max(self.longest.get(read[at].text, 0), self.longest.get(loose[at], 0))
            for length in range(1, min(longest, len(read) - at) + 1):
                if self._found(read[at : at + length], loose[at : at + length]):
                    best[at] = max(best[at], (best[at + length][0] + length * length, length))
        lengths, at = [], 0
        while at < len(read):
            lengths.append(best[at][1])
            at += best[at][1]
        return lengths

    def _mended(self, token: Token) -> Token:
        """The known word that a long unknown one is a slip of."""
        word = token.text
        if token.kind != "word" or len(word) < SHORTEST_TYPO or len(word) > _LONGEST_TYPO or word in self.known:
            return token
        best, nearest = _NEAR, word
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(word)
        for known in self.near.get(word[0], ()):
            if abs(len(known) - len(word)) <= 2:
                matcher.set_seq1(known)
                if matcher.real_quick_ratio() >= best and matcher.quick_ratio() >= best and matcher.ratio() >= best:
                    best, nearest = matcher.ratio(), known
        return Token(nearest, "word", token.glued)


def _break(token: Token) -> tuple[Meaning, ...]:
    return (Meaning("break"),) if token.kind == "break" else ()


def _is_yes_or_no(meanings: Iterable[Meaning]) -> bool:
    return any(meaning.role.startswith(("yes", "no_")) or meaning.role == "no" for meaning in meanings)


def _by_first_letter(words: Iterable[str]) -> dict[str, list[str]]:
    near: dict[str, list[str]] = {}
    for word in sorted(words):
        if len(word) >= SHORTEST_TYPO:
            near.setdefault(word[0], []).append(word)
    return near


def _complete(collected: dict[tuple[str, ...], dict[Meaning, None]]) -> None:
    """A phrase still denies or doubts if a word of it does, and is known to every question if all its words are."""
    single = {words[0]: found for words, found in collected.items() if len(words) == 1}
    general = {word for word, found in single.items() if any(m.question == "" and m.role != "real" for m in found)}
    for words, found in collected.items():
        if general.issuperset(words):
            found[Meaning("known")] = None
        if any(meaning.question and meaning.role != "reference" for meaning in found):
            for role in (Meaning("negator"), Meaning("hedge"), Meaning("blocker"), Meaning("past"), Meaning("telling")):
                if any(role in single.get(word, ()) for word in words):
                    found[role] = None


def _names(phrase: str, subjects: Sequence[str]) -> bool:
    """Whether a phrase names the subject of its question by itself."""
    return any(f" {subject} " in f" {phrase} " for subject in subjects)


def _meanings(rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    phrases = rulebook.phrases
    for role, listed in phrases.words:
        yield from ((phrase, Meaning(role.rstrip("_"))) for phrase in listed)
    for command, listed in phrases.commands:
        yield from ((phrase, Meaning("command", value=command)) for phrase in listed)
    for language in phrases.yes_no:
        alone = "_whole" if language.whole else "" if language is phrases.yes_no[0] else "_alone"
        yield from ((phrase, Meaning(f"yes{alone}")) for phrase in language.yes)
        yield from ((phrase, Meaning(f"no{alone}")) for phrase in language.no)
    yield from ((phrase, Meaning("number", value=number)) for phrase, number in phrases.numbers.items())
    yield from _references(rulebook)
    for said in phrases.questions:
        yield from _of_question(said, rulebook.question[said.id])


def _references(rulebook: Rulebook) -> Iterator[tuple[str, Meaning]]:
    """`question 2`, `the second question`: a question named by its place."""
    for at, (question, nth) in enumerate(zip(rulebook.questions, rulebook.phrases.ordinals, strict=False), 1):
        for form in rulebook.phrases.references:
            yield form.format(n=at, nth=nth), Meaning("reference", question.id)


def _of_question(said: QuestionPhrases, question: Question) -> Iterator[tuple[str, Meaning]]:
    lists = {
        "subject": said.subjects, "frame": said.frames, "asserting": said.asserting, "counted": said.counted,
        "place": said.places, "ignored": said.ignored, "doubted": said.doubted, "backing": said.backing, "minor": said.minor,
        "purpose": said.purposes,
    }  # fmt: skip
    for role, listed in lists.items():
        yield from ((phrase, Meaning(role, said.id)) for phrase in listed)
    for answer in said.answers:
        value = said_answer(question, answer.id)
        yield from ((phrase, Meaning("answer", said.id, value)) for phrase in answer.phrases)
        yield from ((phrase, Meaning("whole", said.id, value)) for phrase in answer.whole)
        yield from ((phrase, Meaning("subject", said.id)) for phrase in answer.phrases if _names(phrase, said.subjects))
        yield from ((phrase, Meaning("backing", said.id)) for phrase in answer.phrases if _names(phrase, said.backing))
    if said.elsewhere:
        yield from ((phrase, Meaning("elsewhere", said.id)) for phrase in said.elsewhere.phrases)
        yield from ((phrase, Meaning("alone", said.id)) for phrase in said.elsewhere.alone)
