"""A Slack that gives out tokens: it knows codes, spends each refresh token once, and can be away. And installations to begin with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.web import SlackResponse

CLIENT_ID, CLIENT_SECRET = "11.22", "of-the-client-alone"
HOURS_12 = 43_200


def token(name: str) -> str:
    return f"xoxe.xoxb-1-{name}"


def refresh_token(name: str) -> str:
    return f"xoxe-1-{name}"


@dataclass
class Grants:
    """What this Slack has given out, and what it does today."""

    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    good: set[str] = field(default_factory=set)  # refresh tokens
    shown: list[str] = field(default_factory=list)  # refresh tokens as they were sent, whatever came of it
    spent: list[str] = field(default_factory=list)
    refused: str = ""  # the code with which everything is refused
    away: bool = False
    before_answer: Callable[[], object] = lambda: None
    lock: threading.Lock = field(default_factory=threading.Lock)


class GivingSlack(WebClient):
    """The two methods of the Web API that installations need."""

    def __init__(self) -> None:
        super().__init__(base_url="http://127.0.0.1:9/api/")
        self.grants = Grants()

    def oauth_v2_access(self, *, client_id: str, client_secret: str, **given: Any) -> SlackResponse:
        grants = self.grants
        if grants.away:
            raise URLError("away")
        with grants.lock:
            if (client_id, client_secret) != (CLIENT_ID, CLIENT_SECRET):
                raise self._refused("bad_client_secret")
            if grants.refused:
                raise self._refused(grants.refused)
            answer = self._renewed(given["refresh_token"]) if given.get("grant_type") == "refresh_token" else self._first(given["code"])
        grants.before_answer()
        return self._answer(answer)

    def auth_test(self, **given: Any) -> SlackResponse:
        return self._answer({"ok": True, "bot_id": "B1", "url": "https://example.enterprise.slack.com/"})

    def _first(self, code: str) -> dict[str, Any]:
        if code not in self.grants.codes:
            raise self._refused("invalid_code")
        return self.grants.codes.pop(code)

    def _renewed(self, given: str) -> dict[str, Any]:
        self.grants.shown.append(given)
        if given not in self.grants.good:
            raise self._refused("invalid_refresh_token")
        self.grants.good.remove(given)
        self.grants.spent.append(given)
        name = f"renewed-{len(self.grants.spent)}"
        self.grants.good.add(refresh_token(name))
        return {"ok": True, "token_type": "bot", "access_token": token(name), "refresh_token": refresh_token(name), "expires_in": HOURS_12}

    def _answer(self, data: dict[str, Any]) -> SlackResponse:
        return SlackResponse(client=self, http_verb="POST", api_url="", req_args={}, data=data, headers={}, status_code=200)

    def _refused(self, code: str) -> SlackApiError:
        answer = self._answer({"ok": False, "error": code})
        return SlackApiError("refused", answer)  # type: ignore[no-untyped-call]  # as the SDK has it


def installation(team: str = "T1", name: str = "first", expires_at: datetime | None = None, **more: Any) -> Installation:
    """Of one workspace, without rotation unless it expires."""
    rotating = {} if expires_at is None else {"bot_refresh_token": refresh_token(name), "bot_token_expires_at": int(expires_at.timestamp())}
    given = {"app_id": "A1", "team_id": team, "team_name": "Example Ltd", "bot_token": token(name), "bot_id": "B1", "bot_user_id": "U0BOT"}
    return Installation(**{**given, **rotating, "bot_scopes": "chat:write,commands", "user_id": "U1", **more})


def of_organisation(name: str = "org", **more: Any) -> Installation:
    return installation("", name, **{"team_id": None, "team_name": None, "enterprise_id": "E1", "is_enterprise_install": True, **more})


def granted(team: str = "T1", name: str = "first") -> dict[str, Any]:
    """What Slack answers to a code."""
    return {
        "ok": True,
        "access_token": token(name),
        "token_type": "bot",
        "scope": "chat:write,commands",
        "bot_user_id": "U0BOT",
        "app_id": "A1",
        "team": {"id": team, "name": "Example Ltd"},
        "enterprise": None,
        "authed_user": {"id": "U1"},
        "is_enterprise_install": False,
    }


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 22, hour, minute, tzinfo=UTC)
