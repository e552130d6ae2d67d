"""What an app asks before it is installed, and what a person answers: the address of the page read, the address that follows. No HTML."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.sandbox.installing import Installations
from bot.sandbox.tokens import Consent

_SCOPE = re.compile(r"[a-z][a-z_.]*(:[a-z_.]+)*")
_THIS_MACHINE = ("127.0.0.1", "localhost")


class ConsentRefused(Exception):
    """Slack does not even ask the person. The message is its code for why."""


@dataclass(frozen=True)
class Asked:
    """A request for an installation. `optional` are the scopes that a person may leave out; `given` is the redirect_uri as it came."""

    scopes: tuple[str, ...]
    user_scopes: tuple[str, ...]
    optional: tuple[str, ...]
    redirect_uri: str
    given: str
    state: str
    team: str


def read_request(installations: Installations, query: Mapping[str, str]) -> Asked:
    if query.get("client_id") != installations.credentials.client_id:
        raise ConsentRefused("invalid_client_id")
    scopes, user_scopes = _scopes(query.get("scope", "")), _scopes(query.get("user_scope", ""))
    if not scopes:
        raise ConsentRefused("no_scopes")
    listed = _oauth(installations).get("scopes", {}).get("bot_optional", ())
    optional = tuple(scope for scope in scopes if scope in listed)
    given = query.get("redirect_uri", "")
    return Asked(scopes, user_scopes, optional, _redirect(installations, given), given, query.get("state", ""), query.get("team", ""))


def read_address(installations: Installations, url: str) -> Asked:
    return read_request(installations, dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)))


def allow(installations: Installations, asked: Asked, home: str, user: str, without: Collection[str] = ()) -> str:
    """Where the person goes who said yes, with a code. `without` are optional scopes that they took out."""
    granted = tuple(scope for scope in asked.scopes if scope not in asked.optional or scope not in without)
    now = installations.first.world.clock.now()
    code = installations.tokens.new_code(Consent(home, user, granted, asked.given, now))
    return _with(asked.redirect_uri, code=code, state=asked.state)


def deny(asked: Asked) -> str:
    """Where the person goes who said no."""
    return _with(asked.redirect_uri, error="access_denied", state=asked.state)


def may_deploy_to_organisations(installations: Installations) -> bool:
    return bool(installations.first.world.manifest.get("settings", {}).get("org_deploy_enabled"))


def _oauth(installations: Installations) -> dict[str, Any]:
    config: dict[str, Any] = installations.first.world.manifest.get("oauth_config", {})
    return config


def _scopes(text: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(scope for scope in re.split(r"[,\s]+", text) if scope))
    if not all(_SCOPE.fullmatch(scope) for scope in scopes):
        raise ConsentRefused("invalid_scope")
    return scopes


def _redirect(installations: Installations, given: str) -> str:
    """Where the answer goes: the address given, if the app may have it, else the first of the app's own."""
    own = installations.credentials.redirect_urls
    configured = own or tuple(_oauth(installations).get("redirect_urls", ()))
    if not given and configured:
        return configured[0]
    local = not own and urlsplit(given).scheme == "http" and urlsplit(given).hostname in _THIS_MACHINE
    if not local and not any(_lies_under(given, each) for each in configured):
        raise ConsentRefused("bad_redirect_uri")
    return given


def _lies_under(url: str, configured: str) -> bool:
    one, other = urlsplit(url), urlsplit(configured)
    return one[:2] == other[:2] and f"{one.path}/".startswith(f"{other.path.rstrip('/')}/")


def _with(url: str, **query: str) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}"
