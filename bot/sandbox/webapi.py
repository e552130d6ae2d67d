"""The Web API: which methods there are, who may call them, and what happens to one call. The methods themselves are in webapi_*."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox import webapi_chat, webapi_files, webapi_history, webapi_oauth, webapi_places, webapi_views
from bot.sandbox.installing import Installations
from bot.sandbox.webapi_call import Answer, Api, Arguments, SlackError, missing_scope

Handler = Callable[[Api, Arguments], Answer]


@dataclass(frozen=True)
class Method:
    """`scopes`: any one of them will do; none are needed when it is empty."""

    answer: Handler
    scopes: tuple[str, ...] = ()
    token: Literal["bot", "app", "none"] = "bot"


@dataclass(frozen=True)
class Reply:
    """What goes back over HTTP. A body of None means that the connection ends without a word."""

    body: Answer | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded:
    """One call as it came in, and what was answered. `team` is the workspace for which its token spoke; empty where none did."""

    method: str
    args: dict[str, Any]
    answer: Answer
    status: int = 200
    team: str = ""

    @property
    def ok(self) -> bool:
        return bool(self.answer.get("ok"))


def auth_test(api: Api, args: Arguments) -> Answer:
    world = api.world
    team, org_wide = world.team, world.installation.org_wide
    return {
        "ok": True,
        "url": f"https://{team.domain}.slack.com/",
        "team": team.enterprise_name if org_wide else team.name,
        "user": world.bot.name,
        "team_id": team.enterprise_id if org_wide else team.id,
        "user_id": world.bot.user_id,
        "bot_id": world.bot.bot_id,
        **({"enterprise_id": team.enterprise_id} if team.enterprise_id else {}),
        "is_enterprise_install": org_wide,
    }


def open_connection(api: Api, args: Arguments) -> Answer:
    address = api.url.replace("http://", "ws://", 1)
    return {"ok": True, "url": f"{address}link/?ticket={api.tickets.new_socket()}&app_id={api.world.bot.app_id}"}


_CHAT, _FILES, _ASSISTANT = ("chat:write",), ("files:write",), ("assistant:write",)
METHODS = {
    "apps.connections.open": Method(open_connection, token="app"),
    "apps.uninstall": Method(webapi_oauth.uninstall),
    "assistant.threads.setStatus": Method(webapi_places.set_status, ("chat:write", "assistant:write")),
    "assistant.threads.setSuggestedPrompts": Method(webapi_places.set_prompts, _ASSISTANT),
    "assistant.threads.setTitle": Method(webapi_places.set_title, _ASSISTANT),
    "auth.revoke": Method(webapi_oauth.auth_revoke),
    "auth.test": Method(auth_test),
    "blocks.validate": Method(webapi_places.validate_blocks, token="none"),
    "chat.delete": Method(webapi_chat.delete, _CHAT),
    "chat.deleteScheduledMessage": Method(webapi_chat.delete_scheduled, _CHAT),
    "chat.getPermalink": Method(webapi_chat.get_permalink),
    "chat.postEphemeral": Method(webapi_chat.post_ephemeral, _CHAT),
    "chat.postMessage": Method(webapi_chat.post_message, _CHAT),
    "chat.scheduleMessage": Method(webapi_chat.schedule_message, _CHAT),
    "chat.scheduledMessages.list": Method(webapi_chat.list_scheduled),
    "chat.update": Method(webapi_chat.update, _CHAT),
    "conversations.history": Method(webapi_history.history, tuple(webapi_history.HISTORY_SCOPE.values())),
    "conversations.info": Method(webapi_places.conversation_info, tuple(webapi_places.READ_SCOPE.values())),
    "conversations.open": Method(webapi_places.open_conversation, ("im:write",)),
    "conversations.replies": Method(webapi_history.replies, tuple(webapi_history.HISTORY_SCOPE.values())),
    "files.completeUploadExternal": Method(webapi_files.complete_upload, _FILES),
    "files.getUploadURLExternal": Method(webapi_files.get_upload_url, _FILES),
    "files.info": Method(webapi_files.file_info, ("files:read",)),
    "oauth.v2.access": Method(webapi_oauth.access, token="none"),
    "views.open": Method(webapi_views.open_view),
    "views.publish": Method(webapi_views.publish),
    "views.push": Method(webapi_views.push),
    "views.update": Method(webapi_views.update),
}


def caller(installations: Installations, args: Arguments) -> Api | None:
    """The workspace for which a call speaks; None where its token is none of ours."""
    if args.token == installations.app_token:
        return installations.first
    token = installations.tokens.find(args.token)
    return installations.meant(token, args) if token else None


def answer(installations: Installations, name: str, args: Arguments) -> Reply:
    """One call from name to reply, without faults."""
    method, api = METHODS.get(name), caller(installations, args)
    try:
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if method.token == "none":
            return _answered(api or installations.first, method, args)
        if not args.token:
            raise SlackError("not_authed")
        if api is None:
            raise SlackError("invalid_auth")
        with api.world.lock:  # what a method looked at still holds when it changes something
            _admit(api, method, args.token)
            return _answered(api, method, args)
    except SlackError as error:
        return Reply(error.answer(), headers=_scope_headers(api, method) if method and api else {})


def _answered(api: Api, method: Method, args: Arguments) -> Reply:
    return Reply(method.answer(api, args), headers=_scope_headers(api, method))


def _admit(api: Api, method: Method, text: str) -> None:
    """Raise unless this token may call this method."""
    token = api.installations.tokens.find(text)
    if (token is None) != (method.token == "app"):
        raise SlackError("not_allowed_token_type")
    ended = api.world.installation.ended or (token.error(api.world.clock.now()) if token else "")
    if ended:
        raise SlackError(ended)
    provided = api.world.installation.scopes
    if method.scopes and provided.isdisjoint(method.scopes):
        raise missing_scope(method.scopes[0], provided)


def _scope_headers(api: Api, method: Method) -> dict[str, str]:
    headers = {"x-oauth-scopes": ",".join(sorted(api.world.installation.scopes))}
    return headers | ({"x-accepted-oauth-scopes": ",".join(method.scopes)} if method.scopes else {})
