"""Whether Slack would take these blocks or this view: problems with a JSON pointer, in Slack's words. Pure: no world, no clock."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from bot.sandbox.checks_blocks import TABLE_CHARS, AnyBlock, Table
from bot.sandbox.checks_objects import Plain24, Shape

Surface = Literal["message", "modal", "home"]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
MESSAGE_CHARS = 13_200
MARKDOWN_CHARS = 12_000
CHARTS_A_MESSAGE = 2
_EVERYWHERE = {"header", "section", "actions", "context", "image", "divider", "rich_text"}
ALLOWED: dict[Surface, set[str]] = {
    "message": _EVERYWHERE | {"table", "data_visualization", "markdown", "context_actions"},
    "modal": _EVERYWHERE | {"input", "alert"},
    "home": _EVERYWHERE | {"input", "table", "data_visualization"},
}
# Strings that a person does not read do not count towards the length of a message.
_NOT_READ = {"type", "block_id", "action_id", "value", "url", "image_url", "style", "align", "level", "user_id", "channel_id"}
_MARKDOWN_PIECES = re.compile(
    r"(?P<fence>^```.*?^```[^\n]*$)"
    r"|(?P<heading>^#{1,6} [^\n]*$)"
    r"|(?P<table>(?:^\|[^\n]*\n)(?:^\|[ :|-]+$)(?:\n\|[^\n]*)*)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Problem:
    """`code` is the error that the Web API answers with."""

    code: str
    pointer: str
    message: str
    constraint: str = ""

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


class View(Shape):
    """What modals and Home tabs share. The blocks are checked one by one, for their own messages."""

    blocks: list[Any] = Field(min_length=1, max_length=VIEW_BLOCKS)
    private_metadata: str | None = Field(default=None, max_length=3000)
    callback_id: str | None = Field(default=None, max_length=255)
    external_id: str | None = Field(default=None, max_length=255)


class Modal(View):
    type: Literal["modal"]
    title: Plain24
    submit: Plain24 | None = None
    close: Plain24 | None = None
    clear_on_close: bool | None = None
    notify_on_close: bool | None = None
    submit_disabled: bool | None = None


class Home(View):
    type: Literal["home"]


class Metadata(Shape):
    event_type: str = Field(min_length=1, max_length=255)
    event_payload: dict[str, Any]


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    """Built once: the models of thirteen blocks take a while."""
    return TypeAdapter(shape)


def check_message(blocks: object, root: str = "/blocks") -> list[Problem]:
    """Every problem of a message's blocks; none when Slack would take them."""
    problems = _check_blocks(blocks, "message", root, MESSAGE_BLOCKS, "invalid_blocks")
    if problems or not isinstance(blocks, list):
        return problems
    return [*_message_totals(blocks, root)]


def check_view(view: object, surface: Surface, root: str = "/view") -> list[Problem]:
    """Every problem of a modal or a Home tab."""
    if not isinstance(view, dict):
        return [Problem("invalid_arguments", root, "must provide an object")]
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        return [Problem("view_too_large", root, f"must be less than {VIEW_BYTES + 1} bytes")]
    problems = _fit(Modal if surface == "modal" else Home, view, root, "invalid_arguments")
    if isinstance(view.get("blocks"), list):
        problems += _check_blocks(view["blocks"], surface, f"{root}/blocks", VIEW_BLOCKS, "invalid_arguments")
    return problems or [*_view_totals(view, root)]


def check_metadata(metadata: object) -> list[Problem]:
    return _fit(Metadata, metadata, "/metadata", "invalid_metadata_format")


def visible_chars(value: object, key: str = "") -> int:
    """How many characters of a payload people read."""
    if isinstance(value, str):
        return 0 if key in _NOT_READ else len(value)
    if isinstance(value, dict):
        return sum(visible_chars(part, name) for name, part in value.items())
    return sum(visible_chars(part, key) for part in value) if isinstance(value, list) else 0


def expanded(markdown: str) -> list[str]:
    """The blocks that Slack makes of a markdown block: heading, table and fence are one each, and so is the text between two of them."""
    kinds: list[str] = []
    end = 0
    for piece in _MARKDOWN_PIECES.finditer(markdown):
        kinds += ["text"] if markdown[end : piece.start()].strip() else []
        kinds.append(str(piece.lastgroup))
        end = piece.end()
    return kinds + (["text"] if markdown[end:].strip() else [])


# -- shapes ------------------------------------------------------------------------------------------------------------


def _check_blocks(blocks: object, surface: Surface, root: str, limit: int, code: str) -> list[Problem]:
    if not isinstance(blocks, list):
        return [Problem("invalid_blocks_format" if surface == "message" else code, root, "must provide an array")]
    if len(blocks) > limit:
        return [Problem(code, root, f"no more than {limit} items allowed", "max_items")]
    problems = [problem for at, block in enumerate(blocks) for problem in _check_block(block, surface, f"{root}/{at}", code)]
    return [*problems, *_repeated_block_ids(blocks, root, code)]


