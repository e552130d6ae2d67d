"""Where the app is installed: the workspaces of one local Slack, whose token speaks for which of them, and how an installation ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.sandbox.tokens import Ended, Token, Tokens
from bot.sandbox.world import Installation

if TYPE_CHECKING:
    from bot.sandbox.webapi_call import Api, Arguments

# What a call may name, by which the workspace is found where a token speaks for a whole organisation.
_NAMING = ("team_id", "channel", "channel_id", "user", "user_id", "users", "view_id", "trigger_id", "file")


@dataclass(frozen=True)
class Credentials:
    """What the app proves with that it is itself, and where its installations may lead."""

    client_id: str
    client_secret: str
    redirect_urls: tuple[str, ...]


class Installations:
    """All workspaces. An organisation's id stands for those of its workspaces that there are."""

    def __init__(self, credentials: Credentials, app_token: str) -> None:
        self.credentials = credentials
        self.app_token = app_token
        self.tokens = Tokens()
        self._places: dict[str, Api] = {}

    def __iter__(self) -> Iterator[Api]:
        return iter([*self._places.values()])

    @property
    def first(self) -> Api:
        return next(iter(self._places.values()))

    def add(self, api: Api) -> None:
        self._places[api.world.team.id] = api

    def team(self, team_id: str) -> Api | None:
        return self._places.get(team_id)

    def places(self, home: str) -> list[Api]:
        """The workspace with this id, or those of the organisation with this id."""
        if home in self._places:
            return [self._places[home]]
        return [api for api in self if api.world.team.enterprise_id == home]

    def meant(self, token: Token, args: Arguments) -> Api:
        """The workspace of a call: the token's, or in an organisation the one to which something in the call belongs."""
        places = self.places(token.home)
        if len(places) == 1:
            return places[0]
        named = [args.text(name) for name in _NAMING]
        return next((api for api in places if any(name and api.knows(name) for name in named)), places[0])

    # -- the life of an installation -------------------------------------------------------------------------------

    def install(self, home: str, scopes: tuple[str, ...]) -> Token:
        """Add the app to a workspace, or to all of an organisation. Scopes add to those of an installation that is there."""
        places = self.places(home)
        for api in places:
            before = api.world.installation
            granted = frozenset(scopes) | (frozenset() if before.ended else before.scopes)
            with api.world.changing():
                api.world.installation = Installation(granted, org_wide=home != api.world.team.id)
        world = places[0].world
        rotating = bool(world.manifest.get("settings", {}).get("token_rotation_enabled"))
        return self.tokens.issue(home, world.clock.now(), rotating=rotating)

    def uninstall(self, api: Api) -> None:
        """The tokens no longer work, and the bot hears of that."""
        self.end(api, "account_inactive")
        for event in (_tokens_revoked(api), {"type": "app_uninstalled", "event_ts": api.world.new_ts()}):
            api.tell(event)

    def revoke_all(self, api: Api) -> None:
        self.end(api, "token_revoked")
        api.tell(_tokens_revoked(api))

    def revoke(self, api: Api, token: Token) -> None:
        """One token; with the last of an installation goes the installation."""
        self.tokens.revoke(token)
        if not self.tokens.of(token.home):
            self.end(api, "token_revoked")
        api.tell(_tokens_revoked(api))

    def end(self, api: Api, why: Ended) -> None:
        """In silence."""
        home = home_of(api)
        self.tokens.end(home, why)
        for each in self.places(home):  # without their locks: two of them could wait for one another
            each.world.installation = replace(each.world.installation, ended=why)
        with api.world.changing():
            pass  # who waits looks again


def home_of(api: Api) -> str:
    """What the installation of a workspace belongs to: the workspace, or its organisation."""
    team = api.world.team
    return team.enterprise_id if team.enterprise_id and api.world.installation.org_wide else team.id


def _tokens_revoked(api: Api) -> dict[str, Any]:
    tokens = {"oauth": [], "bot": [api.world.bot.user_id]}
    return {"type": "tokens_revoked", "tokens": tokens, "event_ts": api.world.new_ts()}
