"""The inputs of a view and the choices in a message: what stands in them, and what a form that comes back says. No HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from bot.sandbox.mrkdwn import safe_url

Element = Mapping[str, Any]
State = dict[str, Any]
Values = Mapping[str, Mapping[str, Mapping[str, Any]]]

TEXTS = {"plain_text_input": "text", "email_text_input": "email", "url_text_input": "url", "number_input": "text"}
DATES = {"datepicker": ("date", "selected_date"), "timepicker": ("time", "selected_time")}
MOMENT = "datetimepicker"
ONE = {"static_select": "option", "external_select": "option", "radio_buttons": "option"}
MANY = {"multi_static_select": "options", "multi_external_select": "options", "checkboxes": "options"}
ONE_OF = {"conversations_select": "conversation", "channels_select": "channel", "users_select": "user"}
MANY_OF = {"multi_conversations_select": "conversations", "multi_channels_select": "channels", "multi_users_select": "users"}
HOLDING = {*TEXTS, *DATES, MOMENT, *ONE, *MANY, *ONE_OF, *MANY_OF}
_MINUTE = "%Y-%m-%dT%H:%M"


def elements(block: Mapping[str, Any]) -> Iterator[Element]:
    """The interactive elements of a block, wherever it keeps them."""
    for key in ("element", "accessory"):
        if isinstance(block.get(key), Mapping):
            yield block[key]
    if block.get("type") in ("actions", "context_actions"):
        yield from block["elements"]


def field_name(block: Mapping[str, Any], element: Element) -> str:
    """What a form calls an element: unique in its view, and readable."""
    return f"{quote(str(block.get('block_id', '')), safe=':')}/{quote(str(element.get('action_id', '')), safe=':')}"


def options(element: Element) -> list[Mapping[str, Any]]:
    """All options of an element, groups opened."""
    groups = element.get("option_groups")
    return [each for group in groups for each in group["options"]] if groups else list(element.get("options", ()))


# -- what stands in an element ------------------------------------------------------------------------------------------


def chosen(element: Element, state: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The chosen values, first from what a person did, else from what the bot set."""
    kind = str(element["type"])
    if kind in ONE or kind in MANY:
        return tuple(str(each["value"]) for each in _listed(_held(element, state, "option" if kind in ONE else "options")))
    return tuple(str(each) for each in _listed(_held(element, state, {**ONE_OF, **MANY_OF}[kind])))


def _held(element: Element, state: Mapping[str, Any] | None, what: str) -> object:
    return element.get(f"initial_{what}") if state is None else state.get(f"selected_{what}")


def _listed(value: object) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


def written(element: Element, state: Mapping[str, Any] | None) -> str:
    """The text, date or time that stands in an element."""
    kind = str(element["type"])
    if kind in TEXTS:
        return str((element.get("initial_value") if state is None else state.get("value")) or "")
    if kind == MOMENT:
        seconds = element.get("initial_date_time") if state is None else state.get("selected_date_time")
        return "" if seconds is None else datetime.fromtimestamp(int(str(seconds)), UTC).astimezone().strftime(_MINUTE)
    what = DATES[kind][1]
    return str((element.get(what.replace("selected", "initial")) if state is None else state.get(what)) or "")


# -- what a form says ---------------------------------------------------------------------------------------------------


def read_values(blocks: Sequence[Mapping[str, Any]], form: Mapping[str, Sequence[str]]) -> dict[str, dict[str, State]]:
    """A form as Slack's state.values. Only elements that stand in the blocks are read; what else the form holds is ignored."""
    values: dict[str, dict[str, State]] = {}
    for block in blocks:
        for element in elements(block):
            if element["type"] in HOLDING:
                given = list(form.get(field_name(block, element), ()))
                values.setdefault(str(block.get("block_id", "")), {})[str(element.get("action_id", ""))] = _state(element, given)
    return values


def _state(element: Element, given: list[str]) -> State:
    kind = str(element["type"])
    filled = [each for each in given if each]
    if kind in TEXTS:
        return {"type": kind, "value": given[0].replace("\r\n", "\n") if filled else None}
    if kind in ONE or kind in MANY:
        picked = [option for option in options(element) if str(option["value"]) in filled]
        return {"type": kind, "selected_options": picked} if kind in MANY else {"type": kind, "selected_option": _first(picked)}
    if kind in MANY_OF:
        return {"type": kind, f"selected_{MANY_OF[kind]}": filled}
    if kind == MOMENT:
        return {"type": kind, "selected_date_time": _seconds(_first(filled))}
    what = DATES[kind][1] if kind in DATES else f"selected_{ONE_OF[kind]}"
    return {"type": kind, what: _first(filled)}


def _first(values: Sequence[Any]) -> Any:
    return values[0] if values else None


def _seconds(text: str | None) -> int | None:
    try:
        return int(datetime.strptime(text or "", _MINUTE).astimezone().timestamp())
    except ValueError:
        return None


# -- what Slack's own client refuses before the bot is asked ------------------------------------------------------------

REQUIRED = "Please complete this required field."
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def problems(blocks: Sequence[Mapping[str, Any]], values: Values) -> dict[str, str]:
    """What is wrong in the inputs of a view, by block id."""
    found = {}
    for block in blocks:
        if block.get("type") == "input" and block["element"]["type"] in HOLDING:
            where, element = str(block.get("block_id", "")), block["element"]
            problem = _problem(element, values[where][str(element.get("action_id", ""))], bool(block.get("optional")))
            if problem:
                found[where] = problem
    return found


def _problem(element: Element, state: Mapping[str, Any], optional: bool) -> str:
    held = next(value for key, value in state.items() if key != "type")
    if held in (None, "", []):
        return "" if optional else REQUIRED
    kind, text = str(element["type"]), str(held)
    if kind == "number_input":
        return _number_problem(element, text)
    if kind == "email_text_input" and not _EMAIL.fullmatch(text):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not safe_url(text):
        return "Please enter a valid URL."
    if kind in TEXTS and len(text) < int(element.get("min_length") or 0):
        return f"Please enter at least {element['min_length']} characters."
    return ""


def _number_problem(element: Element, text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "Please enter a valid number."
    if not number.is_finite() or (not element.get("is_decimal_allowed") and number != number.to_integral_value()):
        return "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < Decimal(str(low)):
        return f"Please enter a number of at least {low}."
    if high is not None and number > Decimal(str(high)):
        return f"Please enter a number of at most {high}."
    return ""
