"""Requests of many workspaces reach the bot with the token of their own; what leaves, leaves nothing. Against the local Slack."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.clients import Authorizing, ManyWorkspaces, NotInstalled, client_for, not_installed_words
from bot.listeners.leaving import register_leaving
from bot.manifest import for_many_workspaces, read_manifest
from bot.office import Office
from bot.sandbox.seed import ALEX
from bot.sandbox.server import LocalSlack
from bot.sandbox.workspaces import Workspace
from bot.storage import Database, DatabaseUnavailable
from tests.bot.installing.conftest import Clock, settings_for_many
from tests.bot.installing.slack import installation, of_organisation
from tests.bot.storage.kept import every_row, fill, rows_that_mention

MANIFEST = for_many_workspaces(read_manifest(), "https://bot.example.com")


class Served:
    """A small bot for many workspaces: it answers the command, and hears who leaves."""

    def __init__(self, slack: LocalSlack, database: Database, clock: Clock) -> None:
        settings = settings_for_many(
            whichcloud_slack_api=slack.api_url,
            slack_client_id=slack.client_id,
            slack_client_secret=slack.client_secret,
            slack_signing_secret=slack.signing_secret,
        )
        self.slack, self.database = slack, database
        self.workspaces = ManyWorkspaces(settings, database, clock)
        self.app = App(
            client=client_for(settings),
            authorize=Authorizing(self.workspaces),  # type: ignore[arg-type]  # Bolt takes one that may find nothing
            signing_secret=slack.signing_secret,
            user_facing_authorize_error_message=not_installed_words(settings),
            process_before_response=True,
        )
        self.app.command("/whichcloud")(_says_where_it_is)
        register_leaving(self.app, cast(Office, SimpleNamespace(clients=self.workspaces, desk=SimpleNamespace(database=database))))
        slack.connect_app(self.app)

    def told(self, place: Workspace) -> list[str]:
        """What the command shows to a person of the workspace."""
        person = place.here(ALEX.id)
        channel = next(each.id for each in place.world.channels.values() if each.kind == "channel")
        place.command(person, channel, "/whichcloud", "")
        return [each.text for each in place.world.messages.get(channel, ()) if each.ephemeral_to == person]

    def event(self, event: dict[str, Any], **about: Any) -> int:
        """The status with which an event is answered that the local Slack does not send."""
        body = json.dumps({"type": "event_callback", "event_id": "Ev1", "event": event, **about})
        at = str(int(time.time()))
        signature = SignatureVerifier(self.slack.signing_secret).generate_signature(timestamp=at, body=body) or ""
        headers = {"content-type": "application/json", "x-slack-request-timestamp": at, "x-slack-signature": signature}
        return self.app.dispatch(BoltRequest(body=body, headers=cast(Any, headers))).status


def _says_where_it_is(ack: Any, client: WebClient) -> None:
    ack(f"in {client.auth_test()['team']}")


@pytest.fixture
def served(database: Database, clock: Clock) -> Iterator[Served]:
    with LocalSlack(manifest=MANIFEST, installed=False) as slack:
        yield Served(slack, database, clock)


def install(served: Served, place: Workspace, *, org_wide: bool = False) -> None:
    """By Slack's own hands: a token for the workspace or its organisation, kept as the pages keep it."""
    team, bot = place.world.team, place.world.bot
    home = (team.enterprise_id if org_wide else team.id) or ""
    token = served.slack.installations.install(home, tuple(MANIFEST["oauth_config"]["scopes"]["bot"]))
    given: dict[str, Any] = {"bot_token": token.text, "bot_user_id": bot.user_id, "bot_id": bot.bot_id, "app_id": bot.app_id}
    served.workspaces.store.save(of_organisation(**given, enterprise_id=home) if org_wide else installation(home, **given))


@pytest.fixture
def two(served: Served) -> tuple[Workspace, Workspace]:
    """Two workspaces that installed the app, each with one of everything."""
    second = served.slack.add_workspace("Second Ltd", installed=False)
    for place in (served.slack, second):
        with served.database.workspace(place.world.team.id) as work:
            fill(work, place.world.team.id)
            work.leave_organisation()
        install(served, place)
    return served.slack, second


@pytest.fixture
def grid(served: Served) -> tuple[Workspace, Workspace]:
    """Two workspaces of an organisation that installed the app for all of its own."""
    places = [served.slack.add_workspace(name, enterprise_id="E0EXAMPLE", installed=False) for name in ("North", "South")]
    install(served, places[0], org_wide=True)
    return places[0], places[1]


def settled(served: Served, condition: Any) -> None:
    assert served.slack.wait_for(condition), every_row_of(served)


def every_row_of(served: Served) -> dict[str, int]:
    return {table: len(rows) for table, rows in every_row(_url(served)).items() if rows}


def _url(served: Served) -> str:
    return str(served.database._engine.url)


def mentions(served: Served, word: str) -> list[str]:
    return rows_that_mention(_url(served), word)


# -- serving -----------------------------------------------------------------------------------------------------------


def test_each_workspace_is_served_with_its_own_token(served: Served, two: tuple[Workspace, Workspace]) -> None:
    assert [served.told(place) for place in two] == [["in Example Ltd"], ["in Second Ltd"]]


