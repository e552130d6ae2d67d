"""An answer to a question: what is known, what it rests on, and what could be asked next, as buttons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot import ids
from bot.qa.answer import Answer, Cited
from bot.reply.elements import SECTION_CHARS, Block, Message, actions, button, context, escape, mention, sections, short, within_limits
from bot.words import Words

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_ITEM = re.compile(r"^- ", re.MULTILINE)
_PERSON = re.compile(r"&lt;(@[UW][A-Z0-9]{1,20})&gt;")  # who gave an answer; what people type never comes this far
_FENCE = "```"
_CODE_CHARS = SECTION_CHARS - 2 * len(_FENCE)
_MOST_SOURCES = 4
_NOTICE_CHARS = 150


def answer_message(answer: Answer, words: Words, *, asked: str = "", by: str = "", branch: str = "") -> Message:
    """`asked` and `by`: the question and who asked, where the thread does not show it. `branch`: the value of the buttons that adopt
    or drop a what-if."""
    first = [context(words.talk("asked", mention(by), escape(short(asked, 300))))] if asked else []
    choices = [*_branch_buttons(branch), *_suggestions(answer.suggestions)]
    last = [*_sources(answer.sources, words), *([actions("asked", *choices)] if choices else [])]
    body = sections(mrkdwn_parts(answer.text))
    return Message(short(_notice(answer.text), _NOTICE_CHARS), (*within_limits([*first, *body], last),))


def mrkdwn_parts(text: str) -> list[str]:
    """Markdown as Slack writes it, a paragraph or a block of code each; an empty line stands between them."""
    return list(_parts(text))


def _parts(text: str) -> Iterator[str]:
    for at, part in enumerate(text.split(_FENCE)):
        if at % 2:
            language, _, code = part.partition("\n")
            yield from (f"{_FENCE}{piece}{_FENCE}" for piece in _pieces(escape(code or language)))
        else:
            yield from (f"{_marked_up(paragraph)}\n" for paragraph in part.strip().split("\n\n") if paragraph.strip())


def _pieces(code: str) -> Iterator[str]:
    """As many lines at a time as one section holds with its fences."""
    piece = ""
    for line in code.splitlines(keepends=True):
        if len(piece) + len(line) > _CODE_CHARS:
            yield piece
            piece = ""
        piece += line[:_CODE_CHARS]
    yield piece


def _marked_up(paragraph: str) -> str:
    return _PERSON.sub(r"<\1>", _ITEM.sub("• ", _BOLD.sub(r"*\1*", escape(paragraph))))


def _notice(text: str) -> str:
    """What a notification and a screen reader say: the first paragraph without marks."""
    return " ".join(text.split("\n\n", 1)[0].replace("**", "").replace("`", "").split())


def _sources(sources: Iterable[Cited], words: Words) -> list[Block]:
    """The newest first; what is known of each stands behind it."""
    ordered = sorted(sources, key=lambda source: str(source.as_of or ""), reverse=True)
    if not ordered:
        return []
    named = [escape(short(words.talk("cited", source), 200)) for source in ordered[:_MOST_SOURCES]]
    return [context(words.talk("sources", named, len(ordered) - len(named)))]


def _branch_buttons(branch: str) -> list[Block]:
    if not branch:
        return []
    return [button("Use these numbers", ids.ADOPT, branch, style="primary"), button("Drop it", ids.DROP, branch)]


def _suggestions(questions: Iterable[str]) -> list[Block]:
    return [button(question, ids.action(ids.ASKED, at), question) for at, question in enumerate(questions)]
