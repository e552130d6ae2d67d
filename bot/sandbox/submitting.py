"""Submitting a modal: what was typed, what Slack itself refuses, and what the bot's response_action makes of the stack."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.sandbox.pressing import NotThere, chosen
from bot.sandbox.shown import STATE_KEY, elements_of, state_of
from bot.sandbox.webapi_call import Api, SlackError
from bot.sandbox.webapi_views import replace_view, stack
from bot.sandbox.world import OpenView, StateValues

Json = dict[str, Any]
REQUIRED = "Please complete this required field."


def read(view: OpenView, values: StateValues) -> StateValues:
    """What was typed, as Slack would report it: `{block_id: {action_id: state}}`. An option may be given by its value alone."""
    elements = {(block["block_id"], element["action_id"]): element for block in view.view["blocks"] for element in elements_of(block)}
    typed: StateValues = {}
    for block_id, states in values.items():
        for action_id, state in states.items():
            element = elements.get((block_id, action_id))
            if element is None or element["type"] not in STATE_KEY:
                raise NotThere(f"no_such_input: {block_id} {action_id}")
            typed.setdefault(block_id, {})[action_id] = _state(element, state)
    return typed


def merge(values: StateValues, typed: StateValues) -> None:
    for block_id, states in typed.items():
        values.setdefault(block_id, {}).update(states)


def incomplete(view: OpenView) -> dict[str, str]:
    """What Slack's own form refuses to send, by block id: empty required fields, lengths, numbers."""
    state = state_of(view.view["blocks"], view.values)
    inputs = [block for block in view.view["blocks"] if block["type"] == "input"]
    found = {block["block_id"]: _complaint(block, state[block["block_id"]][block["element"]["action_id"]]) for block in inputs}
    return {block_id: complaint for block_id, complaint in found.items() if complaint}


def follow(api: Api, view: OpenView, answer: Mapping[str, Any]) -> None:
    """Do what the acknowledgement says: show errors, another view, or close. An empty one closes the view."""
    action = answer.get("response_action")
    if action == "errors":
        _show_errors(api, view, answer.get("errors"))
    elif action in ("update", "push"):
        _show_view(api, view, api.view(answer.get("view"), "modal"), push=action == "push")
    elif action == "clear" or not answer:
        _close(api, view, everything=action == "clear")
    else:
        raise SlackError("invalid_response_action")


def _show_errors(api: Api, view: OpenView, errors: object) -> None:
    """Slack takes errors only for input blocks of this view."""
    inputs = {block["block_id"] for block in view.view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not inputs.issuperset(errors):
        raise SlackError("invalid_response_action")
    with api.world.changing():
        view.errors = {block_id: str(text) for block_id, text in errors.items()}


def _show_view(api: Api, view: OpenView, shown: Json, *, push: bool) -> None:
    with api.world.changing():
        if push:
            stack(api, view.user, shown, view)
        else:
            replace_view(api, view, shown)


def _close(api: Api, view: OpenView, *, everything: bool) -> None:
    with api.world.changing():
        for entry in api.world.stack_of(view.user) if everything else [view]:
            entry.closed = True


def _state(element: Json, given: Any) -> Json:
    """A state from what was given: a whole state, or the bare value of it."""
    key = STATE_KEY[element["type"]]
    value = given.get(key) if isinstance(given, dict) and (key in given or "type" in given) else given
    if key == "selected_option" and value is not None:
        value = chosen(element, [_option_value(value)])[0]
    if key == "selected_options":
        value = chosen(element, [_option_value(entry) for entry in value or []])
    return {"type": element["type"], key: None if value == "" else value}


def _option_value(option: Any) -> str:
    return str(option.get("value") if isinstance(option, dict) else option)


def _complaint(block: Json, state: Json) -> str:
    element, value = block["element"], state[STATE_KEY[block["element"]["type"]]]
    if value in (None, "", []):
        return "" if block.get("optional") else REQUIRED
    if element["type"] == "number_input":
        return _number_complaint(element, str(value))
    if element["type"] == "plain_text_input":
        return _length_complaint(element, len(str(value)))
    return ""


def _length_complaint(element: Json, length: int) -> str:
    low, high = element.get("min_length", 0), element.get("max_length", 3000)
    if length < low:
        return f"Please enter at least {low} characters."
    return f"Please enter no more than {high} characters." if length > high else ""


def _number_complaint(element: Json, text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "Please enter a number."
    if not number.is_finite() or (number != number.to_integral_value() and not element["is_decimal_allowed"]):
        return "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < Decimal(low):
        return f"Please enter a number of at least {low}."
    return f"Please enter a number of at most {high}." if high is not None and number > Decimal(high) else ""
