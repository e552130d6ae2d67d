"""Slack's limits: what is just within them passes, one more does not, and the refusal points at the place."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.checks import check_message, check_metadata, check_view, expanded
from tests.bot.sandbox.small_bot import MODAL, QUESTION, button, plain

Json = dict[str, Any]


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "Where do you run?", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def options(count: int) -> list[Json]:
    return [{"text": plain(f"Option {at}"), "value": str(at)} for at in range(count)]


def select(count: int = 1, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "region", "options": options(count), **more}


def choice(kind: str, count: int) -> Json:
    return {"type": kind, "action_id": "pick", "options": options(count)}


def table(rows: int = 2, columns: int = 2, text: str = "x", **more: Any) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows, **more}


def chart(series: int = 2, categories: int = 2, **more: Any) -> Json:
    labels = [f"c{at}" for at in range(categories)]
    data = [{"label": label, "value": at - 1.5} for at, label in enumerate(labels)]
    lines = [{"name": f"s{at}", "data": data} for at in range(series)]
    drawn = {"type": "bar", "series": lines, "axis_config": {"categories": labels, "x_label": "GPU", "y_label": "USD"}}
    return {"type": "data_visualization", "title": "Costs", "chart": drawn, **more}


def pie(count: int = 2, value: float = 1) -> Json:
    segments = [{"label": f"p{at}", "value": value} for at in range(count)]
    return {"type": "data_visualization", "title": "Costs", "chart": {"type": "pie", "segments": segments}}


def image(**more: Any) -> Json:
    return {"type": "image", "alt_text": "A chart", "image_url": "https://example.com/chart.png", **more}


def feedback(**more: Any) -> Json:
    halves = {f"{half}_button": {"text": plain("Yes"), "value": half} for half in ("positive", "negative")}
    return {"type": "context_actions", "elements": [{"type": "feedback_buttons", "action_id": "useful", **halves, **more}]}


def field(element: Json | None = None, **more: Any) -> Json:
    return {"type": "input", "label": plain("GPUs"), "element": element or {"type": "plain_text_input", "action_id": "gpus"}, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Numbers"), "submit": plain("Save"), "blocks": list(blocks), **more}


RICH_TEXT = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "AWS", "style": {"bold": True}}]},
        {"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": []}]},
    ],
}
WITHIN = {
    "a header of 150 characters": [{"type": "header", "text": plain("h" * 150)}],
    "a section of 3,000 characters": [section("s" * 3000)],
    "ten fields of 2,000 characters, one of them full": [
        {"type": "section", "fields": [mrkdwn("f" * 2000), *[mrkdwn("f")] * 9]},
    ],
    "25 buttons": [actions(*(button(f"b{at}") for at in range(25)))],
    "ten context elements": [{"type": "context", "elements": [mrkdwn("c")] * 9 + [image()]}],
    "100 options": [actions(select(100, placeholder=plain("p" * 150), initial_option=options(100)[7]))],
    "ten radio buttons, ten checkboxes, five in the overflow": [
        actions(choice("radio_buttons", 10)),
        actions(choice("checkboxes", 10)),
        section(accessory=choice("overflow", 5)),
    ],
    "a button with all it may have": [
        actions(
            {**button("b" * 255, "t" * 75, "v" * 2000), "style": "primary", "url": "https://example.com", "accessibility_label": "Press"}
        )
    ],
    "100 rows of 20 cells": [table(100, 20, column_settings=[{"is_wrapped": True}, {"align": "right"}, None])],
    "10,000 characters in the cells": [table(2, 10, "x" * 500)],
    "cells of numbers and rich text": [{"type": "table", "rows": [[{"type": "raw_number", "value": 1.5, "text": "1.5"}, RICH_TEXT]]}],
    "six series of 20 categories": [chart(6, 20)],
    "two charts": [chart(), pie(6)],
    "12,000 characters of markdown": [{"type": "markdown", "text": "m" * 12_000}],
    "feedback": [feedback()],
    "an image with a title": [image(title=plain("Costs"))],
    "50 blocks": [{"type": "divider"}] * 50,
    "rich text": [RICH_TEXT],
    "the question of the small bot": QUESTION,
}


@pytest.mark.parametrize("blocks", WITHIN.values(), ids=WITHIN.keys())
def test_what_is_within_the_limits_passes(blocks: list[Json]) -> None:
    assert check_message(blocks) == []


B = "invalid_blocks"
BEYOND: list[tuple[str, Any, str, str]] = [
    ("no list", {"type": "divider"}, "invalid_blocks_format", "must provide an array [json-pointer:/blocks]"),
    ("null for a block", [None], B, "must provide an object [json-pointer:/blocks/0]"),
    ("an unknown type", [{"type": "hero"}], B, "unsupported type: hero [json-pointer:/blocks/0/type]"),
    ("no type", [{"text": plain("x")}], B, "unsupported type: None [json-pointer:/blocks/0/type]"),
    ("51 blocks", [{"type": "divider"}] * 51, B, "no more than 50 items allowed [json-pointer:/blocks]"),
    ("an input in a message", [field()], B, "unsupported type: input [json-pointer:/blocks/0/type]"),
    ("an alert in a message", [{"type": "alert", "text": plain("x")}], B, "unsupported type: alert [json-pointer:/blocks/0/type]"),
    ("an unknown key", [section(colour="red")], B, "invalid additional property: colour [json-pointer:/blocks/0]"),
    ("null for a key", [section(accessory=None)], B, "must not be null: accessory [json-pointer:/blocks/0]"),
    (
        "a header of 151",
        [{"type": "header", "text": plain("h" * 151)}],
        B,
        "must be less than 151 characters [json-pointer:/blocks/0/text]",
    ),
    ("mrkdwn in a header", [{"type": "header", "text": mrkdwn("x")}], B, "Input should be 'plain_text' [json-pointer:/blocks/0/text/type]"),
    ("an empty text", [section("")], B, "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ("a number for a text", [{"type": "markdown", "text": 5}], B, "must be a string [json-pointer:/blocks/0/text]"),
    ("a section of 3,001", [section("s" * 3001)], B, "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ("a section of nothing", [{"type": "section"}], B, "missing required field: text [json-pointer:/blocks/0]"),
    (
        "eleven fields",
        [{"type": "section", "fields": [mrkdwn("f")] * 11}],
        B,
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    (
        "a field of 2,001",
        [{"type": "section", "fields": [mrkdwn("f" * 2001)]}],
        B,
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0]",
    ),
    (
        "26 buttons",
        [actions(*(button(f"b{at}") for at in range(26)))],
        B,
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    ("no buttons", [actions()], B, "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    ("one action id twice", [actions(button("go"), button("go"))], B, "action_id must be unique [json-pointer:/blocks/0]"),
    (
        "one block id twice",
        [section(block_id="q"), {"type": "divider", "block_id": "q"}],
        B,
        "block_id already exists: q [json-pointer:/blocks/1/block_id]",
    ),
    (
        "a block id of 256",
        [{"type": "divider", "block_id": "q" * 256}],
        B,
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    (
        "a button of 76",
        [actions(button("go", "t" * 76))],
        B,
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text]",
    ),
    (
        "a value of 2,001",
        [actions(button("go", value="v" * 2001))],
        B,
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        "a green button",
        [actions({**button("go"), "style": "green"})],
        B,
        "Input should be 'primary' or 'danger' [json-pointer:/blocks/0/elements/0/style]",
    ),
    (
        "a disabled button",
        [actions({**button("go"), "disabled": True})],
        B,
        "invalid additional property: disabled [json-pointer:/blocks/0/elements/0]",
    ),
    ("101 options", [actions(select(101))], B, "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    (
        "a select of nothing",
        [actions({"type": "static_select", "action_id": "r"})],
        B,
        "must define exactly one of: options, option_groups [json-pointer:/blocks/0/elements/0]",
    ),
    (
        "a start that is not offered",
        [actions(select(2, initial_option=options(3)[2]))],
        B,
        "initial_option must be one of the options [json-pointer:/blocks/0/elements/0]",
    ),
    (
        "eleven radio buttons",
        [actions(choice("radio_buttons", 11))],
        B,
        "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        "six in the overflow",
        [section(accessory=choice("overflow", 6))],
        B,
        "no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]",
    ),
    ("101 rows", [table(101)], B, "no more than 100 items allowed [json-pointer:/blocks/0/rows]"),
    ("21 cells", [table(1, 21)], B, "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"),
    (
        "ragged rows",
        [{"type": "table", "rows": [*table(1, 2)["rows"], *table(1, 1)["rows"]]}],
        B,
        "all rows must have the same number of cells [json-pointer:/blocks/0]",
    ),
    ("an empty cell", [table(1, 1, "")], B, "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]"),
    (
        "a rich cell of nothing",
        [{"type": "table", "rows": [[{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}]]}],
        B,
        "cells must not be empty [json-pointer:/blocks/0]",
    ),
    (
        "10,001 characters in the cells",
        [{"type": "table", "rows": [*table(1, 2, "x" * 4999)["rows"], *[[{"type": "raw_text", "text": t} for t in ("x", "xx")]]]}],
        B,
        "10001 characters in the cells, no more than 10000 allowed [json-pointer:/blocks/0/rows]",
    ),
    ("two tables", [table(), table()], "invalid_attachments", "only one table allowed [json-pointer:/blocks]"),
    (
        "a table and one of markdown",
        [table(), {"type": "markdown", "text": "| a |\n|---|\n| 1 |"}],
        "invalid_attachments",
        "only one table allowed [json-pointer:/blocks]",
    ),
    ("seven series", [chart(7)], B, "no more than 6 items allowed [json-pointer:/blocks/0/chart/series]"),
    ("21 categories", [chart(1, 21)], B, "no more than 20 items allowed [json-pointer:/blocks/0/chart/series/0/data]"),
    ("a pie of nothing", [pie(1, 0)], B, "Input should be greater than 0 [json-pointer:/blocks/0/chart/segments/0/value]"),
    ("three charts", [chart()] * 3, B, "no more than 2 charts allowed [json-pointer:/blocks]"),
    ("a title of 51", [chart(title="t" * 51)], B, "must be less than 51 characters [json-pointer:/blocks/0/title]"),
    (
        "markdown of 12,001 in two blocks",
        [{"type": "markdown", "text": "m" * 6000}, {"type": "markdown", "text": "m" * 6001}],
        B,
        "no more than 12000 characters allowed in all markdown blocks [json-pointer:/blocks]",
    ),
    (
        "markdown that becomes 51 blocks",
        [{"type": "markdown", "text": "# h\n" * 51}],
        B,
        "no more than 50 items allowed [json-pointer:/blocks]",
    ),
    (
        "13,201 characters in all",
        [section("s" * 3000)] * 4 + [section("s" * 1201)],
        "msg_blocks_too_long",
        "13201 characters, no more than 13200 allowed [json-pointer:/blocks]",
    ),
    ("an image without words", [image(alt_text="")], B, "must be more than 0 characters [json-pointer:/blocks/0/alt_text]"),
    (
        "an image of two sources",
        [image(slack_file={"id": "F1"})],
        B,
        "must define exactly one of: image_url, slack_file [json-pointer:/blocks/0]",
    ),
    (
        "feedback without value",
        [feedback(positive_button={"text": plain("Yes")})],
        B,
        "missing required field: value [json-pointer:/blocks/0/elements/0/positive_button]",
    ),
]


@pytest.mark.parametrize(("blocks", "code", "line"), [case[1:] for case in BEYOND], ids=[case[0] for case in BEYOND])
def test_what_is_beyond_the_limits_is_refused(blocks: Any, code: str, line: str) -> None:
    problems = check_message(blocks)
    assert (code, line) == (problems[0].code, str(problems[0]))


def test_a_series_has_one_point_for_each_category() -> None:
    uneven = chart()
    uneven["chart"]["series"][1]["data"] = uneven["chart"]["series"][0]["data"][:1]
    (problem,) = check_message([uneven])
    assert str(problem) == "series s1 must have exactly one point per category [json-pointer:/blocks/0/chart]"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param("plain words\n\nand more", ["text"], id="words are one block"),
        pytest.param("# Costs\nwords\n## More\n", ["heading", "text", "heading"], id="headings stand alone"),
        pytest.param("| a |\n|---|\n| 1 |\nwords", ["table", "text"], id="a table, then words"),
        pytest.param("```\n# no heading\n```\n", ["fence"], id="a heading in a fence is none"),
    ],
)
def test_slack_takes_markdown_apart(text: str, kinds: list[str]) -> None:
    assert kinds == expanded(text)


@pytest.mark.parametrize(
    ("view", "line"),
    [
        pytest.param("text", "must provide an object [json-pointer:/view]", id="no object"),
        pytest.param(modal(), "no fewer than 1 items allowed [json-pointer:/view/blocks]", id="no blocks"),
        pytest.param(
            modal(section(), title=plain("t" * 25)), "must be less than 25 characters [json-pointer:/view/title]", id="a title of 25"
        ),
        pytest.param(
            modal(section(), private_metadata="m" * 3001),
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
            id="metadata of 3,001",
        ),
        pytest.param(modal(table()), "unsupported type: table [json-pointer:/view/blocks/0/type]", id="a table in a modal"),
        pytest.param(
            modal({"type": "markdown", "text": "x"}),
            "unsupported type: markdown [json-pointer:/view/blocks/0/type]",
            id="markdown in a modal",
        ),
        pytest.param(
            {"type": "home", "blocks": [section()]}, "Input should be 'modal' [json-pointer:/view/type]", id="a home tab as a modal"
        ),
        pytest.param(
            {name: part for name, part in modal(field()).items() if name != "submit"},
            "missing required field: submit [json-pointer:/view]",
            id="an input without submit",
        ),
        pytest.param(modal(*[{"type": "divider"}] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]", id="101 blocks"),
        pytest.param(
            modal(field({"type": "plain_text_input", "action_id": "a", "max_length": 3001})),
            "Input should be less than or equal to 3000 [json-pointer:/view/blocks/0/element/max_length]",
            id="a field for more than 3,000",
        ),
        pytest.param(
            modal(*[field({"type": "plain_text_input", "action_id": "a", "focus_on_load": True})] * 2),
            "only one element may have focus_on_load [json-pointer:/view/blocks]",
            id="two in focus",
        ),
    ],
)
def test_a_modal_that_slack_refuses(view: object, line: str) -> None:
    problems = check_view(view, "modal")
    assert ("invalid_arguments", line) == (problems[0].code, str(problems[0]))


@pytest.mark.parametrize(
    ("view", "surface"),
    [
        pytest.param(MODAL, "modal", id="the form of the small bot"),
        pytest.param(modal(*[{"type": "divider"}] * 100), "modal", id="100 blocks"),
        pytest.param(modal({"type": "alert", "text": plain("Careful"), "level": "warning"}), "modal", id="an alert"),
        pytest.param({"type": "home", "blocks": [table(), chart(), field()]}, "home", id="table, chart and input on the home tab"),
    ],
)
def test_a_view_that_slack_takes(view: Json, surface: Any) -> None:
    assert check_view(view, surface) == []


def test_a_view_of_more_than_250_kilobytes_is_too_large() -> None:
    texts = [section("ä" * 3000)] * 50
    (problem,) = check_view(modal(*texts), "modal")
    assert problem.code == "view_too_large"


def test_the_home_tab_takes_no_alert() -> None:
    (problem,) = check_view({"type": "home", "blocks": [{"type": "alert", "text": plain("x")}]}, "home")
    assert str(problem) == "unsupported type: alert [json-pointer:/view/blocks/0/type]"


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        pytest.param({"event_type": "advice", "event_payload": {"id": "7"}}, [], id="as it should be"),
        pytest.param({"event_type": "advice"}, ["invalid_metadata_format"], id="no payload"),
        pytest.param([], ["invalid_metadata_format"], id="no object"),
    ],
)
def test_metadata_has_a_type_and_a_payload(metadata: object, code: list[str]) -> None:
    assert code == [problem.code for problem in check_metadata(metadata)]
