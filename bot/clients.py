"""Who may be called with which token: a client of Slack's Web API for each workspace."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.installing.flow import LANDING
from bot.installing.installations import EncryptedInstallations, Found
from bot.installing.rotation import AHEAD, Client, NotInstalled, Rotation
from bot.installing.sealing import Seals
from bot.refusals import OUTCOME_UNKNOWN
from bot.settings import Settings
from bot.storage import Database, StorageError

__all__ = ["Clients", "ManyWorkspaces", "NotInstalled", "OneWorkspace", "client_for", "not_installed_words"]

_SECONDS: Final = 10
_SOON: Final = 2  # seconds; Slack waits for an answer meanwhile
# While Slack waits for an answer, a token is renewed only if it is about to end. Housekeeping does it in time.
_AT_LAST: Final = timedelta(minutes=5)
log = logging.getLogger(__name__)


def client_for(settings: Settings, token: str | None = None) -> WebClient:
    """Repeats nothing by itself: a call that broke off may have been carried out."""
    return WebClient(token=token, base_url=settings.whichcloud_slack_api, timeout=_SECONDS, retry_handlers=[])


def _taken(token: str | None, address: str) -> bool:
    """Whether Slack takes the token now. What says that it was taken back may be late, and the app installed anew since."""
    try:
        WebClient(token=token, base_url=address, timeout=_SOON, retry_handlers=[]).auth_test()
    except (SlackApiError, *OUTCOME_UNKNOWN):
        return False  # where Slack does not answer, what it said before holds
    return True


def not_installed_words(settings: Settings) -> str:
    """What Bolt tells a person in a workspace without an installation."""
    if not settings.many:
        return "whichcloud must be installed again in this workspace: Slack no longer takes its token."
    return f"whichcloud is not installed in this workspace any more. Whoever may add apps can do it again: {settings.address}{LANDING}"


class Clients(Protocol):
    """The workspaces that the bot serves."""

    def of(self, workspace: str) -> WebClient:
        """Raises NotInstalled, and StorageError where the next try may go well."""

    def revoked(self, id: str, bots: Collection[str]) -> None:
        """Slack says that it took the tokens of these bot users back, in a workspace or an organisation."""

    def leave(self, id: str) -> list[str]:
        """Slack says that the app was removed from a workspace or an organisation: the ids under which nothing may be left.

        None where it is installed there now, because Slack said so late.
        """

    def leave_organisation(self, organisation: str, workspaces: Collection[str]) -> list[str]:
        """An organisation takes these workspaces of its own out of its installation: those of them that have none of their own."""


@dataclass(frozen=True)
class OneWorkspace:
    """The workspace of a token that stands in the environment. Without the workspace's id any is taken for it."""

    client: WebClient
    workspace: str | None = None

    def of(self, workspace: str) -> WebClient:
        if self.workspace not in (None, workspace):
            raise NotInstalled(workspace)
        return self.client

    def revoked(self, id: str, bots: Collection[str]) -> None:
        if not _taken(self.client.token, self.client.base_url):
            log.error("Slack took back the token of %s. Install the app again and set SLACK_BOT_TOKEN", id)

    def leave(self, id: str) -> list[str]:
        return [] if _taken(self.client.token, self.client.base_url) else [id]

    def leave_organisation(self, organisation: str, workspaces: Collection[str]) -> list[str]:
        return [*workspaces]


class ManyWorkspaces:
    """Every workspace that installed the app. Safe to share between threads."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], datetime], api: WebClient | None = None) -> None:
        """`api` is called without a token, to exchange one for another."""
        assert settings.slack_client_id is not None
        assert settings.slack_client_secret is not None
        self._settings = settings
        self._database = database
        self.store = EncryptedInstallations(database, Seals(settings.keys))
        secret = settings.slack_client_secret.get_secret_value()
        self.application = Client(settings.slack_client_id, secret, api or client_for(settings))
        self._rotation = Rotation(self.store, self.application, clock)
        self._clients: dict[str, WebClient] = {}
        self._lock = threading.Lock()

    def of(self, workspace: str) -> WebClient:
        found = self.store.serving(workspace)
        if found is None:
            raise NotInstalled(workspace)
        token = self._rotation.fresh(found).installation.bot_token
        with self._lock:
            client = self._clients.get(workspace)
            if client is None or client.token != token:
                client = self._clients[workspace] = client_for(self._settings, token)
            return client

    def asked_by(self, workspace: str, organisation: str | None) -> Found:
        """The installation that a request of Slack's is for. Raises NotInstalled. What it says of organisations is kept."""
        found = self.store.serving(workspace)
        if organisation and (found is None or found.row.workspace not in (workspace, organisation)):
            found = self.store.join(workspace, organisation) or found
        if found is None:
            raise NotInstalled(workspace)
        return self._rotation.fresh(found, _AT_LAST)

    def revoked(self, id: str, bots: Collection[str]) -> None:
        found = self.store.read(id)
        if found and found.installation.bot_user_id in bots and not self._serves(found):
            self.store.drop(id)
            log.warning("Slack took back the token of %s; what is kept of it stays, it may install again", id)

    def leave(self, id: str) -> list[str]:
        found = self.store.read(id)
        if found and self._serves(found):
            log.warning("%s is said to have removed the app, and its token is good: nothing is deleted", id)
            return []
        going = self._without_own(self._database.workspaces_of(id))
        self.store.drop(id)
        return [*going, id]

    def leave_organisation(self, organisation: str, workspaces: Collection[str]) -> list[str]:
        served = self._database.workspaces_of(organisation)
        leaving = [each for each in workspaces if each in served]
        for each in leaving:
            with self.store.writing(each) as work:
                work.leave_organisation()
        return self._without_own(leaving)

    def _serves(self, found: Found) -> bool:
        return _taken(found.installation.bot_token, self._settings.whichcloud_slack_api)

    def _without_own(self, workspaces: Collection[str]) -> list[str]:
        own = {row.workspace for row in self.store.rows()}
        return [each for each in workspaces if each not in own]

    def renew_all(self) -> None:
        """Renews what expires soon, so that nobody waits for it. One that fails does not hold up the others."""
        for id in self._rotation.due():
            try:
                found = self.store.read(id)
                if found is not None:
                    self._rotation.fresh(found, AHEAD)
            except NotInstalled:
                continue  # it is said where it was found out
            except StorageError as error:
                log.warning("the token of %s could not be renewed: %s", id, error)


class Authorizing(Authorize):
    """What Bolt asks for every request: the token, without a call to Slack."""

    def __init__(self, workspaces: ManyWorkspaces) -> None:
        self._workspaces = workspaces

    def __call__(
        self, *, context: BoltContext, enterprise_id: str | None, team_id: str | None, user_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        """None where the app is not installed: Bolt then says so to the person, in words of ours."""
        workspace = team_id or enterprise_id
        if not workspace:
            return None
        try:
            installed = self._workspaces.asked_by(workspace, enterprise_id).installation
        except NotInstalled:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=installed.bot_user_id,
            bot_id=installed.bot_id,
            bot_token=installed.bot_token,
            bot_scopes=installed.bot_scopes,
            user_id=user_id,
        )
