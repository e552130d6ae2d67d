"""Fair use: who meets the limit, who never does, and that counting costs no memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.buckets import Rate
from bot.fairness import Allowed, Fairness, TooFast
from tests.bot.seconds import Clock

WIDE = Rate(burst=1_000_000, per_second=1_000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(fairness: Fairness, times: int, workspace: str = "T1", person: str = "U1") -> int:
    """How many of so many in a row are allowed."""
    return sum(fairness.may(workspace, person) == Allowed() for _ in range(times))


# -- a bucket ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("per_second", [2, 3, 0.7, 50], ids=str)
def test_a_burst_is_taken_whole_and_no_more(clock: Clock, per_second: float) -> None:
    """Thirds of a second and the like have no exact sum; the thirtieth is taken all the same."""
    fairness = Fairness(Rate(30, per_second), WIDE, clock)
    assert taken(fairness, 40) == 30


@pytest.mark.parametrize(
    ("seconds", "more"), [(0, 0), (0.4, 0), (0.5, 1), (1, 2), (4.9, 9), (5, 10), (500, 10)], ids=lambda value: str(value)
)
def test_a_bucket_fills_up_with_time_and_no_further(clock: Clock, seconds: float, more: int) -> None:
    fairness = Fairness(Rate(10, 2), WIDE, clock)
    assert taken(fairness, 10) == 10
    clock.now += seconds
    assert taken(fairness, 20) == more


def test_who_is_too_fast_learns_how_long_to_wait(clock: Clock) -> None:
    fairness = Fairness(Rate(1, 0.25), WIDE, clock)
    assert fairness.may("T1", "U1") == Allowed()
    clock.now += 1
    assert fairness.may("T1", "U1") == TooFast("person", 3.0, say=True)
    clock.now += 3
    assert fairness.may("T1", "U1") == Allowed()


def test_a_clock_that_stands_still_or_starts_at_nought_changes_nothing() -> None:
    fairness = Fairness(Rate(3, 1), WIDE, Clock(0.0))
    assert taken(fairness, 9) == 3


# -- people and workspaces ---------------------------------------------------------------------------------------------


def test_one_who_floods_slows_neither_colleagues_nor_others(clock: Clock) -> None:
    fairness = Fairness(Rate(5, 1), Rate(100, 10), clock)
    assert taken(fairness, 10_000) == 5
    assert taken(fairness, 5, person="U2") == 5
    assert taken(fairness, 5, workspace="T2") == 5, "the same id in another workspace is somebody else"


def test_a_workspace_that_floods_slows_itself_alone(clock: Clock) -> None:
    fairness = Fairness(Rate(5, 1), Rate(20, 10), clock)
    assert [taken(fairness, 5, person=f"U{at}") for at in range(6)] == [5, 5, 5, 5, 0, 0]
    assert fairness.may("T1", "U9") == TooFast("workspace", 0.1, say=True)
    assert taken(fairness, 5, workspace="T2") == 5


def test_a_refusal_uses_up_nothing(clock: Clock) -> None:
    """Whoever is refused for the sake of the workspace still has all of their own."""
    fairness = Fairness(Rate(5, 1), Rate(5, 5), clock)
    assert taken(fairness, 5, person="U1") == 5
    assert taken(fairness, 50, person="U2") == 0
    clock.now += 1
    assert taken(fairness, 5, person="U2") == 5


def test_threads_that_ask_at_once_get_no_more_together(clock: Clock) -> None:
    fairness = Fairness(Rate(500, 1), WIDE, clock)
    with ThreadPoolExecutor(8) as threads:
        each = list(threads.map(lambda _: taken(fairness, 200), range(8)))
    assert sum(each) == 500


# -- the polite message ------------------------------------------------------------------------------------------------


def said(fairness: Fairness, person: str = "U1") -> bool:
    answer = fairness.may("T1", person)
    assert isinstance(answer, TooFast)
    return answer.say


def test_a_person_is_told_once_a_minute(clock: Clock) -> None:
    fairness = Fairness(Rate(1, 0.001), WIDE, clock)
    assert fairness.may("T1", "U1") == Allowed()
    assert [said(fairness) for _ in range(5)] == [True, False, False, False, False]
    clock.now += 59
    assert said(fairness) is False
    clock.now += 1
    assert [said(fairness), said(fairness)] == [True, False]


def test_each_person_of_a_workspace_that_is_too_fast_is_told(clock: Clock) -> None:
    fairness = Fairness(WIDE, Rate(1, 0.001), clock)
    assert fairness.may("T1", "U1") == Allowed()
    assert [said(fairness, person) for person in ("U1", "U2", "U1", "U2")] == [True, True, False, False]


def test_of_a_thousand_people_who_flood_together_a_few_are_told(clock: Clock) -> None:
    fairness = Fairness(WIDE, Rate(1, 0.001), clock)
    assert fairness.may("T1", "U0") == Allowed()
    assert sum(said(fairness, f"U{at}") for at in range(1_000)) == 10
    clock.now += 3
    assert sum(said(fairness, f"U{at}") for at in range(1_000)) == 3


def test_what_would_be_refused_without_a_word_is_known_beforehand_and_takes_nothing(clock: Clock) -> None:
    fairness = Fairness(Rate(2, 0.001), Rate(3, 0.001), clock)
    assert [fairness.refuses("T1", "U1") for _ in range(9)] == [None] * 9
    assert taken(fairness, 2) == 2
    assert fairness.refuses("T1", "U1") is None, "they have not been told"
    assert said(fairness) is True
    assert (fairness.refuses("T1", "U1"), fairness.refuses("T1", "U2"), fairness.refuses("T2", "U1")) == ("person", None, None)
    assert taken(fairness, 1, person="U2") == 1
    assert said(fairness, "U2") is True
    assert fairness.refuses("T1", "U2") == "workspace"


# -- what it keeps -----------------------------------------------------------------------------------------------------


def test_a_flood_of_new_ids_keeps_no_more_than_the_most(clock: Clock) -> None:
    fairness = Fairness(Rate(1, 0.001), Rate(1, 0.001), clock, most=100)
    for at in range(1_000):
        for _ in range(2):
            fairness.may(f"T{at}", f"U{at}")
    assert fairness.kept() == 400  # a hundred people, a hundred workspaces, a hundred who were told, of a hundred workspaces


def test_who_floods_on_is_not_let_in_by_a_flood_of_new_ids(clock: Clock) -> None:
    """The bucket that was used last goes last."""
    fairness = Fairness(Rate(5, 1), WIDE, clock, most=100)
    assert taken(fairness, 9) == 5
    for at in range(90):
        fairness.may("T2", f"U{at}")
    assert taken(fairness, 9) == 0


def test_buckets_that_are_full_again_are_dropped(clock: Clock) -> None:
    fairness = Fairness(Rate(5, 1), Rate(500, 100), clock)
    for at in range(200):
        fairness.may("T1", f"U{at}")
    assert fairness.kept() == 201
    clock.now += 60
    for _ in range(100):
        clock.now += 1
        fairness.may("T1", "U1")
    assert fairness.kept() == 2


# -- the defaults ------------------------------------------------------------------------------------------------------


def test_a_person_who_presses_ten_buttons_in_three_seconds_is_never_refused(clock: Clock) -> None:
    """Each of them delivered three times."""
    fairness = Fairness(clock=clock)
    for _ in range(10):
        assert taken(fairness, 3) == 3
        clock.now += 0.3


def test_a_workshop_of_sixty_is_never_refused(clock: Clock) -> None:
    """All type the command in the same moment, then answer five questions within a minute."""
    fairness = Fairness(clock=clock)
    people = [f"U{at}" for at in range(60)]
    assert sum(taken(fairness, 1, person=person) for person in people) == 60
    clock.now += 10
    answered = 0
    for _ in range(5):
        for person in people:
            clock.now += 0.2
            answered += taken(fairness, 1, person=person)
    assert answered == 300


def test_a_script_that_floods_is_held_to_two_a_second(clock: Clock) -> None:
    fairness = Fairness(clock=clock)
    clock.now = 0.0
    allowed = 0
    for at in range(200 * 60):
        clock.now = at / 200
        allowed += taken(fairness, 1)
    assert allowed == 30 + 119  # in the last of the sixty seconds, one falls due at its very end


def test_a_thousand_accounts_that_flood_together_are_held_to_five_a_second(clock: Clock) -> None:
    fairness = Fairness(clock=clock)
    allowed = 0
    for at in range(200 * 60):
        clock.now = at / 200
        allowed += taken(fairness, 1, person=f"U{at % 1_000}")
    assert allowed == 150 + 299
