"""oauth.v2.access, auth.revoke and apps.uninstall of the Web API: how an installation gets its tokens, and how it gives them up."""

from __future__ import annotations

import secrets

from bot.sandbox.installing import home_of
from bot.sandbox.tokens import ROTATED_LASTS_S, OAuthError, Token
from bot.sandbox.webapi_call import Answer, Api, Arguments, SlackError


def access(api: Api, args: Arguments) -> Answer:
    """Tokens for a code, or new ones for a refresh token. The app proves itself by its id and secret, in the form or as Basic."""
    _authenticate(api, args)
    grant = args.text("grant_type") or "authorization_code"
    try:
        if grant == "authorization_code":
            return _installed(api, args)
        if grant == "refresh_token":
            return _refreshed(api, args)
    except OAuthError as error:
        raise SlackError(str(error)) from None
    raise SlackError("invalid_grant_type")


def auth_revoke(api: Api, args: Arguments) -> Answer:
    if args.flag("test"):
        return {"ok": True, "revoked": False}
    token = api.installations.tokens.find(args.token)
    if token is not None:
        api.installations.revoke(api, token)
    return {"ok": True, "revoked": token is not None}


def uninstall(api: Api, args: Arguments) -> Answer:
    _authenticate(api, args)
    api.installations.uninstall(api)
    return {"ok": True}


def _authenticate(api: Api, args: Arguments) -> None:
    known = api.installations.credentials
    if args.text("client_id") != known.client_id:
        raise SlackError("invalid_client_id")
    if not secrets.compare_digest(args.text("client_secret").encode(), known.client_secret.encode()):
        raise SlackError("bad_client_secret")


def _installed(api: Api, args: Arguments) -> Answer:
    installations, now = api.installations, api.world.clock.now()
    consent = installations.tokens.use_code(args.text("code"), args.text("redirect_uri"), now)
    token = installations.install(consent.home, consent.scopes)
    return _answer(installations.places(consent.home)[0], token) | {"authed_user": {"id": consent.user}}


def _refreshed(api: Api, args: Arguments) -> Answer:
    token = api.installations.tokens.rotate(args.text("refresh_token"), api.world.clock.now())
    return _answer(api.installations.places(token.home)[0], token)


def _answer(api: Api, token: Token) -> Answer:
    """What both grants answer. Of an installation for an organisation it names no team."""
    world = api.world
    org_wide = home_of(api) != world.team.id
    grid = {"id": world.team.enterprise_id, "name": world.team.enterprise_name} if world.team.enterprise_id else None
    rotation = {"expires_in": ROTATED_LASTS_S, "refresh_token": token.refresh} if token.refresh else {}
    return {
        "ok": True,
        "app_id": world.bot.app_id,
        "scope": ",".join(sorted(world.installation.scopes)),
        "token_type": "bot",
        "access_token": token.text,
        "bot_user_id": world.bot.user_id,
        "team": None if org_wide else {"id": world.team.id, "name": world.team.name},
        "enterprise": grid,
        "is_enterprise_install": org_wide,
        **rotation,
    }
