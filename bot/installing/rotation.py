"""Tokens that expire are renewed in time, by one process at a time: what renews them is good for one use.

The next token is kept before anything is called with it. Where it cannot be kept, because the database is away, this process holds on to
it and keeps it at the next look; until then the old one is used, which Slack takes until it expires.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation

from bot.installing.installations import EncryptedInstallations, Found, expiry
from bot.refusals import OUTCOME_UNKNOWN, code_of
from bot.storage import SealedInstallation, StorageError

AHEAD: Final = timedelta(hours=2)
_ALONE: Final = timedelta(seconds=30)  # longer than Slack has for its answer, and a pause after one that failed
_WAIT_S, _LOOKS_A_SECOND = 5, 10
# Of the token itself. Any other code is about us or about today, and the next try may go well.
_REFUSED: Final = {"invalid_refresh_token", "token_revoked", "token_expired", "account_inactive", "invalid_auth", "invalid_grant"}
log = logging.getLogger(__name__)


class NotInstalled(Exception):
    """The app is not installed in the workspace, or Slack no longer takes its token."""

    def __init__(self, id: str) -> None:
        super().__init__(f"the app is not installed in {id}, or Slack no longer takes its token")


class NotNow(StorageError):
    """Slack's permission for this workspace has run out and cannot be renewed at the moment. Try again in a minute."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True)
class Client:
    """Who the app is for Slack; `api` is called without a token."""

    id: str
    secret: str = field(repr=False)
    api: WebClient = field(repr=False)


class Rotation:
    """Safe to share between threads."""

    def __init__(self, store: EncryptedInstallations, client: Client, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._locks: dict[str, threading.Lock] = {}
        self._unsaved: dict[str, tuple[SealedInstallation, Installation]] = {}

    def fresh(self, found: Found, ahead: timedelta = AHEAD) -> Found:
        """The installation with a token that lives for longer than `ahead`, or for as long as there is.

        Raises NotInstalled, and StorageError where it may go well later: the database is away, or Slack and the token has expired.
        """
        id = found.row.workspace
        if not self._due(found, ahead):
            return self._living(found)
        with self._locks.setdefault(id, threading.Lock()):  # of this process; among processes the row decides
            return self._living(self._renewed(id, ahead))

    def due(self) -> list[str]:
        """Workspaces and organisations whose token should be renewed now."""
        soon = self._clock() + AHEAD
        rows = self._store.rows()
        return sorted({row.workspace for row in rows if row.expires_at and row.expires_at <= soon} | set(self._unsaved))

    def _due(self, found: Found, ahead: timedelta) -> bool:
        if found.row.workspace in self._unsaved:
            return True
        return bool(found.installation.bot_refresh_token) and not self._lives(found, ahead)

    def _lives(self, found: Found, ahead: timedelta = timedelta(0)) -> bool:
        return found.row.expires_at is None or found.row.expires_at > self._clock() + ahead

    def _living(self, found: Found) -> Found:
        if not self._lives(found):
            raise NotInstalled(found.row.workspace)
        return found

    def _renewed(self, id: str, ahead: timedelta) -> Found:
        """As far as it goes: another process may be at it, or Slack may not answer, while the token still lives."""
        deadline = time.monotonic() + _WAIT_S
        while True:
            self._keep_unsaved(id)
            found = self._read(id)
            if not self._due(found, ahead):
                return found
            if self._claimed(found):
                return self._renew(found)
            if self._lives(found):
                return found
            if time.monotonic() > deadline:
                raise NotNow  # another process is renewing it and does not finish
            time.sleep(1 / _LOOKS_A_SECOND)

    def _claimed(self, found: Found) -> bool:
        with self._store.writing(found.row.workspace) as work:
            return work.claim_refresh(found.row, self._clock() + _ALONE)

    def _renew(self, found: Found) -> Found:
        try:
            renewed = self._asked(found.installation)
        except SlackApiError as error:
            if code_of(error) in _REFUSED:
                return self._given_up(found, code_of(error))
            return self._later(found, error)
        except OUTCOME_UNKNOWN as error:
            return self._later(found, error)
        try:
            self._keep(found.row, renewed)
        except StorageError as error:
            self._unsaved[found.row.workspace] = (found.row, renewed)
            return self._later(found, error)
        return self._read(found.row.workspace)

    def _asked(self, installation: Installation) -> Installation:
        answer = self._client.api.oauth_v2_access(
            client_id=self._client.id,
            client_secret=self._client.secret,
            grant_type="refresh_token",
            refresh_token=installation.bot_refresh_token,
        )
        renewed = {
            "bot_token": answer["access_token"],
            "bot_refresh_token": answer["refresh_token"],
            "bot_token_expires_at": int(self._clock().timestamp()) + int(answer["expires_in"]),
        }
        return Installation(**{**installation.to_dict_for_copying(), **renewed})

    def _keep(self, row: SealedInstallation, renewed: Installation) -> None:
        """Unless the app was installed anew meanwhile, or removed."""
        sealed, expires_at = self._store.sealed(row.workspace, renewed), expiry(renewed)
        with self._store.writing(row.workspace) as work:
            work.keep_refreshed(row, sealed, expires_at)

    def _keep_unsaved(self, id: str) -> None:
        """Raises StorageError where the database is still away."""
        if waiting := self._unsaved.get(id):
            self._keep(*waiting)
            del self._unsaved[id]

    def _read(self, id: str) -> Found:
        found = self._store.read(id)
        if found is None:
            raise NotInstalled(id)
        return found

    def _given_up(self, found: Found, code: str) -> Found:
        """What renews it is worth nothing: it is not tried again, and the token is used until it expires."""
        id = found.row.workspace
        log.error("Slack does not renew the token of %s: %s. The app has to be installed there again", id, code)
        spent = Installation(**{**found.installation.to_dict_for_copying(), "bot_refresh_token": None})
        with self._store.writing(id) as work:
            work.replace_sealed(found.row, self._store.sealed(id, spent))
        return self._read(id)

    def _later(self, found: Found, error: Exception) -> Found:
        """The old token is good until it expires; after that nobody can be served."""
        what = code_of(error) if isinstance(error, SlackApiError) else type(error).__name__
        log.warning("the token of %s could not be renewed now: %s", found.row.workspace, what)
        if self._lives(found):
            return found
        raise NotNow from None
