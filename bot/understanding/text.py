"""A Slack message -> tokens: markup, entities and typing quirks are folded away. No meaning here."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

LINK = "link"  # stands for an address or a channel: a word that nobody knows
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_PERSON = re.compile(r"<[@!][^<>\n]{0,200}>")
_CHANNEL = re.compile(r"<#[^<>\n]{0,200}>")
_LABELLED = re.compile(r"<[a-z]{2,10}:[^<>|\n]{0,3000}\|([^<>\n]{0,3000})>", re.IGNORECASE)
_ADDRESS = re.compile(r"<?(?:https?://|mailto:|tel:)[^\s<>]{0,3000}>?", re.IGNORECASE)
_STRUCK = re.compile(r"(?<![\w~])~(?=[^\s~])[^~\n]{0,200}(?<=\S)~(?![\w~])")
_SKIN_TONE = re.compile(r":skin-tone-\d:|[\U0001f3fb-\U0001f3ff\ufe0f\u20e3]")
_QUOTED = re.compile(r"^>[^\n]*\n?", re.MULTILINE)
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_OR_MORE = re.compile(r"(?<=\d)\+(?!\s?\d)")
_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "ʼ": "'", "ı": "i"})
_DASHES = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "。": ".", "、": ",", "،": ",", "؟": "?", "؛": ";", "¿": " ", "¡": " "}
)
# Letters with the vowel signs that some scripts write as marks of their own.
_LETTER = r"(?:[^\W\d_]|[\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0980-\u0dff\u0e31-\u0e4e\u3099\u309a])"
_TOKEN = re.compile(
    rf"(?P<sign>:(?:[+-]1|[a-z][a-z0-9_+-]*):)|(?P<number>\d+(?:[.,]\d+)*)|(?P<word>{_LETTER}+(?:'{_LETTER}+)*)|(?P<mark>[^\s_*`'\"])"
    r"|(?P<line>\n)"
)
_BREAKS = frozenset(",;.!?()[]\n|")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a mark; `glued` where nothing stands between it and the token before."""

    text: str
    kind: Literal["sign", "number", "word", "mark", "break"]
    glued: bool = False


def plain(text: str) -> str:
    """What a person would say that they wrote: no markup, no entities, no struck words, no quoted lines."""
    text = _CODE.sub(f" {LINK} ", text)
    text = _PERSON.sub(" ", text)
    text = _CHANNEL.sub(f" {LINK} ", text)
    text = _LABELLED.sub(_label, text)
    text = _ADDRESS.sub(f" {LINK} ", text)
    text = html.unescape(text)
    text = _STRUCK.sub(" ", text)
    return _QUOTED.sub("", text) or text


def _label(match: re.Match[str]) -> str:
    """Slack makes addresses of what looks like one; a label that is no address is what the person typed."""
    return f" {LINK} " if re.search(r"[./@:]", match[1]) else f" {match[1]} "


def folded(text: str) -> str:
    """One way to write each letter: no case, no accents, plain apostrophes and dashes."""
    text = unicodedata.normalize("NFKC", _SKIN_TONE.sub("", text.translate(_APOSTROPHES))).casefold()
    text = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", text).translate(_APOSTROPHES).translate(_DASHES)


def tokens(text: str, spellings: Mapping[str, tuple[str, ...]], endings: Mapping[str, str]) -> list[Token]:
    """The tokens of a folded text, with short forms written out."""
    found: list[Token] = []
    end = -1
    text = _OR_MORE.sub(" or more ", text)
    for match in _TOKEN.finditer(text):
        kind, glued = match.lastgroup, match.start() == end and found[-1].kind in ("word", "number")
        end = match.end()
        if kind == "word":
            found += [Token(word, "word", glued and not at) for at, word in enumerate(_written_out(match[0], spellings, endings))]
        elif kind == "mark" and match[0] == "-":
            found += _dash(text, match.start(), glued)
            end = -1
        elif kind in ("mark", "line"):
            found.append(Token(match[0], "break" if match[0] in _BREAKS else "mark", glued))
        else:
            found.append(Token(match[0], "number" if kind == "number" else "sign", glued))
    return found


def _written_out(word: str, spellings: Mapping[str, tuple[str, ...]], endings: Mapping[str, str]) -> tuple[str, ...]:
    if word in spellings:
        return spellings[word]
    short = _DRAWN_OUT.sub(r"\1", word)
    for ending, full in endings.items():
        if short.endswith(ending) and len(short) > len(ending):
            return (short.removesuffix(ending), full)
    return spellings.get(short, (short,))


def _dash(text: str, at: int, glued: bool) -> list[Token]:
    """A hyphen inside a word is nothing, between numbers a range, before a number a sign, by itself a break."""
    before, after = text[at - 1 : at] or " ", text[at + 1 : at + 2] or " "
    if before.isdigit() and after.isdigit():
        return [Token("to", "mark")]
    if before.isspace() and after.isdigit():
        behind = text[:at].rstrip()[-1:]
        return [Token("to", "mark")] if behind.isdigit() else [Token("minus", "mark")]
    if before.isspace() and after.isspace():
        following = text[at + 1 :].lstrip()[:1]
        both = text[:at].rstrip()[-1:].isdigit() and following.isdigit()
        return [Token("to", "mark")] if both else [Token("-", "break")]
    return []
