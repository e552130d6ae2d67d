"""What is looked at before the bot serves: does Slack take the token, and may the app do what it needs?"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.manifest import read_manifest
from bot.refusals import OUTCOME_UNKNOWN
from bot.settings import SettingsError

log = logging.getLogger(__name__)
_CODE = re.compile(r"[a-z_]+")
FOR_NOW: Final = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited"}


def check_tokens(client: WebClient, app_token: str | None) -> str:
    """The name of the workspace that the bot's token belongs to. Raises SettingsError with what to do."""
    bot = "SLACK_BOT_TOKEN", "Install the app again and copy the xoxb-… token under OAuth & Permissions."
    answer = _taken(client.auth_test, *bot)
    if app_token:
        app = "SLACK_APP_TOKEN", "Copy an xapp-… token with the scope connections:write under Basic Information, App-Level Tokens."
        _taken(lambda: client.apps_connections_open(app_token=app_token), *app)
    granted = scopes_in(answer.headers)
    if granted is not None and (missing := sorted(needed_scopes() - granted)):
        raise SettingsError(f"The app lacks the scopes {', '.join(missing)}. Add them under OAuth & Permissions and install the app again.")
    return str(answer["team"])


def _taken(call: Callable[[], SlackResponse], name: str, advice: str) -> SlackResponse:
    """What Slack answers to a call with this token."""
    try:
        return call()
    except SlackApiError as error:
        status, code = error.response.status_code, str(error.response.get("error"))
        if status >= 500 or not _CODE.fullmatch(code) or code in FOR_NOW:
            raise SettingsError(f"Slack cannot check {name} now (HTTP {status}). Start again in a few minutes.") from None
        raise SettingsError(f"Slack does not take {name} ({code}). {advice}") from None
    except OUTCOME_UNKNOWN as error:
        raise SettingsError(f"Slack cannot be reached ({type(error).__name__}). Check the network, then start again.") from None


def scopes_in(headers: Mapping[str, Any]) -> set[str] | None:
    """What the app may do, as Slack says with each answer; None where it did not say."""
    granted = header(headers, "x-oauth-scopes")
    return None if granted is None else {scope.strip() for scope in granted.split(",")}


def header(headers: Mapping[str, Any], name: str) -> str | None:
    """A header of an answer, however its name is written. The SDK gives a text, after some errors a list of them."""
    found = next((value for each, value in headers.items() if each.lower() == name), None)
    return ",".join(found) if isinstance(found, list) else found


def needed_scopes() -> set[str]:
    """Without these the bot does not start; the optional ones of the manifest are not among them."""
    return set(read_manifest()["oauth_config"]["scopes"]["bot"])
