"""One of everything that the page draws: for tests, and for eyes."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from bot.sandbox.world import Message, OpenView, Status, StoredFile, World

Json = dict[str, Any]
ALEX, BO, CLEO, BOT = "U0ALEX01", "U0BO0001", "U0CLEO01", "U0BOT001"
GENERAL, ML = "C0GENERAL", "C0ML"
DM = "D0ALEX01"


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def words(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str, text: str | None = None, **more: Any) -> Json:
    return {"text": plain(text or value), "value": value, **more}


def button(action: str, text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action, "text": plain(text), "value": action, **more}


def png(width: int, height: int) -> bytes:
    """A picture of one colour, by hand: signature, header, pixels, end."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row = b"\x00" + b"\x2b\x6f\x95" * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(row * height)) + part(b"IEND", b"")


QUESTION: list[Json] = [
    {"type": "section", "block_id": "q1", "text": words("*1 of 5. Where does significant infrastructure of yours already run?*")},
    {
        "type": "actions",
        "block_id": "q1-answers",
        "elements": [button(f"answer:{each.lower()}", each) for each in ("AWS", "Azure", "Both", "Neither", "Not sure")],
    },
    {
        "type": "context",
        "block_id": "q1-why",
        "elements": [words("_A move has to earn back its cost: below $50,000 a year we advise to stay. Change that under Settings._")],
    },
]

PLANS = ["AWS (advised now)", "Azure", "Train AWS, serve Azure", "Train Azure, serve AWS"]
TABLE: Json = {
    "type": "table",
    "block_id": "plans",
    "column_settings": [{"is_wrapped": True}, {"align": "right"}, {"align": "right"}, {"align": "right"}],
    "rows": [
        [{"type": "raw_text", "text": text} for text in ("Plan, $ a month", "now", "3x", "10x")],
        [
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": PLANS[0], "style": {"bold": True}}]},
                ],
            },
            *({"type": "raw_text", "text": text} for text in ("$3,488", "$10,481", "$34,908")),
        ],
        [{"type": "raw_text", "text": text} for text in (PLANS[1], "$2,830", "$8,507", "$28,338")],
        [{"type": "raw_text", "text": text} for text in (PLANS[2], "$3,231", "$9,728", "$32,419")],
        [{"type": "raw_text", "text": text} for text in (PLANS[3], "$3,087", "$9,296", "$30,986")],
    ],
}

LINES = ["Training", "Inference", "Managed premium", "Egress", "Transfer", "Storage"]


def series(name: str, values: list[float], labels: list[str]) -> Json:
    return {"name": name, "data": [{"label": label, "value": value} for label, value in zip(labels, values, strict=True)]}


def chart(kind: str, block_id: str, title: str, labels: list[str], *lines: tuple[str, list[float]]) -> Json:
    axis = {"categories": labels, "x_label": "Cost line", "y_label": "USD a month"}
    drawn = {"type": kind, "series": [series(name, values, labels) for name, values in lines], "axis_config": axis}
    return {"type": "data_visualization", "block_id": block_id, "title": title, "chart": drawn}


BARS = chart(
    "bar",
    "bars",
    "Cost lines, USD a month",
    LINES,
    ("AWS", [1418, 1240, 186, 0, 414, 230]),
    ("Azure", [1102.5, 1240, 0, 0, 301.2, 186]),
)
FALLING = chart("bar", "falling", "Change against last month", ["A100", "H100", "V100"], ("USD an hour", [-0.4, 0.6, -1.25]))
SCALES = ["1x", "2x", "3x", "5x", "10x"]
CURVES = chart(
    "line",
    "curves",
    "Plans by scale",
    SCALES,
    ("AWS", [3488, 6985, 10481, 17460, 34908]),
    ("Azure", [2830, 5670, 8507, 14170, 28338]),
    ("Hybrid", [3231, 6480, 9728, 16210, 32419]),
)
AREA = chart(
    "area",
    "area",
    "Stored data over time",
    [f"Month {at}" for at in range(1, 13)],
    ("TB", [10, 11, 12, 13, 15, 16, 18, 20, 23, 25, 28, 31]),
)
PIE: Json = {
    "type": "data_visualization",
    "block_id": "pie",
    "title": "Where the money goes",
    "chart": {
        "type": "pie",
        "segments": [
            {"label": label, "value": value}
            for label, value in (("Training", 1418), ("Inference", 1240), ("Transfer", 414), ("Storage", 230))
        ],
    },
}

