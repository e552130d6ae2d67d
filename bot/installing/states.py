"""The state of an installation under way: kept as a hash, taken once, for ten minutes; and the cookie that ties it to one browser."""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import timedelta
from typing import Any, Final

from slack_sdk.oauth import OAuthStateStore, OAuthStateUtils

from bot.storage import Database

LIVES: Final = timedelta(minutes=10)
_COOKIE_LIVES: Final = timedelta(hours=1)  # longer than the state, so that who comes back late hears that it is late
log = logging.getLogger(__name__)


class KeptStates(OAuthStateStore):
    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def logger(self) -> logging.Logger:
        return log

    def issue(self, *args: Any, **given: Any) -> str:
        state = secrets.token_urlsafe(32)
        self._database.keep_state(_hashed(state), LIVES)
        return state

    def consume(self, state: str) -> bool:
        return self._database.take_state(_hashed(state))


def _hashed(state: str) -> str:
    return hashlib.sha256(state.encode(errors="surrogatepass")).hexdigest()


class StateCookie(OAuthStateUtils):
    """Sent back only to us, and when Slack leads the browser back. Over plain HTTP, which is this machine alone, it cannot be Secure."""

    def __init__(self, *, secure: bool) -> None:
        # A browser takes the prefix only with Secure, and then lets no other host of the domain set it.
        name = "__Host-whichcloud-install" if secure else "whichcloud-install"
        super().__init__(cookie_name=name, expiration_seconds=int(_COOKIE_LIVES.total_seconds()))
        self._attributes = f"{'Secure; ' if secure else ''}HttpOnly; SameSite=Lax; Path=/"

    def build_set_cookie_for_new_state(self, state: str) -> str:
        return f"{self.cookie_name}={state}; {self._attributes}; Max-Age={self.expiration_seconds}"
