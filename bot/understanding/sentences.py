"""Spans -> segments: the pieces of a message that each say one thing, and what surrounds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.understanding.lexicon import Span

LIGHT = ("filler", "courtesy", "and", "correction", "change", "tag", "approximate")
_ENDS_SENTENCE = ".!?\n"
_NEAR = 3  # so many phrases behind a `with` the next question is named


@dataclass(frozen=True)
class Segment:
    """A piece between commas and conjunctions."""

    spans: tuple[Span, ...]
    sentence: int
    asked: bool = False
    joined: bool = False
    corrected: bool = False

    def has(self, *roles: str) -> bool:
        return any(span.has(*roles) for span in self.spans)

    def only(self, *roles: str) -> bool:
        return all(span.has(*roles) for span in self.spans)

    def belongs(self, question: str, *roles: str) -> bool:
        return any(span.belongs(question, *roles) for span in self.spans)

    @property
    def unknown(self) -> int:
        return sum(not span.meanings and not span.number for span in self.spans)


def segments(spans: Sequence[Span]) -> list[Segment]:
    """The message in pieces; those of a sentence that asks are marked, and those behind a correction."""
    return _without_questions(_split(spans))


def _split(spans: Sequence[Span]) -> list[tuple[Segment, str]]:
    """Each piece with the mark that ends it."""
    found: list[tuple[Segment, str]] = []
    here: list[Span] = []
    sentence, joined, corrected = 0, False, False

    def close(mark: str) -> None:
        if here:
            found.append((Segment(tuple(here), sentence, joined=joined, corrected=corrected), mark))
        elif found and mark and mark in _ENDS_SENTENCE and found[-1][1] != "?":
            found[-1] = (found[-1][0], mark)
        here.clear()

    for at, span in enumerate(spans):
        if span.has("break"):
            close(span.text)
            sentence += span.text in _ENDS_SENTENCE
            joined = False
        elif span.has("and"):
            close("")
            joined = True
        elif span.has("because"):
            close("")
            joined = False
        elif span.has("with") and any(behind.has("subject", "counted", "backing") for behind in spans[at + 1 : at + 1 + _NEAR]):
            close("")
            joined = False
            here.append(span)
        elif span.has("correction"):
            close("")
            joined, corrected = False, True
        elif span.has("contrast") and any(before.has("negator") for before in here):
            close("")
            joined = False
        else:
            here.append(span)
    close("")
    return [(_without_either(segment), mark) for segment, mark in found]


def _without_either(segment: Segment) -> Segment:
    """`no X either` leaves no choice open."""
    *before, last = segment.spans
    if before and last.text == "either" and any(span.has("negator", "no", "no_whole") for span in before):
        return replace(segment, spans=tuple(before))
    return segment


def _without_questions(pieces: Iterable[tuple[Segment, str]]) -> list[Segment]:
    by_sentence: dict[int, list[tuple[Segment, str]]] = {}
    for piece in pieces:
        by_sentence.setdefault(piece[0].sentence, []).append(piece)
    found: list[Segment] = []
    for sentence in by_sentence.values():
        kept = [segment for segment, _ in sentence]
        asks = sentence[-1][1] == "?"
        if asks and len(kept) > 1 and kept[-1].only("tag", "filler"):
            kept, asks = kept[:-1], False  # "..., right?" asks nothing
        found += [replace(segment, asked=asks or _opens_a_question(kept[0])) for segment in kept]
    return found


def _opens_a_question(segment: Segment) -> bool:
    first = next((span for span in segment.spans if span.has("asking") or not span.has("courtesy", "filler")), None)
    return first is not None and first.has("asking")
