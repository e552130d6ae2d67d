"""What most tests need: the real rulebook, the day on which everything is asked, and rules that a test may break."""

from __future__ import annotations

import copy
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.redaction import Redaction
from engine.load import RULES_FOLDER, load_rulebook
from engine.rulebook import Rulebook


class _Watch(logging.Handler):
    """Notes each record of the whole suite in which a token of a local Slack is left after the filter of the bot's log."""

    planted = re.compile(r"x(?:oxb|app)-sandbox-[0-9a-f]+")

    def __init__(self) -> None:
        super().__init__()
        self.leaks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        filtered = copy.copy(record)  # other handlers see the record as it was
        Redaction().filter(filtered)
        if self.planted.search(self.format(filtered)):
            self.leaks.append(f"{record.name}: {record.msg}")


@pytest.fixture(scope="session", autouse=True)
def _no_token_in_any_line() -> Iterator[None]:
    watch = _Watch()
    logging.getLogger().addHandler(watch)
    yield
    logging.getLogger().removeHandler(watch)
    assert watch.leaks == []


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load_rulebook()


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 11, 22)


@pytest.fixture
def broken_rules(tmp_path: Path) -> Callable[..., Path]:
    """A function from edits (file, old text, new text) to a copy of rules/ that has them; no old text: a whole file."""
    folder = tmp_path / "rules"
    shutil.copytree(RULES_FOLDER, folder)

    def break_rules(*edits: tuple[str, str, str]) -> Path:
        for file, old, new in edits:
            path = folder / file
            text = path.read_text(encoding="utf-8") if old else ""
            assert old in text, f"{file} no longer holds {old!r}: the edit would change nothing"
            # As bytes, so that the line ends that a test writes are the ones that are read.
            path.write_bytes((text.replace(old, new, 1) if old else new).encode())
        return folder

    return break_rules
