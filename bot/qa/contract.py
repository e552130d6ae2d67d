"""An answer as JSON: one object a question. A promise to programs: keys are added, never changed."""

from __future__ import annotations

from typing import Any

from bot.qa.answer import Answer


def contract(answer: Answer) -> dict[str, Any]:
    """Plain JSON values; days as text, unknown as null."""
    return {
        "answered": answer.answered,
        "kind": answer.kind,
        "id": answer.id,
        "claims": list(answer.claims),
        "text": answer.text,
        "sources": [{"title": s.title, "publisher": s.publisher, "as_of": s.as_of and s.as_of.isoformat()} for s in answer.sources],
        "as_of": answer.as_of and answer.as_of.isoformat(),
        "suggestions": list(answer.suggestions),
    }
