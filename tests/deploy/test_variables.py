"""The example of the environment holds what the bot reads: every variable, once, with what it is unless set."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from tests.deploy.files import COMPOSE, EXAMPLE, Variable, unit, variables

OF_COMPOSE = "POSTGRES_PASSWORD"


def test_every_variable_of_the_bot_stands_there_once_and_no_other() -> None:
    assert sorted(each.name for each in variables()) == sorted([*(name.upper() for name in Settings.model_fields), OF_COMPOSE])


def test_every_line_that_sets_something_has_one_above_that_says_what_it_is() -> None:
    names = [line.lstrip("#").partition("=")[0] for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    assert [each.name for each in variables()] == [name for name in names if name and name.replace("_", "").isupper() and " " not in name]


@pytest.mark.parametrize("variable", [each for each in variables() if each.shown], ids=lambda each: each.name)
def test_what_is_shown_is_what_holds_unless_set(monkeypatch: pytest.MonkeyPatch, variable: Variable) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    held = getattr(Settings(), variable.name.lower())
    assert variable.value == str(held.get_secret_value() if isinstance(held, SecretStr) else held)


@pytest.mark.parametrize("variable", [each for each in variables() if not each.shown], ids=lambda each: each.name)
def test_what_is_to_be_filled_in_is_empty(variable: Variable) -> None:
    """What is set to nothing is not set, so such lines may stay. A secret in an example would be one that everybody knows."""
    assert variable.value == ""


def test_the_compose_file_and_the_unit_read_it_where_it_says() -> None:
    assert "copy to .env beside it) and for systemd (copy to /etc/whichcloud/env)" in EXAMPLE.read_text(encoding="utf-8")
    assert "env_file: .env" in COMPOSE.read_text(encoding="utf-8")
    assert unit()["EnvironmentFile"] == ["/etc/whichcloud/env"]


def test_a_filled_in_one_is_not_committed() -> None:
    assert ".env" in (COMPOSE.parent / ".gitignore").read_text(encoding="utf-8").split()
