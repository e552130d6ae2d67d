"""The checker that every message of the bot passes is itself tried: on payloads that Slack takes, and on one for each rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.bot.payloads import Surface, validate_payload

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def marked(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


SECTION: Json = {"type": "section", "text": marked("*Azure* scores 7.8")}
BUTTON: Json = {"type": "button", "action_id": "answer:budget:low", "text": plain("Under $5k"), "value": "low"}
SELECT: Json = {
    "type": "static_select", "action_id": "answer:region", "placeholder": plain("Region"),
    "options": [{"text": plain("EU"), "value": "eu"}],
}  # fmt: skip
CONFIRM: Json = {"title": plain("Sure?"), "text": plain("It is gone for good."), "confirm": plain("Delete"), "deny": plain("Keep")}
ACTIONS: Json = {"type": "actions", "block_id": "q2-7f3a", "elements": [BUTTON, SELECT]}
INPUT: Json = {
    "type": "input", "block_id": "note", "optional": True, "label": plain("Other"),
    "element": {"type": "plain_text_input", "action_id": "note_text", "multiline": True, "max_length": 500},
}  # fmt: skip
BOLD: Json = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "AWS", "style": {"bold": True}}]}],
}
TABLE: Json = {
    "type": "table", "block_id": "cmp-7f3a-1", "column_settings": [{"is_wrapped": True}, {"align": "right"}, {"align": "right"}],
    "rows": [[raw("Item"), BOLD, raw("Azure")], [raw("GPU, USD/h"), raw("4.10"), raw("3.67")]],
}  # fmt: skip
CHART: Json = {
    "type": "data_visualization", "block_id": "chart-7f3a-1", "title": "GPU price, USD per hour",
    "chart": {
        "type": "bar",
        "series": [
            {"name": "AWS", "data": [{"label": "A100", "value": 4.1}, {"label": "H100", "value": 6.9}]},
            {"name": "Azure", "data": [{"label": "A100", "value": 3.7}, {"label": "H100", "value": 7.0}]},
        ],
        "axis_config": {"categories": ["A100", "H100"], "x_label": "GPU", "y_label": "USD per hour"},
    },
}  # fmt: skip
PIE: Json = {
    "type": "data_visualization", "title": "Share",
    "chart": {"type": "pie", "segments": [{"label": "Training", "value": 3}, {"label": "Storage", "value": 1}]},
}  # fmt: skip
FEEDBACK: Json = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "advice_feedback",
            "positive_button": {"text": plain("Helpful"), "value": "up:7f3a", "accessibility_label": "Mark as helpful"},
            "negative_button": {"text": plain("Not helpful"), "value": "down:7f3a"},
        }
    ],
}
IMAGE: Json = {"type": "image", "slack_file": {"id": "F0COSTS01"}, "alt_text": "AWS $100, Azure $90", "title": plain("Costs")}
FIELDS: Json = {"type": "section", "fields": [marked("*Cost*\n$3.67/h"), marked("*Latency*\n41 ms")]}


def message(*blocks: Json, text: Any = "AWS or Azure?") -> Json:
    return {"text": text, "blocks": deepcopy(list(blocks))}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Your numbers"), "submit": plain("Advise"), "blocks": deepcopy(list(blocks)), **more}


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": deepcopy(list(blocks))}


GOOD: dict[str, tuple[Surface, Json]] = {
    "text and fields": ("message", message({"type": "header", "text": plain("AWS or Azure?")}, SECTION, FIELDS, {"type": "divider"})),
    "a table": ("message", message(TABLE)),
    "a chart": ("message", message(CHART)),
    "a pie": ("message", message(PIE)),
    "markdown": ("message", message({"type": "markdown", "text": "**Azure** scores 7.8, AWS 7.4"})),
    "buttons and a menu": ("message", message(ACTIONS)),
    "a button that asks first": ("message", message({"type": "actions", "elements": [{**BUTTON, "style": "danger", "confirm": CONFIRM}]})),
    "feedback": ("message", message(FEEDBACK)),
    "a picture": ("message", message(IMAGE)),
    "a mention, a channel, a link and a moment": (
        "message",
        message({"type": "section", "text": marked(
            "<@U1> in <#C1>: <https://example.com/?a=1&b=2|the thread>, R&amp;D, "
            "<!date^1796083200^{date_short_pretty} {time}|2026-12-01 00:00 UTC>"
        )}),
    ),
    "a form": ("modal", modal(INPUT, SECTION, private_metadata="7f3a", callback_id="form", close=plain("Cancel"))),
    "a form without inputs": ("modal", {"type": "modal", "title": plain("Look"), "blocks": [SECTION]}),
    "an alert in a form": ("modal", modal({"type": "alert", "text": plain("Prices are old."), "level": "warning"})),
    "a Home tab": ("home", home(SECTION, ACTIONS, TABLE, CHART)),
    "forty blocks": ("message", message(*[SECTION] * 40)),
    "a hundred options": ("modal", modal({**INPUT, "element": {
        **SELECT, "options": [{"text": plain(str(at)), "value": str(at)} for at in range(100)],
        "initial_option": {"text": plain("7"), "value": "7"},
    }})),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_slack_takes_is_taken(name: str) -> None:
    surface, payload = GOOD[name]
    assert validate_payload(payload, surface) == []


# -- broken ------------------------------------------------------------------------------------------------------------


def chart(change: Callable[[Json], object]) -> Json:
    """A message with a chart that somebody changed."""
    drawn = deepcopy(CHART)
    change(drawn["chart"])
    return message(drawn)


def button(**more: Any) -> Json:
    return message({"type": "actions", "elements": [{**BUTTON, **more}]})


def options(*values: str) -> Json:
    return message({"type": "actions", "elements": [{**SELECT, "options": [{"text": plain(v[:70]), "value": v} for v in values]}]})


def series(count: int) -> list[Json]:
    return [{"name": f"Plan {at}", "data": [{"label": "A100", "value": 1}, {"label": "H100", "value": 2}]} for at in range(count)]


def named(name: str) -> Json:
    return {"name": name, "data": [{"label": "A100", "value": 1}, {"label": "H100", "value": 2}]}


BROKEN: dict[str, tuple[Surface, Json, str]] = {
    "no text": ("message", message(SECTION, text=""), "text is missing"),
    "a text of spaces": ("message", message(SECTION, text="  "), "text is missing"),
    "a text too long to be updated": ("message", message(SECTION, text="ä" * 2_001), "text of 4002 bytes"),
    "a text that calls everybody": ("message", message(SECTION, text="<!channel> look"), "unescaped <"),
    "no block of Slack's": ("message", message({"type": "card", "text": plain("x")}), "unknown type card"),
    "nothing for a block": ("message", {"text": "x", "blocks": [None]}, "unknown type None"),
    "41 blocks": ("message", message(*[SECTION] * 41), "41 blocks, at most 40"),
    "51 blocks": ("message", message(*[SECTION] * 51), "51 blocks, at most 40"),
    "12,001 characters": (
        "message", message(*[{"type": "section", "text": marked("x" * 3_000)}] * 4, {"type": "context", "elements": [marked("y")]}),
        "12001 characters, at most 12000",
    ),
    "two markdown blocks of 12,000 together": (
        "message", message(*[{"type": "markdown", "text": "x" * 6_001}] * 2), "12002 characters",
    ),
    "the same action twice in a block": ("message", message({"type": "actions", "elements": [BUTTON, BUTTON]}), "action_id answer:budget"),
    "the same block id twice": ("message", message(ACTIONS, ACTIONS), "block_id q2-7f3a is there 2 times"),
    "the same block id twice in a form": ("modal", modal(INPUT, INPUT), "block_id note is there 2 times"),
    "26 buttons": (
        "message", message({"type": "actions", "elements": [{**BUTTON, "action_id": f"a{at}"} for at in range(26)]}), "25",
    ),
    "no buttons": ("message", message({"type": "actions", "elements": []}), "a list with something in it"),
    "two tables": ("message", message(TABLE, {**TABLE, "block_id": "other"}), "two tables"),
    "10,001 characters in a table": (
        "message", message({"type": "table", "rows": [[raw("x" * 5_000), raw("y" * 5_001)]]}), "10001 characters in the table",
    ),
    "a ragged table": ("message", message({"type": "table", "rows": [[raw("a"), raw("b")], [raw("c")]]}), "rows of different lengths"),
    "an empty cell": ("message", message({"type": "table", "rows": [[raw("")]]}), "a text is needed"),
    "a cell of spaces": ("message", message({"type": "table", "rows": [[raw(" ")]]}), "an empty cell"),
    "an empty bold cell": (
        "message",
        message({"type": "table", "rows": [[{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}]]}),
        "a list with something in it",
    ),
    "101 rows": ("message", message({"type": "table", "rows": [[raw("x")]] * 101}), "100"),
    "21 columns": ("message", message({"type": "table", "rows": [[raw("x")] * 21]}), "20"),
    "a table without rows": ("message", message({"type": "table", "rows": []}), "a list with something in it"),
    "a column that leans nowhere": ("message", message({**TABLE, "column_settings": [{"align": "middle"}]}), "align"),
    "seven series": ("message", chart(lambda c: c.update(series=series(7))), "7 series, at most 6"),
    "series of one name": ("message", chart(lambda c: c.update(series=[named("AWS"), named("AWS")])), "series names repeat"),
    "a series with a long name": ("message", chart(lambda c: c.update(series=[named("x" * 21)])), "20"),
    "a point too few": ("message", chart(lambda c: c["series"][0]["data"].pop()), "not one point for each category"),
    "a point too many": (
        "message", chart(lambda c: c["series"][0]["data"].append({"label": "A100", "value": 1})), "not one point for each category",
    ),
    "a category twice": (
        "message", chart(lambda c: c["axis_config"].update(categories=["A100", "A100"])), "categories repeat|not one point",
    ),
    "a category of 21 characters": ("message", chart(lambda c: c["axis_config"].update(categories=["A" * 21, "H100"])), "20"),
    "a value that is no number": ("message", chart(lambda c: c["series"][0]["data"][0].update(value="4")), "no number|number"),
    "an infinite value": ("message", chart(lambda c: c["series"][0]["data"][0].update(value=float("inf"))), "no number|finite"),
    "a chart's title of 51 characters": ("message", message({**CHART, "title": "x" * 51}), "50"),
    "three charts": ("message", message(*[{**CHART, "block_id": f"c{at}"} for at in range(3)]), "more than 2 charts"),
    "a pie with nothing in a piece": (
        "message", message({**PIE, "chart": {"type": "pie", "segments": [{"label": "x", "value": 0}]}}), "0|greater|positive",
    ),
    "a style of our own": ("message", button(style="default"), "style default: only primary and danger"),
    "a button that is disabled": ("message", button(disabled=True), "unknown key disabled"),
    "a button with a long label": ("message", button(text=plain("x" * 76)), "75"),
    "a button with a long value": ("message", button(value="x" * 2_001), "2000"),
    "a button with mrkdwn": ("message", button(text=marked("*Go*")), "plain_text is needed"),
    "an action id of 256 characters": ("message", button(action_id="x" * 256), "255"),
    "a block id of 256 characters": ("message", message({**ACTIONS, "block_id": "x" * 256}), "255"),
    "a null": ("message", button(value=None), "value is null"),
    "a confirm with a long title": ("message", button(confirm={**CONFIRM, "title": plain("x" * 101)}), "100"),
    "a confirm with a long text": ("message", button(confirm={**CONFIRM, "text": plain("x" * 301)}), "300"),
    "a confirm with a long button": ("message", button(confirm={**CONFIRM, "deny": plain("x" * 31)}), "30"),
    "a confirm without a way out": ("message", button(confirm={k: v for k, v in CONFIRM.items() if k != "deny"}), "deny is missing"),
    "101 options": ("message", options(*map(str, range(101))), "100"),
    "no options": ("message", options(), "a list with something in it"),
    "an option with a long value": ("message", options("x" * 151), "150"),
    "an option twice": ("message", options("eu", "eu"), "option value eu is there 2 times"),
    "a choice that is none of the options": (
        "message", message({"type": "actions", "elements": [{**SELECT, "initial_option": {"text": plain("US"), "value": "us"}}]}),
        "initial_option is none of the options",
    ),
    "a menu of six": (
        "message",
        message({**SECTION, "accessory": {
            "type": "overflow", "action_id": "menu", "options": [{"text": plain(str(at)), "value": str(at)} for at in range(6)],
        }}),
        "5",
    ),
    "a long placeholder": ("message", message({"type": "actions", "elements": [{**SELECT, "placeholder": plain("x" * 151)}]}), "150"),
    "a header with mrkdwn": ("message", message({"type": "header", "text": marked("*AWS*")}), "plain_text is needed"),
    "a header of 151 characters": ("message", message({"type": "header", "text": plain("x" * 151)}), "150"),
    "a section without a text": ("message", message({"type": "section"}), "text|fields"),
    "a section of 3,001 characters": ("message", message({"type": "section", "text": marked("x" * 3_001)}), "3000"),
    "eleven fields": ("message", message({"type": "section", "fields": [marked("x")] * 11}), "maximum of ten"),
    "a field of 2,001 characters": ("message", message({"type": "section", "fields": [marked("x" * 2_001)]}), "2000"),
    "eleven pieces of context": ("message", message({"type": "context", "elements": [marked("x")] * 11}), "maximum of ten"),
    "an empty context": ("message", message({"type": "context", "elements": []}), "a list with something in it"),
    "a picture that says nothing": ("message", message({k: v for k, v in IMAGE.items() if k != "alt_text"}), "alt_text is missing"),
    "a picture with an empty text": ("message", message({**IMAGE, "alt_text": " "}), "alt_text of 1 to 2,000"),
    "a picture from two places": ("message", message({**IMAGE, "image_url": "https://example.com/a.png"}), "image_url|slack_file|both"),
    "a picture from an open address": (
        "message", message({"type": "image", "image_url": "http://example.com/a.png", "alt_text": "x"}), "https",
    ),
    "feedback with a long label": (
        "message",
        message({**FEEDBACK, "elements": [{**FEEDBACK["elements"][0], "positive_button": {"text": plain("x" * 76), "value": "up"}}]}),
        "75",
    ),
    "words that call everybody": ("message", message({"type": "section", "text": marked("note <!channel>")}), "unescaped <"),
    "an ampersand": ("message", message({"type": "section", "text": marked("R&D")}), "unescaped &"),
    "bold of two stars": ("message", message({"type": "section", "text": marked("**AWS**")}), "no mark of mrkdwn"),
    "an input in a message": ("message", message(INPUT), "an input in a message"),
    "feedback in a Home tab": ("home", home(FEEDBACK), "not supported on home"),
    "markdown in a Home tab": ("home", home({"type": "markdown", "text": "x"}), "not supported on home"),
    "a table in a form": ("modal", modal(TABLE), "not supported on modal"),
    "an alert in a message": ("message", message({"type": "alert", "text": plain("x")}), "alert"),
    "a form that cannot be sent": ("modal", {"type": "modal", "title": plain("x"), "blocks": [INPUT]}, "submit"),
    "a form without a title": ("modal", {"type": "modal", "blocks": [SECTION]}, "title"),
    "a form without blocks": ("modal", modal(), "no blocks"),
    "a form with a long title": ("modal", modal(SECTION, title=plain("x" * 25)), "24"),
    "a form with a long button": ("modal", modal(SECTION, close=plain("x" * 25)), "24"),
    "a form that carries too much": ("modal", modal(SECTION, private_metadata="x" * 3_001), "3,000 characters|3000"),
    "a form with a long name": ("modal", modal(SECTION, callback_id="x" * 256), "255"),
    "a form of 101 blocks": ("modal", modal(*[SECTION] * 101), "100"),
    "a form of 250 kB": ("modal", modal(*[{"type": "section", "text": marked("x" * 3_000)}] * 84), "250000 bytes"),
    "a field with a long label": ("modal", modal({**INPUT, "label": plain("x" * 2_001)}), "2000"),
    "a field with a long hint": ("modal", modal({**INPUT, "hint": plain("x" * 2_001)}), "2000"),
    "a field that opens too full": (
        "modal", modal({**INPUT, "element": {**INPUT["element"], "initial_value": "x" * 501}}), "longer than max_length|max_length",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_payload_is_caught_with_its_reason(name: str) -> None:
    surface, payload, reason = BROKEN[name]
    said = "; ".join(validate_payload(payload, surface))
    assert re.search(reason, said), said or "nothing was said"


def test_every_problem_is_said_at_once() -> None:
    broken = message({"type": "section"}, SECTION, {"type": "header", "text": marked("x")}, text="")
    assert [said.split(":")[0] for said in validate_payload(broken, "message")] == ["blocks[0]", "blocks[2]", "text is missing"]
