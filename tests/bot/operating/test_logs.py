"""The shape of the log: which fields a line has, and that libraries write in the same."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
import warnings
from typing import Any

from bot.logs import Carrying, bound
from tests.bot.operating.conftest import Terminal

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
COLOURS = re.compile(r"\x1b\[\d*m")
TOKEN = "xoxb-17653672481-abc"


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    """Each line without its moment, which must be one."""
    read = [json.loads(line) for line in written.getvalue().splitlines()]
    assert all(MOMENT.fullmatch(line.pop("timestamp")) for line in read)
    return read


def test_a_line_of_ours_and_one_of_a_library_have_the_same_shape(written: io.StringIO) -> None:
    with bound(request="5f2e", workspace="T1", conversation="c7", verdict="v9", job="show 12"):
        logging.getLogger("bot.jobs").warning("job %s went to another worker", 12)
        logging.getLogger("slack_bolt.example").info("Bolt says %s", "hello")  # Bolt sets the level of its own loggers as it likes
    ids = {"request": "5f2e", "workspace": "T1", "conversation": "c7", "verdict": "v9", "job": "show 12"}
    assert lines(written) == [
        {"level": "warning", "logger": "bot.jobs", "event": "job 12 went to another worker", **ids},
        {"level": "info", "logger": "slack_bolt.example", "event": "Bolt says hello", **ids},
    ]
    assert re.findall(r'"(\w+)":', written.getvalue().splitlines()[0]) == ["timestamp", "level", "logger", "event", *ids]


def test_ids_end_with_their_block_and_an_inner_block_adds_to_the_outer_one(written: io.StringIO) -> None:
    log = logging.getLogger("bot")
    with bound(workspace="T1", job="show 1"):
        with bound(job="show 2", verdict="v1"):
            log.info("inner")
        log.info("outer")
    log.info("after")
    own = {"level": "info", "logger": "bot"}
    assert lines(written) == [
        {**own, "event": "inner", "workspace": "T1", "verdict": "v1", "job": "show 2"},
        {**own, "event": "outer", "workspace": "T1", "job": "show 1"},
        {**own, "event": "after"},
    ]


def test_what_nobody_may_add_is_left_out(written: io.StringIO) -> None:
    logging.getLogger("some.library").info("called", extra={"user_name": "alex", "typed": "Acme"})
    assert lines(written) == [{"level": "info", "logger": "some.library", "event": "called"}]


def test_an_exception_is_its_kind_and_place(written: io.StringIO) -> None:
    try:
        raise ValueError(f"Acme {TOKEN}")
    except ValueError:
        logging.getLogger("bot").exception("reference 8255d66a", stack_info=True)
    [line] = lines(written)
    assert list(line) == ["level", "logger", "event", "exception", "stack"]
    assert line["exception"].splitlines()[-1] == "ValueError"
    assert TOKEN not in written.getvalue()


def test_one_record_is_one_line_whatever_it_holds(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning('a\n{"level": "critical"}\r\x1b[2J')
    assert lines(written) == [{"level": "warning", "logger": "some.library", "event": 'a\n{"level": "critical"}\r\x1b[2J'}]
    assert "\x1b" not in written.getvalue()


def test_a_warning_of_python_is_a_line_too(written: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"sent with token={TOKEN}", UserWarning, stacklevel=1)
        logging.captureWarnings(False)
    [line] = lines(written)
    assert (line["level"], line["logger"]) == ("warning", "py.warnings")
    assert "UserWarning: sent with token=[hidden]" in line["event"]


def test_what_fails_where_nobody_can_catch_it_is_a_line_too(written: io.StringIO) -> None:
    class Fails:
        def __del__(self) -> None:
            raise ValueError(TOKEN)

    Fails()
    [line] = lines(written)
    assert (line["level"], line["event"]) == ("critical", "nobody caught this")
    assert TOKEN not in written.getvalue()


def test_on_a_terminal_a_line_is_readable(on_terminal: Terminal) -> None:
    with bound(workspace="T1", job="show 12"):
        logging.getLogger("bot.jobs").warning("posted with %s\n\x1b[2Jand more", TOKEN)
    line = COLOURS.sub("", on_terminal.getvalue())
    assert MOMENT.sub("NOW", line) == "NOW [warning  ] posted with [hidden]??[2Jand more [bot.jobs] workspace=T1 job='show 12'\n"


def test_an_exception_on_a_terminal_has_no_text_either(on_terminal: Terminal) -> None:
    try:
        raise ValueError(f"Acme {TOKEN}")
    except ValueError:
        logging.getLogger("bot").exception("failed")
    shown = COLOURS.sub("", on_terminal.getvalue())
    assert shown.splitlines()[-1] == "ValueError"
    assert TOKEN not in shown


def test_work_that_is_handed_over_keeps_its_ids(written: io.StringIO) -> None:
    with Carrying(1) as threads:
        with bound(workspace="T1"):
            first = threads.submit(logging.getLogger("bot").info, "for %s", "T1")
        first.result()
        with bound(workspace="T2"):
            second = threads.submit(logging.getLogger("bot").info, "for T2")
        second.result()
    own = {"level": "info", "logger": "bot"}
    assert lines(written) == [{**own, "event": "for T1", "workspace": "T1"}, {**own, "event": "for T2", "workspace": "T2"}]


def test_who_only_writes_a_line_does_not_import_what_shapes_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, bot.logs; print('structlog' in sys.modules)"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
