"""rich_text blocks -> safe HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from bot.sandbox.mrkdwn import EMOJI, Directory, channel, date, everyone, link, person

_STYLES = {"bold": "strong", "italic": "em", "strike": "s", "underline": "u", "code": "code"}
Piece = Mapping[str, Any]


def rich_text(block: Mapping[str, Any], directory: Directory) -> Markup:
    """A rich_text block, as a block of its own or as a cell of a table."""
    return Markup("").join(_part(part, directory) for part in block.get("elements", ()))


def _part(part: Piece, directory: Directory) -> Markup:
    kind = part.get("type")
    if kind == "rich_text_list":
        return _list(part, directory)
    drawn = inline(part.get("elements", ()), directory)
    frame = {"rich_text_preformatted": "<pre>{}</pre>", "rich_text_quote": "<blockquote>{}</blockquote>"}
    return Markup(frame.get(str(kind), "<p>{}</p>")).format(drawn)


def _list(part: Piece, directory: Directory) -> Markup:
    ordered = part.get("style") == "ordered"
    items = Markup("").join(Markup("<li>{}</li>").format(inline(item.get("elements", ()), directory)) for item in part["elements"])
    indent = min(int(part.get("indent", 0)), 8)
    if ordered:
        return Markup('<ol class="indent-{}" start="{}">{}</ol>').format(indent, int(part.get("offset", 0)) + 1, items)
    return Markup('<ul class="indent-{}">{}</ul>').format(indent, items)


def inline(pieces: Sequence[Piece], directory: Directory) -> Markup:
    return Markup("").join(_pieces(pieces, directory))


def _pieces(pieces: Sequence[Piece], directory: Directory) -> Iterator[Markup]:
    for piece in pieces:
        drawn = _DRAWN.get(str(piece.get("type")), _unknown)(piece, directory)
        style = piece.get("style")
        for name, tag in _STYLES.items():
            if isinstance(style, Mapping) and style.get(name):
                drawn = Markup(f"<{tag}>{{}}</{tag}>").format(drawn)
        yield drawn


def _text(piece: Piece, directory: Directory) -> Markup:
    return Markup("<br>").join(str(piece.get("text", "")).split("\n"))


def _link(piece: Piece, directory: Directory) -> Markup:
    return link(piece.get("url"), str(piece.get("text") or piece.get("url", "")))


def _emoji(piece: Piece, directory: Directory) -> Markup:
    name = str(piece.get("name", ""))
    return escape(EMOJI.get(name, f":{name}:"))


def _date(piece: Piece, directory: Directory) -> Markup:
    return date(piece.get("timestamp"), str(piece.get("format", "")), str(piece.get("fallback", "")), directory, piece.get("url", ""))


def _unknown(piece: Piece, directory: Directory) -> Markup:
    return escape(piece.get("text", ""))


_DRAWN: Mapping[str, Callable[[Piece, Directory], Markup]] = {
    "text": _text,
    "link": _link,
    "emoji": _emoji,
    "date": _date,
    "user": lambda piece, directory: person(str(piece.get("user_id", "")), directory),
    "channel": lambda piece, directory: channel(str(piece.get("channel_id", "")), directory),
    "usergroup": lambda piece, _: everyone(str(piece.get("usergroup_id", ""))),
    "broadcast": lambda piece, _: everyone(str(piece.get("range", ""))),
}
