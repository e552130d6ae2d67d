"""Bots as processes. One serves a whole module where nothing in it ends the bot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.sandbox.server import LocalSlack
from tests.bot.postgres import NoPostgres, fresh_database, postgres_server
from tests.bot.serving.people import Person
from tests.bot.serving.process import Served, local_slack, serving, sqlite

# Slack shows these beside the signing secret, so people set them too. Bolt reads them by itself, and would ask for installations.
OF_THE_APP = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "of-the-app"}


@pytest.fixture(scope="module", params=["http", "socket"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with local_slack() as slack, serving(slack, request.param, sqlite(folder), folder, **OF_THE_APP) as bot:
        yield bot


@pytest.fixture(scope="module")
def over_http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("over_http")
    with local_slack() as slack, serving(slack, "http", sqlite(folder), folder) as bot:
        yield bot


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with local_slack() as slack:
        yield slack


@pytest.fixture
def alex(slack: LocalSlack) -> Person:
    return Person(slack)


@pytest.fixture
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    try:
        with postgres_server() as server, fresh_database(server) as url:
            yield url
    except NoPostgres as none:
        pytest.skip(str(none))
