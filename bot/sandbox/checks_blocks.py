"""The shapes of Block Kit's blocks, one model each, with the limits inside one block. Those of a message or view are in checks.py."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from bot.sandbox.checks_objects import (
    Accessory,
    ActionElement,
    ContextAction,
    ContextElement,
    Image,
    InputElement,
    Plain150,
    Plain2000,
    Shape,
    Text,
    at_most,
    breach,
)

TABLE_CHARS = 10_000
_SHORT = Field(min_length=1, max_length=20)


def no_repeats(values: list[str], name: str) -> None:
    if any(first == second for first, second in pairwise(sorted(values))):
        raise breach("{name} must be unique", name=name)


class Block(Shape):
    block_id: str | None = Field(default=None, min_length=1, max_length=255)


class Header(Block):
    type: Literal["header"]
    text: Plain150


class Section(Block):
    type: Literal["section"]
    text: Text | None = None
    fields: list[Annotated[Text, at_most(2000)]] | None = Field(default=None, min_length=1, max_length=10)
    accessory: Accessory | None = None
    expand: bool | None = None

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if self.text is None and self.fields is None:
            raise breach("missing required field: text")
        return self


class Actions(Block):
    type: Literal["actions"]
    elements: list[ActionElement] = Field(min_length=1, max_length=25)

    @model_validator(mode="after")
    def unique_actions(self) -> Self:
        no_repeats([element.action_id for element in self.elements if element.action_id], "action_id")
        return self


class Context(Block):
    type: Literal["context"]
    elements: list[ContextElement] = Field(min_length=1, max_length=10)


class Input(Block):
    type: Literal["input"]
    label: Plain2000
    element: InputElement
    hint: Plain2000 | None = None
    optional: bool | None = None
    dispatch_action: bool | None = None


class Divider(Block):
    type: Literal["divider"]


class ImageBlock(Block, Image):
    title: Plain2000 | None = None


class Markdown(Block):
    type: Literal["markdown"]
    text: str = Field(min_length=1, max_length=12_000)


class ContextActions(Block):
    type: Literal["context_actions"]
    elements: list[ContextAction] = Field(min_length=1, max_length=5)

    @model_validator(mode="after")
    def unique_actions(self) -> Self:
        no_repeats([element.action_id for element in self.elements if element.action_id], "action_id")
        return self


class Alert(Block):
    type: Literal["alert"]
    text: Annotated[Text, at_most(200)]
    level: Literal["default", "info", "warning", "error", "success"] = "default"


# -- rich text ---------------------------------------------------------------------------------------------------------


class Style(Shape):
    bold: bool | None = None
    italic: bool | None = None
    strike: bool | None = None
    code: bool | None = None
    underline: bool | None = None


class RichText(Shape):
    type: Literal["text"]
    text: str = Field(min_length=1)
    style: Style | None = None


class RichLink(Shape):
    type: Literal["link"]
    url: str = Field(min_length=1)
    text: str | None = None
    unsafe: bool | None = None
    style: Style | None = None


class RichUser(Shape):
    type: Literal["user"]
    user_id: str
    style: Style | None = None


class RichChannel(Shape):
    type: Literal["channel"]
    channel_id: str
    style: Style | None = None


class RichEmoji(Shape):
    type: Literal["emoji"]
    name: str
    unicode: str | None = None


class RichDate(Shape):
    type: Literal["date"]
    timestamp: int
    format: str
    fallback: str | None = None
    url: str | None = None


class RichBroadcast(Shape):
    type: Literal["broadcast"]
    range: Literal["here", "channel", "everyone"]


RichInline = Annotated[RichText | RichLink | RichUser | RichChannel | RichEmoji | RichDate | RichBroadcast, Field(discriminator="type")]


class RichSection(Shape):
    type: Literal["rich_text_section"]
    elements: list[RichInline]


class RichQuote(Shape):
    type: Literal["rich_text_quote"]
    elements: list[RichInline]
    border: int | None = None


class RichPreformatted(Shape):
    type: Literal["rich_text_preformatted"]
    elements: list[RichInline]
    border: int | None = None


class RichList(Shape):
    type: Literal["rich_text_list"]
    style: Literal["bullet", "ordered"]
    elements: list[RichSection]
    indent: int | None = None
    offset: int | None = None
    border: int | None = None


class RichTextBlock(Block):
    type: Literal["rich_text"]
    elements: list[Annotated[RichSection | RichQuote | RichPreformatted | RichList, Field(discriminator="type")]] = Field(min_length=1)


# -- tables ------------------------------------------------------------------------------------------------------------


class RawText(Shape):
    type: Literal["raw_text"]
    text: str = Field(min_length=1)


class RawNumber(Shape):
    type: Literal["raw_number"]
    value: float
    text: str = Field(min_length=1)


Cell = Annotated[RawText | RawNumber | RichTextBlock, Field(discriminator="type")]


class ColumnSetting(Shape):
    align: Literal["left", "center", "right"] | None = None
    is_wrapped: bool | None = None


def visible(value: Any) -> int:
    """How many characters stand in a cell, whatever it is made of."""
    if isinstance(value, RichTextBlock):
        return sum(visible(part) for part in value.elements)
    if isinstance(value, RichSection | RichQuote | RichPreformatted | RichList):
        return sum(visible(part) for part in value.elements)
    return len(getattr(value, "text", None) or "")


class Table(Block):
    type: Literal["table"]
    rows: list[Annotated[list[Cell], Field(min_length=1, max_length=20)]] = Field(min_length=1, max_length=100)
    column_settings: list[ColumnSetting | None] | None = Field(default=None, max_length=20)

    @model_validator(mode="after")
    def even(self) -> Self:
        if len({len(row) for row in self.rows}) > 1:
            raise breach("all rows must have the same number of cells")
        if self.column_settings and len(self.column_settings) > len(self.rows[0]):
            raise breach("column_settings must not exceed the number of columns")
        if any(visible(cell) == 0 for row in self.rows for cell in row):
            raise breach("cells must not be empty")
        return self

    @property
    def chars(self) -> int:
        return sum(visible(cell) for row in self.rows for cell in row)


# -- charts ------------------------------------------------------------------------------------------------------------


class Point(Shape):
    label: Annotated[str, _SHORT]
    value: float


class Series(Shape):
    name: Annotated[str, _SHORT]
    data: list[Point] = Field(min_length=1, max_length=20)


class Axes(Shape):
    categories: list[Annotated[str, _SHORT]] = Field(min_length=1, max_length=20)
    x_label: str | None = Field(default=None, min_length=1, max_length=50)
    y_label: str | None = Field(default=None, min_length=1, max_length=50)


class AxisChart(Shape):
    type: Literal["bar", "line", "area"]
    series: list[Series] = Field(min_length=1, max_length=6)
    axis_config: Axes

    @model_validator(mode="after")
    def one_point_a_category(self) -> Self:
        no_repeats([series.name for series in self.series], "series names")
        no_repeats(self.axis_config.categories, "categories")
        wanted = sorted(self.axis_config.categories)
        for series in self.series:
            if sorted(point.label for point in series.data) != wanted:
                raise breach("series {name} must have exactly one point per category", name=series.name)
        return self


class Segment(Shape):
    label: Annotated[str, _SHORT]
    value: float = Field(gt=0)


class Pie(Shape):
    type: Literal["pie"]
    segments: list[Segment] = Field(min_length=1, max_length=6)

    @model_validator(mode="after")
    def unique_labels(self) -> Self:
        no_repeats([segment.label for segment in self.segments], "segment labels")
        return self


class DataVisualization(Block):
    type: Literal["data_visualization"]
    title: str = Field(min_length=1, max_length=50)
    chart: Annotated[AxisChart | Pie, Field(discriminator="type")]


AnyBlock = Annotated[
    Header
    | Section
    | Actions
    | Context
    | Input
    | Divider
    | ImageBlock
    | Markdown
    | ContextActions
    | Alert
    | RichTextBlock
    | Table
    | DataVisualization,
    Field(discriminator="type"),
]
