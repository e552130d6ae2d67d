"""Keeps secrets and what people typed out of the log: a filter on every handler, over our own lines and those of the libraries."""

from __future__ import annotations

import logging
import re
from typing import Final

_HIDDEN: Final = "[hidden]"
_SECRETS: Final = (
    re.compile(r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9.-]+"),
    re.compile(r"xapp-[A-Za-z0-9.-]+"),
    re.compile(r"https?://[^\s\"']*/(?:actions|commands|response|hooks)/[^\s\"']+"),
    re.compile(r"wss?://[^\s\"']+"),
    re.compile(r"(?:postgres(?:ql)?|mysql)(?:\+\w+)?://[^\s\"']+"),
    re.compile(r"\b\d+\.\d+\.[0-9a-f]{32}\b"),  # a trigger id
)
_FIELDS: Final = re.compile(
    r"""(["']?(?:token|trigger_id|response_url|text|value|private_metadata|payload|body|x-slack-signature|authorization)["']?\s*[:=]\s*)"""
    r"""(?:b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\]|\\.)*'|[^\s,}&]+)""",
    re.IGNORECASE,
)
# Lines of the libraries that hold whole requests: only that they were written stays.
_WHOLE_BODIES: Final = ("slack_bolt.RequestVerification", "slack_bolt.SslCheck", "slack_sdk.webhook", "slack_sdk.web")


class Redaction(logging.Filter):
    """Rewrites each record before it is written; an exception's text too."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if record.name.startswith(_WHOLE_BODIES) and record.levelno < logging.WARNING:
            said = f"{said.partition(' ')[0]} … ({len(said)} characters, not written)"
        record.msg, record.args = redacted(said), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redacted(record.exc_text)
        return True


def redacted(text: str) -> str:
    for secret in _SECRETS:
        text = secret.sub(_HIDDEN, text)
    return _FIELDS.sub(lambda match: f"{match[1]}{_HIDDEN}", text)


def set_up_log(level: str) -> None:
    """Lines on standard error, every one through the filter. Libraries never go below INFO: their DEBUG lines hold whole requests."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(Redaction())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("slack_bolt", "slack_sdk", "sqlalchemy", "httpx", "httpcore", "urllib3", "websocket", "uvicorn", "gunicorn", "alembic"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level)))