def _check_block(block: object, surface: Surface, pointer: str, code: str) -> list[Problem]:
    if not isinstance(block, dict):
        return [Problem(code, pointer, "must provide an object")]
    kind = block.get("type")
    if not isinstance(kind, str) or kind not in ALLOWED[surface]:
        return [Problem(code, f"{pointer}/type", f"unsupported type: {kind}", "surface")]
    problems = _fit(AnyBlock, block, pointer, code)
    return problems or [*_table_chars(block, pointer, code)]


def _table_chars(block: dict[str, Any], pointer: str, code: str) -> Iterator[Problem]:
    chars = _adapter(Table).validate_python(block).chars if block["type"] == "table" else 0
    if chars > TABLE_CHARS:
        yield Problem(code, f"{pointer}/rows", f"{chars} characters in the cells, no more than {TABLE_CHARS} allowed", "table_chars")


def _repeated_block_ids(blocks: Sequence[Any], root: str, code: str) -> Iterator[Problem]:
    ids = [block.get("block_id") if isinstance(block, dict) else None for block in blocks]
    for at, block_id in enumerate(ids):
        if block_id is not None and block_id in ids[:at]:
            yield Problem(code, f"{root}/{at}/block_id", f"block_id already exists: {block_id}", "unique")


def _fit(shape: Any, value: object, root: str, code: str) -> list[Problem]:
    try:
        _adapter(shape).validate_python(value)
    except ValidationError as error:
        return [_problem(detail, value, root, code) for detail in error.errors(include_url=False)]
    return []


def _problem(detail: ErrorDetails, value: object, root: str, code: str) -> Problem:
    return Problem(code, root + _pointer(detail, value), _words(detail), detail["type"])


def _pointer(detail: ErrorDetails, value: Any) -> str:
    """pydantic's place without the names of union members, which are not in the payload; for a missing or unknown key its object."""
    pointer = ""
    for step in detail["loc"][:-1] if detail["type"] == "extra_forbidden" else detail["loc"]:
        if _leads_on(value, step):
            value = value[step]
            pointer += f"/{step}"
    return pointer


def _leads_on(value: object, step: object) -> bool:
    return step in value if isinstance(value, dict) else isinstance(value, list) and isinstance(step, int)


def _words(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    name = detail["loc"][-1] if detail["loc"] else ""
    words = {
        "missing": f"missing required field: {name}",
        "extra_forbidden": f"invalid additional property: {name}",
        "string_too_long": f"must be less than {context.get('max_length', 0) + 1} characters",
        "string_too_short": f"must be more than {context.get('min_length', 1) - 1} characters",
        "too_long": f"no more than {context.get('max_length')} items allowed",
        "too_short": f"no fewer than {context.get('min_length')} items allowed",
        "string_type": "must be a string",
        "union_tag_invalid": f"unsupported type: {context.get('tag')}",
        "union_tag_not_found": "missing required field: type",
    }
    return words.get(detail["type"], detail["msg"])


# -- totals ------------------------------------------------------------------------------------------------------------


def _message_totals(blocks: list[dict[str, Any]], root: str) -> Iterator[Problem]:
    kinds = [*_kinds(blocks)]
    count = Counter(kinds)
    written = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if count["table"] > 1:
        yield Problem("invalid_attachments", root, "only one table allowed", "one_table")
    if count["data_visualization"] > CHARTS_A_MESSAGE:
        yield Problem("invalid_blocks", root, f"no more than {CHARTS_A_MESSAGE} charts allowed", "charts")
    if len(kinds) > MESSAGE_BLOCKS:
        yield Problem("invalid_blocks", root, f"no more than {MESSAGE_BLOCKS} items allowed", "max_items")
    if written > MARKDOWN_CHARS:
        yield Problem("invalid_blocks", root, f"no more than {MARKDOWN_CHARS} characters allowed in all markdown blocks", "markdown_chars")
    if (chars := visible_chars(blocks)) > MESSAGE_CHARS:
        yield Problem("msg_blocks_too_long", root, f"{chars} characters, no more than {MESSAGE_CHARS} allowed", "message_chars")


def _kinds(blocks: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The blocks as Slack counts them, markdown taken apart."""
    for block in blocks:
        if block["type"] == "markdown":
            yield from expanded(block["text"])
        else:
            yield block["type"]


def _view_totals(view: dict[str, Any], root: str) -> Iterator[Problem]:
    blocks = view["blocks"]
    inputs = [at for at, block in enumerate(blocks) if block["type"] == "input"]
    focused = [element for element in _elements(blocks) if element.get("focus_on_load")]
    if view["type"] == "modal" and inputs and not view.get("submit"):
        yield Problem("invalid_arguments", root, "missing required field: submit", "submit")
    if len(focused) > 1:
        yield Problem("invalid_arguments", f"{root}/blocks", "only one element may have focus_on_load", "focus")


def _elements(blocks: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield from block.get("elements", ())
        yield from (block[name] for name in ("accessory", "element") if name in block)
