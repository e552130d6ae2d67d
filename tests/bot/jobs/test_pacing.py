"""How the work of a workspace is paced: who rests, how long, and who never does."""

from __future__ import annotations

import pytest

from bot.buckets import Rate
from bot.pacing import Pacing
from tests.bot.seconds import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pacing(clock: Clock) -> Pacing:
    return Pacing(Rate(burst=3, per_second=2), clock)


def work(pacing: Pacing, workspace: str, jobs: int = 1) -> None:
    for _ in range(jobs):
        pacing.took(workspace)


def test_alone_a_workspace_has_all_there_is(pacing: Pacing) -> None:
    work(pacing, "T1", 1_000)
    assert pacing.resting() == set()


def test_beside_another_it_rests_once_it_had_its_share(pacing: Pacing) -> None:
    """Three at once, and then it has had more than three quarters of all."""
    work(pacing, "T2")
    work(pacing, "T1", 3)
    assert pacing.resting() == set()
    work(pacing, "T1")
    assert pacing.resting() == {"T1"}


def test_more_than_its_part_is_no_matter_before_it_had_its_share(clock: Clock) -> None:
    pacing = Pacing(Rate(burst=30, per_second=2), clock)
    work(pacing, "T2")
    work(pacing, "T1", 29)
    assert pacing.resting() == set()
    work(pacing, "T1")
    assert pacing.resting() == {"T1"}


def test_it_is_of_no_matter_who_was_first(pacing: Pacing) -> None:
    work(pacing, "T1", 4)
    assert pacing.resting() == set()
    work(pacing, "T2")
    assert pacing.resting() == {"T1"}


def test_the_next_is_due_when_its_share_has_grown_by_one(pacing: Pacing, clock: Clock) -> None:
    work(pacing, "T2")
    work(pacing, "T1", 4)
    clock.now += 0.49
    assert pacing.resting() == {"T1"}
    clock.now += 0.01
    assert pacing.resting() == set()
    work(pacing, "T1")
    assert pacing.resting() == {"T1"}


def test_what_it_took_alone_is_no_debt(pacing: Pacing, clock: Clock) -> None:
    work(pacing, "T1", 1_000)
    work(pacing, "T2")
    assert pacing.resting() == {"T1"}
    clock.now += 0.5
    assert pacing.resting() == set()


@pytest.mark.parametrize(("seconds", "expected"), [(2.9, {"T1"}), (3, set())], ids=["lately", "long ago"])
def test_it_rests_while_the_other_worked_lately(pacing: Pacing, clock: Clock, seconds: float, expected: set[str]) -> None:
    work(pacing, "T2")
    clock.now += seconds
    work(pacing, "T1", 5)
    assert pacing.resting() == expected


@pytest.mark.parametrize("workspaces", [2, 3, 20])
def test_where_as_much_is_done_for_each_nobody_rests(pacing: Pacing, workspaces: int) -> None:
    for _ in range(50):
        for number in range(workspaces):
            work(pacing, f"T{number}")
    assert pacing.resting() == set()


def test_beside_nineteen_who_are_busy_less_is_much(pacing: Pacing) -> None:
    """19 * 8 + 13 = 165, of which an even part is 8.25, and half as much again 12.375."""
    for number in range(2, 21):
        work(pacing, f"T{number}", 8)
    work(pacing, "T1", 12)
    assert pacing.resting() == set()
    work(pacing, "T1")
    assert pacing.resting() == {"T1"}


def test_what_was_done_longer_ago_counts_no_more(pacing: Pacing, clock: Clock) -> None:
    work(pacing, "T2", 30)
    clock.now += 1.5
    work(pacing, "T2")
    work(pacing, "T1", 10)
    assert pacing.resting() == set()
    clock.now += 1.5
    work(pacing, "T1", 3)
    assert pacing.resting() == {"T1"}
