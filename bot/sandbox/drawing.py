"""Block Kit JSON -> HTML through templates. It draws what it is given; whether Slack would take it is checked elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.sandbox import fields
from bot.sandbox.charts import chart_of
from bot.sandbox.mrkdwn import Directory, markdown, mrkdwn, plain, safe_url
from bot.sandbox.pictures import Chart
from bot.sandbox.richtext import rich_text

TEMPLATES = Path(__file__).resolve().parent / "templates"
BLOCKS = {
    "actions", "alert", "context", "context_actions", "data_visualization", "divider", "header", "image", "input", "markdown",
    "rich_text", "section", "table",
}  # fmt: skip
_ALIGNED = {"left", "center", "right"}
_CONVERSATIONS = {"public", "private", "im"}
_LEVELS = {"info": "Note", "warning": "Warning", "error": "Error", "success": "Done"}

environment = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)

Json = Mapping[str, Any]


@dataclass(frozen=True)
class FileCard:
    """A file as it is offered: where it is, what it is called, whether a browser may show it."""

    id: str
    title: str
    name: str
    url: str
    kind: str
    shown: bool
    alt: str


@dataclass(frozen=True)
class Place:
    """Where blocks stand. A click there is posted to `act` together with `sent`; `key` makes ids unique in the page."""

    surface: Literal["message", "modal", "home"]
    act: str
    sent: Mapping[str, str]
    key: str
    state: fields.Values = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    html: Markup
    align: str
    wrapped: bool


@dataclass(frozen=True)
class Choice:
    value: str
    text: Markup
    description: Markup
    chosen: bool


@dataclass(frozen=True)
class Choices:
    """Options under one heading; most elements have one such group without a heading."""

    label: str
    options: tuple[Choice, ...]


@dataclass(frozen=True)
class Conversation:
    """A place to choose, with its kind as filters name it."""

    id: str
    name: str
    kind: Literal["public", "private", "im"]


@dataclass(frozen=True)
class Known:
    """What drawing needs to know of the world: names, files, and the conversations and people to choose from."""

    directory: Directory = field(default_factory=Directory)
    files: Mapping[str, FileCard] = field(default_factory=dict)
    conversations: Sequence[Conversation] = ()
    people: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""


class Drawing:
    """Draws blocks at one place. The templates call its methods for everything that takes thought."""

    def __init__(self, known: Known, place: Place) -> None:
        self.known, self.place = known, place

    def blocks(self, blocks: Sequence[Json]) -> Markup:
        template = environment.get_template("blocks.html.j2")
        return Markup(template.render(blocks=blocks, draw=self, place=self.place))

    # -- text ------------------------------------------------------------------------------------------------------

    def text(self, item: Json | None) -> Markup:
        """A text object of either type."""
        if not item:
            return Markup("")
        return self.mrkdwn(item["text"]) if item.get("type") == "mrkdwn" else plain(item["text"])

    def mrkdwn(self, text: object) -> Markup:
        return mrkdwn(text, self.known.directory)

    def markdown(self, text: object) -> Markup:
        return markdown(text, self.known.directory)

    def rich_text(self, block: Json) -> Markup:
        return rich_text(block, self.known.directory)

    # -- blocks ----------------------------------------------------------------------------------------------------

    def kind(self, block: Json) -> str:
        kind = str(block.get("type"))
        return kind if kind in BLOCKS else "unknown"

    def chart(self, block: Json) -> Chart:
        return chart_of(block)

    def level(self, block: Json) -> tuple[str, str]:
        """The class of an alert and the word that says its level to those who do not see colours."""
        level = str(block.get("level", "default"))
        return (level, _LEVELS[level]) if level in _LEVELS else ("default", "")

    def table(self, block: Json) -> list[list[Cell]]:
        settings = block.get("column_settings") or []
        return [[self._cell(cell, settings[at] if at < len(settings) else None) for at, cell in enumerate(row)] for row in block["rows"]]

    def _cell(self, cell: Json, setting: Json | None) -> Cell:
        setting = setting or {}
        align = str(setting.get("align", "left"))
        html = self.rich_text(cell) if cell.get("type") == "rich_text" else plain(cell.get("text") or cell.get("value", ""))
        return Cell(html, align if align in _ALIGNED else "left", bool(setting.get("is_wrapped")))

    def image(self, image: Json) -> str | None:
        """Where this page may load the picture from; None for pictures elsewhere, which are only linked."""
        stored = image.get("slack_file") or {}
        card = self.known.files.get(str(stored.get("id", "")))
        if card:
            return card.url if card.shown else None
        url = str(stored.get("url") or image.get("image_url") or "")
        return urlsplit(url).path if self.known.origin and url.startswith(f"{self.known.origin}/") else None

    def link(self, url: object) -> str | None:
        return safe_url(url)

    # -- elements --------------------------------------------------------------------------------------------------

    def dom(self, block: Json, element: Json | None = None, suffix: str = "") -> str:
        """An id that stays the same while the element does."""
        name = fields.field_name(block, element or {})
        return f"{self.place.key}-{name}{suffix}"

    def name(self, block: Json, element: Json) -> str:
        return fields.field_name(block, element)

    def sends(self, block: Json, element: Json, value: object = None, option: object = None) -> Markup:
        """The attributes that make an element post its click, and those that tests find it by."""
        action, where = str(element.get("action_id", "")), str(block.get("block_id", ""))
        extra = {name: str(each) for name, each in (("value", value), ("option", option)) if each is not None}
        sent = json.dumps({**self.place.sent, "action_id": action, "block_id": where, **extra})
        marks = Markup('hx-post="{}" hx-vals="{}" data-action-id="{}" data-block-id="{}"')
        which = Markup("").join(Markup(' data-{}="{}"').format(name, each) for name, each in extra.items())
        return marks.format(self.place.act, sent, action, where) + which + self._stamp() + self._asks(element)

    def marks(self, block: Json, element: Json) -> Markup:
        """What tests find an input by that sends nothing of its own."""
        action, where = element.get("action_id", ""), block.get("block_id", "")
        return Markup('data-action-id="{}" data-block-id="{}"').format(action, where)

    def _stamp(self) -> Markup:
        return Markup(' data-ts="{}"').format(self.place.sent["ts"]) if "ts" in self.place.sent else Markup("")

    def _asks(self, element: Json) -> Markup:
        """A confirmation, which the page asks for before the click is sent."""
        confirm = element.get("confirm")
        if not confirm:
            return Markup("")
        texts = {name: (confirm.get(name) or {}).get("text", "") for name in ("title", "text", "confirm", "deny")}
        drawn = Markup(' data-confirm-title="{title}" data-confirm-text="{text}" data-confirm-yes="{confirm}" data-confirm-no="{deny}"')
        style = Markup(' data-confirm-style="{}"').format("danger" if confirm.get("style") == "danger" else "primary")
        return drawn.format(**texts) + style

    def state(self, block: Json, element: Json) -> Json | None:
        return self.place.state.get(str(block.get("block_id", "")), {}).get(str(element.get("action_id", "")))

    def written(self, block: Json, element: Json) -> str:
        return fields.written(element, self.state(block, element))

    def choices(self, block: Json, element: Json) -> list[Choices]:
        """What an element offers, with what is chosen now."""
        chosen = fields.chosen(element, self.state(block, element))
        names = self._names(element)
        if names is not None:
            return [Choices("", tuple(Choice(id, escape(name), Markup(""), id in chosen) for id, name in names.items()))]
        groups = element.get("option_groups") or [{"options": element.get("options", ())}]
        return [Choices((group.get("label") or {}).get("text", ""), self._options(group["options"], chosen)) for group in groups]

    def _names(self, element: Json) -> Mapping[str, str] | None:
        """Whom or where an element offers to choose; None for one with options of its own."""
        kind = str(element["type"])
        if kind in ("users_select", "multi_users_select"):
            return self.known.people
        if kind not in ("conversations_select", "channels_select"):
            return None
        kinds = {"public"} if kind == "channels_select" else set((element.get("filter") or {}).get("include") or _CONVERSATIONS)
        return {place.id: place.name for place in self.known.conversations if place.kind in kinds}

    def _options(self, options: Sequence[Json], chosen: Sequence[str]) -> tuple[Choice, ...]:
        return tuple(
            Choice(str(o["value"]), self.text(o["text"]), self.text(o.get("description")), str(o["value"]) in chosen) for o in options
        )

    def nothing_chosen(self, block: Json, element: Json) -> bool:
        return not fields.chosen(element, self.state(block, element))

    def error(self, block: Json) -> str:
        return self.place.errors.get(str(block.get("block_id", "")), "")
