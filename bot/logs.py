"""The log: lines of JSON, readable ones on a terminal. Each goes through the filter that hides secrets, and says what it belongs to.

A line never says who did something or what they typed: no id of a person is written, not even hashed, and no figure.
structlog is imported where a log is set up, so that no command pays for it that writes none.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, Final, ParamSpec, TypeVar

from bot.redaction import Redaction
from engine.errors import printable

_IDS: Final = ("request", "workspace", "conversation", "verdict", "job")
# All that a line may hold, in this order; what a library adds to it is left out.
_FIELDS: Final = ("timestamp", "level", "logger", "event", *_IDS, "exception", "stack")
# Every statement and every request, where they speak below a warning.
_TALKATIVE: Final = ("sqlalchemy", "alembic", "httpx", "httpcore", "urllib3", "matplotlib")
_HOLD_REQUESTS: Final = ("slack_bolt", "slack_sdk", "websocket", "uvicorn", "gunicorn")
_Line = MutableMapping[str, Any]
_P = ParamSpec("_P")
_T = TypeVar("_T")
log = logging.getLogger(__name__)


def set_up_log(level: str, known: Sequence[str] = ()) -> None:
    """Lines on standard error; `known` are secrets to hide. Libraries never go below INFO: their DEBUG lines hold whole requests."""
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(on_terminal=handler.stream.isatty()))
    handler.addFilter(Redaction(known))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    lowest = logging.getLevelName(level)
    for names, least in ((_HOLD_REQUESTS, logging.INFO), (_TALKATIVE, logging.WARNING)):
        for name in names:
            logging.getLogger(name).setLevel(max(least, lowest))
    logging.captureWarnings(True)
    _retries_by_the_handlers()
    _catch_the_rest()


@contextmanager
def bound(
    *,
    request: str | None = None,
    workspace: str | None = None,
    conversation: str | None = None,
    verdict: str | None = None,
    job: str | None = None,
) -> Iterator[None]:
    """Each line written in the block carries these ids, those of libraries too. Nothing else can be bound: the rest may be personal."""
    from structlog.contextvars import bound_contextvars

    given = dict(zip(_IDS, (request, workspace, conversation, verdict, job), strict=True))
    with bound_contextvars(**{name: id for name, id in given.items() if id is not None}):
        yield


class Carrying(ThreadPoolExecutor):
    """Threads that know the ids which were bound where their work was handed over."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        here = copy_context()
        return super().submit(lambda: here.run(fn, *args, **kwargs))


def _formatter(on_terminal: bool) -> logging.Formatter:
    import structlog

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _as_filtered,
            _known_fields,
        ],
        processors=_readable() if on_terminal else [structlog.processors.JSONRenderer()],
    )


def _readable() -> list[Any]:
    from structlog.dev import ConsoleRenderer, plain_traceback

    return [_on_one_line, ConsoleRenderer(exception_formatter=plain_traceback, sort_keys=False, pad_event_to=0)]


def _as_filtered(_logger: Any, _method: str, line: _Line) -> _Line:
    """An exception as the filter left it: its kind and place. What the formatter is handed has its text."""
    hidden = {"exception": line["_record"].exc_text, "stack": line["_record"].stack_info}
    return {**line, **{name: text for name, text in hidden.items() if text}}


def _known_fields(_logger: Any, _method: str, line: _Line) -> _Line:
    return {name: line[name] for name in _FIELDS if name in line}


def _on_one_line(_logger: Any, _method: str, line: _Line) -> _Line:
    """Whatever a library was sent, it writes no line of its own making and no sign that moves the cursor."""
    return {**line, "event": printable(line["event"])}


def _retries_by_the_handlers() -> None:
    """What stamina says of further tries goes by the handlers; by itself it would write past them."""
    from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks

    set_on_retry_hooks([LoggingOnRetryHook])


def _catch_the_rest() -> None:
    """What nobody caught goes through the filter as well, instead of straight to standard error."""
    sys.excepthook = lambda kind, error, trace: _uncaught(error)
    sys.unraisablehook = lambda args: _uncaught(args.exc_value)
    threading.excepthook = lambda args: _uncaught(args.exc_value)


def _uncaught(error: Any) -> None:
    log.critical("nobody caught this", exc_info=error)
