"""What most tests need: the real rulebook, the day on which everything is asked, and rules that a test may break."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from engine.load import RULES_FOLDER, load_rulebook
from engine.rulebook import Rulebook


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
