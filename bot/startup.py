"""What is looked at before the bot serves: does Slack take the token, and may the app do what it needs?"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.manifest import read_manifest
from bot.postings import OUTCOME_UNKNOWN
from bot.settings import SettingsError

log = logging.getLogger(__name__)


def check_token(client: WebClient) -> str:
    """The name of the workspace that the token belongs to. Raises SettingsError with what to do."""
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        code = error.response["error"]
        raise SettingsError(
            f"Slack does not take SLACK_BOT_TOKEN ({code}). Install the app again and copy the xoxb-… token under OAuth & Permissions."
        ) from None
    except OUTCOME_UNKNOWN as error:
        raise SettingsError(f"Slack cannot be reached ({type(error).__name__}). Check the network, then start again.") from None
    missing = missing_scopes(answer.headers.get("x-oauth-scopes"))
    if missing:
        raise SettingsError(f"The app lacks the scopes {', '.join(missing)}. Add them under OAuth & Permissions and install the app again.")
    return str(answer["team"])


def missing_scopes(granted: object) -> list[str]:
    """The scopes of the manifest that were not granted; the optional ones are not missed. Slack without the header says nothing."""
    if granted is None:
        return []
    text = ",".join(granted) if isinstance(granted, list) else str(granted)
    have = {scope.strip() for scope in text.split(",")}
    return sorted(set(_needed()) - have)


def _needed() -> Iterable[str]:
    scopes: list[str] = read_manifest()["oauth_config"]["scopes"]["bot"]
    return scopes
