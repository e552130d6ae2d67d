"""What people write under rules/: questions, fields, rules, assumptions, providers, errata, phrases. Shapes only, no reading.

Every model refuses keys that it does not know. Conditions are kept as written; `load` compiles them.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

Test = str | bool | list[str] | dict[str, str]
Lines = dict[str, Test]
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _number(value: object) -> Decimal:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise ValueError('a plain number is needed, such as 50000 or "0.02"')
    return Decimal(value)


def _whole(value: object) -> int:
    if not isinstance(value, str) or not _WHOLE.fullmatch(value):
        raise ValueError("a whole number is needed, in digits")
    return int(value)


def _day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("a date is needed, such as 2026-11-22")


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is needed, without quotes")
    return value


def _word(value: object) -> object:
    """Ids and words may be the words true and false only where they are quoted; a boolean is refused."""
    if isinstance(value, bool):
        raise ValueError("a word is needed; `true` and `false` are booleans")
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("a text is needed")
    return value.strip()


Number = Annotated[Decimal, PlainValidator(_number)]
Whole = Annotated[int, PlainValidator(_whole)]
Day = Annotated[date, PlainValidator(_day)]
Flag = Annotated[bool, PlainValidator(_flag)]
Id = Annotated[str, BeforeValidator(_word), Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=80)]
Claim = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$", max_length=80)]
Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_text)]


def _priority(value: int) -> int:
    if not 0 <= value <= 100:
        raise ValueError("a priority from 0 to 100 is needed")
    return value


class WrittenModel(BaseModel):
    """What people write: keys that are not known are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # only the files' own models are ever built


class Source(WrittenModel):
    """Where a statement comes from, as of which day."""

    title: Text
    part: Text | None = None
    publisher: Text
    as_of: Day
    url: Annotated[str, Field(pattern=r"^https://\S+$")] | None = None

    def __str__(self) -> str:
        part = f", {self.part}" if self.part else ""
        return f"{self.title}{part} ({self.publisher}, {self.as_of})"


class Effective(WrittenModel):
    """A rule holds from its first day until the day before `until`."""

    from_: Day = Field(alias="from")
    until: Day | None = None


class Example(WrittenModel):
    name: Text
    given: dict[str, Test]
    fires: Flag


class Lean(WrittenModel):
    """Where training or inference should run, and how it is bought."""

    provider: Id
    purchase: Id | None = None


class Recommendation(WrittenModel):
    """Settles exactly one decision."""

    layer: Literal["managed", "raw"] | None = None
    training: Lean | None = None
    inference: Lean | None = None
    matrix: Literal["joined_leans", "cheaper_lean", "cheapest_single_cloud", "cheapest_allowed"] | None = None
    basis: Literal["matrix", "numbers"] | None = None
    footprint: Literal["stay", "move"] | None = None

    def settles(self) -> list[str]:
        return [name for name in type(self).model_fields if getattr(self, name) is not None]


class Rule(WrittenModel):
    """One claim: when it holds, what follows, why, and who says so."""

    id: Claim
    when: Lines = {}
    unless: Lines = {}
    recommend: Recommendation | None = None
    exclude: Annotated[list[Id], Field(min_length=1)] | None = None
    caution: Text | None = None
    priority: Annotated[Whole, AfterValidator(_priority)] | None = None
    because: Text
    sources: Annotated[list[Source], Field(min_length=1)]
    effective: Effective
    examples: list[Example]

    def placeholders(self) -> set[str]:
        return set(_PLACEHOLDER.findall(self.because)) | set(_PLACEHOLDER.findall(self.caution or ""))


class Rules(WrittenModel):
    rules: list[Rule]


class Answer(WrittenModel):
    id: Id
    name: Text
    computes_as: Id | None = None


class WholeNumber(WrittenModel):
    min: Whole
    max: Whole


class Question(WrittenModel):
    """One of the five questions: its words, its answers, and what 'not sure' computes as."""

    id: Id
    name: Text
    ask: Text
    why_asked: Text
    help: Text
    answers: list[Answer] = []
    whole_number: WholeNumber | None = None
    if_skipped: str
    if_skipped_because: Text


class Questions(WrittenModel):
    questions: list[Question]


class Matters(WrittenModel):
    when: Lines = {}
    unless: Lines = {}


class FieldOfWork(WrittenModel):
    """One field of the workload: its range, its default, and when it has an effect at all."""

    id: Id
    kind: Literal["choice", "accelerator", "whole", "number", "boolean"]
    name: Text
    help: Text
    choices: list[Id] = []
    default: str | bool | dict[str, str] | None = None
    optional: Flag = False
    min: Number | None = None
    max: Number | None = None
    unit: str = ""
    scaled: Flag = False
    flips: Flag = False
    flips_over_range: Flag = False
    private: Flag = False
    matters: Matters = Matters()


class Workload(WrittenModel):
    fields: list[FieldOfWork]


class DatedValue(WrittenModel):
    value: Number
    kind: Literal["list", "quoted", "estimated"]
    source: Source
    note: str = ""


