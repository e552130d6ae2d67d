"""docs/operating.md as tests read it: its blocks in order, each with what is to be done with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

from tests.deploy.files import ROOT

PAGE = ROOT / "docs" / "operating.md"
UNTIL = "until: "
AFTER_STOPPING = "after stopping the bots"
ELSEWHERE = ("with a container engine", "with systemd")
_BLOCK = re.compile(r"^( *)```(\w*) ?([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of commands. `how` is what stands behind the word `sh`; `part` is the number of the heading above."""

    part: int
    language: str
    how: str
    text: str

    @property
    def runs_here(self) -> bool:
        return self.how not in ELSEWHERE

    @property
    def until(self) -> str:
        """What it prints once the next block may be typed; empty for a block that ends by itself."""
        return self.how.removeprefix(UNTIL) if self.how.startswith(UNTIL) else ""


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def blocks() -> list[Block]:
    found, page = [], text()
    for block in _BLOCK.finditer(page):
        part = len(re.findall(r"^## \d", page[: block.start()], re.MULTILINE))
        found.append(Block(part, block[2], block[3], dedent(block[4])))
    return found