FEEDBACK: Json = {
    "type": "context_actions",
    "block_id": "feedback",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "advice_feedback",
            "positive_button": {"text": plain("Helpful"), "value": "up:1", "accessibility_label": "Mark as helpful"},
            "negative_button": {"text": plain("Not helpful"), "value": "down:1"},
        },
        {"type": "icon_button", "action_id": "drop", "icon": "trash", "text": plain("Delete"), "value": "drop"},
    ],
}

VERDICT: list[Json] = [
    {"type": "header", "block_id": "headline", "text": plain("Stay on AWS")},
    {
        "type": "section",
        "block_id": "reason",
        "text": words(
            "Moving to Azure would save *$7,892 a year*; you asked for more than $50,000 before moving.\n"
            "Train on AWS spot (`p4d.24xlarge`, 8 A100s). Serve from AWS, SageMaker endpoints. $3,488 a month.\n"
            "At 10 times the volume the answer changes: *move to Azure*, saving $78,850 a year."
        ),
    },
    TABLE,
    BARS,
    {
        "type": "context",
        "block_id": "assumed",
        "elements": [
            words("_Assumed: 14 of 15 numbers are typical values, not yours. The AWS spot price is a year old: refresh before you act._")
        ],
    },
    {
        "type": "actions",
        "block_id": "next",
        "elements": [
            button("refine", "Enter my numbers", style="primary"),
            button("why", "Why"),
            button("flip", "What would flip it"),
            button("lines", "Lines and prices"),
            button("post", "Post report"),
            button(
                "forget",
                "Forget",
                style="danger",
                confirm={
                    "title": plain("Forget this?"),
                    "text": plain("The answers are deleted."),
                    "confirm": plain("Forget"),
                    "deny": plain("Keep"),
                    "style": "danger",
                },
            ),
        ],
    },
    FEEDBACK,
]

ELEMENTS: list[Json] = [
    {
        "type": "section",
        "block_id": "accessory-select",
        "text": words("Pick a *region* for <@U0ALEX01> in <#C0ML|ml-platform>. It counts for the egress price."),
        "accessory": {
            "type": "static_select",
            "action_id": "region",
            "placeholder": plain("Region"),
            "options": [option("eu", "Europe"), option("us", "United States")],
        },
    },
    {
        "type": "section",
        "block_id": "accessory-button",
        "text": words("1 Footprint: *AWS* (<@U0BO0001>)"),
        "accessory": button("change", "Change"),
    },
    {
        "type": "section",
        "block_id": "accessory-overflow",
        "text": words("A report from <!date^1763788800^{date_short_pretty} at {time}|2025-11-22 05:20 UTC>"),
        "accessory": {
            "type": "overflow",
            "action_id": "more",
            "options": [
                option("copy", "Copy"),
                option("delete", "Delete"),
                {**option("open", "Open"), "url": "https://example.com/report"},
            ],
        },
    },
    {
        "type": "section",
        "block_id": "fields",
        "fields": [words("*Cost*\n$3.67/h"), words("*Latency*\n41 ms"), words("*Region*\neu-west-1"), words("*GPU*\n8 x A100")],
    },
    {
        "type": "actions",
        "block_id": "mixed",
        "elements": [
            button("link", "Open the price list", url="https://example.com/prices"),
            {
                "type": "static_select",
                "action_id": "grouped",
                "placeholder": plain("A GPU"),
                "option_groups": [{"label": plain("NVIDIA"), "options": [option("a100", "A100"), option("h100", "H100")]}],
            },
            {"type": "datepicker", "action_id": "day", "initial_date": "2026-12-01"},
            {
                "type": "radio_buttons",
                "action_id": "how",
                "options": [option("spot", "Spot", description=plain("Cheap, may stop")), option("reserved", "Reserved")],
                "initial_option": option("spot", "Spot"),
            },
            {
                "type": "checkboxes",
                "action_id": "what",
                "options": [option("train", "Training"), option("serve", "Serving")],
                "initial_options": [option("serve", "Serving")],
            },
        ],
    },
    {"type": "divider", "block_id": "line"},
    {
        "type": "image",
        "block_id": "picture",
        "slack_file": {"id": "F0PICTURE"},
        "alt_text": "Six bars, AWS and Azure",
        "title": plain("The chart as a picture"),
    },
    {"type": "image", "block_id": "elsewhere", "image_url": "https://example.com/chart.png", "alt_text": "A chart kept elsewhere"},
]

