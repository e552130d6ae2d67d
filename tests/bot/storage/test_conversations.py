from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.comparing import Comparing
from bot.conversation import Conversation, Given
from bot.storage import Database, Stale, UnscopedQuery
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import answered, at_once, conversation, every_row, keep

HOSTILE = "<!channel> \x00 \ud800 \u202e 💥 '; DROP TABLE conversations; --"


def test_a_conversation_comes_back_as_it_was(database: Database) -> None:
    said = conversation(
        answers={"inference_regions": Given(5, "U2", "1.2"), "footprint": Given(None, "U1", "1.1", skipped=True)},
        workload={"egress_gb_per_month": Given(Decimal("0.10"), "U2", "2.1")},
        numbers=Given("own", "U2", "2.1"),
        advised=("abc",),
        private=True,
    )
    keep(database, said)
    with database.workspace("T1") as work:
        assert said == work.conversation("c1")
        assert said == work.conversation_in("C-c1", "c1.1")
        assert said == work.newest_in_channel("C-c1")
        assert work.conversation("c2") is None
        assert work.conversation_in("C-c1", "c2.1") is None
        assert work.newest_in_channel("C-c2") is None


def test_a_comparison_comes_back_as_it_was(database: Database) -> None:
    answers = {"rights": Given("people", "U2", "2.1"), "code": Given(None, "U3", "2.2", skipped=True)}
    comparing = Comparing("U2", "1.9", 2, answers, "rights", "2.3", "U4", ("abc", "def"))
    said = conversation(comparing=comparing)
    keep(database, said)
    with database.workspace("T1") as work:
        assert said == work.conversation("c1")
        assert [work.conversations_of(user, 9) for user in ("U1", "U2", "U3", "U4")] == [[said]] * 4


def test_a_conversation_from_before_there_were_comparisons_is_read() -> None:
    written = conversation().as_json()
    del written["comparing"]
    assert conversation() == Conversation.from_json(written)


def test_the_newest_with_a_verdict_in_a_channel_is_of_those_that_somebody_took_part_in(database: Database, clock: MovedClock) -> None:
    said: dict[str, dict[str, Any]] = {
        "c1": {"advised": ("a",)},
        "c2": {"advised": ("a",), "answers": {"footprint": Given("aws", "U2", "1.1")}},
        "c3": {},
        "c4": {"advised": ("a",), "cancelled_by": "U1"},
        "c5": {"advised": ("a",), "channel": "C-other"},
        "c6": {"advised": ("a",), "owner": "U3"},
    }
    for id, more in said.items():
        clock.move(minutes=1)
        keep(database, conversation(id, **{"channel": "C-here", **more}))
    with database.workspace("T1") as work:
        found = {user: work.newest_advised("C-here", user) for user in ("U1", "U2", "U3", "U4")}
    assert {user: each and each.id for user, each in found.items()} == {"U1": "c2", "U2": "c2", "U3": "c6", "U4": None}


def test_whatever_a_person_types_is_kept(database: Database) -> None:
    said = conversation(answers={"footprint": Given(HOSTILE, "U1", "1.1")})
    keep(database, said)
    with database.workspace("T1") as work:
        assert said == work.conversation("c1")


def test_a_transaction_that_raises_leaves_nothing(database: Database, url: str) -> None:
    def interrupted() -> None:
        with database.workspace("T1") as work:
            work.add_conversation(conversation())
            work.first_time("event")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert {table for table, rows in every_row(url).items() if rows} == {"alembic_version"}


@pytest.mark.parametrize(
    "second",
    [conversation(channel="C-other", thread="9.9"), conversation("c2", channel="C-c1", thread="c1.1")],
    ids=["same id", "same thread"],
)
def test_what_is_there_is_not_added_again(database: Database, second: Conversation) -> None:
    first = conversation()
    keep(database, first)
    with database.workspace("T1") as work:
        with pytest.raises(Stale):
            work.add_conversation(second)
        assert first == work.conversation("c1")  # the transaction goes on
    with database.workspace("T1") as work:
        assert [first] == work.conversations_of("U1", 10)


def test_conversations_without_a_thread_do_not_meet(database: Database) -> None:
    one, other = (conversation(id, channel="C", thread=None) for id in ("c1", "c2"))
    keep(database, one, other)
    with database.workspace("T1") as work:
        assert {"c1", "c2"} == {each.id for each in work.conversations_of("U1", 10)}
        assert replace(other, thread="5.5", version=2) == work.save_conversation(replace(other, thread="5.5"))
        assert other.id == getattr(work.conversation_in("C", "5.5"), "id", None)


