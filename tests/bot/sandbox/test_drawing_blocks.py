"""Every block and element as HTML: its structure, its hooks for tests, and that nothing hostile gets through."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.drawing import BLOCKS, Conversation, Drawing, FileCard, Known, Place
from bot.sandbox.mrkdwn import Directory
from tests.bot.sandbox import gallery
from tests.bot.sandbox.gallery import button, option, plain, words
from tests.bot.sandbox.markup import Element, read

Json = dict[str, Any]
CONVERSATIONS = (Conversation("C1", "#general", "public"), Conversation("C2", "#board", "private"), Conversation("D1", "whichcloud", "im"))
PICTURE = FileCard("F1", "Chart", "chart.png", "/files/F1", "PNG, 1 KB", True, "Six bars")
SHEET = FileCard("F2", "Lines", "lines.xlsx", "/files/F2", "XLSX, 5 KB", False, "")
KNOWN = Known(
    Directory("U1", {"U1": "alex"}, {"C1": "general"}),
    {"F1": PICTURE, "F2": SHEET},
    CONVERSATIONS,
    {"U1": "Alex Chen", "U2": "Bo Okafor"},
    "http://127.0.0.1:8080",
)
MESSAGE = Place("message", "/act/U1/click", {"channel": "C1", "ts": "17.000001"}, "m-17.000001")


def modal(errors: dict[str, str] | None = None, state: Json | None = None) -> Place:
    return Place("modal", "/act/U1/view-click", {"view_id": "V1"}, "V1", state or {}, errors or {})


def draw(*blocks: Json, place: Place = MESSAGE) -> Element:
    return read(Drawing(KNOWN, place).blocks(blocks))


def actions(*elements: Json) -> Json:
    return {"type": "actions", "block_id": "b", "elements": list(elements)}


def input_block(element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": "b", "label": plain("Name"), "element": {"action_id": "a", **element}, **more}


# -- blocks -------------------------------------------------------------------------------------------------------------


def test_every_block_that_slack_takes_is_drawn() -> None:
    drawn = [*gallery.VERDICT, *gallery.ELEMENTS, *gallery.ALERTS, gallery.MARKDOWN, gallery.RICH, *gallery.MODAL["blocks"]]
    assert {block["type"] for block in drawn} == BLOCKS
    page = draw(*drawn)
    assert page.all(class_="undrawn") == []
    assert [each.attributes["data-block-id"] for each in page.all(class_="block")] == [block["block_id"] for block in drawn]


def test_an_unknown_block_says_so() -> None:
    assert "video" in draw({"type": "video", "block_id": "v"}).one(class_="undrawn").text


def test_a_header_is_a_heading() -> None:
    assert draw({"type": "header", "text": plain("AWS *or* Azure?")}).one("h3").text == "AWS *or* Azure?"


def test_a_section_has_text_fields_and_an_accessory() -> None:
    section = {
        "type": "section",
        "block_id": "b",
        "text": words("*Now*"),
        "fields": [words("a"), plain("*b*")],
        "accessory": button("go", "Go"),
    }
    page = draw(section)
    assert page.one("strong").text == "Now"
    assert [each.text for each in page.one(class_="fields").all(class_="words")] == ["a", "*b*"]
    assert page.one(class_="accessory").one("button").text == "Go"


def test_a_context_holds_texts_and_small_pictures() -> None:
    page = draw({"type": "context", "elements": [words("_why_"), {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "Bars"}]})
    assert page.one("em").text == "why"
    assert page.one("img").attributes["alt"] == "Bars"


def test_a_divider_is_a_line() -> None:
    assert len(draw({"type": "divider"}).all("hr")) == 1


def test_a_table_has_bold_heads_and_numbers_to_the_right() -> None:
    table = draw(gallery.TABLE).one("table")
    rows = table.all("tr")
    assert len(rows) == 5
    assert [cell.text for cell in rows[0].all("th", scope="col")] == ["Plan, $ a month", "now", "3x", "10x"]
    assert [cell.attributes["class"] for cell in rows[1].all("td")] == ["align-left wrapped", "align-right", "align-right", "align-right"]
    assert rows[1].one("strong").text == "AWS (advised now)"


def test_a_cell_may_be_a_number() -> None:
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "n"}], [{"type": "raw_number", "value": 4.1, "text": "4.10"}]]}
    assert draw(table).one("td").text == "4.10"


@pytest.mark.parametrize(
    ("image", "source"),
    [
        ({"slack_file": {"id": "F1"}}, "/files/F1"),
        ({"slack_file": {"url": "http://127.0.0.1:8080/files/F1"}}, "/files/F1"),
        ({"image_url": "http://127.0.0.1:8080/files/F1"}, "/files/F1"),
    ],
    ids=["by id", "by address", "as a picture of ours"],
)
def test_pictures_kept_here_are_shown(image: Json, source: str) -> None:
    assert draw({"type": "image", "alt_text": "Bars", **image}).one("img").attributes["src"] == source


@pytest.mark.parametrize(
    "image",
    [{"image_url": "https://example.com/a.png"}, {"image_url": "javascript:x"}, {"slack_file": {"id": "F2"}}, {"slack_file": {"id": "F9"}}],
    ids=["elsewhere", "script", "no picture", "unknown"],
)
def test_other_pictures_are_named_not_loaded(image: Json) -> None:
    page = draw({"type": "image", "alt_text": "Bars", **image})
    assert page.all("img") == []
    assert page.one(class_="picture-elsewhere").text == "Bars"


def test_an_alert_says_its_level() -> None:
    page = draw({"type": "alert", "level": "warning", "text": plain("Old prices.")}, place=modal())
    assert page.one(class_="alert-warning").text == "Warning Old prices."


def test_rich_text_has_lists_quotes_and_code() -> None:
    page = draw(gallery.RICH)
    assert [item.text for item in page.one("ul").all("li")] == ["GPUs: 8", "Hours: 120"]
    assert page.one("blockquote").text == "Numbers nobody publishes"
    assert page.one("pre").text == "8 x 120 h x $11.80"
    assert page.one("em").one("strong").text == ", it is short"
    assert page.one("a").attributes["href"] == "https://example.com/a"


def test_an_ordered_list_goes_on_counting() -> None:
    item = {"type": "rich_text_section", "elements": [{"type": "text", "text": "third"}]}
    page = draw({"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [item]}]})
    assert page.one("ol").attributes["start"] == "3"


# -- elements -----------------------------------------------------------------------------------------------------------


def test_a_button_posts_what_slack_would_be_told() -> None:
    pressed = draw(actions(button("why", "Why", style="primary"))).one("button")
    assert pressed.attributes["hx-post"] == "/act/U1/click"
    assert (
        pressed.attributes["hx-vals"]
        == '{"channel": "C1", "ts": "17.000001", "action_id": "why", "block_id": "b", "value": "why"}'
    )  # fmt: skip
    assert pressed.has({"data_action_id": "why", "data_block_id": "b", "data_ts": "17.000001", "class_": "button-primary"})


def test_a_link_button_opens_the_address_and_tells_the_bot() -> None:
    wrapper = draw(actions(button("list", "Prices", url="https://example.com"))).one("span", data_action_id="list")
    assert wrapper.attributes["hx-trigger"] == "click"
    assert wrapper.one("a").has({"href": "https://example.com", "target": "_blank", "rel": "noopener noreferrer"})


def test_a_button_to_a_script_is_only_a_button() -> None:
    page = draw(actions(button("x", "X", url="javascript:alert(1)")))
    assert page.all("a") == []
    assert "javascript" not in str(page.one("button").attributes)


def test_a_button_may_ask_first() -> None:
    confirm = {"title": plain("Sure?"), "text": words("It goes."), "confirm": plain("Do it"), "deny": plain("No"), "style": "danger"}
    asked = draw(actions(button("x", "X", confirm=confirm))).one("button")
    assert asked.has({"data_confirm_title": "Sure?", "data_confirm_text": "It goes.", "data_confirm_yes": "Do it", "data_confirm_no": "No"})
    assert asked.attributes["data-confirm-style"] == "danger"


def test_a_select_shows_what_is_chosen() -> None:
    element = {"type": "static_select", "action_id": "a", "placeholder": plain("Region"), "options": [option("eu", "Europe"), option("us")]}
    select = draw(actions(element)).one("select")
    assert [(each.attributes["value"], each.text, "selected" in each.attributes) for each in select.all("option")] == [
        ("", "Region", True),
        ("eu", "Europe", False),
        ("us", "us", False),
    ]
    assert select.attributes["hx-trigger"] == "change"
    held = Place("message", "/act", {"ts": "1"}, "m", {"b": {"a": {"type": "static_select", "selected_option": option("us")}}})
    chosen = [each for each in draw(actions(element), place=held).all("option") if "selected" in each.attributes]
    assert [each.attributes["value"] for each in chosen] == ["us"]


def test_groups_of_options_keep_their_names() -> None:
    element = {"type": "static_select", "action_id": "a", "option_groups": [{"label": plain("NVIDIA"), "options": [option("a100")]}]}
    assert draw(actions(element)).one("optgroup").attributes["label"] == "NVIDIA"


@pytest.mark.parametrize(
    ("element", "offered"),
    [
        ({"type": "conversations_select"}, ["#general", "#board", "whichcloud"]),
        ({"type": "conversations_select", "filter": {"include": ["public"]}}, ["#general"]),
        ({"type": "channels_select"}, ["#general"]),
        ({"type": "users_select"}, ["Alex Chen", "Bo Okafor"]),
    ],
    ids=["all", "filtered", "channels", "people"],
)
def test_places_and_people_can_be_chosen(element: Json, offered: list[str]) -> None:
    options = draw(input_block(element), place=modal()).all("option")
    assert [each.text for each in options[1:]] == offered


@pytest.mark.parametrize(("kind", "type_"), [("radio_buttons", "radio"), ("checkboxes", "checkbox")])
def test_ticks_are_labelled_inputs(kind: str, type_: str) -> None:
    options = [option("spot", "Spot", description=plain("May stop")), option("reserved", "Reserved")]
    initial = {"initial_option": options[1]} if kind == "radio_buttons" else {"initial_options": [options[1]]}
    page = draw(actions({"type": kind, "action_id": "a", "options": options, **initial}))
    ticks = page.all("input", type=type_)
    assert [("checked" in tick.attributes) for tick in ticks] == [False, True]
    assert [label.text for label in page.all("label")] == ["Spot May stop", "Reserved"]
    assert page.one("fieldset").has({"data_action_id": "a", "hx_trigger": "change", "hx_include": "this"})


def test_an_overflow_is_a_menu_of_buttons() -> None:
    options = [option("copy", "Copy"), {**option("open", "Open"), "url": "https://example.com"}]
    page = draw(actions({"type": "overflow", "action_id": "more", "options": options}))
    menu = page.one(class_="menu")
    assert page.one("button", data_opens="more").attributes["popovertarget"] == menu.attributes["id"]
    assert [each.text for each in menu.all(class_="menu-item")] == ["Copy", "Open"]
    assert menu.one("button", data_option="copy").attributes["data-action-id"] == "more"


def test_feedback_is_two_named_buttons() -> None:
    page = draw(gallery.FEEDBACK)
    up, down = page.one(class_="feedback").all("button")
    assert (up.attributes["aria-label"], up.text) == ("Mark as helpful", "Helpful")
    assert (down.attributes["aria-label"], down.attributes["data-value"]) == ("Not helpful", "down:1")
    assert page.one("button", data_action_id="drop").attributes["aria-label"] == "Delete"


# -- inputs of a modal --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "tag", "attributes"),
    [
        ({"type": "plain_text_input", "initial_value": "x"}, "input", {"type": "text", "value": "x"}),
        ({"type": "number_input", "initial_value": "8"}, "input", {"inputmode": "decimal", "value": "8"}),
        ({"type": "email_text_input", "placeholder": plain("you@")}, "input", {"type": "email", "placeholder": "you@"}),
        ({"type": "url_text_input"}, "input", {"type": "url", "value": ""}),
        ({"type": "plain_text_input", "multiline": True, "max_length": 5}, "textarea", {"maxlength": "5"}),
        ({"type": "datepicker", "initial_date": "2026-12-01"}, "input", {"type": "date", "value": "2026-12-01"}),
        ({"type": "timepicker", "initial_time": "09:30"}, "input", {"type": "time", "value": "09:30"}),
        ({"type": "datetimepicker"}, "input", {"type": "datetime-local", "value": ""}),
    ],
)  # fmt: skip
def test_each_input_is_what_a_browser_knows(element: Json, tag: str, attributes: dict[str, str]) -> None:
    page = draw(input_block(element), place=modal())
    field = page.one(tag)
    assert field.has({"name": "b/a", "data_action_id": "a", "data_block_id": "b", **attributes})
    assert page.one("label").attributes["for"] == field.attributes["id"]


def test_an_optional_input_says_so() -> None:
    assert draw(input_block({"type": "plain_text_input"}, optional=True), place=modal()).one("label").text == "Name (optional)"


def test_the_error_stands_under_its_field_and_is_told_with_it() -> None:
    page = draw(input_block({"type": "plain_text_input"}, hint=plain("Any")), place=modal({"b": "Enter a name."}))
    field, error = page.one("input"), page.one(data_testid="field-error")
    assert error.text == "Enter a name."
    assert field.attributes["aria-invalid"] == "true"
    assert field.attributes["aria-describedby"].split() == [error.attributes["id"], page.one(class_="hint").attributes["id"]]


def test_what_was_typed_wins_over_what_the_bot_set() -> None:
    state = {"b": {"a": {"type": "plain_text_input", "value": "mine"}}}
    page = draw(input_block({"type": "plain_text_input", "initial_value": "theirs"}), place=modal(state=state))
    assert page.one("input").attributes["value"] == "mine"


def test_lines_typed_before_stay_as_they_are() -> None:
    state = {"b": {"a": {"type": "plain_text_input", "value": "\n one\n</textarea><script>"}}}
    field = draw(input_block({"type": "plain_text_input", "multiline": True}), place=modal(state=state)).one("textarea")
    assert field.children == ["\n\n one\n</textarea><script>"]  # a browser drops the first line end


def test_only_an_input_that_asks_to_is_sent_while_it_changes() -> None:
    quiet = draw(input_block({"type": "plain_text_input"}), place=modal()).one("input")
    loud = draw(input_block({"type": "plain_text_input"}, dispatch_action=True), place=modal()).one("input")
    assert "hx-post" not in quiet.attributes
    assert loud.has({"hx_post": "/act/U1/view-click", "hx_trigger": "change"})


# -- hostile strings ----------------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "</textarea><script>x</script>",
    "javascript:alert(1)", "{{ 7*7 }}", "<!-- ", "]]>", "&lt;script&gt;", "<svg/onload=alert(1)>", "\u202egnp.exe", "\x00", "a" * 3000,
]  # fmt: skip


def hostile_blocks(text: str) -> list[Json]:
    opt = {"text": plain(text), "value": text, "description": plain(text)}
    either = {"block_id": text, "action_id": text}
    return [
        {"type": "header", "block_id": text, "text": plain(text)},
        {
            "type": "section",
            "block_id": text,
            "text": words(text),
            "fields": [plain(text)],
            "accessory": {"type": "button", **either, "text": plain(text), "value": text, "url": text, "accessibility_label": text},
        },
        {"type": "context", "block_id": text, "elements": [words(text), {"type": "image", "image_url": text, "alt_text": text}]},
        {"type": "image", "block_id": text, "image_url": text, "alt_text": text, "title": plain(text)},
        {"type": "markdown", "block_id": text, "text": text},
        {
            "type": "rich_text",
            "block_id": text,
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": text},
                        {"type": "link", "url": text, "text": text},
                        {"type": "user", "user_id": text},
                        {"type": "emoji", "name": text},
                        {"type": "broadcast", "range": text},
                        {"type": text},
                    ],
                }
            ],
        },
        {"type": "table", "block_id": text, "column_settings": [{"align": text}], "rows": [[{"type": "raw_text", "text": text}]]},
        {"type": "alert", "block_id": text, "level": text, "text": plain(text)},
        actions(
            {
                "type": "static_select",
                "action_id": text,
                "placeholder": plain(text),
                "option_groups": [{"label": plain(text), "options": [opt]}],
            },
            {"type": "radio_buttons", "action_id": text, "options": [opt]},
            {"type": "overflow", "action_id": text, "options": [{**opt, "url": text}]},
            {"type": "datepicker", "action_id": text, "initial_date": text},
            button(text, text, style=text, confirm={each: plain(text) for each in ("title", "text", "confirm", "deny")}),
            {"type": text, "action_id": text},
        ),
        {
            "type": "input",
            "block_id": text,
            "label": plain(text),
            "hint": plain(text),
            "element": {
                "type": "plain_text_input",
                "action_id": text,
                "initial_value": text,
                "multiline": True,
                "placeholder": plain(text),
            },
        },
        {
            "type": "input",
            "block_id": text,
            "label": plain(text),
            "element": {"type": "plain_text_input", "action_id": text, "initial_value": text},
        },
        {"type": text, "block_id": text},
    ]


TAGS = {
    "div", "h3", "span", "p", "a", "button", "strong", "em", "s", "code", "pre", "blockquote", "br", "hr", "ul", "ol", "li", "table", "tr",
    "td", "th", "img", "figure", "figcaption", "select", "optgroup", "option", "label", "input", "textarea", "fieldset", "legend", "small",
    "svg", "path", "circle", "h1", "h2",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_hostile_becomes_markup(text: str) -> None:
    page = draw(*hostile_blocks(text), place=modal({text: text}))
    for element in page.all():
        assert element.tag in TAGS
        assert [
            name for name in element.attributes if name.startswith("on") or name == "style" or not name.replace("-", "").isalnum()
        ] == []
        assert element.attributes.get("href", "https:").partition(":")[0] in ("https", "http", "mailto")
        assert element.attributes.get("src", "/").startswith("/")
        assert element.attributes.get("hx-post", "/act/U1/view-click") == "/act/U1/view-click"
