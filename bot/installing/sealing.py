"""What is kept of an installation, as text that nobody reads without a key, nor in another row than its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class CannotOpen(Exception):
    """None of the keys opens the text, or it was sealed for another row."""


class Seals:
    """The first key seals, all of them open. Neither keys nor what was sealed shows in a repr."""

    def __init__(self, keys: Sequence[str]) -> None:
        opening = [Fernet(key) for key in keys]
        self._first = opening[0]
        self._all = MultiFernet(opening)

    def seal(self, row: str, held: Mapping[str, Any]) -> str:
        """`row` goes inside, so that a text that is copied to another row does not open there."""
        plain = json.dumps({"row": row, "held": held}, default=datetime.isoformat)
        return self._first.encrypt(plain.encode()).decode()

    def opened(self, row: str, sealed: str) -> dict[str, Any]:
        try:
            read = json.loads(self._all.decrypt(sealed.encode()))
        except InvalidToken:
            raise CannotOpen("none of the keys opens it") from None
        if read["row"] != row:
            raise CannotOpen("it was sealed for another row")
        held: dict[str, Any] = read["held"]
        return held

    def is_by_first(self, sealed: str) -> bool:
        """Whether the other keys are not needed for it."""
        try:
            self._first.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True
