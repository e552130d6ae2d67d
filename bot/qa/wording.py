"""A question as it is compared and searched: one way to write each letter, no markup, no emoji."""

from __future__ import annotations

import re
import unicodedata

from bot.understanding import text as typed

MOST_CHARACTERS = 4000  # what stands behind it is not read
_SIGN = re.compile(r":[a-z0-9][a-z0-9_+-]{0,60}:")
_DECORATION = re.compile(r"[*~`]+|(?<![^\W_])_+|_+(?![^\W_])")  # an underscore inside a name stays
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """In lower case, without Slack's markup, emoji and accents; spaces are single. Numbers and units stay as they were written."""
    read = typed.folded(_cut(_DECORATION.sub(" ", typed.plain(text[:MOST_CHARACTERS]))))
    kept = "".join(letter if letter.isprintable() and ord(letter) < 0x2600 else " " for letter in _SIGN.sub(" ", read))
    return _SPACES.sub(" ", kept).strip()


def _cut(text: str) -> str:
    """One letter may be written out as 18: no more is read for that."""
    written_out = unicodedata.normalize("NFKC", text)
    return text if len(written_out) <= MOST_CHARACTERS else written_out[:MOST_CHARACTERS]


def is_one_slip(word: str, known: str) -> bool:
    """One letter too many, too few or another, or two neighbours swapped."""
    start = 0
    while start < min(len(word), len(known)) and word[start] == known[start]:
        start += 1
    left, right = word[start:], known[start:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    return len(left) <= 1 >= len(right) or (len(left) == 2 and left == right[::-1])
