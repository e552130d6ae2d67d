"""Bolt's OAuth flow over our stores: to Slack, back with a code, and the code made an installation."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation

from bot.installing.installations import EncryptedInstallations, row_of
from bot.installing.rotation import Client
from bot.installing.states import KeptStates, StateCookie
from bot.manifest import read_manifest
from bot.refusals import OUTCOME_UNKNOWN, code_of
from bot.settings import Settings
from bot.storage import Database, StorageError

LANDING: Final = "/slack/install"
START: Final = "/slack/install/start"
REDIRECT: Final = "/slack/oauth_redirect"
_TEAM: Final = re.compile(r"T[A-Z0-9]{1,30}")
# Why it did not work, beside Bolt's invalid_browser, invalid_state, missing_code and what Slack says, such as access_denied.
REFUSED, SLACK_AWAY, NOT_KEPT = "refused", "slack_away", "not_kept"
log = logging.getLogger(__name__)


class _Failed(Exception):
    """With the reason, for the page."""


def oauth_settings(settings: Settings, database: Database, store: EncryptedInstallations, pages: CallbackOptions) -> OAuthSettings:
    assert settings.slack_client_secret is not None
    scopes = read_manifest()["oauth_config"]["scopes"]
    made = OAuthSettings(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
        scopes=[*scopes["bot"], *scopes["bot_optional"]],
        user_scopes=[],
        redirect_uri=f"{settings.address}{REDIRECT}",
        install_path=START,
        redirect_uri_path=REDIRECT,
        install_page_rendering_enabled=False,
        callback_options=pages,
        authorization_url=f"{slack_address(settings)}/oauth/v2/authorize",
        installation_store=store,
        state_store=KeptStates(database),
    )
    made.state_utils = StateCookie(secure=settings.address.startswith("https://"))
    return made


def slack_address(settings: Settings) -> str:
    """Where people find the Slack whose Web API is called: https://slack.com, or a local one."""
    return settings.whichcloud_slack_api.removesuffix("/").removesuffix("/api")


class Flow(OAuthFlow):
    """The state is issued when somebody sets out for Slack, not when they read the page: so it does not expire while they read."""

    def __init__(self, settings: OAuthSettings, client: Client) -> None:
        super().__init__(client=client.api, settings=settings, logger=log)

    def build_authorize_url(self, state: str, request: BoltRequest) -> str:
        """`team` may name the workspace to install to; anything else there is dropped, since it would stand in a header."""
        team = request.query.get("team", [""])[0]
        return self.settings.authorize_url_generator.generate(state=state, team=team if _TEAM.fullmatch(team) else None)

    def handle_callback(self, request: BoltRequest) -> BoltResponse:
        try:
            return super().handle_callback(request)
        except _Failed as failed:
            return self._failure(request, str(failed))
        except StorageError as error:
            log.warning("an installation failed: %s", error)
            return self._failure(request, NOT_KEPT)

    def _failure(self, request: BoltRequest, reason: str) -> BoltResponse:
        defaults = self.default_callback_options
        return self.failure_handler(
            FailureArgs(request=request, reason=reason, suggested_status_code=500, settings=self.settings, default=defaults)
        )

    def run_installation(self, code: str) -> Installation:
        """As Bolt does it, but a Slack that is away is no answer, and the code goes to no log."""
        try:
            answer = self.client.oauth_v2_access(
                code=code, client_id=self.client_id, client_secret=self.settings.client_secret, redirect_uri=self.redirect_uri
            )
            bot = self.client.auth_test(token=answer["access_token"])
        except SlackApiError as error:
            log.warning("Slack refused an installation: %s", code_of(error))
            raise _Failed(SLACK_AWAY if error.response.status_code >= 500 else REFUSED) from None
        except OUTCOME_UNKNOWN as error:
            log.warning("Slack could not be asked about an installation: %s", type(error).__name__)
            raise _Failed(SLACK_AWAY) from None
        installation = _installation(_values(answer.data), _values(bot.data))
        if not row_of(installation):
            log.warning("Slack named no workspace that was installed")
            raise _Failed(REFUSED)
        return installation

    def store_installation(self, request: BoltRequest, installation: Installation) -> None:
        self.settings.installation_store.save(installation)
        log.info("installed in %s", row_of(installation))


def _values(answer: object) -> Mapping[str, Any]:
    return answer if isinstance(answer, Mapping) else {}


def _installation(answer: Mapping[str, Any], bot: Mapping[str, Any]) -> Installation:
    """Of the bot alone: no token of a person is asked for, and none is kept."""
    team, organisation, installer = (answer.get(name) or {} for name in ("team", "enterprise", "authed_user"))
    return Installation(
        app_id=answer.get("app_id"),
        enterprise_id=organisation.get("id"),
        enterprise_name=organisation.get("name"),
        enterprise_url=bot.get("url") if answer.get("is_enterprise_install") else None,
        team_id=team.get("id"),
        team_name=team.get("name"),
        bot_token=answer.get("access_token"),
        bot_id=bot.get("bot_id"),
        bot_user_id=answer.get("bot_user_id"),
        bot_scopes=answer.get("scope") or "",
        bot_refresh_token=answer.get("refresh_token"),
        bot_token_expires_in=answer.get("expires_in"),
        user_id=installer.get("id") or "",
        is_enterprise_install=answer.get("is_enterprise_install"),
        token_type=answer.get("token_type"),
    )
