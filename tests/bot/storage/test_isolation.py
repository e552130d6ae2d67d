"""Whatever a workspace asks for by an id of another, it finds nothing and changes nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from bot.storage import Database, Feedback, Forgotten, Post, SealedInstallation, Stale, UnscopedQuery, Workspace, WorkspaceSettings
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import NOON, conversation, every_row, fill, rows_that_mention, verdict

Act = Callable[[Workspace], Any]
SEEN = SealedInstallation("TOWNER", "sealed", MovedClock().now, NOON)  # the owner's, as it stands in the table

# For every method: what a stranger calls, and what comes of it. An exception's class where it is refused.
BY_A_STRANGER: dict[str, tuple[Act, Any]] = {
    "add_conversation": (lambda work: work.add_conversation(conversation("c2", "TOWNER")), UnscopedQuery),
    "save_conversation": (lambda work: work.save_conversation(conversation("c1", "TOWNER")), UnscopedQuery),
    "conversation": (lambda work: work.conversation("c1"), None),
    "conversation_in": (lambda work: work.conversation_in("C-c1", "c1.1"), None),
    "newest_in_channel": (lambda work: work.newest_in_channel("C-c1"), None),
    "newest_advised": (lambda work: work.newest_advised("C-c1", "U1"), None),
    "conversations_of": (lambda work: work.conversations_of("U1", 10), []),
    "add_verdict": (lambda work: work.add_verdict(verdict("v2", number=2)), Stale),
    "verdict": (lambda work: work.verdict("v1"), None),
    "verdicts_in": (lambda work: work.verdicts_in("c1"), []),
    "verdicts_of": (lambda work: work.verdicts_of("U1", 10), []),
    "keep_feedback": (lambda work: work.keep_feedback(Feedback("v1", "U2", "bad", NOON)), Stale),
    "feedback_on": (lambda work: work.feedback_on("v1"), []),
    "claim_post": (lambda work: work.claim_post("c1", "other", "d"), False),
    "posts_of": (lambda work: work.posts_of("c1"), {}),
    "posted": (lambda work: work.posted("c1", "head", "6.6", "d2"), None),
    "release_post": (lambda work: work.release_post("c1", "head"), None),
    "drop_post": (lambda work: work.drop_post("c1", "head", Post("head", None, "d1", "posting", NOON)), None),
    "mark_post_unknown": (lambda work: work.mark_post_unknown("c1", "head"), None),
    "add_report": (lambda work: work.add_report("p2", "c1", "v1", "C9", "U2"), False),
    "report": (lambda work: work.report("p1"), None),
    "reports_of": (lambda work: work.reports_of("c1"), []),
    "claim_report": (lambda work: work.claim_report("p1", "d2"), False),
    "report_posted": (lambda work: work.report_posted("p1", "C9", "6.6", "d2"), None),
    "release_report": (lambda work: work.release_report("p1"), None),
    "mark_report_unknown": (lambda work: work.mark_report_unknown("p1"), None),
    "drop_report_post": (lambda work: work.drop_report_post("p1", Post("report", None, "", "posting", NOON)), False),
    "report_post": (lambda work: work.report_post("p1"), None),
    "link_report": (lambda work: work.link_report("p1", "https://example.com"), None),
    "show_in_report": (lambda work: work.show_in_report("p1", "v2", "U2"), False),
    "installation": (lambda work: work.installation(), None),
    "claim_refresh": (lambda work: work.claim_refresh(SEEN, NOON), False),
    "keep_refreshed": (lambda work: work.keep_refreshed(SEEN, "of a stranger", NOON), False),
    "replace_sealed": (lambda work: work.replace_sealed(SEEN, "of a stranger"), False),
    "drop_installation": (lambda work: work.drop_installation(), None),
    "organisation": (lambda work: work.organisation(), None),
    "leave_organisation": (lambda work: work.leave_organisation(), None),
    "settings": (lambda work: work.settings(), WorkspaceSettings()),
    "save_settings": (lambda work: work.save_settings(WorkspaceSettings(version=1)), Stale),
    "forget_user": (lambda work: work.forget_user("U1"), Forgotten()),
    "forget_workspace": (lambda work: work.forget_workspace(), None),
}
# What these keep is the stranger's own, or is for everybody.
NOBODYS = {"first_time", "keep_rulebook", "rulebook_snapshot", "enqueue", "keep_installation", "join_organisation"}


def test_every_method_is_tried() -> None:
    methods = {name for name, _ in inspect.getmembers(Workspace, inspect.isfunction) if not name.startswith("_")}
    assert methods == BY_A_STRANGER.keys() | NOBODYS


@pytest.mark.parametrize("method", BY_A_STRANGER)
def test_a_stranger_finds_nothing_and_changes_nothing(database: Database, url: str, method: str) -> None:
    with database.workspace("TOWNER") as work:
        fill(work, "TOWNER")
    before = every_row(url)
    act, outcome = BY_A_STRANGER[method]

    def by_a_stranger() -> Any:
        with database.workspace("TSTRANGER") as work:
            return act(work)

    if isinstance(outcome, type) and issubclass(outcome, Exception):
        with pytest.raises(outcome):
            by_a_stranger()
    else:
        assert by_a_stranger() == outcome
    assert every_row(url) == before
    assert rows_that_mention(url, "TSTRANGER") == []


def test_the_same_ids_may_be_used_in_two_workspaces(database: Database) -> None:
    for workspace in ("T1", "T2"):
        with database.workspace(workspace) as work:
            fill(work, workspace)
    with database.workspace("T2") as work:
        kept = work.conversation("c1")
        assert kept is not None
        assert (kept.workspace, len(work.verdicts_in("c1")), len(work.feedback_on("v1"))) == ("T2", 1, 1)
