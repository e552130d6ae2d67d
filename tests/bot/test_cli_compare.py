"""`whichcloud compare`: the guided comparison by scripts on standard input, with a case and without."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.cli import compare
from tests.bot.terminal import DAY, Ran, run
from tests.bot.worked import CASES

# People; S3; no versions; the author of each job; own scripts; with each job.
SIX = ("1", "1", "2", "2", "1", "2")
FIVE = ("1", "1", "1", "5", "2", "")  # P6 and a typical workload


@pytest.fixture
def p6(tmp_path: Path) -> Path:
    file = tmp_path / "p6.yml"
    file.write_text(CASES["P6"].yaml(), encoding="utf-8")
    return file


def compared(*said: str, case: Path | None = None, form: str = "json") -> Ran:
    words = ["compare", "--format", form, "--as-of", DAY, *(["--case", str(case)] if case else [])]
    return run(*words, said="".join(f"{line}\n" for line in said))


def record(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def answered(ran: Ran) -> dict[str, str]:
    """What was understood, question by question."""
    return {reason["question"]: reason["answer"] for fit in record(ran)["dimensions"] for reason in fit["reasons"]}


def test_six_answers_beside_a_case(p6: Path) -> None:
    said = record(compared(*SIX, case=p6))
    assert {fit["id"]: (fit["state"], fit["provider"]) for fit in said["dimensions"]} == {
        "permissions": ("fits", "azure"),
        "data-storage": ("fits", "aws"),
        "compute": ("fits", "aws"),
        "environment": ("fits", "aws"),
    }
    assert said["verdict"] == {
        "plan": "aws",
        "held_against": {"part": "training", "provider": "aws"},
        "stance": "mixed",
        "agree": ["data-storage", "compute", "environment"],
        "pulls": [{"provider": "azure", "dimensions": ["permissions"], "plan": "azure", "usd_more_per_year": -7891.56}],
    }


def test_it_has_the_form_of_every_answer(p6: Path) -> None:
    said = record(compared(*SIX, case=p6))
    assert {"answered", "kind", "id", "claims", "text", "sources", "as_of", "suggestions"} <= set(said)
    assert (said["answered"], said["kind"], said["id"], said["as_of"]) == (True, "engine", "compare", "2024-09-03")
    assert all(reason["sources"][0]["as_of"] for fit in said["dimensions"] for reason in fit["reasons"])


def test_without_a_case_the_five_questions_come_first(p6: Path) -> None:
    ran = compared(*FIVE, *SIX)
    assert re.findall(r"(\d of \d)\.", ran.err) == [f"{at} of 5" for at in range(1, 6)] + [f"{at} of 6" for at in range(1, 7)]
    assert record(ran) == record(compared(*SIX, case=p6))


def test_the_questions_are_not_on_standard_output(p6: Path) -> None:
    ran = compared(*SIX, case=p6, form="text")
    assert ran.out.startswith("Stay on AWS.")
    assert "of 6" not in ran.out
    assert "They pull apart: the verdict is AWS; on permissions Azure Machine Learning fits better" in ran.prose


def test_markdown_is_what_the_answer_holds(p6: Path) -> None:
    assert compared(*SIX, case=p6, form="markdown").out.strip() == record(compared(*SIX, case=p6))["text"]


SAID = {
    # what is typed at the first question, before the five others: what is understood there
    "a number": (("2",), "jobs"),
    "an id": (("jobs",), "jobs"),
    "the words of the button": (("people, by their role",), "people"),
    "help first": (("?", "1"), "people"),
    "not understood first": (("everybody", "1"), "people"),
    "back from the first": (("back", "2"), "jobs"),
    "back and another answer": (("1", "back", "2"), "jobs"),
    "not sure": (("skip",), None),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_understood(name: str, p6: Path) -> None:
    said, answer = SAID[name]
    assert answered(compared(*said, *SIX[1:], case=p6)).get("rights") == answer


def test_what_is_not_understood_is_said_with_the_nearest(p6: Path) -> None:
    assert (
        "I did not get an answer from `job, each its own`. Did you mean `Jobs, each its own`?"
        in compared("job, each its own", *SIX, case=p6).err
    )


@pytest.mark.parametrize("said", [(), ("1", "2"), ("1", "quit")], ids=["nothing", "the end in between", "quit"])
def test_it_can_be_left(said: tuple[str, ...], p6: Path) -> None:
    ran = compared(*said, case=p6)
    assert (ran.code, ran.out) == (130, "")
    assert "Stopped." in ran.err


def test_a_case_on_standard_input_would_leave_nowhere_to_answer() -> None:
    run("compare", "--case", "-").refused("the questions are answered on standard input")


def test_a_case_that_cannot_be_computed_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "broken.yml"
    file.write_text("answers: {footprint: mars}\n", encoding="utf-8")
    ran = compared(*SIX, case=file)
    assert (ran.code, ran.out) == (2, "")
    assert "of 6" not in ran.err
    assert f"{file}:1: footprint: `mars` is not accepted." in ran.err


def test_the_command_knows_no_other_way_to_be_called() -> None:
    assert sorted(option.name or "" for option in compare.command.params) == ["day", "file", "form", "rules"]
