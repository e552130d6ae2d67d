"""What the bot speaks with: access tokens, refresh tokens and the codes of an installation. Where the app is installed is elsewhere."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from typing import Literal

CODE_LASTS_S = 10 * 60.0
ROTATED_LASTS_S = 12 * 60 * 60

Ended = Literal["", "account_inactive", "token_revoked"]


class OAuthError(Exception):
    """Why a code or a refresh token is refused. The message is Slack's code for it."""


@dataclass(frozen=True)
class Token:
    """`home` is the workspace that it speaks for, or the organisation. One that is not rotated has no end."""

    text: str
    home: str
    expires_at: float | None = None
    refresh: str = ""
    ended: Ended = ""

    def error(self, now: float) -> str:
        """The error that a call with it gets; empty for one that holds."""
        return self.ended or ("token_expired" if self.expires_at is not None and now >= self.expires_at else "")


@dataclass(frozen=True)
class Consent:
    """What a person allowed on the page: where, and which scopes. `redirect_uri` is the one that was given, or empty."""

    home: str
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    given_at: float
    used: bool = False


class Tokens:
    """All that were ever handed out. What ended stays known, so that its error says why."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, Token] = {}
        self._refresh: dict[str, str] = {}
        self._codes: dict[str, Consent] = {}

    def add(self, token: Token) -> Token:
        with self._lock:
            self._tokens[token.text] = token
            if token.refresh:
                self._refresh[token.refresh] = token.home
        return token

    def issue(self, home: str, now: float, *, rotating: bool) -> Token:
        """A new one for this home. Without rotation an installation keeps the token that it has."""
        if rotating:
            text, refresh = f"xoxe.xoxb-1-{secrets.token_hex(40)}", f"xoxe-1-{secrets.token_hex(40)}"
            return self.add(Token(text, home, now + ROTATED_LASTS_S, refresh))
        kept = next((token for token in self.of(home) if not token.refresh), None)
        return kept or self.add(Token(f"xoxb-sandbox-{secrets.token_hex(16)}", home))

    def find(self, text: str) -> Token | None:
        return self._tokens.get(text)

    def of(self, home: str) -> list[Token]:
        """Those that were not ended, the oldest first."""
        with self._lock:
            return [token for token in self._tokens.values() if token.home == home and not token.ended]

    def newest(self, home: str) -> Token | None:
        """The newest of a home, one that was not ended where there is one."""
        with self._lock:
            known = [token for token in self._tokens.values() if token.home == home]
        return next((token for token in reversed(known) if not token.ended), known[-1] if known else None)

    def rotate(self, refresh: str, now: float) -> Token:
        """New ones for a refresh token, which is then used up. The access token before goes on for its time."""
        with self._lock:
            home = self._refresh.pop(refresh, None)
        if home is None:
            raise OAuthError("invalid_refresh_token")
        return self.issue(home, now, rotating=True)

    def end(self, home: str, why: Ended) -> None:
        """All tokens of a home, and what could renew them."""
        for token in self.of(home):
            self.revoke(token, why)

    def revoke(self, token: Token, why: Ended = "token_revoked") -> None:
        with self._lock:
            self._tokens[token.text] = replace(token, ended=why)
            self._refresh.pop(token.refresh, None)

    # -- codes -----------------------------------------------------------------------------------------------------

    def new_code(self, consent: Consent) -> str:
        code = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        with self._lock:
            self._codes[code] = consent
        return code

    def use_code(self, code: str, redirect_uri: str, now: float) -> Consent:
        """What was allowed with this code, once and soon, for the address that was named then."""
        with self._lock:
            consent = self._codes.get(code)
            if consent is None or now - consent.given_at > CODE_LASTS_S:
                raise OAuthError("invalid_code")
            if consent.used:
                raise OAuthError("code_already_used")
            if consent.redirect_uri != redirect_uri:
                raise OAuthError("bad_redirect_uri")
            self._codes[code] = replace(consent, used=True)
            return consent
