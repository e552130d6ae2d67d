"""What a person does in the local Slack: types, clicks, submits, uninstalls. Each act delivers to the bot what Slack would."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from bot.sandbox import consent, pressing, responses, submitting
from bot.sandbox.deliver import Courier, Outcome, shown_to_person
from bot.sandbox.faults import Faults
from bot.sandbox.installing import Installations
from bot.sandbox.payloads import Delivery, Json, Payloads
from bot.sandbox.subscriptions import hears
from bot.sandbox.tickets import ResponseUrl, Tickets
from bot.sandbox.webapi_call import Api, SlackError
from bot.sandbox.world import Message, OpenView, StateValues, World

__all__ = ["Acts", "Outcome"]


def refused(reason: str) -> Outcome:
    """Nothing was sent: Slack does not let a person do this."""
    return Outcome(0, "", reason)


class Acts:
    """The acts, one method each. They block until the bot has acknowledged, so call them outside an event loop."""

    def __init__(
        self,
        world: World,
        payloads: Payloads,
        courier: Courier,
        faults: Faults,
        installations: Installations,
        *,
        checks: bool = True,
    ) -> None:
        self.world = world
        self.tickets: Tickets = payloads.tickets
        self._api = Api(world, payloads.tickets, self.announce, self._announce, faults, installations, checks)
        self._payloads = payloads
        self._courier = courier
        self.installations = installations
        installations.add(self._api)

    def here(self, seeded: str) -> str:
        """The id that something of the seed has in this workspace, such as `here(GENERAL)` or `here(ALEX.id)`."""
        return f"{seeded}{self.world.suffix}"

    def wait_for(self, predicate: Callable[[], object], timeout: float = 10.0) -> bool:
        """Whether the predicate came true in time. It is asked whenever something changes here."""
        return self.world.wait_for(predicate, timeout)

    # -- messages and commands -------------------------------------------------------------------------------------

    def command(self, user: str, channel: str, command: str, text: str = "") -> Outcome:
        """A slash command. The body of the answer is shown: to the person alone, or in the channel if it says so."""
        names = [entry["command"] for entry in self._feature("slash_commands")]
        if command not in names or not self._installed("commands"):
            return refused("unknown_command")
        if (reason := self._may_write(user, channel)) is not None:
            return refused(reason)
        delivery = self._payloads.command(user, channel, command, text)
        outcome = self._deliver(delivery)
        if outcome.error or not outcome.body:
            return outcome
        return self._show_answer(outcome, ResponseUrl(channel, user, None, self.world.clock.now()))

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None, files: Sequence[str] = ()) -> Outcome:
        """Post as a person, the text as Slack hands it on: `&`, `<`, `>` escaped, people as <@ID>. The outcome's body has the `ts`."""
        if (reason := self._may_write(user, channel)) is not None:
            return refused(reason)
        if not text.strip() and not files:
            return refused("no_text")
        if thread_ts and self._seen(user, channel, thread_ts) is None:
            return refused("thread_not_found")
        message = self.world.add(Message(self.world.new_ts(), channel, user, text, thread_ts=thread_ts, files=list(files)))
        for event in self._events_of(message):
            self._announce(event)
        return Outcome(200, {"ok": True, "ts": message.ts})

    def announce(self, message: Message, before: Message | None) -> None:
        """Slack tells a bot of its own messages too, where it reads all messages."""
        if (kind := self._read_kind(message.channel)) is None:
            return
        if before is None:
            self._announce(self._payloads.message_event(message, kind))
        else:
            self._announce(self._payloads.message_changed(message, before, kind))

    # -- interactive components ------------------------------------------------------------------------------------

    def click(
        self,
        user: str,
        message_ts: str,
        channel: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
        option: str | Sequence[str] | None = None,
    ) -> Outcome:
        """Press a button or choose in a message. `option` is the value of the chosen option; `value` what else an element takes."""
        message = self._seen(user, channel, message_ts)
        if message is None:
            return refused("message_not_found")
        try:
            pressed = pressing.press(message.blocks, action_id, block_id, value, option)
        except pressing.NotThere as error:
            return refused(str(error))
        with self.world.changing():
            pressing.keep(message.state, pressed)
        state = pressing.state_of(message.blocks, message.state)
        return self._interact(self._payloads.message_action(user, message, state, pressed.action))

    def click_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
        option: str | Sequence[str] | None = None,
        values: StateValues | None = None,
    ) -> Outcome:
        """Press a button or choose in a modal or a Home tab. `values` is what stands in the view's inputs at that moment."""
        view = self._open_view(user, view_id)
        if view is None:
            return refused("not_found")
        try:
            pressed = pressing.press(view.view["blocks"], action_id, block_id, value, option)
            typed = submitting.read(view, values or {})
        except pressing.NotThere as error:
            return refused(str(error))
        with self.world.changing():
            submitting.merge(view.values, typed)
            pressing.keep(view.values, pressed)
        return self._interact(self._payloads.view_action(view, pressed.action)) if pressed.sent else Outcome(200)

    def submit(self, user: str, view_id: str, values: StateValues | None = None) -> Outcome:
        """Submit the modal on top. What Slack itself refuses, and what the bot refuses, stands in the view's `errors`."""
        view = self._open_view(user, view_id)
        if view is None or view is not self.world.top_view(user) or not view.view.get("submit"):
            return refused("not_found")
        try:
            typed = submitting.read(view, values or {})
        except pressing.NotThere as error:
            return refused(str(error))
        with self.world.changing():
            submitting.merge(view.values, typed)
            view.errors = submitting.incomplete(view)
        if view.errors:
            return refused("incomplete")
        return self._after_submission(view, self._interact(self._payloads.submission(view)))

    def close(self, user: str, view_id: str, *, clear: bool = False) -> Outcome:
        """Close the modal on top, or with `clear` (or clear_on_close) the whole stack; the bot hears of it where it asked to."""
        view = self._open_view(user, view_id)
        if view is None or view is not self.world.top_view(user):
            return refused("not_found")
        clear = clear or bool(view.view.get("clear_on_close"))
        with self.world.changing():
            gone = self.world.stack_of(user) if clear else [view]
            for entry in gone:
                entry.closed = True
        told = [entry for entry in reversed(gone) if entry.view.get("notify_on_close")]
        outcomes = [self._interact(self._payloads.closed(entry, clear)) for entry in told]
        return outcomes[0] if outcomes else Outcome(200)

    def shortcut(self, user: str, callback_id: str, channel: str = "", message_ts: str = "") -> Outcome:
        """A message shortcut, or with no message a global one."""
        wanted = "message" if message_ts else "global"
        offered = [entry["callback_id"] for entry in self._feature("shortcuts") if entry["type"] == wanted]
        if callback_id not in offered or not self._installed("commands"):
            return refused("unknown_shortcut")
        if not message_ts:
            return self._interact(self._payloads.global_shortcut(user, callback_id))
        message = self._seen(user, channel, message_ts)
        if message is None or message.ephemeral_to:
            return refused("message_not_found")
        return self._interact(self._payloads.message_shortcut(user, callback_id, message))

    # -- the app ---------------------------------------------------------------------------------------------------

    def open_home(self, user: str, tab: Literal["home", "messages"] = "home") -> Outcome:
        self._announce(self._payloads.home_opened(user, tab))
        return Outcome(200)

    def invite(self, user: str, channel: str) -> Outcome:
        """Add the bot to a channel that the person is in."""
        place = self.world.channels.get(channel)
        if place is None or user not in place.members or place.kind == "dm":
            return refused("channel_not_found")
        with self.world.changing():
            place.members.add(self.world.bot.user_id)
        return Outcome(200)

    def authorize(self, user: str, url: str, *, allow: bool = True, org_wide: bool = False, without: Collection[str] = ()) -> str:
        """Answer the page that asks before an installation, found under `url`: the address to which Slack then sends the browser.

        `without` are optional scopes that the person takes out. Raises ConsentRefused where Slack does not even ask.
        """
        asked = consent.read_address(self.installations, url)
        team = self.world.team
        home = team.enterprise_id if org_wide and team.enterprise_id else team.id
        return consent.allow(self.installations, asked, home, user, without) if allow else consent.deny(asked)

    def uninstall(self) -> Outcome:
        """Remove the app, where it is installed for the organisation from all of that: its token no longer works, and it hears of it."""
        self.installations.uninstall(self._api)
        return Outcome(200)

    def revoke_tokens(self) -> Outcome:
        """Take the tokens away and leave the app, as an admin may."""
        self.installations.revoke_all(self._api)
        return Outcome(200)

    def advance(self, seconds: float) -> None:
        """Move the clock on. Scheduled messages and retries that fall due happen before this returns."""
        self.world.clock.advance(seconds)
        with self.world.changing():
            pass  # statuses and tickets grow old without anything else telling who waits

    # -- what is behind them ---------------------------------------------------------------------------------------

    def _deliver(self, delivery: Delivery) -> Outcome:
        return shown_to_person(self._courier.now(delivery))

    def _interact(self, delivery: Delivery) -> Outcome:
        if self.world.installation.ended == "account_inactive":
            return refused("app_uninstalled")
        if not self.world.manifest.get("settings", {}).get("interactivity", {}).get("is_enabled"):
            return refused("interactivity_disabled")
        return self._deliver(delivery)

    def _show_answer(self, outcome: Outcome, target: ResponseUrl) -> Outcome:
        given = outcome.body if isinstance(outcome.body, dict) else {"text": outcome.body}
        try:
            responses.publish(self._api, target, given)
        except SlackError as error:
            return replace(outcome, error=error.code)
        return outcome

    def _after_submission(self, view: OpenView, outcome: Outcome) -> Outcome:
        if outcome.error:
            return outcome
        try:
            submitting.follow(self._api, view, outcome.body if isinstance(outcome.body, dict) else {})
        except SlackError as error:
            return replace(outcome, error=error.code)
        return outcome

    def _events_of(self, message: Message) -> list[Json]:
        """What a person's message sets off: a message event where the bot reads along, a mention where it is named and present."""
        place, bot = self.world.channels[message.channel], self.world.bot.user_id
        kind = self._read_kind(message.channel)
        events = [self._payloads.message_event(message, kind)] if kind else []
        if place.kind != "dm" and f"<@{bot}>" in message.text and bot in place.members:
            events.append(self._payloads.mention(message))
        return events

    def _read_kind(self, channel: str) -> str | None:
        """The kind of channel as message events name it, where the bot is a member; None elsewhere."""
        place = self.world.channels[channel]
        kinds = {"dm": "im", "channel": "channel", "private": "group"}
        return kinds[place.kind] if self.world.bot.user_id in place.members else None

    def _announce(self, event: Json) -> None:
        if hears(self.world, event):
            self._courier.later(self._payloads.event(event))

    def _feature(self, name: str) -> Sequence[Mapping[str, str]]:
        entries: Sequence[Mapping[str, str]] = self.world.manifest.get("features", {}).get(name, ())
        return entries

    def _installed(self, scope: str) -> bool:
        return scope in self.world.installation.scopes and not self.world.installation.ended

    def _may_write(self, user: str, channel: str) -> str | None:
        """None, or why this person cannot write there."""
        place = self.world.channels.get(channel)
        if place is None or user not in place.members:
            return "channel_not_found"
        if place.archived:
            return "is_archived"
        return "restricted_action" if place.restricted and not self.world.people[user].admin else None

    def _seen(self, user: str, channel: str, ts: str) -> Message | None:
        """A message that this person sees."""
        place, message = self.world.channels.get(channel), self.world.find(channel, ts)
        if place is None or message is None or user not in place.members or not message.seen_by(user):
            return None
        return message

    def _open_view(self, user: str, view_id: str) -> OpenView | None:
        view = self.world.views.get(view_id)
        return view if view is not None and view.user == user and not view.closed else None
