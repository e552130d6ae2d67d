"""rules/asking/oncase.yml: how people ask about the open case, checked and held together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from engine.errors import Problems, RulesError, did_you_mean, echo
from engine.knowledge import Id, Text, Whole, WrittenModel
from engine.load import RULES_FOLDER
from engine.written import read_file

FILE = "asking/oncase.yml"
CLASS = re.compile(r"\{([a-z]+)\}")
NAMES = ("provider", "purchase", "line", "split", "question", "place", "machine")  # lists that the case and the rulebook fill


class Asks(WrittenModel):
    """The patterns of one intent or wish, and the words that may stand beside them."""

    asks: list[Text]
    also: tuple[Text, ...] = ()


class Intent(Asks):
    """`needs`: lists of which one word each must stand there. `next`: what to ask after it."""

    id: Id
    anchored: tuple[Text, ...] = ()
    needs: tuple[tuple[Text, ...], ...] = ()
    spare: Whole = 0
    next: tuple[Text, ...] = ()


class Asking(WrittenModel):
    """The whole file."""

    most_words: Whole
    shortest_slip: Whole
    endings: list[Text]
    spellings: dict[str, Text]
    fillers: list[Text]
    wish_fillers: list[Text]
    others: list[Text]
    us: list[Text]
    providers: dict[str, list[Text]]
    splits: list[Text]
    lines: dict[str, list[Text]]
    purchases: dict[str, list[Text]]
    questions: dict[str, list[Text]]
    places: list[list[Text]]
    words: dict[str, list[Text]]
    wishes: dict[str, Asks]
    intents: list[Intent]


@lru_cache(maxsize=4)
def load_asking(folder: Path = RULES_FOLDER) -> Asking:
    """Raises RulesError with what is wrong with the file."""
    asking = read_file(folder, FILE, Asking)
    known, problems = [*asking.words, *NAMES], Problems()
    for where, written in _texts(asking):
        for name in CLASS.findall(written):
            if name not in known:
                problems.add(FILE, 0, where, f"{echo(written)}: there is no such list of words. {did_you_mean(name, known)}")
    if problems:
        raise RulesError(problems.found)
    return asking


def _texts(asking: Asking) -> Iterator[tuple[str, str]]:
    """Every text that may name a list of words, and the intent or wish that it belongs to."""
    for intent in asking.intents:
        yield from ((intent.id, text) for text in (*intent.asks, *intent.anchored, *intent.also))
    for name, wish in asking.wishes.items():
        yield from ((name, text) for text in (*wish.asks, *wish.also))
