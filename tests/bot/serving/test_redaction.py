"""What the log filter hides, line by line as the libraries write them."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from bot.logs import set_up_log
from bot.redaction import Redaction, redacted

TYPED = "we lost the Acme contract"
KNOWN = ("9f8e7d6c5b4a39281706f5e4d3c2b1a0", "s3cr3t/p@ss", "s3cr3t")
BOT, APP, USER = "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzzqgy", "xapp-1-A02-3-f00dfeed", "xoxe.xoxp-1-Mi0yLTE"
TRIGGER, RESPOND = "13345224609.738474920.8088930838d88f008e0a1b2c3d4e5f60", "https://hooks.slack.com/actions/T1/2/3AbCdEf"

LEAKS = {
    "a bot's token": (f"posted with {BOT}", [BOT]),
    "a token at the end of a sentence": (f"the token is {BOT}.", [BOT]),
    "an app's token": (f"opened with {APP}", [APP]),
    "a token that rotates": (f"got {USER}", [USER, "Mi0yLTE"]),
    "a header": (f"headers {{'Authorization': 'Bearer {BOT}'}}", [BOT]),
    "a header without our token": ("Authorization: Bearer abc-def", ["abc-def"]),
    "a signature": ("X-Slack-Signature: v0=a2114d57b48eac39b9ad189dd8316235", ["a2114d57"]),
    "a trigger id": (f"views.open with {TRIGGER} failed", [TRIGGER]),
    "an address to respond to": (f"POST {RESPOND} failed", ["3AbCdEf"]),
    "an incoming webhook": ("POST https://hooks.slack.com/services/T1/B1/XyZ failed", ["XyZ"]),
    "the local Slack's": ("POST http://127.0.0.1:8321/response/0123456789abcdef failed", ["0123456789abcdef"]),
    "a socket's ticket": ("connecting to wss://wss-primary.slack.com/link/?ticket=abc&app_id=d", ["ticket", "abc"]),
    "a database's password": ("cannot connect to postgresql+psycopg://bot:pw1234@db/whichcloud", ["pw1234"]),
    "JSON": (f'got {{"type": "block_actions", "text": "{TYPED}", "ok": true}}', ["Acme"]),
    "JSON with quotes in it": ('got {"value": "they said \\"Acme\\" and left"}', ["Acme"]),
    "JSON in JSON": (f'{{"payload": "{{\\"text\\": \\"{TYPED}\\"}}"}}', ["Acme"]),
    "JSON in a repr of JSON": (f'\'{{\\"text\\": \\"{TYPED}\\"}}\'', ["Acme"]),
    "an object as a value": (f"body: {{'user': {{'name': '{TYPED}'}}}}", ["Acme"]),
    "a repr": (f"Message(text='{TYPED}', blocks=())", ["Acme"]),
    "a repr of bytes": (f"body=b'{TYPED}'", ["Acme"]),
    "a form": ("token=abc&text=we+lost+the+Acme+contract&user=U1", ["abc", "Acme"]),
    "a form's payload": ("payload=%7B%22text%22%3A%22Acme%22%7D", ["Acme"]),
    "words after a colon": (f"text: {TYPED}", ["Acme", "contract"]),
    "the signing secret by itself": (f"{KNOWN[0]} is wrong", [KNOWN[0]]),
    "a token beside a longer name": ('{"refresh_token": "abc-def", "ok": true}', ["abc-def"]),
    "an app's secret": ("client_secret=0f1e2d3c&client_id=1.2", ["0f1e2d3c"]),
    "the code of an installation": ("GET /slack/oauth_redirect?code=12.34.ab&state=f00d failed", ["12.34.ab", "f00d"]),
    "a sealed token": (f"cannot open gAAAAABn{'x7_-' * 10}==", ["x7_-"]),
    "a password by itself": ("FATAL: password s3cr3t/p@ss for user bot", ["s3cr3t", "p@ss"]),
}


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger whose lines all go through the filter, and what it wrote."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(Redaction(KNOWN))
    logger = logging.getLogger("slack_bolt.of.a.test")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.DEBUG)
    yield logger, written
    logger.handlers, logger.propagate = [], True
    logger.setLevel(logging.NOTSET)


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL], ids=logging.getLevelName)
@pytest.mark.parametrize(("line", "secrets"), LEAKS.values(), ids=LEAKS.keys())
def test_no_level_lets_a_secret_out(log: tuple[logging.Logger, io.StringIO], level: int, line: str, secrets: list[str]) -> None:
    logger, written = log
    logger.log(level, line.replace("%", "%%"), *())
    logger.log(level, "%s", line)
    assert written.getvalue().count("\n") == 2
    assert [secret for secret in secrets if secret in written.getvalue()] == []
    assert "[hidden]" in written.getvalue()


PLAIN = (
    "workspace Example Ltd, rules 1003dd70, socket",
    "told in a direct message: channel_not_found",
    "3 old conversations deleted",
    "the context was lost, the tokens of T1 are revoked",
    "unexpected KeyError, reference 8255d66a",
)


@pytest.mark.parametrize("line", PLAIN)
def test_a_line_of_ours_stays_as_it_is(line: str) -> None:
    assert redacted(line) == line


BODY = f"token=abc&user_name=alex&text={TYPED.replace(' ', '+')}"
WHOLE = {
    "slack_bolt.RequestVerification": f"Invalid request signature detected (signature: v0=1, timestamp: 1, body: {BODY})",
    "slack_sdk.webhook.client": f"Sending a request - url: {RESPOND}, body: {BODY}, headers: {{}}",
    "slack_sdk.web.base_client": f"{BODY}",
}


@pytest.mark.parametrize(("name", "line"), WHOLE.items(), ids=WHOLE.keys())
@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO], ids=logging.getLevelName)
def test_of_a_line_that_holds_a_request_only_its_length_is_written(name: str, line: str, level: int) -> None:
    record = logging.LogRecord(name, level, __file__, 1, "%s", (line,), None)
    assert Redaction().filter(record)
    assert record.getMessage() == f"a line of {len(line)} characters, not written"


def test_an_exception_is_written_as_its_kind_and_place(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    try:
        try:
            raise KeyError(TYPED)
        except KeyError as error:
            raise ValueError(f"no number: {TYPED}, {BOT}") from error
    except ValueError:
        logger.exception("reference 8255d66a")
    lines = written.getvalue()
    assert "reference 8255d66a" in lines
    assert [kind in lines.splitlines() for kind in ("KeyError", "ValueError")] == [True, True]
    assert "test_redaction.py" in lines
    assert "contract" not in lines
    assert BOT not in lines


def test_an_exception_as_an_argument_loses_its_secrets(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    logger.error("failed: %s", ValueError(f"Invalid header value b'Bearer {BOT}'"))
    logger.error("failed: %r", ValueError(BOT))
    assert BOT not in written.getvalue()


def test_a_stack_that_was_written_before_loses_its_secrets() -> None:
    record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "failed", (), None)
    record.exc_text, record.stack_info = f"ValueError: {BOT}", f"in call(token={BOT!r})"
    Redaction().filter(record)
    assert (record.exc_text, record.stack_info) == ("ValueError: [hidden]", "in call(token=[hidden])")


@pytest.mark.parametrize("arguments", [(TYPED, TYPED), ()], ids=["too many", "too few"])
def test_arguments_that_do_not_fit_are_not_written(
    log: tuple[logging.Logger, io.StringIO], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    logger, written = log
    logger.error("%s of %d", TYPED, *arguments)
    assert written.getvalue() == "ERROR slack_bolt.of.a.test: a line whose arguments do not fit, not written\n"
    assert capsys.readouterr().err == ""


def test_causes_that_go_in_a_circle_are_written_once(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    logger.error("failed", exc_info=first)
    assert written.getvalue().splitlines()[1:] == ["KeyError", "ValueError"]


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log of a process, written where the test can read it; everything as before at the end."""
    import threading

    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root, hooks = logging.getLogger(), (sys.excepthook, sys.unraisablehook, threading.excepthook)
    handlers, level = [*root.handlers], root.level
    set_up_log("INFO", KNOWN)
    yield written
    root.handlers[:], root.level = handlers, level
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    logging.captureWarnings(False)


def test_libraries_never_write_what_they_send(set_up: io.StringIO) -> None:
    for name in ("slack_sdk.web.base_client", "slack_bolt.App", "sqlalchemy.engine.Engine", "urllib3.connectionpool", "gunicorn.error"):
        logging.getLogger(name).debug(TYPED)
    logging.getLogger("sqlalchemy.engine.Engine").info("SELECT 1")
    assert set_up.getvalue() == ""


def test_what_nobody_caught_goes_through_the_filter(set_up: io.StringIO) -> None:
    import threading

    def fails() -> None:
        raise ValueError(f"{TYPED} {BOT}")

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    line = json.loads(set_up.getvalue())
    assert (line["level"], line["logger"], line["event"]) == ("critical", "bot.logs", "nobody caught this")
    assert line["exception"].splitlines()[-1] == "ValueError"
    assert "contract" not in set_up.getvalue()
    assert BOT not in set_up.getvalue()