MARKDOWN: Json = {
    "type": "markdown",
    "block_id": "md",
    "text": "## Why\n**Azure** is cheaper, see [the list](https://example.com).\n\n1. You train now and then\n2. You serve five regions\n\n"
    "| Plan | Now |\n|---|---:|\n| AWS | $3,488 |\n| Azure | $2,830 |\n\n> Quoted\n\n```\nwhichcloud cost --gpus 8\n```",
}
RICH: Json = {
    "type": "rich_text",
    "block_id": "rich",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "Ask "},
                {"type": "user", "user_id": "U0CLEO01"},
                {"type": "text", "text": " or read "},
                {"type": "link", "url": "https://example.com/a", "text": "the article"},
                {"type": "text", "text": ", it is short", "style": {"bold": True, "italic": True}},
                {"type": "emoji", "name": "tada"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 0,
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "GPUs: 8"}]},
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "Hours: 120"}]},
            ],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "Numbers nobody publishes"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "8 x 120 h x $11.80"}]},
    ],
}
ALERTS: list[Json] = [
    {"type": "alert", "block_id": f"alert-{level}", "level": level, "text": plain(f"An alert of level {level}: prices are a year old.")}
    for level in ("default", "info", "warning", "error", "success")
]


def text_input(block_id: str, label: str, *, hint: str = "", optional: bool = False, **element: Any) -> Json:
    block = {"type": "input", "block_id": block_id, "label": plain(label), "optional": optional}
    block["element"] = {"type": "plain_text_input", "action_id": block_id, **element}
    return block | ({"hint": plain(hint)} if hint else {})


def number(block_id: str, label: str, initial: str, **more: Any) -> Json:
    element = {"type": "number_input", "action_id": block_id, "is_decimal_allowed": True, "initial_value": initial}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def select(block_id: str, label: str, *values: str) -> Json:
    element = {
        "type": "static_select",
        "action_id": block_id,
        "placeholder": plain("Choose"),
        "options": [option(value) for value in values],
    }
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


NUMBERS = [
    ("gpus", "GPUs", "8"),
    ("hours", "GPU hours a month", "120"),
    ("endpoints", "Endpoints", "20"),
    ("regions", "Regions", "5"),
    ("egress", "Internet egress, GB a month", "2000"),
    ("transfer", "Between regions, GB a month", "30000"),
    ("storage", "Stored, GB", "10000"),
    ("threshold", "Switching threshold, USD a year", "50000"),
    ("discount", "EA discount, percent", ""),
    ("growth", "Growth, percent", "10"),
]

MODAL: Json = {
    "type": "modal",
    "callback_id": "numbers",
    "title": plain("Enter my numbers"),
    "submit": plain("Compute"),
    "close": plain("Cancel"),
    "blocks": [
        {"type": "section", "block_id": "intro", "text": words("Own numbers count; *typical* ones stand in for the rest.")},
        select("footprint", "Where do you run today?", "AWS", "Azure", "Both", "Neither"),
        {
            "type": "input",
            "block_id": "purchase",
            "label": plain("How do you train?"),
            "element": {
                "type": "radio_buttons",
                "action_id": "purchase",
                "options": [option("now-and-then", "Now and then"), option("all-day", "Around the clock")],
            },
        },
        {
            "type": "input",
            "block_id": "layers",
            "optional": True,
            "label": plain("What do you use?"),
            "element": {
                "type": "checkboxes",
                "action_id": "layers",
                "options": [
                    option("managed", "Managed services", description=plain("SageMaker, Azure ML")),
                    option("raw", "Raw instances"),
                ],
            },
        },
        *(
            number(block_id, label, initial, hint=plain("A typical value; change it if yours differs."))
            for block_id, label, initial in NUMBERS
        ),
        text_input(
            "notes", "Notes", optional=True, multiline=True, placeholder=plain("Anything that matters"), hint="Stays in the thread."
        ),
        {
            "type": "input",
            "block_id": "where",
            "label": plain("Post the report to"),
            "element": {"type": "conversations_select", "action_id": "where", "placeholder": plain("A channel")},
        },
        {
            "type": "input",
            "block_id": "from",
            "optional": True,
            "label": plain("From"),
            "element": {"type": "datepicker", "action_id": "from"},
        },
        text_input("name", "Name of the report", initial_value="Q1", min_length=3),
        {
            "type": "input",
            "block_id": "mail",
            "optional": True,
            "label": plain("Copy to"),
            "element": {"type": "email_text_input", "action_id": "mail", "placeholder": plain("name@example.com")},
        },
        {
            "type": "input",
            "block_id": "gpu",
            "optional": True,
            "label": plain("GPUs to compare"),
            "element": {
                "type": "multi_static_select",
                "action_id": "gpu",
                "options": [option(each) for each in ("A100", "H100", "V100", "L40S")],
                "initial_options": [option("A100")],
            },
        },
        {"type": "alert", "block_id": "stale", "level": "warning", "text": plain("Three prices are older than a year.")},
    ],
}
ERRORS = {
    "gpus": "Enter a whole number of at least 1.",
    "footprint": "Please complete this required field.",
    "purchase": "Please choose one.",
}

