"""What fails for good, comes too fast, or comes again: nobody is left without a word, nothing of theirs is lost, and nothing comes back."""

from __future__ import annotations

import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App, BoltRequest, BoltResponse

from bot.app import build_app, build_client
from bot.buckets import Rate
from bot.desk import Desk
from bot.fairness import Fairness
from bot.storage import Database, Workspace
from bot.storage.errors import as_sqlite_says
from bot.storage.queue import Listed
from engine.rulebook import Rulebook
from tests.bot.slack.conftest import checked
from tests.bot.slack.harness import Bot, action_ids, texts
from tests.bot.slack.hostile import TEAM, click, command, conversation_in, event, interact, signed, submission
from tests.bot.storage.kept import at_once, every_row, rows_that_mention


@pytest.fixture
def place(bot: Bot) -> tuple[str, str]:
    return bot.person("alex"), bot.channel("ml-platform")


def failed(bot: Bot) -> list[tuple[str, str]]:
    with bot.database.queue() as queue:
        return [(job.kind, job.error) for job in queue.listed(["failed"], 9)]


def texts_for(bot: Bot, user: str) -> list[str]:
    """What stands in the direct message of a person."""
    return [texts(message.blocks) for message in bot.slack.world.messages.get(bot.direct(user), [])]


# -- what fails for good -----------------------------------------------------------------------------------------------


