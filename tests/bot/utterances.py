"""Reads utterances.txt: what people type, and what must be heard."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("utterances.txt")
NO_QUESTION = "all answered"


@dataclass(frozen=True)
class Utterance:
    """One message, the question that was open, and what must be heard."""

    group: str
    asked: str | None
    heard: str
    text: str

    @property
    def id(self) -> str:
        return f"{self.group}: {self.asked or NO_QUESTION}: {self.text[:50]}"


def utterances() -> list[Utterance]:
    found: list[Utterance] = []
    head: tuple[str, str | None, str] | None = None
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("# ") and line.count(" | ") == 2:
            group, asked, heard = line.removeprefix("# ").split(" | ")
            head = (group, None if asked == NO_QUESTION else asked, heard)
        elif line and head and head[0] != "how it came about":
            found.append(Utterance(*head, json.loads(line) if line.startswith('"') else line))
    return found
