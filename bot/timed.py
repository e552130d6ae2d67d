"""The Bolt app with what is noted of each request, over HTTP and the socket alike: how long its answer took, and the ids for its lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, Final
from uuid import uuid4

from slack_bolt import App, BoltRequest, BoltResponse

from bot.logs import bound
from bot.metrics import acked

# What Slack sends; whatever else a request says of itself is no label of ours.
_TYPES: Final = {
    *("block_actions", "block_suggestion", "message_action", "shortcut", "view_closed", "view_submission", "url_verification"),
    *("app_home_opened", "app_mention", "app_uninstalled", "message", "tokens_revoked"),
}
_WORKSPACE: Final = re.compile(r"[TE][A-Z0-9]{1,30}")


class TimedApp(App):
    """Middleware of Bolt ends before a listener begins, so this is done around both. `overrun`: what is acknowledged and no more."""

    def __init__(self, *, overrun: Callable[[BoltRequest], bool], **options: Any) -> None:
        super().__init__(**options)
        self._overrun = overrun

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        began = perf_counter()
        with bound(request=uuid4().hex[:12], workspace=_workspace(req)):
            response = BoltResponse(status=200) if self._overrun(req) else super().dispatch(req)
        surface = "unverified" if response.status == 401 else surface_of(req.body)
        acked(surface, perf_counter() - began, response.status == 200)
        return response


def surface_of(body: Mapping[str, Any]) -> str:
    """By what somebody did: `command`, the type of an interaction, or that of an event."""
    if "command" in body:
        return "command"
    event = body.get("event")
    kind = event.get("type") if isinstance(event, dict) else body.get("type")
    return kind if isinstance(kind, str) and kind in _TYPES else "other"


def _workspace(req: BoltRequest) -> str | None:
    """As the request says, which is not verified yet; only what looks like an id."""
    said = req.context.team_id or req.context.enterprise_id
    return said if said and _WORKSPACE.fullmatch(said) else None
