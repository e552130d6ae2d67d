"""What one segment, and then a whole message, says about one question. Doubt is kept: it is asked back, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from bot.understanding.lexicon import Span
from bot.understanding.numbers import is_number, numbers
from bot.understanding.sentences import LIGHT, Segment
from engine.case import Value, parse_answer
from engine.knowledge import Question, QuestionPhrases

_DOUBTS = ("hedge", "blocker", "away", "unsure", "vague", "asking", "command")
_DENIALS = ("negator", "no", "no_whole")
_HARMLESS = ("change", "yes", "no", "courtesy")
_MINE = ("answer", "whole", "ignored", "subject", "frame", "asserting", "counted", "place")
_STRANGERS_BESIDE_A_SUBJECT = 3  # unknown words that a sentence about the question may hold
_STRANGERS_BESIDE_A_NUMBER = 2
_STRANGERS_BESIDE_A_FOREIGN_WORD = 2
_ALONE = ("yes_alone", "no_alone", "yes_whole", "no_whole")


@dataclass
class Reading:
    """What was said about one question. `own`: its own words name it, so that it answers even where another is open."""

    affirmed: list[Value] = field(default_factory=list)
    denied: list[Value] = field(default_factory=list)
    doubt: bool = False
    own: bool = False
    weak: bool = False
    elsewhere: bool = False
    places: int = 0

    def __bool__(self) -> bool:
        return bool(self.affirmed or self.denied or self.doubt or self.elsewhere or self.places)


@dataclass(frozen=True)
class Verdict:
    """What a message answers to one question: one value, or none and the candidates."""

    value: Value
    clear: bool
    own: bool
    candidates: tuple[Value, ...] = ()


class Reader:
    """Reads messages for one question."""

    def __init__(self, question: Question, said: QuestionPhrases) -> None:
        self.question = question
        self.said = said
        self.id = question.id
        ids = {answer.id for answer in question.answers}
        self.takes_yes_no = {"yes", "no"} <= ids
        self.joins = {answer.id: set(answer.joins) for answer in said.answers if answer.joins}
        self.parts = {part for joined in self.joins.values() for part in joined}
        roughly = bool(question.whole_number) or not (self.parts or self.takes_yes_no)
        self.harmless = (*_HARMLESS, "approximate") if roughly else _HARMLESS
        self.doubts = (*_DOUBTS, "bound") if question.whole_number else _DOUBTS
        self.denied = None if said.denied is None else self._value(said.denied)

    def _value(self, written: str) -> Value:
        return parse_answer(self.question, Decimal(written) if self.question.whole_number else written)

    # -- one segment

    def strange(self, span: Span) -> bool:
        """A word that nobody knows, or that only another question knows."""
        if span.number:
            return not self.question.whole_number and not self.takes_yes_no
        return not any(m.role != "real" and m.question in ("", self.id) for m in span.meanings)

    def _unknown(self, segment: Segment) -> int:
        return sum(self.strange(span) for span in segment.spans)

    def doubtful(self, segment: Segment) -> bool:
        """Words that make any answer beside them unsure, unless they belong to this question."""
        if segment.belongs(self.id, "doubted"):
            return True
        denied, changes = False, segment.has("change")
        for span in segment.spans:
            mine = span.belongs(self.id, *_MINE) or span.has(*self.harmless) or (span.has("polite") and changes)
            if not mine and (span.has(*self.doubts) or (span.has("or") and not denied)):
                return True  # `neither this or that` leaves no choice open
            denied = denied or span.has(*_DENIALS)
        return False

    def read(self, segment: Segment, *, bare: bool) -> Reading:
        """What the segment says. `bare`: this question is open, so that yes, no and a number alone are meant for it."""
        reading = self._numbers(segment, bare=bare) if self.question.whole_number else Reading()
        self._phrases(segment, reading, bare=bare)
        self._subject(segment, reading)
        if self.takes_yes_no and bare and not reading:
            self._yes_no(segment, reading)
            reading.weak = True
        if segment.has("away") and not reading.own:
            return Reading()
        if reading:
            reading.doubt = reading.doubt or self.doubtful(segment)
        return reading

    def _phrases(self, segment: Segment, reading: Reading, *, bare: bool) -> None:
        """Phrases that mean an answer; a negator before them denies it."""
        negated, found, denier = False, False, None
        alone = bare and self._is_all(segment)
        for at, span in enumerate(segment.spans):
            values = span.values(self.id, "answer") or (span.values(self.id, "whole") if alone else [])
            if values:
                if self.parts and set(values) <= self.parts:
                    reading.affirmed = [value for value in reading.affirmed if value != denier]  # `nothing on X` is about X
                (reading.denied if negated else reading.affirmed).extend(values)
                if negated and denier is not None and not self.parts:
                    reading.doubt = True  # `never weekly` may mean never, or at other times
                denier = values[0] if span.has("negator") else denier
                found = True
                following = segment.spans[at + 1] if at + 1 < len(segment.spans) else None
                if self.parts and following is not None and self.strange(following):
                    reading.doubt = True  # a word behind a name may make another thing of it
            if span.belongs(self.id, "elsewhere") and not negated:
                reading.elsewhere = found = True
            negated = negated or (span.has(*_DENIALS) and not (self.takes_yes_no and span.has("no")))
        if not found:
            return
        framed = segment.belongs(self.id, "frame", "subject") or bool(reading.affirmed and reading.denied)
        if len(self.parts & set(reading.affirmed)) > 1 and not set(self.joins) & set(reading.affirmed):
            reading.doubt = True  # two names in one clause: which one is meant cannot be told
        if self.takes_yes_no and "yes" in reading.affirmed and segment.has(*_DENIALS):
            reading.doubt = True
        reading.own = reading.own or self._named(segment) or bool(reading.affirmed and reading.denied)
        last_denies = self.parts and negated and not reading.denied and not segment.spans[0].has("negator")
        if self._unknown(segment) > self._strangers(framed) or (last_denies and not self._answer_denies(segment)):
            reading.doubt = True

    def _is_all(self, segment: Segment) -> bool:
        """Whether a weak phrase is all that the segment says."""
        return all(span.has(*LIGHT, "yes", "no", "yes_whole", "no_whole") or span.belongs(self.id, "whole") for span in segment.spans)

    def _named(self, segment: Segment) -> bool:
        """Whether the segment says by its own words which question it is about: a preposition is not enough."""
        return any(
            span.belongs(self.id, "subject") or (span.belongs(self.id, "frame") and not span.has("filler")) for span in segment.spans
        )

    def _answer_denies(self, segment: Segment) -> bool:
        return any(span.has("negator") and span.values(self.id, "answer") for span in segment.spans)

    def _strangers(self, framed: bool) -> int:
        return _STRANGERS_BESIDE_A_SUBJECT if framed else 0

    def _subject(self, segment: Segment, reading: Reading) -> None:
        """The subject of the question, affirmed or denied: `no such agreement`, `we have one`."""
        if reading.affirmed or reading.denied or reading.doubt or not segment.belongs(self.id, "subject"):
            return
        denials = sum(span.has(*_DENIALS) for span in segment.spans)
        if denials == 1 and self.denied is not None:
            reading.affirmed.append(self.denied)
        elif not denials and self.said.asserted is not None:
            if segment.belongs(self.id, "asserting"):
                reading.affirmed.append(self._value(self.said.asserted))
            else:
                reading.doubt = True
        elif denials > 1:
            reading.doubt = True
        reading.own = True
        if self._unknown(segment) > _STRANGERS_BESIDE_A_SUBJECT:
            reading.doubt = True

    def _yes_no(self, segment: Segment, reading: Reading) -> None:
        said: list[Value] = [word for word in ("yes", "no") if segment.has(word)]
        if not said:
            said = self._yes_no_alone(segment, reading)
        if not said:
            return
        reading.affirmed += said
        stray = any(span.has("negator") and not span.has("no", "no_whole") for span in segment.spans)
        stray = stray or ("yes" in said and segment.has(*_DENIALS))
        if stray or len(said) > 1 or self._unknown(segment) > _STRANGERS_BESIDE_A_SUBJECT:
            reading.doubt = True

    def _yes_no_alone(self, segment: Segment, reading: Reading) -> list[Value]:
        """Words of other languages, and short sentences: they count where they are all that is said."""
        spans = [span for span in segment.spans if not span.meanings or span.has(*_ALONE) or not span.has(*LIGHT)]
        if not spans or not spans[0].has(*_ALONE):
            return []
        said: list[Value] = [word for word in ("yes", "no") if any(span.has(f"{word}_alone", f"{word}_whole") for span in spans)]
        strangers = sum(not span.has(*_ALONE) for span in spans)
        if strangers > (0 if spans[0].has("yes_whole", "no_whole") else _STRANGERS_BESIDE_A_FOREIGN_WORD):
            return []
        reading.doubt = len(said) > 1 or spans[0].has("courtesy")
        return said

    # -- numbers

    def _numbers(self, segment: Segment, *, bare: bool) -> Reading:
        reading = Reading(places=sum(span.belongs(self.id, "place") for span in segment.spans) if bare else 0)
        reading.doubt = bool(reading.places) and segment.has(*_DENIALS)
        counted = segment.belongs(self.id, "counted")
        if not counted and not bare:
            return reading
        found = numbers(segment.spans)
        for number in found:
            value = self._accepted(number.value)
            if value is None:
                reading.doubt = True
            else:
                (reading.denied if number.denied else reading.affirmed).append(value)
        if reading.affirmed or reading.denied:
            reading.own, reading.weak = counted, not counted
            several = len(found) > 1 and not reading.denied
            strangers = _STRANGERS_BESIDE_A_NUMBER if counted else 0
            others = self._unknown(segment) > strangers or any(self._counts_others(segment.spans, number.last) for number in found)
            reading.doubt = reading.doubt or several or others or segment.has("bound")
        return reading

    def _accepted(self, number: Decimal | None) -> Value:
        try:
            return parse_answer(self.question, number)
        except ValueError:
            return None

    def _counts_others(self, spans: Sequence[Span], at: int) -> bool:
        """A word that nobody knows right behind the number, and not what is counted after it: `5 endpoints`."""
        if at + 1 >= len(spans) or not self.strange(spans[at + 1]):
            return False
        return not any(later.belongs(self.id, "counted") for later in spans[at + 2 : at + 4])

    # -- a whole message

    def verdict(self, read: Sequence[tuple[Segment, Reading]], strays: Iterable[Segment], message: Sequence[Segment]) -> Verdict | None:
        """The readings of all segments as one; None where nothing was said about this question."""
        read = _latest([(segment, reading) for segment, reading in read if reading])
        if not read:
            return None
        readings = [reading for _, reading in read]
        affirmed = _distinct(value for reading in readings for value in reading.affirmed)
        denied = _distinct(value for reading in readings for value in reading.denied)
        doubt = any(reading.doubt for reading in readings) or any(self.doubtful(segment) or _number_alone(segment) for segment in strays)
        doubt = doubt or any(segment.asked for segment, _ in read) or _carries_a_denial(read)
        own = any(reading.own for reading in readings)
        affirmed, sure = self._with_places(affirmed, sum(reading.places for reading in readings), message)
        if any(reading.elsewhere for reading in readings) and self.said.elsewhere:
            means = self._value(self.said.elsewhere.means)
            doubt = doubt or affirmed not in ([], [means]) or not (affirmed or any(s.belongs(self.id, "alone") for s in message))
            affirmed = affirmed or [means]
        joined = self._joined(affirmed, denied)
        contradicts = bool(set(affirmed) & set(denied))
        if len(joined) == 1 and not doubt and sure and not contradicts:
            return Verdict(joined[0], clear=True, own=own)
        return Verdict(None, clear=False, own=own, candidates=tuple(value for value in affirmed if value not in denied))

    def _with_places(self, affirmed: list[Value], places: int, message: Sequence[Segment]) -> tuple[list[Value], bool]:
        """A list of places is their number, where it holds nothing else; beside a number it must agree."""
        if not places:
            return affirmed, True
        if affirmed:
            return affirmed, affirmed == [places]
        return [places], not any(self._unknown(segment) for segment in message)

    def _joined(self, affirmed: list[Value], denied: list[Value]) -> list[Value]:
        """Answers that together mean another one."""
        for whole, parts in self.joins.items():
            said = set(affirmed) - {whole}
            if said == parts or (whole in affirmed and said <= parts):
                return [whole]
        if not affirmed and self.parts and set(denied) == self.parts and self.denied is not None:
            return [self.denied]
        return affirmed


def _latest(read: list[tuple[Segment, Reading]]) -> list[tuple[Segment, Reading]]:
    """What was said behind a correction, where something was."""
    corrected = [(segment, reading) for segment, reading in read if segment.corrected]
    return corrected or read


def _number_alone(segment: Segment) -> bool:
    return all(is_number(span) for span in segment.spans)


def _carries_a_denial(read: Sequence[tuple[Segment, Reading]]) -> bool:
    """`not A and B`: whether B is denied too cannot be told."""
    pairs = pairwise(read)
    return any(
        before.denied and not before.affirmed and after.affirmed and segment.joined and not after.own
        for (_, before), (segment, after) in pairs
    )


def _distinct(values: Iterable[Value]) -> list[Value]:
    return list(dict.fromkeys(values))
