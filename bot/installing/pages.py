"""What people see who install the app: a page before, a page after, the way to Slack in between. No page has a script or an asset."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_sdk.oauth.installation_store import Installation

from bot.installing.flow import LANDING, NOT_KEPT, REDIRECT, SLACK_AWAY, START, Flow, oauth_settings, slack_address
from bot.installing.installations import EncryptedInstallations
from bot.installing.rotation import Client
from bot.manifest import read_manifest
from bot.settings import SLACK_API, Settings
from bot.storage import Database, StorageError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

PATHS: Final = (LANDING, START, REDIRECT)
_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_CODE: Final = re.compile(r"[a-z_]{1,60}")
_STATUS: Final = {"access_denied": 200, SLACK_AWAY: 502, NOT_KEPT: 503}
log = logging.getLogger(__name__)


class Pages:
    """The pages, also as Bolt's flow asks for them."""

    def __init__(self, settings: Settings) -> None:
        self.callbacks = CallbackOptions(success=self._installed, failure=self._failed)
        self._settings = settings
        self._jinja = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        style = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
        support = settings.whichcloud_support or ""
        self._jinja.globals |= {
            "style": Markup(style),  # ours, and without any sign that HTML would read
            "support": support,
            "support_link": support if support.startswith("https://") else f"mailto:{support}",
        }
        self._policy = _policy(style)

    def landing(self) -> BoltResponse:
        scopes = read_manifest()["oauth_config"]["scopes"]
        days = self._settings.whichcloud_retention_days
        return self._page("landing.html.j2", 200, start=START, needed=scopes["bot"], optional=scopes["bot_optional"], days=days)

    def failure(self, reason: str) -> BoltResponse:
        return self._page("failure.html.j2", _STATUS.get(reason, 400), reason=reason, landing=LANDING)

    def _installed(self, args: SuccessArgs) -> BoltResponse:
        installed = args.installation
        organisation = bool(installed.is_enterprise_install)
        return self._page(
            "success.html.j2",
            200,
            organisation=organisation,
            name=installed.enterprise_name if organisation else installed.team_name,
            open=self._open(installed),
            manage=_manage(installed),
        )

    def _failed(self, args: FailureArgs) -> BoltResponse:
        log.info("an installation did not come about: %s", args.reason if _CODE.fullmatch(args.reason) else "for a reason that is none")
        return self.failure(args.reason)

    def _open(self, installed: Installation) -> str:
        """Slack's own page for it opens the app's messages in whatever the person uses; a local Slack has its page only."""
        address = slack_address(self._settings)
        if self._settings.whichcloud_slack_api != SLACK_API:
            return f"{address}/"
        return f"{address}/app_redirect?app={installed.app_id}&team={installed.team_id}"

    def _page(self, template: str, status: int, **values: Any) -> BoltResponse:
        body = self._jinja.get_template(template).render(**values)
        # The address of the redirect holds a code: it goes to no other site, and into no cache.
        headers: dict[str, str | Sequence[str]] = {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": self._policy,
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
        }
        return BoltResponse(status=status, body=body, headers=headers)


def _policy(style: str) -> str:
    """Nothing but the one style sheet, and nobody may frame the page."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def _manage(installed: Installation) -> str:
    """Where an admin of an organisation adds the app to workspaces."""
    home = installed.enterprise_url or ""
    return f"{home}manage/organization/apps/profile/{installed.app_id}/workspaces/add" if home.startswith("https://") else ""


class InstallPages:
    """A WSGI application for `PATHS`."""

    def __init__(self, settings: Settings, database: Database, store: EncryptedInstallations, client: Client) -> None:
        self._pages = Pages(settings)
        self._flow = Flow(oauth_settings(settings, database, store, self._pages.callbacks), client)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ.get("REQUEST_METHOD"), environ.get("PATH_INFO")
        # HEAD looks at a page; it neither begins an installation nor ends one.
        if method != "GET" and (method, path) != ("HEAD", LANDING):
            return _sent(BoltResponse(status=405, body="GET only", headers={"allow": "GET"}), start_response)
        return _sent(self._answer(str(path), environ), start_response, with_body=method == "GET")

    def _answer(self, path: str, environ: WSGIEnvironment) -> BoltResponse:
        if path == LANDING:
            return self._pages.landing()
        request = BoltRequest(body="", query=environ.get("QUERY_STRING", ""), headers={"cookie": environ.get("HTTP_COOKIE", "")})
        if path == REDIRECT:
            return self._flow.handle_callback(request)
        try:
            return self._flow.handle_installation(request)
        except StorageError as error:
            log.warning("no installation can begin: %s", error)
            return self._pages.failure(NOT_KEPT)


def _sent(answer: BoltResponse, start_response: StartResponse, with_body: bool = True) -> list[bytes]:
    body = answer.body.encode()
    headers = [(name, value) for name, values in answer.headers.items() for value in values]
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", [*headers, ("content-length", str(len(body)))])
    return [body] if with_body else []
