"""Keeps secrets and what people typed out of the log: a filter on every handler, over our own lines and those of the libraries."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator, Sequence
from typing import Final

_HIDDEN: Final = "[hidden]"
_SHORTEST: Final = 4  # of a secret that is looked for letter by letter; a shorter one would hide half of every line
_SECRETS: Final = (
    re.compile(r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9.-]+"),
    re.compile(r"xapp-[A-Za-z0-9.-]+"),
    re.compile(r"https?://hooks\.slack[^\s\"']+"),
    re.compile(r"https?://[^\s\"']*/(?:actions|commands|response|hooks|upload)/[^\s\"']+"),
    re.compile(r"wss?://[^\s\"']+"),
    re.compile(r"(?:postgres(?:ql)?|mysql)(?:\+\w+)?://[^\s\"']+"),
    re.compile(r"\b\d+\.\d+\.[0-9a-f]{16,64}\b"),  # a trigger id
    re.compile(r"(?<=[?&])(?:code|state)=[^&\s\"']+"),  # of an installation under way
    re.compile(r"\bgAAAA[\w-]{20,}=*"),  # a sealed token
)
# A field in JSON, in a form or in a repr: its quoted value, else everything up to the next field of a form or the end of the line.
_FIELDS: Final = re.compile(
    r"""((?<!\w)(?:(?:access_|refresh_|bot_|user_|app_)?token|client_secret|password|trigger_id|response_url|text|value|private_metadata"""
    r"""|payload|body|x-slack-signature|authorization)\\*["']?\s*[:=]\s*)"""
    r"""(?:b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\]|\\.)*'|[^&\n]+)""",
    re.IGNORECASE,
)
# Lines of the libraries that hold whole requests: only that they were written stays.
_WHOLE_BODIES: Final = ("slack_bolt.RequestVerification", "slack_bolt.SslCheck", "slack_sdk.webhook", "slack_sdk.web")


class Redaction(logging.Filter):
    """Rewrites each record before it is written. `known` are secrets that are hidden wherever they stand."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        super().__init__()
        # The longest first: a password may be part of another secret.
        self._known = sorted((each for each in known if len(each) >= _SHORTEST), key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        said = _said(record)
        if record.name.startswith(_WHOLE_BODIES) and record.levelno < logging.WARNING:
            said = f"a line of {len(said)} characters, not written"
        record.msg, record.args = self._hidden(said), ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = self._hidden("\n".join(_places(record.exc_info[1])))
        elif record.exc_text:
            record.exc_text = self._hidden(record.exc_text)
        if record.stack_info:
            record.stack_info = self._hidden(record.stack_info)
        return True

    def _hidden(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, _HIDDEN)
        return redacted(text)


def redacted(text: str) -> str:
    for secret in _SECRETS:
        text = secret.sub(_HIDDEN, text)
    return _FIELDS.sub(lambda match: f"{match[1]}{_HIDDEN}", text)


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # else the logging module prints the arguments as they are
        return "a line whose arguments do not fit, not written"


def _places(error: BaseException) -> Iterator[str]:
    """Where an exception came from and what kind it is, the first cause first. Its text stays out: it may quote what a person typed."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    for each in reversed(seen):
        yield "".join(traceback.format_tb(each.__traceback__)) + type(each).__name__
