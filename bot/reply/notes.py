"""Shorter messages and forms: help, prices, calculations, the history, asking a question."""

from __future__ import annotations

from collections.abc import Sequence

from bot import ids
from bot.contract import verdict_of
from bot.conversation import Conversation
from bot.reply.elements import (
    Block,
    Message,
    actions,
    button,
    confirm,
    context,
    escape,
    fitting_rows,
    input_block,
    modal,
    section,
    sections,
    short,
    table,
    text_input,
    within_limits,
)
from bot.reply.verdict import chart, chart_in_words, plans_as_fields, plans_table
from bot.storage import Verdict
from bot.view import Table, View
from bot.words import Words

CHANNEL = "channel"
QUESTION = "question"


def help_message(words: Words, before: str = "") -> Message:
    """What there is to type and to press; `before` says what was not understood."""
    text = words.talk("help")
    first = [section(before)] if before else []
    start = actions("help", button("Start the five questions", ids.START, style="primary"))
    return Message("How to ask whichcloud", within_limits([*first, *sections(text.split("\n\n"))], (start,)))


def tables(tables_: Sequence[Table], notes: Sequence[str], key: str) -> list[Message]:
    """Tables of prices, one message each, because Slack takes one table in a message; the notes stand under the last."""
    messages = [_tabled(each, f"{key}-{at}") for at, each in enumerate(tables_)]
    last = messages[-1]
    under = [context(escape(short(note, 1_900))) for note in notes]
    messages[-1] = Message(last.text, within_limits([*last.blocks, *under]), within_limits([*(last.plain or ()), *under]))
    return messages


def _tabled(shown: Table, key: str) -> Message:
    rows = [row.cells for row in shown.rows]
    left = len(rows) - fitting_rows(shown.heads, rows)
    title = [section(f"*{escape(shown.title)}*")] if shown.title else []
    rest = [context(f"{left} more rows do not fit into a message.")] if left else []
    strong = [at for at, row in enumerate(shown.rows) if row.strong]
    native = [*title, table(key, shown.heads, rows, strong=strong, right=False), *rest]
    plain = [*title, *sections("• " + "; ".join(escape(cell) for cell in row if cell) for row in rows)]
    return Message(shown.title or "The calculation", within_limits(native), within_limits(plain))


# -- the history -------------------------------------------------------------------------------------------------------


def history(verdicts: Sequence[tuple[Verdict, Conversation | None]], words: Words) -> Message:
    """The newest verdicts of one person, each with a button."""
    if not verdicts:
        return Message(words.talk("no_history"), (section(words.talk("no_history")),))
    blocks = [_past(verdict, conversation, words) for verdict, conversation in verdicts]
    return Message("Your verdicts", within_limits([section("*Your verdicts*, newest first"), *blocks]))


def _past(verdict: Verdict, conversation: Conversation | None, words: Words) -> Block:
    where = f"<#{conversation.channel}>" if conversation and not conversation.private else "a direct message"
    line = words.talk("history_line", verdict, escape(verdict_of(verdict.outputs)), where)
    return section(line, block_id=f"past-{verdict.id}", accessory=button("Show", ids.SHOW, verdict.id))


def old_verdict(view: View, verdict_id: str) -> Message:
    """A verdict as it was given, without buttons that would change it."""
    first = section(f"*{escape(view.headline)}* {escape(view.headline_reason)}")
    buying = section(f"{escape(view.buying)}\n{escape(view.scale)}")
    when = context(f"As of {view.as_of}. {escape(view.confidence)} {escape(view.assumed_count)}")
    key = f"old-{verdict_id}"
    native = [first, buying, plans_table(view, key), *chart(view, key), when]
    plain = [first, buying, *plans_as_fields(view.plans), when]
    return Message(f"{view.headline} {view.headline_reason}", within_limits(native), within_limits(plain), chart_in_words(view))


# -- asking and forgetting ---------------------------------------------------------------------------------------------


def ask_form(metadata: str) -> Block:
    hint = "Such as: why, why not, what would flip it, footprint is both, prices H100, cost egress --from PLACE --gb 20000."
    field = input_block(QUESTION, "Ask or tell", text_input(QUESTION, most=1_000, multiline=True), hint=hint)
    return modal(ids.FORM_ASK, "Ask", [field], submit="Ask", close="Cancel", metadata=metadata)


def forget(words: Words) -> Message:
    text = words.talk("forget_ask")
    sure = confirm("Forget me?", "This deletes your conversations and verdicts for good.", "Delete", "Keep")
    return Message("Forget me?", (section(text), actions("forget", button("Forget me", ids.FORGET, style="danger", confirm=sure))))
