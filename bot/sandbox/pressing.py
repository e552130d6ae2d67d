"""Pressing and choosing: finds the element that a person touched and makes the action that Slack sends for it. It changes no blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.shown import STATE_KEY, elements_of, state_of
from bot.sandbox.world import Block, StateValues

__all__ = ["NotThere", "Pressed", "keep", "press", "state_of"]

Json = dict[str, Any]


class NotThere(Exception):
    """What was pressed, chosen or filled in is not on the screen. The message says which."""


@dataclass(frozen=True)
class Pressed:
    """`sent` is false for an input whose block did not ask to hear of every change."""

    block_id: str
    action: Json
    state: Json | None
    sent: bool


def press(blocks: Sequence[Block], action_id: str, block_id: str | None, value: Any, option: str | Sequence[str] | None) -> Pressed:
    block, element = _find(blocks, action_id, block_id)
    change = _change(element, value, option)
    action = {"type": element["type"], "action_id": action_id, "block_id": block["block_id"], **change}
    for shown in ("style", "text", "url", "placeholder"):
        if shown in element:
            action.setdefault(shown, element[shown])
    state = {"type": element["type"], **change} if element["type"] in STATE_KEY else None
    return Pressed(block["block_id"], action, state, block["type"] != "input" or bool(block.get("dispatch_action")))


def keep(values: StateValues, pressed: Pressed) -> None:
    """Note what was chosen, so that later payloads carry it."""
    if pressed.state is not None:
        values.setdefault(pressed.block_id, {})[pressed.action["action_id"]] = pressed.state


def chosen(element: Json, values: Sequence[str]) -> list[Json]:
    """The options with these values, as the bot wrote them."""
    groups = element.get("option_groups") or []
    offered = [*(element.get("options") or []), *(option for group in groups for option in group["options"])]
    by_value: Mapping[str, Json] = {option["value"]: option for option in offered}
    missing = [value for value in values if value not in by_value]
    if missing:
        raise NotThere(f"no_such_option: {missing[0]}")
    return [by_value[value] for value in values]


def _find(blocks: Sequence[Block], action_id: str, block_id: str | None) -> tuple[Block, Json]:
    for block in blocks:
        for element in elements_of(block):
            if element["action_id"] == action_id and block_id in (None, block["block_id"]):
                return block, element
    raise NotThere(f"no_such_action: {action_id}")


def _change(element: Json, value: Any, option: str | Sequence[str] | None) -> Json:
    """The part of the action that says what was chosen."""
    kind = element["type"]
    if kind in ("button", "icon_button"):
        return {"value": element["value"]} if "value" in element else {}
    if kind == "feedback_buttons":
        return _feedback(element, value if value is not None else option)
    if kind == "overflow":
        return {"selected_option": _one(element, option)}
    key = STATE_KEY[kind]
    if key == "selected_option":
        return {key: _one(element, option)}
    if key == "selected_options":
        return {key: chosen(element, [option] if isinstance(option, str) else option or [])}
    return {key: value if value is not None else option}


def _one(element: Json, option: str | Sequence[str] | None) -> Json:
    if not isinstance(option, str):
        raise NotThere("no_such_option: one value is needed")
    return chosen(element, [option])[0]


def _feedback(element: Json, value: object) -> Json:
    """The pressed half, named by its value."""
    halves = [element["positive_button"], element["negative_button"]]
    pressed = next((half for half in halves if half["value"] == value), None)
    if pressed is None:
        raise NotThere(f"no_such_option: {value}")
    return {"text": pressed["text"], "value": pressed["value"]}
