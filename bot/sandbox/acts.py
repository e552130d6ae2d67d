"""What a person does in the local Slack: types, clicks, submits, uninstalls. Each act delivers to the bot what Slack would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.world import StateValues, World


@dataclass(frozen=True)
class Outcome:
    """How the bot answered. `error` is empty, or what the person is told: operation_timeout, dispatch_failed, or why nothing was sent."""

    status: int
    body: dict[str, Any] | str = ""
    error: str = ""


class Acts:
    """The acts, one method each. They block until the bot has acknowledged, so call them outside an event loop."""

    world: World

    def command(self, user: str, channel: str, command: str, text: str = "") -> Outcome:
        raise NotImplementedError

    def click(
        self,
        user: str,
        message_ts: str,
        channel: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
        option: str | None = None,
    ) -> Outcome:
        """Press a button or choose in a message. `option` is the value of the chosen option; `value` tells feedback buttons apart."""
        raise NotImplementedError

    def click_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
        option: str | None = None,
        values: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Outcome:
        """Press a button or choose in a modal or a Home tab. `values` is what stands in the view's inputs at that moment."""
        raise NotImplementedError

    def submit(self, user: str, view_id: str, values: StateValues | None = None) -> Outcome:
        raise NotImplementedError

    def close(self, user: str, view_id: str) -> Outcome:
        raise NotImplementedError

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None, files: Sequence[str] = ()) -> Outcome:
        raise NotImplementedError

    def shortcut(self, user: str, callback_id: str, channel: str = "", message_ts: str = "") -> Outcome:
        raise NotImplementedError

    def open_home(self, user: str, tab: Literal["home", "messages"] = "home") -> Outcome:
        raise NotImplementedError

    def invite(self, user: str, channel: str) -> Outcome:
        raise NotImplementedError

    def uninstall(self) -> Outcome:
        raise NotImplementedError

    def advance(self, seconds: float) -> None:
        self.world.clock.advance(seconds)
