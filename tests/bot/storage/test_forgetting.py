from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage import Database, Feedback, Forgotten, NewJob, Stale, WorkspaceSettings
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import NOON, answered, conversation, every_row, fill, keep, rows_that_mention, verdict


def test_nothing_mentions_a_person_who_asked_to_be_forgotten(database: Database, url: str) -> None:
    own = conversation("c1", owner="UGONE", answers=answered({"footprint": "UGONE", "training": "U2"}))
    with_others = conversation("c2", owner="U2", answers=answered({"footprint": "UGONE", "training": "U2", "microsoft_ea": "UGONE"}))
    keep(database, own, with_others, conversation("c3", owner="U2"))
    with database.workspace("T1") as work:
        for each in (
            verdict("v1", "c1", 1, asked_by="UGONE"),
            verdict("v2", "c1", 2, asked_by="U2"),
            verdict("v3", "c2", asked_by="UGONE"),
        ):
            work.add_verdict(each)
        for verdict_id, user in (("v1", "U2"), ("v3", "UGONE"), ("v3", "U2")):
            work.keep_feedback(Feedback(verdict_id, user, "good", NOON))
        work.claim_post("c1", "head", "d")
        work.claim_post("c2", "head", "d")
        for id, of, user in (("p1", "c1", "U2"), ("p2", "c2", "UGONE"), ("p3", "c2", "U2")):
            work.add_report(id, of, "v3", "C9", user, f"a note of {user}")
        work.show_in_report("p3", "v4", "UGONE")
        work.first_time("UGONE:1.5")
        work.enqueue(NewJob("UGONE:1.5", "thread", "note", {"said": "by UGONE"}, "UGONE"))
        work.enqueue(NewJob("U2:1.5", "thread", "note", {"said": "by U2"}, "U2"))
        work.save_settings(WorkspaceSettings(editors=("U2", "UGONE"), ea_discount_pct="10"))
    with database.workspace("T1") as work:
        assert work.forget_user("UGONE") == Forgotten(conversations=1, verdicts=2, feedback=2, answers_anonymised=2)
    assert rows_that_mention(url, "UGONE") == []
    with database.workspace("T1") as work:
        assert work.conversation("c2") == replace(with_others.without_person("UGONE"), version=2)
        assert [each.id for each in work.conversations_of("U2", 10)] == ["c2", "c3"]
        assert (work.verdict("v1"), work.verdict("v2"), work.verdict("v3")) == (None, None, verdict("v3", "c2", asked_by=""))
        assert work.feedback_on("v3") == [Feedback("v3", "U2", "good", NOON)]
        assert (list(work.posts_of("c1")), list(work.posts_of("c2"))) == ([], ["head"])
        assert [(each.id, each.asked_by, each.note, each.updated_by, each.verdict) for each in work.reports_of("c2")] == [
            ("p2", "", "", "", "v3"),
            ("p3", "U2", "a note of U2", "", "v4"),
        ]
        assert work.report("p1") is None
        assert work.settings() == WorkspaceSettings(editors=("U2",), ea_discount_pct="10", version=2)
    assert [row["args"] for row in every_row(url)["jobs"]] == [{"said": "by U2"}]


def test_forgetting_twice_or_somebody_unknown_changes_nothing(database: Database, url: str) -> None:
    with database.workspace("T1") as work:
        fill(work, "T1")
    before = every_row(url)
    with database.workspace("T1") as work:
        assert work.forget_user("U") == Forgotten(0, 0, 0, 0)  # the beginning of an id is nobody
    assert every_row(url) == before


def test_a_save_under_way_does_not_bring_back_a_forgotten_person(database: Database, url: str) -> None:
    keep(database, conversation(answers=answered({"footprint": "UGONE"})))
    with database.workspace("T1") as work:
        read = work.conversation("c1")
    assert read is not None
    with database.workspace("T1") as work:
        work.forget_user("UGONE")
    with database.workspace("T1") as work, pytest.raises(Stale):
        work.save_conversation(replace(read, reopened="training"))
    assert rows_that_mention(url, "UGONE") == []


