"""What `whichcloud doctor` says, line by line: a bot that could serve, and each thing that can be wrong with one."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.doctor import examine
from bot.installing.sealing import Seals
from bot.manifest import read_manifest
from bot.sandbox.server import LocalSlack
from bot.storage import NewJob, open_database
from bot.storage.migrate import newest
from engine.errors import Problem, RulesError
from engine.load import load_rulebook
from tests.bot.terminal import Ran, run

ADDRESS, DEAD = "https://bot.example.com", "http://127.0.0.1:1/api/"
SECRET = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NEEDED = ["app_mentions:read", "assistant:write", "chat:write", "commands", "files:write", "im:history"]
OPTIONAL = ["channels:history", "groups:history"]
IN_SLACK = (
    "not checked app in Slack   what is set there cannot be seen from here. Under App Manifest it must show what "
    "`whichcloud manifest --http https://YOUR.HOST` prints, with https://YOUR.HOST/slack/events as request URL."
)
RULES = r"ok          rules          \d+ sound rules, \d+ prices, version [0-9a-f]{8}\."
PRICES = r"(warning|ok)     +prices         read \d+ to \d+ days ago; .*\."
cached_rulebook = cache(load_rulebook)
GIGABYTES = re.compile(r"\d+\.\d GB free, \d+\.\d MB")


@pytest.fixture(autouse=True)
def _rules_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.doctor.load_rulebook", cached_rulebook)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Sets these variables, and no other of the bot's."""
    for name in os.environ:
        if name.upper().startswith(("SLACK_", "WHICHCLOUD_")) or name.upper() in ("DATABASE_URL", "PORT", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")

    def put(**given: str) -> None:
        for name, value in given.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.fixture
def database(tmp_path: Path) -> None:
    """One that a bot has served before."""
    open_database(f"sqlite:///{tmp_path / 'bot.db'}", lambda: datetime.now(UTC)).close()


@contextmanager
def installed(environment: Callable[..., None], scopes: list[str] | None = None, **more: str) -> Iterator[LocalSlack]:
    """A local Slack that is the bot's."""
    with LocalSlack(manifest=read_manifest(), scopes=scopes, signing_secret=SECRET) as slack:
        environment(SLACK_BOT_TOKEN=slack.bot_token, WHICHCLOUD_SLACK_API=slack.api_url, **({"SLACK_SIGNING_SECRET": SECRET} | more))
        yield slack


def lines(ran: Ran) -> list[str]:
    """Each line, with the room on this disk as zeros; without the last two, which are about the rules."""
    assert ran.err == ""
    said = GIGABYTES.sub("0.0 GB free, 0.0 MB", ran.out).splitlines()
    assert re.fullmatch(RULES, said[-2])
    assert re.fullmatch(PRICES, said[-1])
    return said[:-2]


def line(ran: Ran, check: str) -> str:
    """The line about one thing."""
    [found] = [each for each in lines(ran) if each[12:27].strip() == check]
    return found


DATABASE = [
    f"ok          database       SQLite file bot.db, revision {newest()}, can be written.",
    "ok          disk           0.0 GB free, 0.0 MB written ahead.",
    "ok          jobs           0 wait; 0 failed.",
]


def test_a_bot_over_http_that_could_serve(environment: Callable[..., None], database: None) -> None:
    with installed(environment, NEEDED + OPTIONAL) as slack:
        ran = run("doctor")
        assert lines(ran) == [
            "ok          environment    one workspace, over HTTP at 127.0.0.1:3000.",
            "ok          signing secret looks like one; only a request of Slack can prove it.",
            f"ok          slack          {slack.api_url} answers.",
            "ok          clock          agrees with Slack's.",
            "ok          token          of whichcloud in Example Ltd (T0SANDBOX).",
            "ok          scopes         all 6 that are needed and 2 optional ones.",
            "ok          manifest       nothing is granted beyond it.",
            IN_SLACK,
            *DATABASE,
        ]
        assert ran.code == 0
        assert [call.method for call in slack.recorded] == ["auth.test"]
    assert [secret for secret in (slack.bot_token, SECRET) if secret in ran.out] == []


def test_a_bot_over_the_socket_that_could_serve(environment: Callable[..., None], database: None) -> None:
    with installed(environment, NEEDED) as slack:
        environment(SLACK_APP_TOKEN=slack.app_token)
        ran = run("doctor")
    assert ran.code == 0
    assert lines(ran)[0] == "ok          environment    one workspace, Socket Mode."
    assert lines(ran)[3:7] == [
        "ok          token          of whichcloud in Example Ltd (T0SANDBOX).",
        "warning     scopes         all that are needed; of the optional ones channels:history, groups:history are missing. Without them "
        "plain replies in channel threads need a mention, and a post that may be lost cannot be looked for there.",
        "ok          manifest       nothing is granted beyond it.",
        "ok          app token      opens connections.",
    ]
    assert line(ran, "app in Slack").endswith(" Under App Manifest it must show what `whichcloud manifest --socket` prints.")
    assert slack.app_token not in ran.out


def test_the_same_as_json(environment: Callable[..., None], database: None) -> None:
    with installed(environment, NEEDED) as slack:
        slack.faults.revoke_token()
        ran = run("doctor", "--format", "json")
    found = {each["check"]: each for each in json.loads(ran.out)}
    assert ran.code == 1
    assert found["token"] == {
        "check": "token",
        "state": "wrong",
        "found": "Slack does not take SLACK_BOT_TOKEN (token_revoked)",
        "fix": "Install the app again and copy the xoxb-… token under OAuth & Permissions.",
    }


# -- Slack -----------------------------------------------------------------------------------------------------------


def test_a_revoked_token(environment: Callable[..., None], database: None) -> None:
    with installed(environment) as slack:
        slack.faults.revoke_token()
        ran = run("doctor")
    assert ran.code == 1
    assert lines(ran)[2:7] == [
        f"ok          slack          {slack.api_url} answers.",
        "ok          clock          agrees with Slack's.",
        "wrong       token          Slack does not take SLACK_BOT_TOKEN (token_revoked). "
        "Install the app again and copy the xoxb-… token under OAuth & Permissions.",
        "not checked scopes         Slack did not say what is granted.",
        "not checked manifest       Slack did not say what is granted.",
    ]


def test_scopes_that_are_missing_and_one_too_many(environment: Callable[..., None], database: None) -> None:
    with installed(environment, [*NEEDED[2:], *OPTIONAL, "users:read"]):
        ran = run("doctor")
    assert ran.code == 1
    assert line(ran, "scopes") == (
        "wrong       scopes         missing: app_mentions:read, assistant:write. "
        "Add them under OAuth & Permissions and install the app again."
    )
    assert line(ran, "manifest") == (
        "warning     manifest       granted beyond it: users:read. Take them away under OAuth & Permissions, and install the app again."
    )


def test_slack_that_fails_now(environment: Callable[..., None], database: None) -> None:
    with installed(environment) as slack:
        slack.faults.break_down("auth.test")
        ran = run("doctor")
    assert ran.code == 0
    assert line(ran, "slack") == f"warning     slack          {slack.api_url} answers internal_error. Ask again in a few minutes."
    assert line(ran, "token") == "not checked token          Slack could not say."


@pytest.mark.parametrize("away", ["nobody there", "dropped"])
def test_slack_that_cannot_be_reached(environment: Callable[..., None], database: None, away: str) -> None:
    with installed(environment) as slack:
        if away == "dropped":
            slack.faults.drop("auth.test", when="before")
            address, kind = slack.api_url, "RemoteDisconnected"
        else:
            environment(WHICHCLOUD_SLACK_API=DEAD)
            address, kind = DEAD, "URLError"
        ran = run("doctor")
    assert ran.code == 1
    assert lines(ran)[2:7] == [
        f"wrong       slack          {address} cannot be reached ({kind}). Check the network, the proxy and the firewall of this machine.",
        "not checked clock          Slack was not reached.",
        "not checked token          Slack was not reached.",
        "not checked scopes         Slack was not reached.",
        "not checked manifest       Slack was not reached.",
    ]
    assert lines(ran)[8:] == DATABASE, "the rest is looked at all the same"


def test_told_to_stay_offline_it_calls_nobody(environment: Callable[..., None], database: None) -> None:
    with installed(environment) as slack:
        environment(SLACK_APP_TOKEN="xapp-1")
        ran = run("doctor", "--offline")
        assert slack.recorded == []
    assert ran.code == 0
    assert lines(ran)[1:6] == [
        f"not checked {check:<15}told to stay offline." for check in ("slack", "clock", "token", "scopes", "manifest")
    ]
    assert lines(ran)[6] == "not checked app token      told to stay offline."


@dataclass
class Dated(BaseHTTPRequestHandler):
    """A Slack whose clock is not ours."""

    date = ""

    def do_POST(self) -> None:
        body = json.dumps({"ok": True, "user": "whichcloud", "team": "Example Ltd", "team_id": "T1"}).encode()
        self.send_response_only(200)
        for name, value in (("Date", self.date), ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def dated(date: str) -> Iterator[str]:
    """The address of its API."""
    server = HTTPServer(("127.0.0.1", 0), type("Handler", (Dated,), {"date": date, "__init__": BaseHTTPRequestHandler.__init__}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


LATE = "From 300 s on every request of Slack is refused as too old. Set the clock from the network (NTP)."


@pytest.mark.parametrize(
    ("date", "state", "found", "fix"),
    [
        (NOW - timedelta(seconds=174), "wrong", "174 s ahead of Slack's", LATE),
        (NOW + timedelta(hours=1), "wrong", "3600 s behind Slack's", LATE),
        (NOW - timedelta(seconds=60), "ok", "agrees with Slack's", ""),
        (NOW + timedelta(seconds=60), "wrong", "60 s behind Slack's", LATE),
        (None, "not checked", "Slack did not say what time it is", ""),
    ],
    ids=["ahead", "behind", "just right", "just wrong", "no date"],
)
def test_clocks_that_are_apart(environment: Callable[..., None], date: datetime | None, state: str, found: str, fix: str) -> None:
    """The header is cut off to the second: it is taken for half a second later."""
    with dated(format_datetime(date, usegmt=True) if date else "never") as address:
        environment(SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET=SECRET, WHICHCLOUD_SLACK_API=address)
        [clock] = [each for each in examine(lambda: NOW) if each.check == "clock"]
    assert (clock.state, clock.found, clock.fix) == (state, found, fix)


# -- the environment -------------------------------------------------------------------------------------------------


def test_an_environment_that_is_not_complete(environment: Callable[..., None], database: None) -> None:
    environment(SLACK_SIGNING_SECRET=SECRET, WHICHCLOUD_SLACK_API=DEAD)
    ran = run("doctor")
    assert ran.code == 1
    assert lines(ran)[0] == (
        "wrong       environment    SLACK_BOT_TOKEN is not set. It is the xoxb-… token under OAuth & Permissions of your Slack app."
    )
    assert lines(ran)[-3:] == DATABASE


def test_values_that_cannot_be_read(environment: Callable[..., None]) -> None:
    environment(PORT="planted-1", WHICHCLOUD_SLACK_API="planted-2")
    ran = run("doctor")
    assert ran.code == 1
    assert [each[:28] for each in lines(ran)] == ["wrong       environment    P", "wrong       environment    W"]
    assert "planted" not in ran.out


SIGNING: dict[str, tuple[str, str]] = {
    SECRET: ("wrong", "SLACK_SIGNING_SECRET is the client secret"),
    "planted secret": ("warning", "SLACK_SIGNING_SECRET is not 32 digits from 0 to f, as Slack's are"),
    SECRET[::-1]: ("ok", "looks like one; only a request of Slack can prove it"),
}


@pytest.mark.parametrize(("secret", "expected"), SIGNING.items(), ids=["the client's", "a word", "one of its own"])
def test_a_signing_secret(environment: Callable[..., None], secret: str, expected: tuple[str, str]) -> None:
    environment(SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET=secret, SLACK_CLIENT_SECRET=SECRET)
    found = {each.check: each for each in examine(lambda: NOW, offline=True)}
    assert (found["signing secret"].state, found["signing secret"].found) == expected
    assert secret not in str([str(each) for each in found.values()])


def test_rules_that_do_not_hold_together(complete: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RulesError([Problem("phrases.yml", 3, "id", "is written twice. Keep one"), Problem("errata.yml", 1, "id", "is missing")])

    monkeypatch.setattr("bot.doctor.load_rulebook", broken)
    assert [str(each) for each in examine(lambda: NOW, offline=True)][-1] == (
        "wrong       rules          errata.yml:1: id: is missing, and 1 more. `whichcloud check` says all."
    )


def test_prices_from_the_future(complete: None) -> None:
    last = [str(each) for each in examine(lambda: datetime(2026, 1, 5, tzinfo=UTC), offline=True)][-1]
    assert last.startswith("wrong       rules          ")
    assert last.endswith(" more. `whichcloud check` says all.")


# -- many workspaces -------------------------------------------------------------------------------------------------

KEY, OLD_KEY, LOST_KEY = (Fernet.generate_key().decode() for _ in range(3))
MANY = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "of-the-app",
    "SLACK_SIGNING_SECRET": SECRET,
    "WHICHCLOUD_KEYS": f"{KEY},{OLD_KEY}",
    "WHICHCLOUD_URL": ADDRESS,
}


def install(tmp_path: Path, **by: str) -> None:
    """Installations by workspace, each sealed with a key."""
    database = open_database(f"sqlite:///{tmp_path / 'bot.db'}", lambda: NOW)
    for workspace, key in by.items():
        with database.workspace(workspace) as work:
            held = {"bot_token": "xoxb-planted", "bot_scopes": NEEDED if key != OLD_KEY else NEEDED[1:]}
            work.keep_installation(Seals([key]).seal(workspace, held), NOW + timedelta(hours=1))
    database.close()


def test_many_workspaces_whose_installations_open(environment: Callable[..., None], tmp_path: Path) -> None:
    environment(**MANY)
    install(tmp_path, T1=KEY, T2=OLD_KEY)
    with dated(format_datetime(NOW, usegmt=True)) as address:
        environment(WHICHCLOUD_SLACK_API=address)
        said = [str(each) for each in examine(lambda: NOW)]
    assert said[:5] == [
        f"ok          environment    many workspaces, over HTTP at 127.0.0.1:3000, from outside {ADDRESS}.",
        "ok          signing secret looks like one; only a request of Slack can prove it.",
        f"ok          slack          {address} answers.",
        "ok          clock          agrees with Slack's.",
        IN_SLACK.replace("https://YOUR.HOST", ADDRESS),
    ]
    assert said[-4:-2] == [
        "ok          installations  2, all opened by the keys, 1 of them sealed by an older key.",
        "warning     scopes         1 of 2 did not grant all that is needed: T2. Let those workspaces install again.",
    ]
    assert "planted" not in str(said)


def test_installations_that_no_key_opens(environment: Callable[..., None], tmp_path: Path) -> None:
    environment(**MANY)
    install(tmp_path, T1=KEY, T2=LOST_KEY, T3=LOST_KEY)
    assert line(run("doctor", "--offline"), "installations") == (
        "wrong       installations  2 of 3 are opened by no key: T2, T3. "
        "Put the key that sealed them back into WHICHCLOUD_KEYS, or let those workspaces install again."
    )


def test_tokens_that_nobody_renewed(environment: Callable[..., None], tmp_path: Path) -> None:
    environment(**MANY)
    install(tmp_path, T1=KEY)
    found = {each.check: str(each) for each in examine(lambda: NOW + timedelta(hours=2), offline=True)}
    assert found["installations"] == (
        "warning     installations  1 of 1 have a token that has ended. "
        "The bot renews them while it serves; where it does, its log says why one could not be."
    )


def test_keys_that_are_none_are_said_once(environment: Callable[..., None], tmp_path: Path) -> None:
    environment(**MANY | {"WHICHCLOUD_KEYS": "planted"})
    install(tmp_path, T1=KEY)
    ran = run("doctor", "--offline")
    assert lines(ran)[0].startswith("wrong       environment    WHICHCLOUD_KEYS: key 1 of 1 is no key. Make one: ")
    assert "planted" not in ran.out


# -- the database ----------------------------------------------------------------------------------------------------


def database_lines(after: timedelta = timedelta(0)) -> list[str]:
    """What is said of it, so much later."""
    said = [str(each) for each in examine(lambda: NOW + after, offline=True)]
    return [GIGABYTES.sub("0.0 GB free, 0.0 MB", each) for each in said if each[12:27].strip() in ("database", "disk", "jobs")]


def enqueue(tmp_path: Path, *keys: str) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'bot.db'}", lambda: NOW)
    for key in keys:
        with database.workspace("T1") as work:
            work.enqueue(NewJob(key=key, lane=f"lane:{key}", kind="show"))
    database.close()


@pytest.fixture
def complete(environment: Callable[..., None]) -> None:
    environment(SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET=SECRET)


def test_before_the_first_start_nothing_is_made(complete: None, tmp_path: Path) -> None:
    assert database_lines() == [
        "warning     database       SQLite file bot.db holds nothing yet. The first start of whichcloud serve makes the tables.",
        "ok          disk           0.0 GB free, 0.0 MB written ahead.",
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("revision", "expected"),
    [("0001", "warning     database       SQLite file bot.db has revision 0001. The next start of whichcloud serve brings it up."),
     ("9999", "wrong       database       SQLite file bot.db was written by a newer version of the bot (9999). "
      "Update the bot, or name another database in DATABASE_URL.")],
    ids=["behind", "ahead"],
)  # fmt: skip
def test_another_schema(complete: None, tmp_path: Path, revision: str, expected: str) -> None:
    import sqlite3

    enqueue(tmp_path)
    changed = sqlite3.connect(tmp_path / "bot.db")
    changed.execute("UPDATE alembic_version SET version_num = ?", [revision])
    changed.commit()
    changed.close()
    assert database_lines() == [expected, "ok          disk           0.0 GB free, 0.0 MB written ahead."]


def test_a_file_that_is_no_database(complete: None, tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_bytes(b"no database" * 1000)
    assert database_lines() == [
        "wrong       database       The database file is damaged or no SQLite database. "
        "Restore a backup, or name another file (SQLITE_NOTADB)."
    ]


def test_a_folder_that_is_missing(complete: None, environment: Callable[..., None], tmp_path: Path) -> None:
    environment(DATABASE_URL=f"sqlite:///{tmp_path / 'planted' / 'bot.db'}")
    assert database_lines() == [
        "wrong       database       The database file cannot be opened. Its folder must exist, and both must be writable for the bot."
    ]


def test_postgresql_that_is_away(complete: None, environment: Callable[..., None]) -> None:
    environment(DATABASE_URL="postgresql://bot:planted@127.0.0.1:1/bot")
    [said] = database_lines()
    assert said.startswith("wrong       database       The database does not answer. Check that it runs, ")
    assert "planted" not in said


def test_jobs_that_wait_are_counted(complete: None, tmp_path: Path) -> None:
    enqueue(tmp_path, "first", "second")
    assert database_lines(timedelta(seconds=40))[2] == "ok          jobs           2 wait, the oldest since 40 s; 0 failed."


def test_jobs_that_nobody_works_on(complete: None, tmp_path: Path) -> None:
    enqueue(tmp_path, "first")
    assert database_lines(timedelta(minutes=15))[2] == (
        "wrong       jobs           1 wait, the oldest since 15 min; 0 failed; nobody works on them. "
        "Start whichcloud serve, or whichcloud worker where WHICHCLOUD_WORKERS=0."
    )


def test_jobs_that_failed(complete: None, tmp_path: Path) -> None:
    enqueue(tmp_path, "first")
    database = open_database(f"sqlite:///{tmp_path / 'bot.db'}", lambda: NOW)
    with database.queue() as queue:
        taken = queue.take(20)
        assert taken is not None
        assert queue.end(taken, "failed", error="gave up")
    database.close()
    assert database_lines()[2] == ("warning     jobs           0 wait; 1 failed. `whichcloud jobs` says why, and retries or cancels them.")


def test_nothing_is_left_behind(complete: None, tmp_path: Path) -> None:
    from tests.bot.storage.kept import every_row

    enqueue(tmp_path, "first")
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    before = every_row(url)
    database_lines()
    assert every_row(url) == before