def test_a_channel_that_is_archived_on_the_way_is_told_in_a_direct_message(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    question = bot.button(alex, channel, thread, "answer:footprint:aws")
    bot.slack.world.channels[channel].archived = True
    id = conversation_in(bot, channel, thread).id
    interact(bot, click(alex, "answer:footprint:aws", f"{id}:1", channel, thread))
    assert texts_for(bot, alex)[-1].startswith(f"<#{channel}> does not take posts from me")
    assert failed(bot) == []
    assert question.blocks


@pytest.mark.parametrize("code", ["user_disabled", "is_archived"])
def test_what_nobody_can_be_told_of_is_for_the_operator_to_see(rulebook: Rulebook, tmp_path: Path, code: str) -> None:
    with checked(rulebook, tmp_path) as bot:
        alex = bot.person("alex")
        direct = bot.direct(alex)
        thread = bot.start(alex, direct)
        bot.settled()
        for method in ("chat.postMessage", "chat.postEphemeral"):
            bot.slack.faults.fail(method, code, times=9)
        interact(bot, click(alex, "answer:footprint:aws", f"{conversation_in(bot, direct, thread).id}:1", direct, thread))
        assert failed(bot) == [("show", f"nobody could be told what went wrong: {code}")]
        bot.logged.clear()


def test_a_detail_whose_post_is_doubtful_is_posted_by_the_button(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.quick(alex, channel)
    bot.settled()
    before = len(bot.thread(channel, thread, alex))
    bot.slack.faults.break_down("chat.postMessage")
    bot.press(alex, channel, thread, "detail:why")
    bot.settled()
    (note,) = [m for m in bot.slack.world.messages[channel] if "again:0" in action_ids(m.blocks)]
    for _ in range(2):  # pressed twice, it is posted once
        bot.slack.click(alex, note.ts, channel, "again:0")
        bot.settled()
    posted = [m for m in bot.thread(channel, thread, alex)[before:] if not m.ephemeral_to]
    assert len(posted) == len([slot for slot in slots(bot, channel, thread) if ".why." in slot]) > 0


def slots(bot: Bot, channel: str, thread: str) -> list[str]:
    id = conversation_in(bot, channel, thread).id
    with bot.database.workspace(TEAM) as work:
        return [slot for slot, post in work.posts_of(id).items() if post.state == "posted"]


# -- forgotten ---------------------------------------------------------------------------------------------------------


def test_who_is_forgotten_is_told_so_where_no_response_url_works(bot: Bot, tmp_path: Path, place: tuple[str, str]) -> None:
    alex, channel = place
    bot.start(alex, channel)
    bot.settled()
    interact(bot, click(alex, "forget", "", None))
    assert [said.startswith("Forgotten") or "conversation" in said for said in texts_for(bot, alex)] == [True]
    assert [each for each in every_row(f"sqlite:///{tmp_path / 'bot.db'}")["jobs"] if alex in str(each)] == []


def test_nothing_comes_back_of_who_is_forgotten_while_their_jobs_run(
    bot: Bot, tmp_path: Path, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alex, channel = place
    thread = bot.start(bot.person("bo"), channel)
    bot.settled()
    begin, act = Desk.begin, Desk.act

    def forget() -> None:
        with bot.database.workspace(TEAM) as work:
            work.forget_user(alex)

    def begins_late(desk: Desk, *given: Any) -> Any:
        forget()
        return begin(desk, *given)

    def acts_late(desk: Desk, *given: Any) -> Any:
        forget()
        return act(desk, *given)

    monkeypatch.setattr(Desk, "begin", begins_late)
    monkeypatch.setattr(Desk, "act", acts_late)
    id, left = conversation_in(bot, channel, thread).id, partial(rows_that_mention, f"sqlite:///{tmp_path / 'bot.db'}", alex)
    interact(bot, click(alex, "answer:footprint:aws", f"{id}:1", channel, thread))
    assert [row for row in left() if not row.startswith("lanes")] == []
    command(bot, alex, channel, "")
    assert [row for row in left() if not row.startswith("lanes")] == []


def test_nothing_comes_back_of_a_workspace_that_leaves_while_its_jobs_run(
    bot: Bot, tmp_path: Path, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alex, channel = place
    begin = Desk.begin

    def begins_late(desk: Desk, *given: Any) -> Any:
        with bot.database.workspace(TEAM) as work:
            work.forget_workspace()
        return begin(desk, *given)

    monkeypatch.setattr(Desk, "begin", begins_late)
    command(bot, alex, channel, "")
    tables = every_row(f"sqlite:///{tmp_path / 'bot.db'}")
    assert [(name, row) for name, rows in tables.items() for row in rows if row.get("workspace")] == []


# -- too fast ----------------------------------------------------------------------------------------------------------

ONE = Rate(1, 1 / 3600)


def hurried(bot: Bot) -> Bot:
    """The same bot, where everybody may do nothing more for an hour: the first act is over."""
    office = replace(bot.office, fairness=Fairness(ONE, Rate(100_000, 100_000)))
    app = build_app(office, build_client(office.settings))
    bot.slack.connect_app(app)
    alex = bot.person("alex")
    office.fairness.may(TEAM, alex)
    return replace(bot, app=app, office=office)


def test_a_form_that_comes_too_fast_stays_open_with_what_was_typed(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.quick(alex, channel)
    bot.press(alex, channel, thread, "numbers:refine")
    form = bot.form(alex)
    slow = hurried(bot)
    slow.submit(alex, gpus="64")
    assert [
        error.startswith("That was faster than I keep up with") or "seconds" in error or "again" in error for error in form.errors.values()
    ] == [True]
    assert bot.slack.world.top_view(alex) is not None
    bot.settled()
    assert "gpus" not in conversation_in(bot, channel, thread).workload


def test_presses_that_open_forms_count_as_well_and_are_told_once(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.quick(alex, channel)
    bot.settled()
    opened = len(bot.calls("views.open"))
    slow = hurried(bot)
    for _ in range(3):
        slow.press(alex, channel, thread, "numbers:refine")
        slow.press(alex, channel, thread, "ask")
        slow.command(alex, channel, "quick")
    slow.settled()
    assert (len(bot.calls("views.open")), len(bot.told(alex, channel))) == (opened, 1)


def test_whoever_floods_on_is_not_looked_at_any_more_and_nothing_unsigned_is_taken_for_theirs(
    bot: Bot, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once they were told. A form still stays open, with what was typed."""
    alex, channel = place
    thread = bot.quick(alex, channel)
    bot.press(alex, channel, thread, "numbers:refine")
    bot.settled()
    slow = hurried(bot)
    looked_at: list[str] = []
    dispatch = App.dispatch

    def seen(self: App, req: BoltRequest) -> BoltResponse:
        looked_at.append(str(req.body.get("type") or req.body.get("command")))
        return dispatch(self, req)

    monkeypatch.setattr(App, "dispatch", seen)
    for _ in range(3):
        slow.command(alex, channel, "help")
        slow.press(alex, channel, thread, "detail:why")
        mentioned = {"type": "app_mention", "user": alex, "text": "hi", "ts": f"{time.time():.6f}", "channel": channel}
        assert event(slow, mentioned, event_id=f"Ev{time.monotonic_ns()}").status == 200
    slow.settled()
    assert (looked_at, len(bot.told(alex, channel))) == (["/whichcloud"], 1)
    body = urlencode({"payload": json.dumps(click(alex, "detail:why", "", channel, thread))})
    assert signed(slow, body, secret="f" * 32).status == 401
    slow.submit(alex, gpus="64")
    assert bot.form(alex).errors


# -- once more ---------------------------------------------------------------------------------------------------------


def test_a_form_that_was_changed_after_slack_said_that_it_failed_counts_as_changed(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.quick(alex, channel)
    bot.settled()
    id = conversation_in(bot, channel, thread).id
    for gpus in ("64", "64", "16"):
        interact(bot, submission(alex, "form_numbers", f"{id}:9999999999.5", {"gpus": gpus}, view="V77"))
    with bot.database.workspace(TEAM) as work:
        assert [verdict.inputs["workload"].get("gpus") for verdict in work.verdicts_in(id)] == [None, 64, 16]


def test_one_press_that_comes_three_times_at_once_counts_once(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.settled()
    press = click(alex, "answer:footprint:aws", f"{conversation_in(bot, channel, thread).id}:1", channel, thread)
    assert [answer.status for answer in at_once(3, lambda _: interact(bot, press))] == [200] * 3
    assert [job for job in every_job(bot) if job.kind == "press"][1:] == []
    assert len([m for m in bot.thread(channel, thread, alex) if "not_sure:training" in action_ids(m.blocks)]) == 1


def every_job(bot: Bot) -> list[Listed]:
    with bot.database.queue() as queue:
        return queue.listed(["done", "failed", "ready", "cancelled"], 99)


def test_a_form_that_comes_while_the_database_is_locked_is_kept_once(bot: Bot, tmp_path: Path, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.quick(alex, channel)
    bot.settled()
    id = conversation_in(bot, channel, thread).id
    form = submission(alex, "form_numbers", f"{id}:9999999999.5", {"gpus": "64"}, view="V77")
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other, ThreadPoolExecutor(2) as threads:
        other.execute("BEGIN EXCLUSIVE")
        sent = [threads.submit(interact, bot, form) for _ in range(2)]
        time.sleep(1)  # the lock itself is what is tried
        other.execute("ROLLBACK")
        assert [each.result(timeout=60).status for each in sent] == [200, 200]
    with bot.database.workspace(TEAM) as work:
        assert len(work.verdicts_in(id)) == 2


def test_settings_that_come_while_the_database_is_locked_are_kept(
    bot: Bot, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than one transaction waits."""
    alex, channel = place
    bot.command(alex, channel, "settings")
    bot.form(alex)
    bot.settled()
    locked = iter([True, True])
    workspace = Database.workspace

    def sometimes(self: Database, id: str) -> AbstractContextManager[Workspace]:
        if next(locked, False):
            raise as_sqlite_says("SQLITE_BUSY")
        return workspace(self, id)

    monkeypatch.setattr(Database, "workspace", sometimes)
    assert bot.submit(alex, materiality_pct="7").error == ""
    assert next(locked, None) is None
    with bot.database.workspace(TEAM) as work:
        assert work.settings().assumptions == {"materiality_pct": "7"}


# -- what is left ------------------------------------------------------------------------------------------------------


def test_nothing_that_was_typed_is_left_of_a_job_that_is_over(bot: Bot, tmp_path: Path, place: tuple[str, str]) -> None:
    alex, channel = place
    bot.command(alex, channel, "help Typedwords")
    thread = bot.quick(alex, channel, ea_discount_pct="17.25")
    bot.slack.say(alex, channel, f"<@{bot.slack.world.bot.user_id}> Typedwords", thread)
    bot.settled()
    rows = str(every_row(f"sqlite:///{tmp_path / 'bot.db'}")["jobs"])
    assert [word for word in ("Typedwords", "17.25", "response", "http", "xoxb", "trigger") if word in rows] == []
