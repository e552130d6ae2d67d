"""The client that a job calls Slack with: it makes sure that the job is still its worker's, and notes which scopes were granted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.delivering import Place
from bot.refusals import OUTCOME_UNKNOWN, code_of

SECONDS: Final = 10  # that a call may take
_HISTORY = {"D": ("im:history",), "C": ("channels:history", "groups:history"), "G": ("groups:history",)}


@dataclass(frozen=True)
class Granted:
    """The scopes of each workspace, as Slack said with its last answer; what this process did not hear of yet is not granted."""

    _scopes: dict[str, frozenset[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, workspace: str, header: object) -> None:
        if header is None:
            return
        text = ",".join(header) if isinstance(header, list) else str(header)
        with self._lock:
            self._scopes[workspace] = frozenset(scope.strip() for scope in text.split(","))

    def can_look(self, workspace: str, place: Place) -> bool:
        """Whether a message there can be looked for. A place named by a person's id cannot be read, only written to."""
        if place.channel.startswith("D"):
            return True  # the manifest asks for it, and without it there are no direct messages
        wanted = _HISTORY.get(place.channel[:1], ())
        return not self._scopes.get(workspace, frozenset()).isdisjoint(wanted)


class JobClient(WebClient):
    """Repeats nothing by itself: what Slack asks to wait for, and what broke off, is for the job to try again."""

    def __init__(self, like: WebClient, before: Callable[[float], None], after: Callable[[str, str, SlackResponse | None], None]) -> None:
        super().__init__(token=like.token, base_url=like.base_url, timeout=SECONDS, retry_handlers=[])
        self._before, self._after = before, after

    def api_call(self, api_method: str, **options: Any) -> SlackResponse:
        """One call. `before` is told how long it may take; `after` the method, the outcome and the answer."""
        self._before(SECONDS + 1)
        try:
            answer: SlackResponse = super().api_call(api_method, **options)
        except SlackApiError as error:
            self._after(api_method, code_of(error), None)
            raise
        except OUTCOME_UNKNOWN:
            self._after(api_method, "broke off", None)
            raise
        self._after(api_method, "ok", answer)
        return answer
