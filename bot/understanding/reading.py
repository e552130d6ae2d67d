"""What one segment says about one question. Doubt is kept: it is asked back, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bot.understanding.lexicon import Span
from bot.understanding.numbers import numbers
from bot.understanding.sentences import LIGHT, Segment
from engine.case import Value, parse_answer
from engine.knowledge import Question, QuestionPhrases

_DOUBTS = ("hedge", "blocker", "past", "telling", "away", "unsure", "vague", "asking", "command")
_DENIALS = ("negator", "no", "no_whole")
_HARMLESS = ("change", "yes", "no", "courtesy")
_MINE = ("answer", "whole", "ignored", "subject", "frame", "asserting", "counted", "place", "backing")
_STRANGERS_BESIDE_A_SUBJECT = 3  # unknown words that a sentence about the question may hold
_STRANGERS_BESIDE_A_NUMBER = 2
_STRANGERS_BESIDE_A_LONG_PHRASE = 2
_STRANGERS_BESIDE_A_FOREIGN_WORD = 2
_ALONE = ("yes_alone", "no_alone", "yes_whole", "no_whole")


@dataclass
class Reading:
    """What was said about one question. `own`: its own words name it, so that it answers even where another is open.

    `aside`: about what is over or does not count, so that it gives way to what is said beside it.
    `some`: doubted only because it is no more than some of it.
    """

    affirmed: list[Value] = field(default_factory=list)
    denied: list[Value] = field(default_factory=list)
    doubt: bool = False
    own: bool = False
    weak: bool = False
    elsewhere: bool = False
    places: int = 0
    aside: bool = False
    some: bool = False

    def __bool__(self) -> bool:
        return bool(self.affirmed or self.denied or self.doubt or self.elsewhere or self.places)


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
        self.denied = None if said.denied is None else self.value(said.denied)

    def value(self, written: str) -> Value:
        return parse_answer(self.question, Decimal(written) if self.question.whole_number else written)

    # -- one segment

    def strange(self, span: Span) -> bool:
        """A word that nobody knows, or that only another question knows."""
        if span.number:
            return not self.question.whole_number and not self.takes_yes_no
        return not any(m.role != "real" and m.question in ("", self.id) for m in span.meanings)

    def unknown(self, segment: Segment) -> int:
        return sum(self.strange(span) for span in segment.spans)

    def doubtful(self, segment: Segment, *but: str) -> bool:
        """Words that make any answer beside them unsure, unless they belong to this question. `but`: these do not."""
        if "doubted" not in but and segment.belongs(self.id, "doubted"):
            return True
        doubts = [role for role in self.doubts if role not in but]
        denied, changes = False, segment.has("change")
        for span in segment.spans:
            mine = span.belongs(self.id, *_MINE) or span.has(*self.harmless) or (span.has("polite") and changes)
            if not mine and (span.has(*doubts) or (span.has("or") and not denied)):
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
            reading.aside = segment.has("past") or segment.belongs(self.id, "minor")
            reading.some = bool(self.parts) and not reading.doubt and segment.has("vague") and not self.doubtful(segment, "vague")
            reading.doubt = reading.doubt or segment.belongs(self.id, "minor") or self.doubtful(segment)
        return reading

    def _phrases(self, segment: Segment, reading: Reading, *, bare: bool) -> None:
        """Phrases that mean an answer; a negator before them denies it."""
        negated, found, purposed, denier = False, False, False, None
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
                purposed = purposed or (following is not None and following.belongs(self.id, "purpose"))
                if self.parts and following is not None and self.strange(following):
                    reading.doubt = True  # a word behind a name may make another thing of it
            if span.belongs(self.id, "elsewhere") and not negated:
                reading.elsewhere = found = True
            negated = negated or (span.has(*_DENIALS) and not (self.takes_yes_no and span.has("no")))
        if not found:
            return
        if self.parts and reading.affirmed and not reading.denied and self._refused(segment):
            reading.denied, reading.affirmed, negated = reading.affirmed, [], False
        framed = purposed or segment.belongs(self.id, "frame", "subject") or bool(reading.affirmed and reading.denied)
        if len(self.parts & set(reading.affirmed)) > 1 and not set(self.joins) & set(reading.affirmed):
            reading.doubt = True  # two names in one clause: which one is meant cannot be told
        if self.takes_yes_no and "yes" in reading.affirmed and segment.has(*_DENIALS):
            reading.doubt = True
        reading.own = reading.own or self._named(segment) or bool(reading.affirmed and reading.denied)
        last_denies = self.parts and negated and not reading.denied and not segment.spans[0].has("negator")
        told = bare and any(" " in span.text and span.values(self.id, "answer") for span in segment.spans)
        if self.unknown(segment) > self._strangers(framed, told=told and not self.parts) or (
            last_denies and not self._answer_denies(segment)
        ):
            reading.doubt = True

    def _refused(self, segment: Segment) -> bool:
        """`X no`: the no behind the name denies it, and nothing else does."""
        *before, last = segment.spans
        return last.has("no") and not any(span.has(*_DENIALS) for span in before)

    def _is_all(self, segment: Segment) -> bool:
        """Whether a weak phrase is all that the segment says."""
        light = (*LIGHT, "yes", "no", "yes_whole", "no_whole")
        return all(span.has(*light) or span.belongs(self.id, "whole", "ignored") for span in segment.spans)

    def _named(self, segment: Segment) -> bool:
        """Whether the segment says by its own words which question it is about: a preposition is not enough."""
        return any(
            span.belongs(self.id, "subject", "backing") or (span.belongs(self.id, "frame") and not span.has("filler"))
            for span in segment.spans
        )

    def _answer_denies(self, segment: Segment) -> bool:
        return any(span.has("negator") and span.values(self.id, "answer") for span in segment.spans)

    def _strangers(self, framed: bool, *, told: bool) -> int:
        """How many unknown words an answer may stand among. `told`: it is of several words, so that it is no chance."""
        return _STRANGERS_BESIDE_A_SUBJECT if framed else _STRANGERS_BESIDE_A_LONG_PHRASE if told else 0

    def _subject(self, segment: Segment, reading: Reading) -> None:
        """The subject of the question, affirmed or denied: `no such agreement`, `we have one`."""
        if reading.affirmed or reading.denied or reading.doubt or not segment.belongs(self.id, "subject", "backing"):
            return
        denials = sum(span.has(*_DENIALS) for span in segment.spans)
        if not denials and not segment.belongs(self.id, "subject"):
            return  # to have the people says nothing of what they can do
        if denials == 2 and segment.spans[0].has("no"):
            denials = 1  # `no we can not` denies once
        if denials == 1 and self.denied is not None:
            reading.affirmed.append(self.denied)
        elif not denials and self.said.asserted is not None:
            if segment.belongs(self.id, "asserting"):
                reading.affirmed.append(self.value(self.said.asserted))
            else:
                reading.doubt = True
        elif denials > 1:
            reading.doubt = True
        reading.own = True
        if self.unknown(segment) > _STRANGERS_BESIDE_A_SUBJECT:
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
        if stray or len(said) > 1 or self.unknown(segment) > _STRANGERS_BESIDE_A_SUBJECT:
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
            others = self.unknown(segment) > strangers or any(self._counts_others(segment.spans, number.last) for number in found)
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
