"""The shapes of Block Kit's objects and elements with Slack's limits, as pydantic models. Blocks and views are elsewhere."""

from __future__ import annotations

from typing import Annotated, Any, Literal, LiteralString, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError


class Shape(BaseModel):
    """Unknown keys are refused, and nothing is converted: Slack takes no number for a text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def no_null(cls, value: Any) -> Any:
        """A key is left out or has a value."""
        if isinstance(value, dict) and None in value.values():
            raise breach("must not be null: {names}", names=", ".join(sorted(key for key in value if value[key] is None)))
        return value


def breach(message: LiteralString, **values: Any) -> PydanticCustomError:
    """A broken rule in Slack's words; values in braces are filled in."""
    return PydanticCustomError("breach", message, values)


def at_most(limit: int) -> AfterValidator:
    """The limit on a text object where it stands; each place has its own."""

    def check(text: Any) -> Any:
        if len(text.text) > limit:
            raise breach("must be less than {limit} characters", limit=limit + 1)
        return text

    return AfterValidator(check)


class PlainText(Shape):
    type: Literal["plain_text"]
    text: str = Field(min_length=1, max_length=3000)
    emoji: bool | None = None


class Mrkdwn(Shape):
    type: Literal["mrkdwn"]
    text: str = Field(min_length=1, max_length=3000)
    verbatim: bool | None = None


Text = Annotated[PlainText | Mrkdwn, Field(discriminator="type")]
Plain24 = Annotated[PlainText, at_most(24)]
Plain30 = Annotated[PlainText, at_most(30)]
Plain75 = Annotated[PlainText, at_most(75)]
Plain100 = Annotated[PlainText, at_most(100)]
Plain150 = Annotated[PlainText, at_most(150)]
Plain2000 = Annotated[PlainText, at_most(2000)]
ActionId = Annotated[str, Field(min_length=1, max_length=255)]
AltText = Annotated[str, Field(min_length=1, max_length=2000)]
HttpsUrl = Annotated[str, Field(max_length=3000, pattern=r"^https://[^\s/]+")]
LinkUrl = Annotated[str, Field(max_length=3000, pattern=r"^(https?|mailto|slack):")]


class Confirm(Shape):
    title: Plain100
    text: Annotated[Text, at_most(300)]
    confirm: Plain30
    deny: Plain30
    style: Literal["primary", "danger"] | None = None


class Option(Shape):
    text: Plain75
    value: str = Field(min_length=1, max_length=150)
    description: Plain75 | None = None


class OverflowOption(Option):
    url: LinkUrl | None = None


class TextOption(Shape):
    """Radio buttons and checkboxes may have mrkdwn in their options."""

    text: Annotated[Text, at_most(75)]
    value: str = Field(min_length=1, max_length=150)
    description: Annotated[Text, at_most(75)] | None = None


class OptionGroup(Shape):
    label: Plain75
    options: list[Option] = Field(min_length=1, max_length=100)


class DispatchActions(Shape):
    trigger_actions_on: list[Literal["on_enter_pressed", "on_character_entered"]] = Field(min_length=1)


class Filter(Shape):
    include: list[Literal["im", "mpim", "private", "public"]] | None = None
    exclude_external_shared_channels: bool | None = None
    exclude_bot_users: bool | None = None


class SlackFile(Shape):
    id: str | None = None
    url: str | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        if (self.id is None) == (self.url is None):
            raise breach("must define exactly one of: id, url")
        return self


class Image(Shape):
    """What the image block and the image element share: one source and a text for those who do not see it."""

    type: Literal["image"]
    alt_text: AltText
    image_url: HttpsUrl | None = None
    slack_file: SlackFile | None = None

    @model_validator(mode="after")
    def one_source(self) -> Self:
        if (self.image_url is None) == (self.slack_file is None):
            raise breach("must define exactly one of: image_url, slack_file")
        return self


class Element(Shape):
    action_id: ActionId | None = None


class Confirmed(Element):
    confirm: Confirm | None = None


class Button(Confirmed):
    type: Literal["button"]
    text: Plain75
    value: str | None = Field(default=None, max_length=2000)
    url: LinkUrl | None = None
    style: Literal["primary", "danger"] | None = None
    accessibility_label: str | None = Field(default=None, max_length=75)


class Select(Confirmed):
    placeholder: Plain150 | None = None
    focus_on_load: bool | None = None


class Listed(Select):
    options: list[Option] | None = Field(default=None, min_length=1, max_length=100)
    option_groups: list[OptionGroup] | None = Field(default=None, min_length=1, max_length=100)

    @model_validator(mode="after")
    def one_list(self) -> Self:
        if (self.options is None) == (self.option_groups is None):
            raise breach("must define exactly one of: options, option_groups")
        return self

    def offers(self, option: Option) -> bool:
        groups = self.option_groups or []
        return option in [*(self.options or []), *(entry for group in groups for entry in group.options)]


class StaticSelect(Listed):
    type: Literal["static_select"]
    initial_option: Option | None = None

    @model_validator(mode="after")
    def initial_is_offered(self) -> Self:
        if self.initial_option is not None and not self.offers(self.initial_option):
            raise breach("initial_option must be one of the options")
        return self


