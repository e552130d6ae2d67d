"""What a person typed, as the conversation can use it: an answer, not sure, a command, chatter, or unclear and asked back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from bot.understanding.lexicon import Lexicon, Span
from bot.understanding.reading import Reader, Reading
from bot.understanding.sentences import LIGHT, Segment, segments
from bot.understanding.text import plain
from bot.understanding.weighing import Verdict, weighed
from engine.case import Value
from engine.rulebook import Rulebook

MOST_CHARACTERS = 1000  # nobody answers one question at such length; a longer text is asked back unread
_MOST_STRANGERS = 12
_FEW_STRANGERS = 3
_MEANINGLESS = (*LIGHT, "known", "real", "ignored", "frame", "telling", "polite", "away")

Command = Literal["back", "restart", "cancel", "help", "typical", "numbers", "status"]


@dataclass(frozen=True)
class Heard:
    """What a message means. `also`: further answers in it. `candidates`: readings too close to call, likeliest first."""

    kind: Literal["answer", "unsure", "command", "unclear", "chatter"]
    question: str | None = None
    value: Value = None
    command: Command | None = None
    corrects: bool = False
    candidates: tuple[Value, ...] = ()
    also: tuple[Heard, ...] = ()


class Listener:
    """Understands typed messages; built once for a rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.lexicon = Lexicon(rulebook)
        self.order = list(rulebook.question)
        self.readers = {said.id: Reader(rulebook.question[said.id], said) for said in rulebook.phrases.questions}

    def hear(self, text: str, open_question: str | None) -> Heard:
        """What the text means while a question is open; None: all are answered."""
        if len(text) > MOST_CHARACTERS:
            return Heard("unclear", open_question)
        spans = self.lexicon.spans(plain(text))
        content = [span for span in spans if not span.has("break")]
        if not content:
            return Heard("command", command="help") if any("?" in span.text for span in spans) else Heard("chatter")
        command = _command(content)
        if command:
            return Heard("command", command=command)
        message = segments(spans)
        if _unsure(message):
            return Heard("unsure", open_question)
        return self._answer(content, message, open_question) or _silent(content, message, open_question)

    def _answer(self, content: Sequence[Span], message: list[Segment], open_question: str | None) -> Heard | None:
        named = [m.question for span in content for m in span.meanings if m.role == "reference"]
        if named:
            return self._named(named, message, open_question)
        corrects = any(span.has("correction", "change") for span in content)
        verdicts = self._verdicts(_without_interjections(message), open_question)
        if sum(segment.unknown for segment in message) > _MOST_STRANGERS:
            verdicts = {name: Verdict(None, clear=False, own=v.own, candidates=v.candidates) for name, v in verdicts.items()}
        here = verdicts.pop(open_question, None) if open_question else None
        if here and (not here.clear or (content[-1].has("away") and not here.own)):
            return Heard("unclear", open_question, candidates=here.candidates)
        others = {name: verdict for name, verdict in verdicts.items() if verdict.clear and verdict.own}
        if not here and not others and corrects:
            others = {name: verdict for name, verdict in verdicts.items() if verdict.clear}
            others = others if len(others) == 1 else {}
        answers = [Heard("answer", open_question, here.value)] if here else []
        for name in sorted(others, key=self.order.index):
            answers.append(Heard("answer", name, others[name].value, corrects=self._changes(name, open_question, corrects and not here)))
        if not answers:
            return None
        first, *rest = answers
        return Heard(first.kind, first.question, first.value, corrects=first.corrects, also=tuple(rest))

    def _changes(self, name: str, open_question: str | None, corrects: bool) -> bool:
        """An answer to a question before the open one was given already."""
        return corrects or open_question is None or self.order.index(name) < self.order.index(open_question)

    def _named(self, named: list[str], message: list[Segment], open_question: str | None) -> Heard:
        """The person names the question by its place: everything else in the message is about it."""
        name = named[0]
        verdict = self._verdicts(message, name).get(name) if len(set(named)) == 1 else None
        if verdict is None or not verdict.clear:
            return Heard("unclear", name, candidates=verdict.candidates if verdict else ())
        return Heard("answer", name, verdict.value, corrects=name != open_question)

    def _verdicts(self, message: list[Segment], bare: str | None) -> dict[str, Verdict]:
        read = {name: [(s, reader.read(s, bare=name == bare)) for s in message] for name, reader in self.readers.items()}
        _one_question_a_segment(read, bare, len(message))
        named = {at for found in read.values() for at, (_, reading) in enumerate(found) if reading.own}
        named |= {at for at, (_, reading) in enumerate(read.get(bare or "", ())) if reading and reading.weak}
        verdicts = {}
        for name, found in read.items():
            strays = [s for at, (s, reading) in enumerate(found) if not reading and at not in named and not s.asked]
            verdicts[name] = weighed(self.readers[name], found, strays, message)
        return {name: verdict for name, verdict in verdicts.items() if verdict}