class Assumption(WrittenModel):
    """A number that is neither an answer nor a price, from its day until the next."""

    id: Id
    name: Text
    unit: Text
    case: Flag = False
    min: Number | None = None
    max: Number | None = None
    help: str = ""
    values: Annotated[dict[Day, DatedValue], Field(min_length=1)]

    def on(self, day: date) -> DatedValue | None:
        """The value in force on a day; None before the first."""
        past = [since for since in self.values if since <= day]
        return self.values[max(past)] if past else None


class Assumptions(WrittenModel):
    not_counted: list[Text]
    assumptions: list[Assumption]


class Discount(WrittenModel):
    """A negotiated discount: which field gives it, when it counts, and what it applies to."""

    field: Id
    when: Lines
    purchases: list[Id]
    endpoints: Flag


class Provider(WrittenModel):
    id: Id
    name: Text
    managed_service: Text
    endpoint_service: Text
    regions: dict[Id, Id]
    known_regions: list[Id]
    starter_endpoint: Text
    managed_prefix: str = ""
    discount: Discount | None = None


class Purchase(WrittenModel):
    """A way to buy compute; without `when` it is shown and never chosen."""

    id: Id
    name: Text
    when: Lines | None = None
    hours: Literal["month", "used"]


class StorageTier(WrittenModel):
    id: Id
    also_called: list[str] = []


class Providers(WrittenModel):
    providers: Annotated[list[Provider], Field(min_length=2)]
    purchases: list[Purchase]
    storage_tiers: list[StorageTier]


class Equivalent(WrittenModel):
    accelerator: Text
    note: Text
    source: Source


class Accelerator(WrittenModel):
    id: Text
    also_called: list[str] = []
    equivalents: list[Equivalent] = []


class Accelerators(WrittenModel):
    accelerators: list[Accelerator]


class Article(WrittenModel):
    id: Id
    title: Text
    author: Text
    publisher: Text
    as_of: Day
    url: Annotated[str, Field(pattern=r"^https://\S+$")] | None = None
    note: str = ""


class Erratum(WrittenModel):
    """A claim of an article that is wrong, out of date or without a source, and what was found instead."""

    id: Id
    article: Id
    about: list[Id]
    says: Text
    finding: Literal["slip", "contradicted", "out-of-date", "unverified", "imprecise"]
    checked: Text
    source: Source
    show: Matters | None = None


class Errata(WrittenModel):
    articles: list[Article]
    errata: list[Erratum]


class YesNo(WrittenModel):
    """The words for yes and no of one language; `whole`: they count only where nothing else is said with them."""

    language: Text
    whole: Flag = False
    yes: list[Text]
    no: list[Text]


class Words(WrittenModel):
    """What a word does in a sentence, whatever the question."""

    filler: list[Text]
    courtesy: list[Text]
    away: list[Text]
    unsure: list[Text]
    hedge: list[Text]
    approximate: list[Text]
    bound: list[Text]
    vague: list[Text]
    negator: list[Text]
    polite: list[Text]
    naming: list[Text]
    correction: list[Text]
    change: list[Text]
    contrast: list[Text]
    blocker: list[Text]
    past: list[Text] = []
    telling: list[Text] = []
    because: list[Text] = []
    with_: list[Text] = Field(alias="with", default=[])
    and_: list[Text] = Field(alias="and")
    or_: list[Text] = Field(alias="or")
    asking: list[Text]
    real: list[Text]
    tag: list[Text]


class Commands(WrittenModel):
    """What somebody types to steer the conversation."""

    help: list[Text]
    back: list[Text]
    restart: list[Text]
    cancel: list[Text]
    typical: list[Text]
    numbers: list[Text]
    status: list[Text]


class SaidAnswer(WrittenModel):
    """The phrases for one answer, those that count only where nothing else is said, and the answers that together mean it."""

    id: Text
    phrases: list[Text]
    whole: list[Text] = []
    joins: list[Text] = []


class Elsewhere(WrittenModel):
    """Phrases that mean an answer only beside a word that says that there is nothing else."""

    means: Text
    alone: list[Text]
    phrases: list[Text]


class QuestionPhrases(WrittenModel):
    """How people answer one question. `asserted` and `denied`: the answers if its subject is affirmed or denied.

    `backing`: who is needed for a yes, so that none of them is a no. `minor`: what does not count.
    `purposes`: behind an answer, what it is for.
    """

    id: Id
    subjects: list[Text]
    frames: list[Text] = []
    asserting: list[Text] = []
    asserted: Text | None = None
    denied: Text | None = None
    counted: list[Text] = []
    places: list[Text] = []
    ignored: list[Text] = []
    doubted: list[Text] = []
    backing: list[Text] = []
    minor: list[Text] = []
    purposes: list[Text] = []
    answers: list[SaidAnswer]
    elsewhere: Elsewhere | None = None


class Phrases(WrittenModel):
    """What people type, and what it means."""

    spellings: dict[str, Text]
    endings: dict[str, Text]
    numbers: dict[str, Whole]
    references: list[Text]
    ordinals: list[Text]
    yes_no: list[YesNo]
    words: Words
    commands: Commands
    questions: list[QuestionPhrases]


def fill(text: str, values: dict[str, Any]) -> str:
    """The text with each `{name}` replaced by its value."""
    return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), text)