def test_a_save_moves_the_version_and_a_second_one_from_the_same_reading_is_refused(database: Database, url: str) -> None:
    keep(database, conversation())
    with database.workspace("T1") as work:
        read = work.conversation("c1")
        assert read is not None
        saved = work.save_conversation(replace(read, reopened="footprint"))
    assert replace(read, reopened="footprint", version=2) == saved
    with database.workspace("T1") as work:
        with pytest.raises(Stale, match="Read it again"):
            work.save_conversation(replace(read, reopened="training"))
        assert saved == work.conversation("c1")  # the transaction goes on
    [row] = every_row(url)["conversations"]
    assert (row["version"], row["state"]["version"]) == (2, 2)


def test_a_conversation_that_is_gone_cannot_be_saved(database: Database) -> None:
    with database.workspace("T1") as work, pytest.raises(Stale):
        work.save_conversation(conversation())


def test_a_save_into_the_thread_of_another_conversation_is_refused(database: Database) -> None:
    keep(database, conversation("c1"), conversation("c2", channel="C-c1", thread=None))
    with database.workspace("T1") as work:
        with pytest.raises(Stale):
            work.save_conversation(conversation("c2", channel="C-c1", thread="c1.1"))
        assert conversation("c2", channel="C-c1", thread=None) == work.conversation("c2")


def test_of_many_saves_at_once_one_counts(database: Database) -> None:
    keep(database, conversation())

    def save(number: int) -> bool:
        try:
            with database.workspace("T1") as work:
                work.save_conversation(conversation(reopened=f"question {number}"))
        except Stale:
            return False
        return True

    assert sorted(at_once(8, save)) == [False] * 7 + [True]


def test_two_people_who_read_again_after_a_refusal_lose_nothing(database: Database) -> None:
    keep(database, conversation())

    def answer(number: int) -> None:
        while True:
            try:
                with database.workspace("T1") as work:
                    read = work.conversation("c1")
                    assert read is not None
                    work.save_conversation(replace(read, answers={**read.answers, f"q{number}": Given(number, f"U{number}", "1.1")}))
                    return
            except Stale:
                continue

    at_once(6, answer)
    with database.workspace("T1") as work:
        kept = work.conversation("c1")
    assert kept is not None
    assert ({f"q{n}": Given(n, f"U{n}", "1.1") for n in range(6)}, 7) == (kept.answers, kept.version)


def test_the_newest_in_a_channel_moved_last_and_is_not_cancelled(database: Database, clock: MovedClock) -> None:
    for id in ("c1", "c2", "c3"):
        clock.move(minutes=1)
        keep(database, conversation(id, channel="D1", thread=None))
    with database.workspace("T1") as work:
        clock.move(minutes=1)
        work.save_conversation(conversation("c3", channel="D1", thread=None, cancelled_by="U1"))
        assert getattr(work.newest_in_channel("D1"), "id", None) == "c2"
        clock.move(minutes=1)
        work.save_conversation(conversation("c1", channel="D1", thread=None))
        assert getattr(work.newest_in_channel("D1"), "id", None) == "c1"


def test_the_conversations_of_a_person_are_those_started_or_answered_by_them(database: Database, clock: MovedClock) -> None:
    kept = [
        conversation("c1", owner="U1"),
        conversation("c2", owner="U2", answers=answered({"footprint": "U1"})),
        conversation("c3", owner="U2"),
        conversation("c4", owner="U2", answers=answered({"footprint": "U3"})),
    ]
    for each in kept:
        clock.move(minutes=1)
        keep(database, each)
    clock.move(minutes=1)
    with database.workspace("T1") as work:
        work.save_conversation(replace(kept[2], answers=answered({"training": "U1"})))
        assert [each.id for each in work.conversations_of("U1", 10)] == ["c3", "c2", "c1"]
        assert [each.id for each in work.conversations_of("U1", 2)] == ["c3", "c2"]
        assert work.conversations_of("U9", 10) == []


def test_who_took_part_keeps_the_conversation_in_their_history_after_a_restart(database: Database) -> None:
    keep(database, conversation(answers=answered({"footprint": "U2"})))
    with database.workspace("T1") as work:
        work.save_conversation(conversation(round=2))
        assert [each.id for each in work.conversations_of("U2", 10)] == ["c1"]


def test_a_conversation_of_another_workspace_is_neither_added_nor_saved(database: Database) -> None:
    keep(database, conversation())
    with database.workspace("T1") as work:
        for act in (work.add_conversation, work.save_conversation):
            with pytest.raises(UnscopedQuery):
                act(conversation(workspace="T2"))


def test_a_transaction_needs_a_workspace(database: Database) -> None:
    with pytest.raises(UnscopedQuery), database.workspace(""):
        pass
