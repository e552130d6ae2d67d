"""Whether a message, a modal or a Home tab may be sent: what slackblocks 3.0.0 sees in it, and the rules that it misses.

slackblocks reads few blocks from raw dicts, so the dicts are made into its objects here. It knows nothing of the local Slack's own
checks, nor do they of it: what passes both has been looked at twice.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import slackblocks as sb
from slackblocks.errors import InvalidUsageError
from slackblocks.objects import TextType

Surface = Literal["message", "modal", "home"]
Raw = Mapping[str, Any]
Convert = Callable[[Any], Any]

OUR_BLOCKS, OUR_CHARS, TABLE_CHARS, UPDATE_BYTES, VIEW_BYTES = 40, 12_000, 10_000, 4_000, 250_000
SERIES, CHARTS, NAME_CHARS = 6, 2, 20


class Breach(Exception):
    """A rule that a piece of a payload breaks."""


def validate_payload(payload: Raw, surface: Surface) -> list[str]:
    """Every reason not to send it, with the place; none where it may go. A message has `text` and `blocks`, the others are whole views."""
    blocks = payload.get("blocks") or []
    problems: list[str] = []
    converted = []
    for at, block in enumerate(blocks):
        try:
            converted.append(_converted(block))
        except (Breach, InvalidUsageError) as error:
            problems.append(f"blocks[{at}]: {error}")
    if not problems:
        problems += _as_a_whole(payload, surface, converted)
    problems += [f"blocks[{at}]: {said}" for at, block in enumerate(blocks) if isinstance(block, dict) for said in _missed(block)]
    around = _missed_in_message(payload, blocks) if surface == "message" else _missed_in_view(payload)
    return [*problems, *around, *_twice(blocks)]


def _as_a_whole(payload: Raw, surface: Surface, blocks: list[Any]) -> Iterator[str]:
    """What slackblocks says of the surface around the blocks."""
    names = ("private_metadata", "callback_id", "external_id")
    kept = {name: payload[name] for name in names if name in payload}
    try:
        if surface == "message":
            sb.Message("C1", payload.get("text"), blocks)
        elif surface == "home":
            sb.HomeTabView(blocks, **kept)
        else:
            words: dict[str, Any] = {name: _plain(payload[name]) for name in ("submit", "close") if name in payload}
            words["title"] = _plain(payload.get("title"))
            sb.ModalView(blocks=blocks, **words, **kept)
    except (Breach, InvalidUsageError) as error:
        yield str(error)


# -- dicts into slackblocks --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """How one kind of dict becomes an object. Keys not named here are none that Slack knows."""

    make: Callable[..., Any]
    needed: Mapping[str, Convert]
    optional: Mapping[str, Convert]

    def of(self, raw: Any, where: str) -> Any:
        if not isinstance(raw, Mapping):
            raise Breach(f"{where}: not an object")
        keys = {*raw} - {"type"}
        known = {**self.needed, **self.optional}
        for name in sorted(keys - known.keys()):
            raise Breach(f"{where}: unknown key {name}")
        for name in self.needed:
            if name not in raw:
                raise Breach(f"{where}: {name} is missing")
        for name in sorted(key for key in keys if raw[key] is None):
            raise Breach(f"{where}: {name} is null")
        return self.make(**{name: known[name](raw[name]) for name in sorted(keys)})


def _converted(raw: Any) -> Any:
    return _typed(raw, _BLOCKS, "block")


def _element(raw: Any) -> Any:
    return _typed(raw, _ELEMENTS, "element")


def _typed(raw: Any, shapes: Mapping[str, Shape], what: str) -> Any:
    kind = str(raw.get("type")) if isinstance(raw, Mapping) else "None"
    if kind not in shapes:
        raise Breach(f"{what} of an unknown type {kind}")
    return shapes[kind].of(raw, kind)


def _same(raw: Any) -> Any:
    return raw


def _string(raw: Any) -> str:
    if not isinstance(raw, str) or not raw:
        raise Breach("a text is needed")
    return raw


def _plain(raw: Any) -> sb.Text:
    """Slack takes no mrkdwn here; slackblocks would quietly turn it into plain text."""
    if not isinstance(raw, Mapping) or raw.get("type") != "plain_text":
        raise Breach("plain_text is needed here")
    return _text(raw)


def _text(raw: Any) -> sb.Text:
    if not isinstance(raw, Mapping) or raw.get("type") not in ("plain_text", "mrkdwn"):
        raise Breach("a text object is needed here")
    if extra := {*raw} - {"type", "text", "emoji" if raw["type"] == "plain_text" else "verbatim"}:
        raise Breach(f"unknown key {sorted(extra)[0]} in a text object")
    if not _string(raw.get("text")).strip():
        raise Breach("a text of spaces only")
    return sb.Text(raw["text"], TextType(raw["type"]), emoji=bool(raw.get("emoji")), verbatim=bool(raw.get("verbatim")))


def _many(convert: Convert) -> Convert:
    def each(raw: Any) -> list[Any]:
        if not isinstance(raw, list) or not raw:
            raise Breach("a list with something in it is needed")
        return [convert(entry) for entry in raw]

    return each


def _cell(raw: Any) -> Any:
    """slackblocks refuses numbers in tables, which Slack takes: ours are texts anyway."""
    if isinstance(raw, Mapping) and raw.get("type") == "rich_text":
        sections = _many(_rich)(raw.get("elements"))
        if len(sections) != 1:
            raise Breach("one section in a cell")
        return sections[0]
    return _typed(raw, {"raw_text": Shape(sb.RawText, {"text": _string}, {})}, "cell")


def _rich(raw: Any) -> Any:
    return _typed(raw, {"rich_text_section": Shape(sb.RichTextSection, {"elements": _many(_rich_piece)}, {})}, "rich text")


def _rich_piece(raw: Any) -> Any:
    return _typed(raw, _RICH, "rich text")


def _rich_text(text: str, style: Mapping[str, bool] | None = None) -> sb.RichText:
    return sb.RichText(_string(text), **(style or {}))


def _rich_link(url: str, text: str | None = None, style: Mapping[str, bool] | None = None) -> sb.RichTextLink:
    return sb.RichTextLink(url, text, **(style or {}))


def _file(raw: Any) -> sb.SlackFile:
    if not isinstance(raw, Mapping) or ("id" in raw) == ("url" in raw):
        raise Breach("a file has an id or a url")
    return sb.SlackFile(raw.get("url"), raw.get("id"))


def _chart(raw: Any) -> Any:
    return _typed(raw, _CHARTS, "chart")


def _point(raw: Any) -> Any:
    return Shape(sb.DataPoint, {"label": _string, "value": _same}, {}).of(raw, "point")


def _series(raw: Any) -> Any:
    return Shape(sb.DataSeries, {"name": _string, "data": _many(_point)}, {}).of(raw, "series")


def _axes(raw: Any) -> Any:
    return Shape(sb.AxisConfig, {"categories": _many(_string)}, {"x_label": _string, "y_label": _string}).of(raw, "axis_config")


def _segment(raw: Any) -> Any:
    return Shape(sb.ChartSegment, {"label": _string, "value": _same}, {}).of(raw, "segment")


def _confirm(raw: Any) -> Any:
    words = {"title": _plain, "text": _text, "confirm": _plain, "deny": _plain}
    return Shape(sb.ConfirmationDialogue, words, {"style": _style}).of(raw, "confirm")


def _option(raw: Any) -> Any:
    return Shape(sb.Option, {"text": _plain, "value": _string}, {"description": _plain, "url": _url}).of(raw, "option")


def _style(raw: Any) -> str:
    if raw not in ("primary", "danger"):
        raise Breach(f"style {raw}: only primary and danger")
    return str(raw)


def _url(raw: Any) -> str:
    if not re.match(r"(https?|mailto|slack):", _string(raw)) or len(raw) > 3_000:
        raise Breach("no address of at most 3,000 characters")
    return str(raw)


def _image_url(raw: Any) -> str:
    if not _url(raw).startswith("https://"):
        raise Breach("an image has a public https address")
    return str(raw)


def _alt(raw: Any) -> str:
    if not _string(raw).strip() or len(raw) > 2_000:
        raise Breach("alt_text of 1 to 2,000 characters is needed")
    return str(raw)


def _rating(raw: Any) -> Any:
    return Shape(sb.FeedbackButton, {"text": _plain, "value": _string}, {"accessibility_label": _string}).of(raw, "feedback button")


def _filter(raw: Any) -> Any:
    keys = dict.fromkeys(("include", "exclude_external_shared_channels", "exclude_bot_users"), _same)
    return Shape(sb.ConversationFilter, {}, keys).of(raw, "filter")


def _settings(raw: Any) -> Any:
    return Shape(sb.ColumnSettings, {}, {"align": _same, "is_wrapped": _same}).of(raw, "column_settings")


_ID: Mapping[str, Convert] = {"block_id": _string}
_ACT: Mapping[str, Convert] = {"action_id": _string}
_ASK: Mapping[str, Convert] = {"confirm": _confirm}
_PICK: Mapping[str, Convert] = {"placeholder": _plain, "focus_on_load": _same, **_ASK}
_TYPED: Mapping[str, Convert] = dict.fromkeys(("multiline", "min_length", "max_length", "focus_on_load"), _same)
_PICTURE: Mapping[str, Convert] = {"image_url": _image_url, "slack_file": _file}
_AXED = Shape(sb.BarChart, {"series": _many(_series), "axis_config": _axes}, {})
_CHARTS = {
    "bar": _AXED,
    "line": Shape(sb.LineChart, _AXED.needed, {}),
    "area": Shape(sb.AreaChart, _AXED.needed, {}),
    "pie": Shape(sb.PieChart, {"segments": _many(_segment)}, {}),
}
_STYLED: Mapping[str, Convert] = {"style": _same}
_RICH = {"text": Shape(_rich_text, {"text": _string}, _STYLED), "link": Shape(_rich_link, {"url": _url}, {"text": _string, **_STYLED})}
_ELEMENTS = {
    "button": Shape(
        sb.Button, {"text": _plain, **_ACT}, {"value": _string, "url": _url, "style": _style, "accessibility_label": _string, **_ASK}
    ),
    "static_select": Shape(sb.StaticSelectMenu, {"options": _many(_option), **_ACT}, {"initial_option": _option, **_PICK}),
    "multi_users_select": Shape(sb.UserMultiSelectMenu, _ACT, {"initial_users": _many(_string), "max_selected_items": _same, **_PICK}),
    "conversations_select": Shape(
        sb.ConversationSelectMenu,
        _ACT,
        {"filter": _filter, "initial_conversation": _string, "default_to_current_conversation": _same, **_PICK},
    ),
    "overflow": Shape(sb.OverflowMenu, {"options": _many(_option), **_ACT}, _ASK),
    "plain_text_input": Shape(sb.PlainTextInput, _ACT, {"initial_value": _string, "placeholder": _plain, **_TYPED}),
    "image": Shape(sb.Image, {"alt_text": _alt}, _PICTURE),
    "feedback_buttons": Shape(sb.FeedbackButtons, {"positive_button": _rating, "negative_button": _rating, **_ACT}, {}),
    "mrkdwn": Shape(lambda **raw: _text({"type": "mrkdwn", **raw}), {"text": _same}, {"verbatim": _same}),
    "plain_text": Shape(lambda **raw: _text({"type": "plain_text", **raw}), {"text": _same}, {"emoji": _same}),
}
_BLOCKS = {
    "header": Shape(sb.HeaderBlock, {"text": _plain}, _ID),
    "section": Shape(sb.SectionBlock, {}, {"text": _text, "fields": _many(_text), "accessory": _element, **_ID}),
    "actions": Shape(sb.ActionsBlock, {"elements": _many(_element)}, _ID),
    "context": Shape(sb.ContextBlock, {"elements": _many(_element)}, _ID),
    "context_actions": Shape(sb.ContextActionsBlock, {"elements": _many(_element)}, _ID),
    "divider": Shape(sb.DividerBlock, {}, _ID),
    "image": Shape(sb.ImageBlock, {"alt_text": _alt}, {"title": _plain, **_PICTURE, **_ID}),
    "input": Shape(
        sb.InputBlock, {"label": _plain, "element": _element}, {"hint": _plain, "optional": _same, "dispatch_action": _same, **_ID}
    ),
    "markdown": Shape(sb.MarkdownBlock, {"text": _string}, _ID),
    "table": Shape(sb.TableBlock, {"rows": _many(_many(_cell))}, {"column_settings": _many(_settings), **_ID}),
    "data_visualization": Shape(sb.DataVisualizationBlock, {"title": _string, "chart": _chart}, _ID),
    "alert": Shape(sb.AlertBlock, {"text": _text}, {"level": _same, **_ID}),
}


# -- what slackblocks misses -------------------------------------------------------------------------------------------

_SENT_ON = re.compile(r"<(?:[@#][A-Z0-9]+(?:\|[^<>]*)?|https?://[^<>|]+(?:\|[^<>]*)?|mailto:[^<>|]+(?:\|[^<>]*)?|!date\^[^<>]*)>")
_BARE = re.compile(r"[<>]|&(?!amp;|lt;|gt;)")


def _missed(block: Raw) -> Iterator[str]:
    """Rules inside one block."""
    ids = [element["action_id"] for element in _elements(block) if "action_id" in element]
    yield from (f"action_id {name} is there {count} times" for name, count in Counter(ids).items() if count > 1)
    for element in _elements(block):
        yield from _missed_in_element(element)
    for text in _marked(block):
        yield from unescaped(text)
    if block.get("type") == "table":
        yield from _missed_in_table(block.get("rows"))
    if block.get("type") == "data_visualization" and isinstance(block.get("chart"), Mapping):
        yield from _missed_in_chart(block["chart"])


def unescaped(text: str) -> Iterator[str]:
    """What a person typed must mean nothing to Slack, and Slack has no bold of two stars."""
    if found := _BARE.search(_SENT_ON.sub("", text)):
        yield f"unescaped {found[0]} in {text[:60]!r}"
    if re.search(r"\*\*\S", text):
        yield f"** is no mark of mrkdwn: {text[:60]!r}"


def _missed_in_element(element: Raw) -> Iterator[str]:
    """Options, and what stands in a field when it opens."""
    options = [option for option in element.get("options") or () if isinstance(option, Mapping)]
    values = Counter(option.get("value") for option in options)
    if len(options) > 100:
        yield f"{len(options)} options, at most 100"
    yield from (f"option value {value} is there {count} times" for value, count in values.items() if count > 1)
    yield from (f"option value of {len(str(value))} characters, at most 150" for value in values if len(str(value)) > 150)
    if "initial_option" in element and element["initial_option"] not in options:
        yield "initial_option is none of the options"
    if len(element.get("initial_value") or "") > element.get("max_length", 3_000):
        yield "initial_value is longer than max_length"


def _missed_in_table(rows: Any) -> Iterator[str]:
    rows = [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []
    cells = [list(_read({"cell": cell})) for row in rows for cell in row]
    if len({len(row) for row in rows}) > 1:
        yield "rows of different lengths"
    if not all("".join(cell).strip() for cell in cells):
        yield "an empty cell"
    if (chars := sum(len(text) for cell in cells for text in cell)) > TABLE_CHARS:
        yield f"{chars} characters in the table, at most {TABLE_CHARS}"


def _missed_in_chart(chart: Raw) -> Iterator[str]:
    series = chart.get("series") or []
    categories = (chart.get("axis_config") or {}).get("categories") or []
    names = [each.get("name", "") for each in series]
    segments = chart.get("segments") or []
    if max(len(series), len(segments)) > SERIES:
        yield f"{max(len(series), len(segments))} series, at most {SERIES}"
    for what, found in (("series names", names), ("categories", categories), ("segments", [each.get("label") for each in segments])):
        yield from (f"{what} repeat" for count in Counter(found).values() if count > 1)
        yield from (f"{what}: {name!r} is longer than {NAME_CHARS}" for name in found if len(str(name)) > NAME_CHARS)
    for each in series:
        points = each.get("data") or []
        if sorted(point.get("label", "") for point in points) != sorted(categories):
            yield f"series {each.get('name')}: not one point for each category"
        if not all(isinstance(p.get("value"), int | float) and math.isfinite(p["value"]) for p in points):
            yield f"series {each.get('name')}: a value that is no number"


def _missed_in_message(payload: Raw, blocks: list[Any]) -> Iterator[str]:
    text = payload.get("text")
    kinds = Counter(block.get("type") for block in blocks if isinstance(block, Mapping))
    if not isinstance(text, str) or not text.strip():
        yield "text is missing"
    else:
        yield from unescaped(text)
        if len(text.encode()) > UPDATE_BYTES:
            yield f"text of {len(text.encode())} bytes, at most {UPDATE_BYTES}"
    if kinds["table"] > 1:
        yield "two tables"
    if kinds["data_visualization"] > CHARTS:
        yield f"more than {CHARTS} charts"
    if kinds["input"]:
        yield "an input in a message"
    if len(blocks) > OUR_BLOCKS:
        yield f"{len(blocks)} blocks, at most {OUR_BLOCKS}"
    if (chars := sum(map(len, _read({"blocks": blocks})))) > OUR_CHARS:
        yield f"{chars} characters, at most {OUR_CHARS}"


def _missed_in_view(view: Raw) -> Iterator[str]:
    if not view.get("blocks"):
        yield "no blocks"
    if len(str(view.get("private_metadata") or "")) > 3_000:
        yield "private_metadata of more than 3,000 characters"
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        yield f"more than {VIEW_BYTES} bytes"
    inputs = [block for block in view.get("blocks") or () if isinstance(block, Mapping) and block.get("type") == "input"]
    if view.get("type") == "modal" and inputs and not view.get("submit"):
        yield "an input without a submit button"
    if view.get("type") == "modal" and "title" not in view:
        yield "title is missing"


def _twice(blocks: list[Any]) -> Iterator[str]:
    ids = Counter(block["block_id"] for block in blocks if isinstance(block, Mapping) and "block_id" in block)
    yield from (f"block_id {name} is there {count} times" for name, count in ids.items() if count > 1)


# -- walking -----------------------------------------------------------------------------------------------------------


def _elements(block: Raw) -> list[Raw]:
    found = [*(block.get("elements") or ()), *(block[name] for name in ("accessory", "element") if name in block)]
    return [element for element in found if isinstance(element, Mapping)]


def _marked(value: Any) -> Iterator[str]:
    """Every mrkdwn text."""
    if isinstance(value, Mapping):
        if value.get("type") == "mrkdwn" and isinstance(value.get("text"), str):
            yield value["text"]
        for part in value.values():
            yield from _marked(part)
    elif isinstance(value, list):
        for part in value:
            yield from _marked(part)


def _read(value: Any, key: str = "") -> Iterator[str]:
    """Every text that a person reads."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _read(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from _read(part, key)
    elif isinstance(value, str) and key in ("text", "title", "name", "label", "categories", "x_label", "y_label", "alt_text"):
        yield value