def test_a_workspace_of_an_organisation_is_served_and_known_to_jobs_from_then_on(served: Served, grid: tuple[Workspace, Workspace]) -> None:
    north, south = grid
    with pytest.raises(NotInstalled):
        served.workspaces.of(south.world.team.id)
    assert served.told(south) == ["in Example Group"]
    assert served.database.workspaces_of("E0EXAMPLE") == [south.world.team.id]
    assert served.workspaces.of(south.world.team.id).token == north.bot_token


def test_a_workspace_without_an_installation_is_told_where_to_get_one(served: Served, two: tuple[Workspace, Workspace]) -> None:
    served.workspaces.store.drop(two[1].world.team.id)
    assert served.told(two[1]) == [
        "whichcloud is not installed in this workspace any more. Whoever may add apps can do it again: https://bot.example.com/slack/install"
    ]
    assert served.told(two[0]) == ["in Example Ltd"]


# -- leaving -----------------------------------------------------------------------------------------------------------


def test_an_uninstall_leaves_nothing_of_the_workspace(served: Served, two: tuple[Workspace, Workspace]) -> None:
    first, second = (place.world.team.id for place in two)
    before = every_row_of(served)
    assert mentions(served, second)
    two[1].uninstall()
    settled(served, lambda: not mentions(served, second))
    assert served.told(two[0]) == ["in Example Ltd"]
    after = every_row_of(served)
    assert mentions(served, first)
    assert {table: after.get(table, 0) for table in before if table != "alembic_version"} == {
        table: count // 2 for table, count in before.items() if table != "alembic_version"
    }


def test_tokens_that_are_taken_back_end_the_installation_and_leave_the_data(served: Served, two: tuple[Workspace, Workspace]) -> None:
    second = two[1].world.team.id
    two[1].revoke_tokens()
    settled(served, lambda: [row.workspace for row in served.database.installations()] == [served.slack.world.team.id])
    with served.database.reading(second) as work:
        assert work.conversation("c1") is not None
    with pytest.raises(NotInstalled):
        served.workspaces.of(second)


def test_the_tokens_of_people_are_none_of_ours(served: Served, two: tuple[Workspace, Workspace]) -> None:
    team = two[1].world.team.id
    for tokens in ({"oauth": ["U1"], "bot": []}, {"oauth": ["U1"]}, {"bot": None}, {"bot": ["U0SOMEBODY"]}):
        assert served.event({"type": "tokens_revoked", "tokens": tokens}, team_id=team) == 200
    assert served.told(two[1]) == ["in Second Ltd"]


def test_an_organisation_that_leaves_takes_its_workspaces_along(
    served: Served, two: tuple[Workspace, Workspace], grid: tuple[Workspace, Workspace]
) -> None:
    for place in grid:
        with served.database.workspace(place.world.team.id) as work:
            fill(work, place.world.team.id)
            work.drop_installation()
            work.leave_organisation()
        served.workspaces.store.look_again()
        assert served.told(place) == ["in Example Group"]
    grid[0].uninstall()
    gone = [*(place.world.team.id for place in grid), "E0EXAMPLE"]
    settled(served, lambda: not any(mentions(served, id) for id in gone))
    assert [served.told(place) for place in two] == [["in Example Ltd"], ["in Second Ltd"]]


def test_a_workspace_that_is_taken_out_of_an_organisation_leaves_nothing(served: Served, grid: tuple[Workspace, Workspace]) -> None:
    north, south = grid
    for place in grid:
        served.told(place)
    about = {"enterprise_id": "E0EXAMPLE", "is_enterprise_install": True, "team_id": north.world.team.id}
    assert served.event({"type": "team_access_revoked", "team_ids": [south.world.team.id]}, **about) == 200
    assert mentions(served, south.world.team.id) == []
    assert served.workspaces.of(north.world.team.id).token == north.bot_token


@pytest.mark.parametrize("name", ["app_uninstalled", "tokens_revoked"])
def test_what_is_told_late_ends_no_new_installation(served: Served, two: tuple[Workspace, Workspace], name: str) -> None:
    team, bot = two[1].world.team.id, two[1].world.bot.user_id
    about = {"tokens": {"oauth": [], "bot": [bot]}} if name == "tokens_revoked" else {}
    before = every_row_of(served)
    assert served.event({"type": name, **about}, team_id=team) == 200
    assert every_row_of(served) == before
    served.slack.installations.end(two[1]._api, "account_inactive")
    assert served.event({"type": name, **about}, team_id=team) == 200
    assert [row.workspace for row in served.database.installations()] == ["T0SANDBOX"]


@pytest.mark.parametrize("team_ids", [None, "T1", [None, 7, ""], {}])
def test_an_event_that_names_nobody_takes_nobody_out(served: Served, two: tuple[Workspace, Workspace], team_ids: object) -> None:
    before = every_row_of(served)
    assert served.event({"type": "team_access_revoked", "team_ids": team_ids}, team_id="T0SANDBOX") == 200
    assert every_row_of(served) == before


def test_slack_tells_again_what_the_database_did_not_take(
    served: Served, two: tuple[Workspace, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    second = two[1].world.team.id

    def away(*_: object) -> None:
        raise DatabaseUnavailable("away")

    with monkeypatch.context() as changed:
        changed.setattr(Database, "workspace", away)
        served.slack.installations.end(two[1]._api, "account_inactive")
        assert served.event({"type": "app_uninstalled"}, team_id=second) == 500
    assert mentions(served, second)
    assert served.event({"type": "app_uninstalled"}, team_id=second) == 200
    assert mentions(served, second) == []
