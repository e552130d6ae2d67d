"""The judge is shown one good world, and the same world broken in every way that it must see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.accounts import Account, Evidence, Finding, Post, Row, Step
from tests.chaos.disturbances import FOR_GOOD, KILLS, plan
from tests.chaos.invariants import judge

ID, OTHER_ID = "a" * 24, "b" * 24
QUESTIONS = ("footprint", "training")
Break = Callable[[Evidence], Evidence]


def card(question: str, ts: str) -> Post:
    return Post("T1", "C1", ts, "an answer (<@U1>)", "1.0", ((f"change:{question}", f"{ID}:1"),), f"{ts}-key")


def verdict(number: int, ts: str, text: str) -> Post:
    return Post("T1", "C1", ts, text, "1.0", (("numbers:refine", f"{ID}-1-{number}"), ("report", f"{ID}-1-{number}")), f"{ts}-key")


def good() -> Evidence:
    """One conversation of two questions, two verdicts and a report, and a person in another workspace who did nothing."""
    account = Account(
        "T1", "U1", "C1", private=False, thread="1.0", commands=1, said={"footprint": "aws", "training": "continuous"},
        numbers={"gpus": "16"}, verdicts=2, reports=["C9"], steps=[Step("start", 1.0, 2.0)], ended="finished",
    )  # fmt: skip
    posts = (
        Post("T1", "C1", "1.0", "Which cloud for your AI workload? <@U1> asked.", key="head"),
        *(card(question, f"1.{at}") for at, question in enumerate(QUESTIONS, 1)),
        Post("T1", "C1", "1.3", "your numbers (<@U1>)", "1.0", (("numbers", f"{ID}:1"),), "numbers-key"),
        verdict(1, "1.4", "Stay on AWS."),
        verdict(2, "1.5", "Changed: training. Stay on AWS."),
        Post("T1", "C9", "1.6", "Asked by <@U1>: stay on AWS.", key="report-key"),
        Post("T1", "C1", "1.7", "Posted.", "1.0", to="U1"),
    )
    row = Row("T1", ID, "C1", "1.0", "U1", frozenset({"U1"}), dict(account.said), "own", {"gpus": "16"})
    return Evidence((account,), posts, (row,), frozenset({("T1", ID)}), {"U1": "T1", "U2": "T2"}, frozenset({("T1", "C9"), ("T2", "C9")}))


def with_post(post: Post) -> Break:
    return lambda world: replace(world, posts=(*world.posts, post))


def without_post(ts: str) -> Break:
    return lambda world: replace(world, posts=tuple(post for post in world.posts if post.ts != ts))


def with_row(**change: object) -> Break:
    return lambda world: replace(world, rows=tuple(replace(row, **change) for row in world.rows))  # type: ignore[arg-type]


def with_account(**change: object) -> Break:
    return lambda world: replace(world, accounts=tuple(replace(account, **change) for account in world.accounts))  # type: ignore[arg-type]


def other_text(ts: str, text: str) -> Break:
    return lambda world: replace(world, posts=tuple(replace(post, text=text) if post.ts == ts else post for post in world.posts))


BROKEN: dict[str, tuple[Break, list[Finding]]] = {
    "a verdict twice": (
        with_post(replace(verdict(1, "1.8", "Stay on AWS."), key="another")),
        [Finding("doubled", "T1", "U1", f"the verdict {ID}-1-1, 2 times")],
    ),
    "a verdict that nobody asked for": (
        with_post(verdict(3, "1.8", "Stay on AWS.")),
        [Finding("doubled", "T1", "U1", "verdict 3, which nobody asked for")],
    ),
    "a verdict that is missing": (without_post("1.4"), [Finding("lost", "T1", "U1", "verdict 2")]),
    "a second verdict that does not say what changed": (
        other_text("1.5", "Stay on AWS."),
        [Finding("lost", "T1", "U1", "what changed, in the second verdict")],
    ),
    "an answer that is lost": (
        with_row(answers={"footprint": "aws"}),
        [Finding("lost", "T1", "U1", "the answer training: continuous, kept is None")],
    ),
    "an answer before the last one": (
        with_row(answers={"footprint": "aws", "training": "sporadic"}),
        [Finding("lost", "T1", "U1", "the answer training: continuous, kept is sporadic")],
    ),
    "numbers that are lost": (
        with_row(workload={}),
        [Finding("lost", "T1", "U1", "the numbers {'gpus': '16'}, kept is own")],
    ),
    "a conversation that is lost": (
        lambda world: replace(world, rows=()),
        [Finding("lost", "T1", "U1", "the conversation in the database")],
    ),
    "two threads for one command": (
        with_post(Post("T1", "C1", "1.8", "Which cloud for your AI workload? <@U1> asked.", key="another")),
        [Finding("doubled", "T1", "U1", "2 threads for 1 commands")],
    ),
    "a question twice": (
        with_post(replace(card("training", "1.8"), key="another")),
        [Finding("doubled", "T1", "U1", "the message of training, 2 times")],
    ),
    "a question that is gone": (without_post("1.2"), [Finding("lost", "T1", "U1", "the message of training")]),
    "a report twice": (
        with_post(Post("T1", "C9", "1.8", "Asked by <@U1>: stay on AWS.", key="another")),
        [Finding("doubled", "T1", "U1", "the report in C9: 2 for 1")],
    ),
    "a report that is missing": (without_post("1.6"), [Finding("lost", "T1", "U1", "the report in C9")]),
    "the same key twice": (
        with_post(Post("T1", "C1", "1.8", "a word", key="head")),
        [
            Finding("doubled", "T1", "", "the message with the key head: Which cloud for your AI workload? <@U1> asked."),
            Finding("doubled", "T1", "", "the message with the key head: a word"),
        ],
    ),
    "a stub that was given up": (
        with_post(Post("T1", "C1", "1.8", "Working on it.", "1.0", key="1.4-key", stub=True)),
        [Finding("left over", "T1", "U1", "Working on it.")],
    ),
    "a person of another workspace": (
        with_post(Post("T1", "C1", "1.8", "said <@U2>")),
        [Finding("foreign", "T1", "U2", "U2 of T2 in said <@U2>")],
    ),
    "a message to a person of another workspace": (
        with_post(Post("T1", "C1", "1.8", "psst", to="U2")),
        [Finding("foreign", "T1", "U2", "U2 of T2 in psst")],
    ),
    "a conversation of another workspace": (
        lambda world: replace(
            world,
            posts=(*world.posts, Post("T2", "C1", "1.8", "a word", actions=(("start", f"{ID}:1"),))),
        ),
        [Finding("foreign", "T2", "", f"a button for {ID} of {{'T1'}}")],
    ),
    "a row with a person of another workspace": (
        with_row(people=frozenset({"U2"})),
        [Finding("foreign", "T1", "U2", f"U2 of T2 in the conversation {ID}")],
    ),
    "a conversation in the thread of another": (
        lambda world: replace(
            world,
            rows=(*world.rows, replace(world.rows[0], id=OTHER_ID, thread="2.0")),
            posts=(*world.posts, Post("T1", "C1", "1.8", "a word", "1.0", (("answer:footprint:aws", f"{OTHER_ID}:1"),))),
        ),
        [
            Finding("doubled", "T1", "U1", "the message of footprint, 2 times"),
            Finding("foreign", "T1", "", f"a button for {OTHER_ID} in the thread of another conversation"),
        ],
    ),
    "somebody who waits without a word": (with_account(ended="verdict 2"), [Finding("silent", "T1", "U1", "verdict 2")]),
    "somebody who was told why not": (with_account(ended="verdict 2", told_since_act=1), []),
}


def test_nothing_is_wrong_in_a_good_world() -> None:
    assert judge(good()) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_world_is_seen(name: str) -> None:
    broken, findings = BROKEN[name]
    assert judge(broken(good())) == findings


def test_a_seed_gives_the_same_disturbances() -> None:
    first, again, other = (plan(seed, 180, 4, ["database locked"], replicas=2, longest_outage_s=2.0) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    kills = [each.kind for each in first if each.kind in KILLS]
    assert (len(kills), kills.count(FOR_GOOD)) == (4, 2)


def test_one_bot_is_never_killed_for_good() -> None:
    assert FOR_GOOD not in {each.kind for each in plan(1, 180, 4, ["database locked"], replicas=1, longest_outage_s=2.0)}
