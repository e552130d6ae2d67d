"""A verdict in another channel, and the form that posts it: the same first screen, with who asked, and on which prices it rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot import ids
from bot.reply.elements import (
    Block,
    Message,
    actions,
    button,
    context,
    divider,
    escape,
    input_block,
    mention,
    modal,
    section,
    short,
    text_input,
)
from bot.reply.verdict import first_screen
from bot.storage import Report
from bot.view import View
from bot.words import Words
from engine.advice import Advice

CHANNEL, NOTE = "channel", "note"
NOTE_CHARS = 300
CHOOSE = "choose"
AGAIN, DIRECT, UPDATE, LINES = "again", "direct", "update", "lines"
_RULES_CHARS = 7
_LISTED = 3


@dataclass(frozen=True)
class Basis:
    """How old the prices are that an advice rests on, and whose."""

    day: date
    prices: int
    stale: int
    sources: int
    oldest: str
    newest: str
    rules: str


def basis_of(advice: Advice) -> Basis:
    days = [price.figure.as_of for price in advice.prices if price.figure.as_of]
    return Basis(
        day=advice.day,
        prices=len(advice.prices),
        stale=sum(price.stale for price in advice.prices),
        sources=len({price.figure.source for price in advice.prices}),
        oldest=str(min(days)) if days else "undated",
        newest=str(max(days)) if days else "undated",
        rules=advice.rules_version[:_RULES_CHARS],
    )


@dataclass(frozen=True)
class Update:
    """What a report showed before: its verdict in one sentence, and what changed since."""

    by: str
    day: date
    was: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Reported:
    """Everything that a report says. `posted_by` is empty where nobody has posted it yet; `url` where its thread is private."""

    view: View
    basis: Basis
    private: tuple[str, ...]
    asked_by: str
    asked_on: date
    posted_by: str = ""
    url: str = ""
    note: str = ""
    update: Update | None = None


def private_names(advice: Advice, words: Words) -> tuple[str, ...]:
    """The private figures that somebody gave: they count, and are named."""
    return tuple(field.name for field in words.rulebook.fields if field.private and field.id in advice.case.given)


def report(said: Reported, report_id: str, key: str, words: Words) -> Message:
    """The first screen for another channel. `key` is new for every version: no block of an update may have the name of one before."""
    return _report(said, key, words, [_buttons(report_id)])


def _report(said: Reported, key: str, words: Words, last: Sequence[Block]) -> Message:
    poster = mention(said.posted_by) if said.posted_by not in ("", said.asked_by) else ""
    above = [section(words.talk("report_title", mention(said.asked_by), said.asked_on, poster, said.url))]
    above += [section("\n".join(_updated(said.update, words)))] if said.update else []
    above += [section(_note(said, words))] if said.note.strip() else []
    doubts = f"{said.view.confidence} {said.view.assumed_count}"
    rests = [words.talk("report_basis", said.basis)] + ([words.talk("report_private", said.private)] if said.private else [])
    return first_screen(said.view, key, above, doubts, [context(escape(" ".join(rests)))], last)


def _updated(update: Update, words: Words) -> list[str]:
    return [words.talk("report_updated", mention(update.by), update.day, escape(update.was)), *map(escape, update.changed)]


def _note(said: Reported, words: Words) -> str:
    lines = [escape(line) for line in short(said.note, NOTE_CHARS).splitlines() if line.strip()]
    return words.talk("report_note", mention(said.posted_by or said.asked_by), lines)


def _buttons(report_id: str) -> Block:
    update = button("Update", ids.action(ids.REPORTED, UPDATE), report_id, says="Show the newest verdict of this conversation here")
    lines = button("Lines and prices", ids.action(ids.REPORTED, LINES), report_id, says="Show every line and price, to you alone")
    return actions(f"report-{report_id}", update, lines)


def changed(update: Update, words: Words) -> Message:
    """The reply under a report that was updated, so that its readers see it."""
    text = "\n".join(_updated(update, words))
    return Message(f"Updated; was: {update.was}", (section(text),))


# -- the form ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """A report that stands somewhere. `same`: of the same verdict, not of an earlier one of its conversation."""

    channel: str
    by: str
    day: date
    same: bool
    url: str = ""

    @property
    def place(self) -> str:
        return place(self.channel)


@dataclass(frozen=True)
class Opening:
    """What a form to post a report opens with. `channel` is chosen already; `unknown` is what somebody typed for one."""

    metadata: str = ""
    private: bool = False
    channel: str = ""
    unknown: str = ""
    note: str = ""
    standing: tuple[Standing, ...] = ()


def report_form(said: Reported, opening: Opening, words: Words) -> Block:
    """Where to post, with a look at what."""
    pick = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    chosen = {"initial_conversation": opening.channel} if opening.channel else {}
    typed = text_input(NOTE, opening.note, "What should they know?", most=NOTE_CHARS, multiline=True)
    blocks = [
        *(section(warning) for warning in _warnings(opening, words)),
        input_block(CHANNEL, "Post to", pick | chosen, hint="A channel that I am a member of."),
        input_block(NOTE, "Your note", typed, optional=True),
        divider(),
        context(words.talk("report_preview", not opening.private)),
        *(_report(said, "preview", words, ()).plain or ()),
    ]
    return modal(ids.FORM_REPORT, "Post report", blocks, submit="Post", close="Cancel", metadata=opening.metadata)


def _warnings(opening: Opening, words: Words) -> list[str]:
    warnings = [words.talk("report_is_private")] if opening.private else []
    warnings += [words.talk("report_stands", opening.standing[-_LISTED:])] if opening.standing else []
    return warnings + ([words.talk("report_unknown_place", escape(opening.unknown))] if opening.unknown else [])


# -- around a report ---------------------------------------------------------------------------------------------------


def place(channel: str) -> str:
    """A channel as its readers see it; a person's id is where a direct message to them goes."""
    return f"<#{channel}>" if channel.startswith(("C", "G")) else "your direct message"


def outdated(reports: Sequence[Report], verdict_id: str, words: Words) -> list[Block]:
    """Under a new verdict: the reports elsewhere that show an earlier one, each with the button that updates it."""
    old = [each for each in reports if each.ts is not None and each.verdict != verdict_id][-_LISTED:]
    return [
        section(words.talk("report_outdated", place(each.channel)), block_id=f"old-{each.id}", accessory=_update_it(each)) for each in old
    ]


def _update_it(report: Report) -> Block:
    return button("Update it", ids.action(ids.REPORTED, UPDATE), report.id)


def not_taken(report: Report, why: str, *, updating: bool, private: bool, words: Words, claim: str = "") -> Message:
    """Slack did not take the report, `why`: what to do, and the buttons for it. `claim`: of a message of which nobody can tell."""
    text = words.talk("report_not_taken", place(report.channel), why, updating, private)
    value = ids.claimed(report.id, claim) if claim else report.id
    again = button("Try again", ids.action(ids.REPORTED, UPDATE if updating else AGAIN), value, style="primary")
    choose = button("Choose another channel", ids.action(ids.REPORT, CHOOSE), report.id)
    direct = button("Send it to me", ids.action(ids.REPORTED, DIRECT), report.id)
    buttons = [*([] if why == "closed" else [again]), choose, *([] if private or updating else [direct])]
    return Message(text, (section(text), actions(f"refused-{report.id}", *buttons)))