HOME: Json = {
    "type": "home",
    "blocks": [
        {"type": "header", "block_id": "hello", "text": plain("whichcloud")},
        {
            "type": "section",
            "block_id": "what",
            "text": words("AWS or Azure for AI work: five questions, a verdict with its numbers and sources."),
        },
        {
            "type": "actions",
            "block_id": "start",
            "elements": [button("start", "Start a comparison", style="primary"), button("quick", "Quick form")],
        },
        {"type": "divider", "block_id": "line"},
        {"type": "section", "block_id": "last", "text": words("*My last verdicts*")},
        TABLE,
        {"type": "context", "block_id": "age", "elements": [words("Prices as of 2026-09-06; the oldest is 382 days old.")]},
    ],
}


def post(world: World, user: str, text: str = "", blocks: list[Json] | None = None, channel: str = ML, **more: Any) -> str:
    return world.add(Message(world.new_ts(), channel, user, text, list(blocks or []), **more)).ts


def fill_conversation(world: World) -> str:
    """The main flow in #ml-platform; the answer is the thread's ts."""
    post(
        world,
        BO,
        "Does anyone know what training costs us on each side? See <https://example.com/report|last year's report> :thinking_face:",
    )
    asked = [
        {
            "type": "section",
            "block_id": "asked",
            "text": words("*Which cloud for your AI workload?*\n<@U0ALEX01> asked. Five questions, about a minute."),
        }
    ]
    parent = post(world, BOT, "Which cloud for your AI workload?", asked)
    post(world, BOT, "1 of 5", QUESTION, thread_ts=parent)
    post(world, ALEX, "we run everything on AWS", thread_ts=parent)
    post(world, BOT, "Stay on AWS", VERDICT, thread_ts=parent, edited=True)
    post(world, BOT, "Only you see your *EA discount*.", thread_ts=parent, ephemeral_to=ALEX)
    post(world, BO, "Nice, thank you")
    post(world, BO, "and a second line")
    post(world, BOT, "That is `help`: try */whichcloud prices A100*.", ephemeral_to=ALEX)
    with world.changing():
        world.status[ML, parent] = Status("is computing three scales...", world.clock.now())
    return parent


def fill_gallery(world: World) -> None:
    """Every block and element in #general."""
    with world.changing():
        world.files["F0PICTURE"] = StoredFile("F0PICTURE", "chart.png", "Chart", "image/png", png(240, 120), BOT, "Six bars", complete=True)
        world.files["F0LINES"] = StoredFile(
            "F0LINES", "lines.xlsx", "All lines", "application/vnd.ms-excel", b"x" * 5000, BOT, complete=True
        )
    post(world, BOT, "Verdict", VERDICT, GENERAL)
    post(world, BOT, "Elements", ELEMENTS, GENERAL)
    for each in (FALLING, CURVES, AREA, PIE):
        post(world, BOT, "Chart", [each], GENERAL)
    post(world, BOT, "Markdown", [MARKDOWN], GENERAL)
    post(world, BOT, "Rich text", [RICH], GENERAL)
    post(world, BOT, "Here are the lines", [], GENERAL, files=["F0PICTURE", "F0LINES"])
    post(
        world,
        CLEO,
        "```\nSELECT 1\n```\n&gt; quoted\n&gt; twice\n_so_ *what*? ~old~ <!channel> " + "averylongwordwithoutanyspace" * 6,
        [],
        GENERAL,
    )


def open_modal(world: World, user: str = ALEX, errors: dict[str, str] | None = None) -> OpenView:
    with world.changing():
        view = OpenView("V0MODAL", user, MODAL, "hash-1", "V0MODAL", errors=dict(errors or {}))
        world.open_modal(view)
    return view


def publish_home(world: World, user: str = ALEX) -> OpenView:
    with world.changing():
        view = OpenView("V0HOME", user, HOME, "hash-1", "V0HOME")
        world.homes[user] = world.views[view.id] = view
        world.prompts[DM] = [
            {"title": "Start a comparison", "message": "Compare AWS and Azure for my workload"},
            {"title": "Prices of the A100", "message": "What does an A100 cost?"},
        ]
    return view
