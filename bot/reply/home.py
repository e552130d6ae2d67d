"""The Home tab: start, open conversations, my last verdicts, the age of the prices, settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot import ids
from bot.contract import verdict_of
from bot.conversation import Conversation
from bot.reply.elements import Block, actions, button, context, divider, escape, header, link, section
from bot.storage import Verdict
from bot.words import Words


@dataclass(frozen=True)
class PriceAge:
    """How old the catalogue is: its newest day, and how many prices are past their limit."""

    newest: str
    stale: int
    prices: int


@dataclass(frozen=True)
class Open:
    """A conversation that waits for an answer, with a link to its thread where Slack gave one."""

    conversation: Conversation
    waits_for: str
    url: str


def home(opened: Sequence[Open], verdicts: Sequence[Verdict], ages: PriceAge, *, may_edit: bool, words: Words) -> Block:
    """One person's Home. No `markdown` and no feedback here: the tab does not take them."""
    blocks = [header("AWS or Azure for AI work"), section(words.talk("hello")), _buttons(may_edit)]
    blocks += [divider(), section("*Open conversations*"), *(_open(each) for each in opened)] if opened else []
    blocks += [divider(), section("*Your last verdicts*")]
    blocks += [_past(each, words) for each in verdicts] or [context(words.talk("no_history"))]
    blocks += [divider(), context(words.talk("price_ages", ages)), context(words.talk("home_foot"))]
    return {"type": "home", "callback_id": "home", "blocks": blocks[:100]}


def _buttons(may_edit: bool) -> Block:
    settings = [button("Settings", ids.SETTINGS)] if may_edit else []
    return actions("home", button("Start the five questions", ids.START, style="primary"), *settings)


def _open(each: Open) -> Block:
    where = "a direct message" if each.conversation.private else f"<#{each.conversation.channel}>"
    accessory = link("Go there", each.url, ids.OPEN) if each.url else None
    return section(f"{where}: {escape(each.waits_for)}", block_id=f"open-{each.conversation.id}", accessory=accessory)


def _past(each: Verdict, words: Words) -> Block:
    line = words.talk("history_line", each, escape(verdict_of(each.outputs)), "")
    return section(line, block_id=f"home-{each.id}", accessory=button("Show", ids.SHOW, each.id))
