"""The parts that messages, forms and the Home tab are built of, each within Slack's limits.

Plain dicts rather than the SDK's models: those drop the types that they do not know. Text given here is already marked up;
`escape` is for what a person typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]

SECTION_CHARS, FIELD_CHARS, CONTEXT_CHARS = 3_000, 2_000, 2_000
HEADER_CHARS, BUTTON_CHARS, OPTION_CHARS, PLACEHOLDER_CHARS = 150, 75, 75, 150
LABEL_CHARS, TITLE_CHARS, VALUE_CHARS, FALLBACK_CHARS = 2_000, 24, 2_000, 3_000
ACTIONS, TABLE_ROWS, TABLE_COLUMNS, TABLE_CHARS = 25, 100, 20, 9_000
MESSAGE_BLOCKS, MESSAGE_CHARS = 40, 12_000
_USER = re.compile(r"[UW][A-Z0-9]{1,20}")


@dataclass(frozen=True)
class Message:
    """A message: `text` is what notifications and screen readers get; `plain` the blocks to send where native ones are refused.

    `alt` says in words what a chart among the blocks shows.
    """

    text: str
    blocks: tuple[Block, ...]
    plain: tuple[Block, ...] | None = None
    alt: str = ""


def escape(text: str) -> str:
    """What a person typed, without a meaning for Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def short(text: str, most: int) -> str:
    """At most so many characters; what was cut shows as an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def italic(text: str) -> str:
    """Escaped text in italics; plain where it holds the mark of italics itself, which would end them."""
    return escape(text) if "_" in text else f"_{escape(text)}_"


def mention(user: str) -> str:
    """@somebody, or 'someone' where the id is gone or is none."""
    return f"<@{user}>" if _USER.fullmatch(user) else "someone"


def plain_text(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": short(text, most), "emoji": True}


def mrkdwn(text: str, most: int = SECTION_CHARS) -> Block:
    return {"type": "mrkdwn", "text": short(text, most)}


def section(text: str, *, block_id: str | None = None, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block | ({"block_id": block_id} if block_id else {}) | ({"accessory": accessory} if accessory else {})


def sections(lines: Iterable[str]) -> list[Block]:
    """Lines of text in as few sections as hold them."""
    return [section(part) for part in _packed(lines, SECTION_CHARS)]


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text, CONTEXT_CHARS) for text in texts if text]}


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, HEADER_CHARS)}


def divider() -> Block:
    return {"type": "divider"}


def actions(block_id: str, *elements: Block) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)[:ACTIONS]}


def button(label: str, action_id: str, value: str = "", *, style: str = "", confirm: Block | None = None, says: str = "") -> Block:
    """A button; `says` is what a screen reader reads where the label alone is not clear."""
    element: Block = {"type": "button", "text": plain_text(label, BUTTON_CHARS), "action_id": action_id}
    element |= {"value": value} if value else {}
    element |= {"style": style} if style else {}
    element |= {"accessibility_label": short(says, BUTTON_CHARS)} if says else {}
    return element | ({"confirm": confirm} if confirm else {})


def link(label: str, url: str, action_id: str) -> Block:
    return {"type": "button", "text": plain_text(label, BUTTON_CHARS), "action_id": action_id, "url": url}


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    texts = {"title": plain_text(title, 100), "text": plain_text(text, 300), "confirm": plain_text(yes, 30), "deny": plain_text(no, 30)}
    return {**texts, "style": "danger"}


def option(label: str, value: str) -> Block:
    return {"text": plain_text(label, OPTION_CHARS), "value": value}


def select(action_id: str, placeholder: str, options: Sequence[Block], chosen: str | None = None) -> Block:
    """A menu; `chosen` is the value of the option that is set when it opens."""
    initial = [each for each in options if each["value"] == chosen]
    element: Block = {"type": "static_select", "action_id": action_id, "placeholder": plain_text(placeholder, PLACEHOLDER_CHARS)}
    return element | {"options": list(options)} | ({"initial_option": initial[0]} if initial else {})


def text_input(action_id: str, value: str = "", placeholder: str = "", *, most: int = 200, multiline: bool = False) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": action_id, "max_length": most, "multiline": multiline}
    element |= {"initial_value": short(value, most)} if value else {}
    return element | ({"placeholder": plain_text(placeholder, PLACEHOLDER_CHARS)} if placeholder else {})


def input_block(block_id: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, LABEL_CHARS),
        "element": element,
        "optional": optional,
    }
    return block | ({"hint": plain_text(hint, LABEL_CHARS)} if hint else {})


def modal(callback_id: str, title: str, blocks: Sequence[Block], *, submit: str = "", close: str = "Close", metadata: str = "") -> Block:
    view: Block = {"type": "modal", "callback_id": callback_id, "title": plain_text(title, TITLE_CHARS), "blocks": list(blocks)}
    view |= {"close": plain_text(close, TITLE_CHARS), "private_metadata": metadata}
    return view | ({"submit": plain_text(submit, TITLE_CHARS)} if submit else {})


# -- tables ------------------------------------------------------------------------------------------------------------


def table(block_id: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, strong: Iterable[int] = (), right: bool = True) -> Block:
    """A native table: the heads in the first row, every row as long as the heads; `strong` rows (from 0) are bold.

    What does not fit is cut from the end; whoever calls says so beside the table.
    """
    bold = set(strong)
    width = min(len(heads), TABLE_COLUMNS)
    lines = [_cells(heads, width, bold=True)] + [_cells(row, width, bold=at in bold) for at, row in enumerate(rows)]
    settings: list[Block] = [{"is_wrapped": True}] + [{"align": "right"} if right else {"is_wrapped": True} for _ in range(width - 1)]
    return {"type": "table", "block_id": block_id, "column_settings": settings, "rows": lines[: 1 + fitting_rows(heads, rows)]}


def fitting_rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many rows one table holds."""
    left = TABLE_CHARS - sum(map(len, heads))
    for at, row in enumerate(rows[: TABLE_ROWS - 1]):
        left -= sum(map(len, row))
        if left < 0:
            return at
    return min(len(rows), TABLE_ROWS - 1)


