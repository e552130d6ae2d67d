from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta, timezone

import pytest

from bot.storage import Database, Feedback, Stale, Verdict
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import NOON, at_once, conversation, keep, verdict


def test_a_verdict_comes_back_as_it_was(database: Database) -> None:
    keep(database, conversation())
    # The order of keys and every character count: an old verdict is shown again exactly.
    given = verdict(
        inputs={"z": None, "a": ["1.10", {"\u20ac": True}]}, outputs={"b": 2, "a": "\x00 💥"}, created_at=NOON, day=date(2024, 2, 29)
    )
    with database.workspace("T1") as work:
        work.add_verdict(given)
    with database.workspace("T1") as work:
        kept = work.verdict("v1")
        assert kept == given
        assert list(kept.inputs) == ["z", "a"]
        assert work.verdict("v2") is None


def test_moments_come_back_in_utc(database: Database) -> None:
    keep(database, conversation())
    in_india = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with database.workspace("T1") as work:
        work.add_verdict(verdict(created_at=in_india))
        kept = work.verdict("v1")
    assert kept is not None
    assert kept.created_at.isoformat() == "2026-11-22T12:00:00+00:00"


def test_verdicts_in_a_conversation_come_oldest_first_and_those_of_a_person_newest_first(database: Database) -> None:
    keep(database, conversation("c1"), conversation("c2"))
    kept = [
        verdict("v1", "c1", 1),
        verdict("v2", "c1", 2, created_at=NOON + timedelta(minutes=3), asked_by="U2"),
        verdict("v3", "c1", 3, created_at=NOON + timedelta(minutes=9)),
        verdict("v4", "c2", 1, created_at=NOON + timedelta(minutes=5)),
    ]
    with database.workspace("T1") as work:
        for each in reversed(kept):
            work.add_verdict(each)
        assert [v.id for v in work.verdicts_in("c1")] == ["v1", "v2", "v3"]
        assert [v.id for v in work.verdicts_of("U1", 10)] == ["v3", "v4", "v1"]
        assert [v.id for v in work.verdicts_of("U1", 2)] == ["v3", "v4"]
        assert (work.verdicts_in("c9"), work.verdicts_of("U9", 10)) == ([], [])


@pytest.mark.parametrize(
    "second",
    [verdict("v1", "c2"), verdict("v2", "c1", 1), verdict("v2", "c9")],
    ids=["same id", "same number", "conversation gone"],
)
def test_a_verdict_that_has_no_place_is_refused(database: Database, second: Verdict) -> None:
    keep(database, conversation("c1"), conversation("c2"))
    with database.workspace("T1") as work:
        work.add_verdict(verdict())
        with pytest.raises(Stale):
            work.add_verdict(second)
        assert work.verdicts_in("c1") == [verdict()]  # the transaction goes on


def test_of_two_verdicts_with_one_number_at_once_one_is_kept(database: Database) -> None:
    keep(database, conversation())

    def add(number: int) -> bool:
        try:
            with database.workspace("T1") as work:
                work.add_verdict(verdict(f"v{number}"))
        except Stale:
            return False
        return True

    assert sorted(at_once(6, add)) == [False] * 5 + [True]


def test_the_latest_click_of_a_person_counts_whichever_arrives_last(database: Database) -> None:
    keep(database, conversation())
    first, second = Feedback("v1", "U1", "good", NOON), Feedback("v1", "U1", "bad", NOON + timedelta(seconds=2))
    other = Feedback("v1", "U2", "good", NOON + timedelta(seconds=1))
    with database.workspace("T1") as work:
        work.add_verdict(verdict())
        for click in (first, second, other, first):  # the first is delivered again
            work.keep_feedback(click)
        assert work.feedback_on("v1") == [other, second]
        work.keep_feedback(replace(second, value="good", at=NOON + timedelta(seconds=9)))
        assert [each.value for each in work.feedback_on("v1")] == ["good", "good"]
        assert work.feedback_on("v2") == []


def test_feedback_on_a_verdict_that_is_gone_is_refused(database: Database) -> None:
    with database.workspace("T1") as work, pytest.raises(Stale):
        work.keep_feedback(Feedback("v1", "U1", "good", NOON))


def test_a_rulebook_is_kept_once_for_all_workspaces(database: Database, clock: MovedClock) -> None:
    with database.workspace("T1") as work:
        work.keep_rulebook("r1", "p1", b"\x00first")
    with database.workspace("T2") as work:
        work.keep_rulebook("r1", "p1", b"never written: the version names its content")
        work.keep_rulebook("r2", "p1", b"second")
        assert (work.rulebook_snapshot("r1"), work.rulebook_snapshot("r2"), work.rulebook_snapshot("r3")) == (b"\x00first", b"second", None)


def test_many_may_keep_the_same_rulebook_at_once(database: Database) -> None:
    def keep_it(_number: int) -> bytes | None:
        with database.workspace("T1") as work:
            work.keep_rulebook("r1", "p1", b"the same")
            return work.rulebook_snapshot("r1")

    assert at_once(6, keep_it) == [b"the same"] * 6


def test_private_figures_are_in_no_repr() -> None:
    shown = repr(verdict(inputs={"ea_discount_pct": "31.7"}, outputs={"total": "31.7"}))
    assert "31.7" not in shown
    assert shown.startswith("Verdict(id='v1', conversation='c1', number=1, asked_by='U1'")