class MultiStaticSelect(Listed):
    type: Literal["multi_static_select"]
    initial_options: list[Option] | None = Field(default=None, min_length=1)
    max_selected_items: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def initial_are_offered(self) -> Self:
        if not all(self.offers(option) for option in self.initial_options or []):
            raise breach("initial_options must be among the options")
        return self


class UsersSelect(Select):
    type: Literal["users_select"]
    initial_user: str | None = None


class MultiUsersSelect(Select):
    type: Literal["multi_users_select"]
    initial_users: list[str] | None = Field(default=None, min_length=1)
    max_selected_items: int | None = Field(default=None, ge=1)


class ConversationsSelect(Select):
    type: Literal["conversations_select"]
    initial_conversation: str | None = None
    default_to_current_conversation: bool | None = None
    response_url_enabled: bool | None = None
    filter: Filter | None = None


class ChannelsSelect(Select):
    type: Literal["channels_select"]
    initial_channel: str | None = None
    response_url_enabled: bool | None = None


class Choices(Confirmed):
    options: list[TextOption] = Field(min_length=1, max_length=10)
    focus_on_load: bool | None = None


class RadioButtons(Choices):
    type: Literal["radio_buttons"]
    initial_option: TextOption | None = None

    @model_validator(mode="after")
    def initial_is_offered(self) -> Self:
        if self.initial_option is not None and self.initial_option not in self.options:
            raise breach("initial_option must be one of the options")
        return self


class Checkboxes(Choices):
    type: Literal["checkboxes"]
    initial_options: list[TextOption] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def initial_are_offered(self) -> Self:
        if not all(option in self.options for option in self.initial_options or []):
            raise breach("initial_options must be among the options")
        return self


class Overflow(Confirmed):
    type: Literal["overflow"]
    options: list[OverflowOption] = Field(min_length=1, max_length=5)


class Picker(Confirmed):
    placeholder: Plain150 | None = None
    focus_on_load: bool | None = None


class DatePicker(Picker):
    type: Literal["datepicker"]
    initial_date: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")


class TimePicker(Picker):
    type: Literal["timepicker"]
    initial_time: str | None = Field(default=None, pattern=r"^\d{2}:\d{2}$")
    timezone: str | None = None


class DateTimePicker(Confirmed):
    type: Literal["datetimepicker"]
    initial_date_time: int | None = Field(default=None, ge=1_000_000_000, le=9_999_999_999)
    focus_on_load: bool | None = None


class TypedInput(Element):
    placeholder: Plain150 | None = None
    focus_on_load: bool | None = None
    dispatch_action_config: DispatchActions | None = None


class PlainTextInput(TypedInput):
    type: Literal["plain_text_input"]
    initial_value: str | None = None
    multiline: bool | None = None
    min_length: int | None = Field(default=None, ge=0, le=3000)
    max_length: int | None = Field(default=None, ge=1, le=3000)

    @model_validator(mode="after")
    def initial_fits(self) -> Self:
        low, high = self.min_length or 0, self.max_length if self.max_length is not None else 3000
        if low > high:
            raise breach("min_length must not be above max_length")
        if self.initial_value and not low <= len(self.initial_value) <= high:
            raise breach("initial_value must have between {low} and {high} characters", low=low, high=high)
        return self


class NumberInput(TypedInput):
    type: Literal["number_input"]
    is_decimal_allowed: bool
    initial_value: str | None = None
    min_value: str | None = None
    max_value: str | None = None


class EmailInput(TypedInput):
    type: Literal["email_text_input"]
    initial_value: str | None = None


class UrlInput(TypedInput):
    type: Literal["url_text_input"]
    initial_value: str | None = None


class FileInput(Element):
    type: Literal["file_input"]
    filetypes: list[str] | None = None
    max_files: int | None = Field(default=None, ge=1, le=10)


class FeedbackButton(Shape):
    text: Plain75
    value: str = Field(min_length=1, max_length=2000)
    accessibility_label: str | None = Field(default=None, max_length=75)


class FeedbackButtons(Element):
    type: Literal["feedback_buttons"]
    positive_button: FeedbackButton
    negative_button: FeedbackButton


class IconButton(Confirmed):
    type: Literal["icon_button"]
    icon: Literal["trash"]
    text: Plain75
    value: str | None = Field(default=None, max_length=2000)
    accessibility_label: str | None = Field(default=None, max_length=75)
    visible_to_user_ids: list[str] | None = None


Chooser = (
    StaticSelect
    | MultiStaticSelect
    | UsersSelect
    | MultiUsersSelect
    | ConversationsSelect
    | ChannelsSelect
    | RadioButtons
    | Checkboxes
    | DatePicker
    | TimePicker
)
Accessory = Annotated[Button | Overflow | Image | Chooser, Field(discriminator="type")]
ActionElement = Annotated[Button | Overflow | DateTimePicker | Chooser, Field(discriminator="type")]
InputElement = Annotated[
    PlainTextInput | NumberInput | EmailInput | UrlInput | FileInput | DateTimePicker | Chooser, Field(discriminator="type")
]
ContextElement = Annotated[Image | PlainText | Mrkdwn, Field(discriminator="type")]
ContextAction = Annotated[FeedbackButtons | IconButton, Field(discriminator="type")]