def _cells(row: Sequence[str], width: int, *, bold: bool) -> list[Block]:
    filled = [*row, *[""] * width][:width]
    return [_bold(text) if bold else {"type": "raw_text", "text": text or "–"} for text in filled]


def _bold(text: str) -> Block:
    words = {"type": "text", "text": text or "–", "style": {"bold": True}}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [words]}]}


def fields(pairs: Sequence[tuple[str, str]]) -> list[Block]:
    """Pairs as sections of ten fields: a table where native ones are refused."""
    cells = [mrkdwn(f"*{name}*\n{value}", FIELD_CHARS) for name, value in pairs]
    return [{"type": "section", "fields": cells[at : at + 10]} for at in range(0, len(cells), 10)]


# -- limits of a whole message -----------------------------------------------------------------------------------------


def characters(blocks: object) -> int:
    """What Slack counts: every text in the blocks."""
    if isinstance(blocks, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else characters(v) for k, v in blocks.items())
    return sum(map(characters, blocks)) if isinstance(blocks, list | tuple) else 0


def within_limits(blocks: Sequence[Block], last: Sequence[Block] = ()) -> tuple[Block, ...]:
    """As many of the blocks as fit with `last`, which always stays."""
    kept: list[Block] = []
    left = MESSAGE_CHARS - characters(last)
    for block in blocks[: MESSAGE_BLOCKS - len(last)]:
        left -= characters(block)
        if left < 0:
            break
        kept.append(block)
    return (*kept, *last)


def _packed(lines: Iterable[str], most: int) -> list[str]:
    parts: list[str] = []
    for line in lines:
        whole = short(line, most)
        if parts and len(parts[-1]) + 1 + len(whole) <= most:
            parts[-1] = f"{parts[-1]}\n{whole}"
        else:
            parts.append(whole)
    return parts
