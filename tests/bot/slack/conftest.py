"""A bot in a local Slack for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.rulebook import Rulebook
from tests.bot.slack.harness import Bot, bot_in_local_slack


@contextmanager
def checked(rulebook: Rulebook, folder: Path, **slack_options: Any) -> Iterator[Bot]:
    """Whatever a test does: nothing that the bot sent may break a rule of Slack, and nothing unexpected may stand in its log."""
    with bot_in_local_slack(rulebook, folder, **slack_options) as bot:
        yield bot
        bot.settled()
        assert bot.broken_payloads() == []
        assert [record.getMessage() for record in bot.logged] == []


@pytest.fixture
def bot(rulebook: Rulebook, tmp_path: Path) -> Iterator[Bot]:
    with checked(rulebook, tmp_path) as bot:
        yield bot


@pytest.fixture(scope="module")
def shared(rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """One bot for the tests of a file that only look something up."""
    with checked(rulebook, tmp_path_factory.mktemp("shared")) as bot:
        yield bot
