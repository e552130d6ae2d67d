"""What a whole message says about one question: the readings of its segments as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.understanding.numbers import is_number
from bot.understanding.reading import Reader, Reading
from bot.understanding.sentences import LIGHT, Segment
from engine.case import Value

Read = Sequence[tuple[Segment, Reading]]


@dataclass(frozen=True)
class Verdict:
    """What a message answers to one question: one value, or none and the candidates."""

    value: Value
    clear: bool
    own: bool
    candidates: tuple[Value, ...] = ()


def weighed(reader: Reader, found: Read, strays: Iterable[Segment], message: Sequence[Segment]) -> Verdict | None:
    """The readings of all segments as one; None where nothing was said about this question."""
    read = _without_asides(reader, _latest([(segment, reading) for segment, reading in found if reading]))
    if not read:
        return None
    readings = [reading for _, reading in read]
    affirmed = _distinct(value for reading in readings for value in reading.affirmed)
    denied = _distinct(value for reading in readings for value in reading.denied)
    tolerated = _tolerated(reader, read, message)
    firm = readings[:1] + [r for r in readings[1:] if r.affirmed or not r.denied] if tolerated else readings  # `AWS, never X`
    shared = all(reading.some for reading in firm) and {value for reading in firm for value in reading.affirmed} == reader.parts
    doubt = (not shared and any(reading.doubt for reading in firm)) or any(
        reader.doubtful(s, *tolerated) or _number_alone(s) for s in strays
    )
    doubt = doubt or any(segment.asked for segment, _ in read) or _carries_a_denial(read)
    own = any(reading.own for reading in readings)
    affirmed, sure = _with_places(reader, affirmed, sum(reading.places for reading in readings), message)
    if any(reading.elsewhere for reading in readings) and reader.said.elsewhere:
        means = reader.value(reader.said.elsewhere.means)
        doubt = doubt or affirmed not in ([], [means]) or not (affirmed or any(s.belongs(reader.id, "alone") for s in message))
        affirmed = affirmed or [means]
    joined = _joined(reader, affirmed, denied)
    contradicts = bool(set(affirmed) & set(denied))
    if len(joined) == 1 and not doubt and sure and not contradicts:
        return Verdict(joined[0], clear=True, own=own)
    return Verdict(None, clear=False, own=own, candidates=tuple(value for value in affirmed if value not in denied))


def _latest(read: Read) -> Read:
    """What was said behind a correction, where something was."""
    corrected = [(segment, reading) for segment, reading in read if segment.corrected]
    return corrected or read


def _without_asides(reader: Reader, read: Read) -> Read:
    """What is over, or does not count, gives way to what is so. A yes may be about what is over."""
    firm = [(segment, reading) for segment, reading in read if not reading.aside]
    values = [value for _, reading in firm for value in reading.affirmed]
    settled = values and not any(reading.doubt for _, reading in firm) and not (reader.takes_yes_no and "yes" in values)
    return firm if settled else read


def _tolerated(reader: Reader, read: Read, message: Sequence[Segment]) -> tuple[str, ...]:
    """Behind an answer that is complete by itself, its reasons follow: which words do no harm there."""
    spoken = next((segment for segment in message if segment.has("yes", "no") or not segment.only(*LIGHT)), None)
    first, reading = read[0]
    if first is not spoken or reading.doubt or len(reading.affirmed) != 1 or reading.denied or reader.unknown(first):
        return ()
    if reader.takes_yes_no:
        return ("telling",) if "yes" in reading.affirmed else ("telling", "past", "doubted")
    return ("telling", "past", "doubted") if reader.question.whole_number else ("telling", "past", "vague")


def _with_places(reader: Reader, affirmed: list[Value], places: int, message: Sequence[Segment]) -> tuple[list[Value], bool]:
    """A list of places is their number, where it holds nothing else; beside a number it must agree."""
    if not places:
        return affirmed, True
    if affirmed:
        return affirmed, affirmed == [places]
    return [places], not any(reader.unknown(segment) for segment in message)


def _joined(reader: Reader, affirmed: list[Value], denied: list[Value]) -> list[Value]:
    """Answers that together mean another one."""
    for whole, parts in reader.joins.items():
        said = set(affirmed) - {whole}
        if said == parts or (whole in affirmed and said <= parts):
            return [whole]
    if not affirmed and reader.parts and set(denied) == reader.parts and reader.denied is not None:
        return [reader.denied]
    return affirmed


def _number_alone(segment: Segment) -> bool:
    return all(is_number(span) for span in segment.spans)


def _carries_a_denial(read: Read) -> bool:
    """`not A and B`: whether B is denied too cannot be told."""
    pairs = pairwise(read)
    return any(
        before.denied and not before.affirmed and after.affirmed and segment.joined and not after.own
        for (_, before), (segment, after) in pairs
    )


def _distinct(values: Iterable[Value]) -> list[Value]:
    return list(dict.fromkeys(values))
