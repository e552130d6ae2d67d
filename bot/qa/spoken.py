"""An answer as people read it, in Markdown: the text, what it rests on, what to ask next."""

from __future__ import annotations

from bot.qa.answer import Answer
from bot.words import Words


def spoken(answer: Answer, words: Words) -> str:
    """Sources stand as a list, the newest first; one without a date says so."""
    sources = sorted(answer.sources, key=lambda source: (source.as_of is not None, source.as_of), reverse=True)
    return words.environment.get_template("qa/answer.md.j2").render(answer=answer, sources=sources)
