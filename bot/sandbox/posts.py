"""The forms of the page -> the acts of a person. It reads only what stands in the stored message or view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.sandbox import fields
from bot.sandbox.acts import Acts, Outcome
from bot.sandbox.composer import commands, typed_command, typed_message
from bot.sandbox.shown import elements_of

Form = Mapping[str, Sequence[str]]
Post = Callable[[Acts, str, Form], Outcome]

_MONTH_DAYS = 30
_STEPS_S = {"hour": 3600, "day": 24 * 3600, "month": _MONTH_DAYS * 24 * 3600}


def first(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")


def refused(reason: str) -> Outcome:
    """Nothing was sent: the person alone is told why."""
    return Outcome(0, "", reason)


def _visible(slack: Acts, user: str, channel: str) -> bool:
    return channel in {each.id for each in slack.world.channels_of(user)}


def say(slack: Acts, user: str, form: Form) -> Outcome:
    """A message, or a slash command where the line begins with one."""
    text, channel, thread_ts = first(form, "text"), first(form, "channel"), first(form, "thread_ts")
    if not _visible(slack, user, channel):
        return refused("You are not in that channel.")
    if not text.strip():
        return refused("There is nothing to send.")
    command = typed_command(text)
    if command is None:
        return slack.say(user, channel, typed_message(text, slack.world), thread_ts=thread_ts or None)
    name, rest = command
    if thread_ts:
        return refused(f"{name} is not supported in threads. Slack takes slash commands in the channel only.")
    if name not in {each.name for each in commands(slack.world.manifest)}:
        return refused(f"{name} is not a valid command. Begin with a space to send it as a message.")
    return slack.command(user, channel, name, rest)


def click(slack: Acts, user: str, form: Form) -> Outcome:
    channel, ts = first(form, "channel"), first(form, "ts")
    message = slack.world.find(channel, ts)
    if message is None or not message.seen_by(user) or not _visible(slack, user, channel):
        return refused("That message is gone.")
    pressed = _pressed(message.blocks, form)
    if pressed is None:
        return refused("That button is gone. The message has changed meanwhile.")
    return slack.click(user, ts, channel, first(form, "action_id"), block_id=first(form, "block_id"), **pressed)


def click_in_view(slack: Acts, user: str, form: Form) -> Outcome:
    view_id = first(form, "view_id")
    view = slack.world.views.get(view_id)
    if view is None or view.closed or view.user != user:
        return refused("That view is closed.")
    blocks = view.view["blocks"]
    pressed = _pressed(blocks, form)
    if pressed is None:
        return refused("That button is gone. The view has changed meanwhile.")
    values = fields.read_values(blocks, form)
    return slack.click_in_view(user, view_id, first(form, "action_id"), block_id=first(form, "block_id"), values=values, **pressed)


def _pressed(blocks: Sequence[Mapping[str, Any]], form: Form) -> dict[str, Any] | None:
    """What a click carries, by the kind of its element; None where there is no such element."""
    action_id, block_id = first(form, "action_id"), first(form, "block_id")
    for block in blocks:
        for element in elements_of(dict(block)):
            if (str(block.get("block_id", "")), element["action_id"]) == (block_id, action_id):
                return _carried(element, form, fields.field_name(block, element))
    return None


def _carried(element: fields.Json, form: Form, name: str) -> dict[str, Any]:
    if element["type"] in fields.PRESSED:
        return {"value": first(form, "value") or None, "option": first(form, "option") or None}
    held = fields.read(element, form.get(name, ()))
    if fields.options(element):
        values = fields.chosen(element, {fields.held_in(element): held})
        return {"option": list(values) if isinstance(held, list) else next(iter(values), None)}
    return {"value": held}


def submit(slack: Acts, user: str, form: Form) -> Outcome:
    """The modal's form. A view that closed meanwhile has no values to read."""
    view = slack.world.views.get(first(form, "view_id"))
    values = fields.read_values(view.view["blocks"], form) if view else {}
    return slack.submit(user, first(form, "view_id"), values)


def close(slack: Acts, user: str, form: Form) -> Outcome:
    return slack.close(user, first(form, "view_id"), clear=first(form, "all") == "true")


def shortcut(slack: Acts, user: str, form: Form) -> Outcome:
    return slack.shortcut(user, first(form, "callback_id"), first(form, "channel"), first(form, "ts"))


def open_app(slack: Acts, user: str, form: Form) -> Outcome:
    return slack.open_home(user, "home" if first(form, "tab") == "home" else "messages")


def invite(slack: Acts, user: str, form: Form) -> Outcome:
    return slack.invite(user, first(form, "channel"))


def uninstall(slack: Acts, user: str, form: Form) -> Outcome:
    return slack.uninstall()


def advance(slack: Acts, user: str, form: Form) -> Outcome:
    """Move the clock on. What falls due meanwhile is done."""
    step = _STEPS_S.get(first(form, "step"))
    if step is None:
        return refused("The clock moves by an hour, a day or a month.")
    slack.advance(step)
    return Outcome(200)


def dismiss(slack: Acts, user: str, form: Form) -> Outcome:
    return Outcome(200)


POSTS: Mapping[str, Post] = {
    "say": say,
    "click": click,
    "view-click": click_in_view,
    "submit": submit,
    "close": close,
    "shortcut": shortcut,
    "open-app": open_app,
    "invite": invite,
    "uninstall": uninstall,
    "advance": advance,
    "dismiss": dismiss,
}
