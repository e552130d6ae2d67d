"""The inputs of a view and the choices in a message: what stands in them, and what a form that comes back says. No HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bot.sandbox.shown import STATE_KEY, elements_of

Json = Mapping[str, Any]
Values = Mapping[str, Mapping[str, Json]]

PRESSED = {"button", "icon_button", "feedback_buttons", "overflow"}
_OPTION, _OPTIONS, _PEOPLE = "selected_option", "selected_options", "selected_users"
_INITIAL = {"value": "initial_value"}
_MINUTE = "%Y-%m-%dT%H:%M"
_UNREAD = {"file_input"}  # the page takes no files from people


def held_in(element: Json) -> str:
    """The key of the state that says what stands in an element; empty for one that holds nothing."""
    kind = str(element["type"])
    return "" if kind in _UNREAD else STATE_KEY.get(kind, "")


def holding(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Each block with each of its elements that hold something."""
    for block in blocks:
        yield from ((block, element) for element in elements_of(dict(block)) if held_in(element))


def field_name(block: Json, element: Json) -> str:
    """What a form calls an element: unique in its view, and readable."""
    return f"{quote(str(block.get('block_id', '')), safe=':')}/{quote(str(element.get('action_id', '')), safe=':')}"


def options(element: Json) -> list[Json]:
    """All options of an element, groups opened."""
    groups = element.get("option_groups")
    return [each for group in groups for each in group["options"]] if groups else list(element.get("options", ()))


# -- what stands in an element ------------------------------------------------------------------------------------------


def _held(element: Json, state: Json | None) -> Any:
    """First what a person put there, else what the bot did."""
    key = held_in(element)
    return state.get(key) if state is not None else element.get(_INITIAL.get(key, key.replace("selected", "initial")))


def chosen(element: Json, state: Json | None) -> tuple[str, ...]:
    """The values that are chosen: of options, or ids of conversations and people."""
    held = _held(element, state) or []
    listed = held if isinstance(held, list) else [held]
    return tuple(str(each["value"]) if isinstance(each, Mapping) else str(each) for each in listed)


def written(element: Json, state: Json | None) -> str:
    """The text, date or time that stands in an element, as an HTML input takes it."""
    held = _held(element, state)
    if element["type"] == "datetimepicker" and held is not None:
        return datetime.fromtimestamp(int(str(held)), UTC).astimezone().strftime(_MINUTE)
    return "" if held is None else str(held)


# -- what a form says ---------------------------------------------------------------------------------------------------


def read_values(blocks: Sequence[Json], form: Mapping[str, Sequence[str]]) -> dict[str, dict[str, dict[str, Any]]]:
    """A form as Slack's state.values. Only elements that stand in the blocks are read; what else the form holds is ignored."""
    values: dict[str, dict[str, dict[str, Any]]] = {}
    for block, element in holding(blocks):
        given = list(form.get(field_name(block, element), ()))
        state = {"type": element["type"], held_in(element): read(element, given)}
        values.setdefault(str(block["block_id"]), {})[str(element["action_id"])] = state
    return values


def read(element: Json, given: Sequence[str]) -> Any:
    """What a form's texts mean to an element. A choice that is not offered counts as none."""
    filled = [each for each in given if each]
    key = held_in(element)
    if key in (_OPTION, _OPTIONS):
        picked = [option for option in options(element) if str(option["value"]) in filled]
        return picked if key == _OPTIONS else next(iter(picked), None)
    if key == _PEOPLE:
        return filled
    text = filled[0].replace("\r\n", "\n") if filled else None
    return _seconds(text) if element["type"] == "datetimepicker" else text


def _seconds(text: str | None) -> int | None:
    try:
        return int(datetime.strptime(text or "", _MINUTE).astimezone().timestamp())
    except ValueError:
        return None