def _one_question_a_segment(read: dict[str, list[tuple[Segment, Reading]]], bare: str | None, count: int) -> None:
    """Where one segment could answer several, it answers the open one; otherwise the one that it names, or none."""
    for at in range(count):
        names = [name for name, found in read.items() if found[at][1]]
        own = [name for name in names if read[name][at][1].own]
        kept = [bare] if bare in names and not (own and read[bare][at][1].weak) else own or names
        for name in names:
            if name not in kept or (len(kept) > 1 and read[name][at][1].own):
                read[name][at] = (read[name][at][0], Reading())


def _without_interjections(message: list[Segment]) -> list[Segment]:
    """`no, sorry, X`: the no before a correction in its own sentence answers nothing."""
    corrected = {segment.sentence for segment in message if segment.corrected}
    return [s for s in message if s.corrected or s.sentence not in corrected or not s.only("yes", "no", "filler", "courtesy")]


def _command(content: Sequence[Span]) -> Command | None:
    found = {meaning.value for span in content for meaning in span.meanings if meaning.role == "command"}
    rest = (span for span in content if not span.has("command"))
    if len(found) == 1 and not content[-1].has("yes", "no") and all(span.has(*LIGHT, "no", "yes", "asking", "polite") for span in rest):
        return cast("Command", found.pop())
    return None


def _unsure(message: Sequence[Segment]) -> bool:
    """Not knowing comes first, and nothing behind it says more."""
    spoken = [segment for segment in message if not segment.only(*LIGHT)]
    while len(spoken) > 1 and _says_nothing(spoken[0].spans):
        spoken = spoken[1:]
    if not spoken or any(segment.asked for segment in message):
        return False
    first = next(span for span in spoken[0].spans if not span.has(*LIGHT) or span.has("unsure"))
    rest = spoken[0].spans[spoken[0].spans.index(first) + 1 :]
    reasons = [span for segment in spoken[1:] for span in segment.spans]
    known = all(span.meanings and not span.has("blocker", "past", "telling", "hedge", "yes", "no", "asking") for span in rest)
    return first.has("unsure") and (known or _says_nothing(rest)) and _says_nothing(reasons)


def _says_nothing(spans: Sequence[Span]) -> bool:
    """Words that are unknown or mean nothing by themselves, and not many."""
    strangers = sum(not span.meanings for span in spans)
    return strangers <= _FEW_STRANGERS and all(
        not span.number
        and not span.has("yes", "no", "negator")
        and (span.has(*LIGHT) or all(m.role in _MEANINGLESS for m in span.meanings))
        for span in spans
    )


def _silent(content: Sequence[Span], message: Sequence[Segment], open_question: str | None) -> Heard:
    """Nothing was answered: small talk is left alone, everything else is asked back."""
    talk = any(span.has("courtesy", "away") for span in content) or not message
    asked = any(segment.asked for segment in message)
    doubts = () if any(span.has("away") for span in content) else ("blocker",)
    loaded = any(
        span.has("hedge", "unsure", "bound", "vague", "negator", "yes", "no", "reference", "change", *doubts)
        for span in content
        if not span.has("courtesy", "away")
    )
    return Heard("chatter") if talk and not asked and not loaded else Heard("unclear", open_question)
