"""What `whichcloud doctor` says of one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "wrong", "not checked"]


@dataclass(frozen=True)
class Finding:
    """`found` says what is, `fix` what to do. Neither may hold a secret."""

    check: str
    state: State
    found: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.state:<12}{self.check:<15}{self.found}.{f' {self.fix}' if self.fix else ''}"