def test_forgetting_does_not_make_a_conversation_younger(database: Database, clock: MovedClock) -> None:
    keep(database, conversation(answers=answered({"footprint": "UGONE"})))
    clock.move(days=20)
    with database.workspace("T1") as work:
        work.forget_user("UGONE")
    clock.move(days=11)
    assert database.forget_older_than(30) == 1


def test_the_same_person_in_another_workspace_is_somebody_else(database: Database) -> None:
    for workspace in ("T1", "T2"):
        with database.workspace(workspace) as work:
            fill(work, workspace)
    with database.workspace("T1") as work:
        assert work.forget_user("U1") == Forgotten(conversations=1, verdicts=1, feedback=1, answers_anonymised=0)
    with database.workspace("T2") as work:
        assert [each.id for each in work.conversations_of("U1", 10)] == ["c1"]
        assert work.settings().editors == ("U1", "U2")


def test_nothing_is_left_of_a_workspace_that_uninstalled(database: Database, url: str) -> None:
    for workspace in ("TGONE", "T2"):
        with database.workspace(workspace) as work:
            fill(work, workspace)
            work.keep_rulebook("r1", "p1", b"public")
    with database.workspace("TGONE") as work:
        work.forget_workspace()
    assert rows_that_mention(url, "TGONE") == []
    kept = {table: len(rows) for table, rows in every_row(url).items()}
    assert kept == {
        "alembic_version": 1, "conversations": 1, "conversation_people": 2, "verdicts": 1, "feedback": 1, "posts": 1, "settings": 1,
        "seen": 1, "rulebooks": 1, "jobs": 1, "lanes": 1, "installations": 1, "organisations": 1, "oauth_states": 0, "reports": 1,
    }  # fmt: skip


def test_retention_deletes_what_did_not_move_for_so_long(database: Database, clock: MovedClock, url: str) -> None:
    with database.workspace("T1") as work:
        fill(work, "T1")
        work.save_settings(WorkspaceSettings(version=1))
    keep(database, conversation("c2"))
    clock.move(days=10)
    with database.workspace("T1") as work:
        work.save_conversation(conversation("c2"))
    clock.move(days=20)
    assert database.forget_older_than(30) == 0  # exactly thirty days are not yet older
    clock.now += timedelta(microseconds=1)
    assert database.forget_older_than(30) == 1
    kept = {table for table, rows in every_row(url).items() if rows}
    assert kept == {
        "alembic_version",
        "conversations",
        "conversation_people",
        "settings",
        "installations",
        "organisations",
        "jobs",
        "lanes",
    }
    with database.workspace("T1") as work:
        assert [each.id for each in work.conversations_of("U1", 10)] == ["c2"]


def test_a_workspace_may_set_its_own_retention(database: Database, clock: MovedClock) -> None:
    days = {"TSHORT": 5, "TLONG": 400, "TNONE": None}
    for workspace, own in days.items():
        with database.workspace(workspace) as work:
            work.save_settings(WorkspaceSettings(retention_days=own))
    keep(database, *(conversation(workspace=workspace) for workspace in (*days, "TUNSET")))

    def left() -> set[str]:
        kept = set()
        for workspace in (*days, "TUNSET"):
            with database.workspace(workspace) as work:
                kept |= {workspace} if work.conversation("c1") else set()
        return kept

    clock.move(days=6)
    assert (database.forget_older_than(30), left()) == (1, {"TLONG", "TNONE", "TUNSET"})
    clock.move(days=25)
    assert (database.forget_older_than(30), left()) == (2, {"TLONG"})
    clock.move(days=370)
    assert (database.forget_older_than(30), left()) == (1, set())


def test_seen_events_are_kept_three_days(database: Database, clock: MovedClock) -> None:
    with database.workspace("T1") as work:
        work.first_time("old")
    clock.move(days=3)
    with database.workspace("T1") as work:
        work.first_time("new")
    database.forget_older_than(30)
    with database.workspace("T1") as work:
        assert (work.first_time("old"), work.first_time("new")) == (False, False)
    clock.now += timedelta(microseconds=1)
    database.forget_older_than(30)
    with database.workspace("T1") as work:
        assert (work.first_time("old"), work.first_time("new")) == (True, False)
