"""Numbers as people type them."""

from __future__ import annotations

import re

from engine.yamltree import typed_word

_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def said_number(text: str) -> object:
    """What somebody typed as a number: thousands may be separated by commas, and a comma means nothing else."""
    said = text.strip()
    return typed_word(said.replace(",", "") if _THOUSANDS.fullmatch(said) else said)
