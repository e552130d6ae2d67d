"""What people write in rules/asking/changes.yml. Shapes only; what the words mean is decided where they are used."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.knowledge import Text, WrittenModel

FILE = "asking/changes.yml"
Area = Literal["", "training", "serving"]


class NounWords(WrittenModel):
    """What a number can be of. `denied` and `asserted`: what it sets without a number; `with`: what a number of it needs.

    `beside`: only right behind its figure. `shares`: whether a share of it is so much of it.
    """

    input: Text | None = None
    by_area: dict[str, str] = Field(default={})
    units: list[str]
    area: Area = ""
    beside: bool = False
    shares: bool = True
    denied: dict[str, str] = Field(default={})
    asserted: dict[str, str] = Field(default={})
    with_: dict[str, str] = Field(alias="with", default={})
    names: list[Text]


class SettingWords(WrittenModel):
    """What a phrase sets by itself."""

    set: dict[str, str]
    area: Area = ""
    names: list[Text]


class UnclearWords(WrittenModel):
    """Words that could mean several inputs."""

    names: list[Text]
    say: list[Text]


class ScaleWords(WrittenModel):
    """What is said of everything at once."""

    names: list[Text]
    verbs: list[Text]


class ApieceWords(WrittenModel):
    """So many of `counted` in each of `of`; the `bare` words say so only where the number of those is said."""

    of: Text
    counted: Text
    names: list[Text]
    bare: list[Text]


class FootprintWords(WrittenModel):
    one: list[Text]
    none: list[Text]
    both: list[Text]


class ChangeWords(WrittenModel):
    """How people say what they would change."""

    skipped: list[Text]
    spellings: dict[str, Text]
    openers: list[Text]
    outcome: list[Text]
    supposing: list[Text]
    greetings: list[Text]
    asking: list[Text]
    leading: list[Text]
    fillers: list[Text]
    blockers: list[Text]
    costing: list[Text]
    negators: list[Text]
    up: list[Text]
    down: list[Text]
    by: list[Text]
    instead: list[Text]
    adding: list[Text]
    taking: list[Text]
    ending: list[Text]
    ranges: list[Text]
    apiece: ApieceWords
    joins: list[Text]
    from_: list[Text] = Field(alias="from")
    to: list[Text]
    scale: ScaleWords
    areas: dict[Area, list[Text]]
    nouns: list[NounWords]
    settings: list[SettingWords]
    footprint: FootprintWords
    unclear: list[UnclearWords]
    hours_unclear: list[Text]
