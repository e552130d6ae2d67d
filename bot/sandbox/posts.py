"""The forms of the page -> the acts of a person. It reads only what stands in the stored message or view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.sandbox import fields
from bot.sandbox.acts import Acts, Outcome
from bot.sandbox.composer import commands, typed_command, typed_message

Form = Mapping[str, Sequence[str]]
Post = Callable[[Acts, str, Form], Outcome]

REFUSED = 200  # nothing was sent: the person alone is told why
_PRESSED = {"button", "icon_button", "feedback_buttons"}
_MONTH_DAYS = 30
_STEPS_S = {"hour": 3600, "day": 24 * 3600, "month": _MONTH_DAYS * 24 * 3600}


def first(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")


def refused(reason: str) -> Outcome:
    return Outcome(REFUSED, "", reason)


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
    view = slack.world.views.get(view_id) or slack.world.homes.get(user)
    if view is None or view.id != view_id or view.user != user:
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
        for element in fields.elements(block):
            if (str(block.get("block_id", "")), str(element.get("action_id", ""))) == (block_id, action_id):
                return _carried(element, form, fields.field_name(block, element))
    return None


def _carried(element: fields.Element, form: Form, name: str) -> dict[str, Any]:
    kind = str(element["type"])
    if kind in _PRESSED:
        return {"value": first(form, "value") or None}
    if kind == "overflow":
        return {"option": first(form, "option")}
    if kind in fields.ONE or kind in fields.ONE_OF:
        return {"option": first(form, name) or None}
    if kind in fields.MANY or kind in fields.MANY_OF:
        return {"value": list(form.get(name, ()))}
    return {"value": first(form, name) or None}


def submit(slack: Acts, user: str, form: Form) -> Outcome:
    """The modal's form. What Slack's client refuses by itself never reaches the bot."""
    view = slack.world.views.get(first(form, "view_id"))
    if view is None or view.user != user or view.closed:
        return refused("That view is closed.")
    values = fields.read_values(view.view["blocks"], form)
    problems = fields.problems(view.view["blocks"], values)
    if not problems:
        return slack.submit(user, view.id, values)
    with slack.world.changing():
        view.errors, view.values = problems, values
    return Outcome(REFUSED)


def close(slack: Acts, user: str, form: Form) -> Outcome:
    return slack.close(user, first(form, "view_id"))


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
    return Outcome(REFUSED)


def dismiss(slack: Acts, user: str, form: Form) -> Outcome:
    return Outcome(REFUSED)


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
