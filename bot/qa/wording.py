"""A question as it is compared and searched: one way to write each letter, no markup, no emoji."""

from __future__ import annotations

import re

from bot.understanding import text as typed

MOST_CHARACTERS = 4000  # what stands behind it is not read
_SIGN = re.compile(r":[a-z0-9][a-z0-9_+-]{0,60}:")
_DECORATION = re.compile(r"[*~`]+|(?<![^\W_])_+|_+(?![^\W_])")  # an underscore inside a name stays
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """In lower case, without Slack's markup, emoji and accents; spaces are single. Numbers and units stay as they were written."""
    read = typed.folded(_DECORATION.sub(" ", typed.plain(text[:MOST_CHARACTERS])))
    kept = "".join(letter if letter.isprintable() and ord(letter) < 0x2600 else " " for letter in _SIGN.sub(" ", read))
    return _SPACES.sub(" ", kept).strip()
