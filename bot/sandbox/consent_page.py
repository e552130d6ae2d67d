"""The page on which a person lets the app into a workspace. What is asked and what follows is in consent.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox import consent
from bot.sandbox.consent import Asked, ConsentRefused
from bot.sandbox.drawing import environment
from bot.sandbox.guards import HEADERS, POLICY, Guard
from bot.sandbox.installing import Installations
from bot.sandbox.timeline import author
from bot.sandbox.webapi_call import Api

PATH = "/oauth/v2/authorize"
_FIELDS = ("client_id", "scope", "user_scope", "redirect_uri", "state", "team")
# The form leads on to the app, wherever that is; and a browser that may not say where a form came from would be taken for another page.
_LEADING_ON = {
    **HEADERS,
    "Content-Security-Policy": POLICY.replace("form-action 'self'", "form-action 'self' http: https:"),
    "Referrer-Policy": "same-origin",
}
_WORDS = {
    "app_mentions:read": "See messages that mention it",
    "assistant:write": "Act as an assistant in its direct messages",
    "channels:history": "Read messages in public channels that it is in",
    "channels:read": "See names and topics of public channels",
    "chat:write": "Send messages",
    "chat:write.public": "Send messages in public channels that it is not in",
    "commands": "Add slash commands and shortcuts",
    "files:read": "See files",
    "files:write": "Upload files",
    "groups:history": "Read messages in private channels that it is in",
    "groups:read": "See names and topics of private channels that it is in",
    "im:history": "Read direct messages with it",
    "im:read": "See its direct messages",
    "im:write": "Start direct messages",
    "users:read": "See who is in the workspace",
}
_REASONS = {
    "invalid_client_id": "No app has this client_id.",
    "no_scopes": "The app asks for no scope at all.",
    "invalid_scope": "The app asks for a scope that Slack does not know.",
    "bad_redirect_uri": "The redirect_uri is none of those that the app has configured.",
}


@dataclass(frozen=True)
class Scope:
    name: str
    words: str
    optional: bool


@dataclass(frozen=True)
class Choice:
    """A workspace or an organisation, and who would answer there."""

    home: str
    label: str
    chosen: bool


def routes(installations: Installations, port: int) -> list[BaseRoute]:
    page = _Page(installations)
    guard = [Middleware(Guard, port=port, headers=_LEADING_ON)]
    return [Route(PATH, page.ask, middleware=guard), Route(PATH, page.answer, methods=["POST"], middleware=guard)]


class _Page:
    def __init__(self, installations: Installations) -> None:
        self.installations = installations

    def ask(self, request: Request) -> Response:
        try:
            asked = consent.read_request(self.installations, request.query_params)
        except ConsentRefused as error:
            return self._refused(str(error))
        world = self.installations.first.world
        shown = environment.get_template("consent.html.j2").render(
            bot=author(world, world.bot.user_id),
            reason="",
            code="",
            scopes=[Scope(name, _WORDS.get(name, name), name in asked.optional) for name in asked.scopes],
            user_scopes=[Scope(name, _WORDS.get(name, name), False) for name in asked.user_scopes],
            choices=self._choices(asked),
            fields={name: request.query_params.get(name, "") for name in _FIELDS},
        )
        return HTMLResponse(shown, headers={"Cache-Control": "no-store"})

    async def answer(self, request: Request) -> Response:
        async with request.form(max_files=0) as form:
            given = {name: value for name, value in form.items() if isinstance(value, str)}
            kept = [str(value) for value in form.getlist("optional")]
        try:
            asked = consent.read_request(self.installations, given)
            return RedirectResponse(self._answered(asked, given, kept), 302)
        except ConsentRefused as error:
            return self._refused(str(error))

    def _answered(self, asked: Asked, given: Mapping[str, str], kept: list[str]) -> str:
        if given.get("decision") != "allow":
            return consent.deny(asked)
        places = self.installations.places(given.get("home", ""))
        if not places:
            raise ConsentRefused("invalid_team")
        without = [scope for scope in asked.optional if scope not in kept]
        return consent.allow(self.installations, asked, given["home"], _admin(places[0]), without)

    def _choices(self, asked: Asked) -> list[Choice]:
        """Every workspace, and the organisations where the app may be installed as a whole."""
        teams = [api.world.team for api in self.installations]
        homes = [(team.id, team.name) for team in teams]
        if consent.may_deploy_to_organisations(self.installations):
            homes += {team.enterprise_id: f"{team.enterprise_name} (all workspaces)" for team in teams if team.enterprise_id}.items()
        return [Choice(home, label, home == asked.team) for home, label in homes]

    def _refused(self, code: str) -> Response:
        world = self.installations.first.world
        reason = _REASONS.get(code, "There is no such workspace.")
        bot = author(world, world.bot.user_id)
        shown = environment.get_template("consent.html.j2").render(bot=bot, reason=reason, code=code)
        return HTMLResponse(shown, 400, headers={"Cache-Control": "no-store"})


def _admin(api: Api) -> str:
    """Who answers in a workspace: its first admin."""
    people = api.world.people.values()
    return next((person.id for person in people if person.admin), next(iter(api.world.people)))
