"""phrases.yml that does not fit the questions is refused, with file, line and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import RulesError
from engine.load import RULES_FOLDER, load_rulebook

FILE = "phrases.yml"


def refusals(folder: Path) -> list[str]:
    try:
        load_rulebook(folder)
    except RulesError as error:
        return [str(problem) for problem in error.problems]
    return []


def line(text: str, after: str = "") -> int:
    """The line of the shipped file on which a text stands first, behind another one."""
    whole = (RULES_FOLDER / FILE).read_text(encoding="utf-8")
    return whole[: whole.index(text, whole.index(after))].count("\n") + 1


REFUSED: dict[str, tuple[str, str, int, str]] = {
    "an unknown key": (
        "\nendings:",
        "\nending: {}\nendings:",
        line("\nendings:") + 1,
        "ending: unknown key. Did you mean `endings`?",
    ),
    "an unknown role": (
        "\n  hedge:",
        "\n  hegde:",
        line("\n  hedge:") + 1,
        "hegde: unknown key. Did you mean `hedge`?",
    ),
    "an unknown question": (
        "  - id: footprint\n",
        "  - id: footprints\n",
        line("  - id: footprint\n"),
        "id: unknown question `footprints`. Did you mean `footprint`?",
    ),
    "an unknown answer": (
        "      - id: azure\n",
        "      - id: azur\n",
        line("      - id: azure\n"),
        "id: `azur` is not accepted. Give one of: aws, azure, both, none.",
    ),
    "an unknown answer that two make": (
        "joins: [aws, azure]",
        "joins: [aws, azur]",
        line("joins: [aws, azure]"),
        "joins: `azur` is not accepted. Give one of: aws, azure, both, none.",
    ),
    "a number out of range": (
        "      - id: 0\n",
        "      - id: 61\n",
        line("      - id: 0\n"),
        "id: `61` is not accepted. Give a whole number from 0 to 60.",
    ),
    "a denial that is no answer": (
        "denied: \"no\"",
        "denied: nope",
        line('denied: "no"'),
        "denied: `nope` is not accepted. Give one of: yes, no, unsure.",
    ),
    "one phrase for two answers": (
        "          - around the clock\n",
        "          - Weekly\n",
        line("          - around the clock\n"),
        "phrases: `Weekly` means `sporadic` already. A phrase has one answer",
    ),
    "a number that is none": (
        "  twelve: 12",
        "  twelve: dozen",
        line("  twelve: 12"),
        "twelve: `dozen`: a whole number is needed, in digits",
    ),
    "an empty phrase": (
        "    - not sure\n",
        '    - " "\n',
        line("    - not sure\n"),
        "unsure: ` `: a text is needed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(old: str, new: str, at: int, problem: str, broken_rules: Callable[..., Path]) -> None:
    assert f"{FILE}:{at}: {problem}" in refusals(broken_rules((FILE, old, new)))


def test_a_question_without_phrases_is_refused(broken_rules: Callable[..., Path]) -> None:
    whole = (RULES_FOLDER / FILE).read_text(encoding="utf-8")
    last = whole[whole.index("  - id: mlops_capacity") :]
    assert refusals(broken_rules((FILE, last, ""))) == [
        f"{FILE}:{line('questions:')}: questions: `mlops_capacity` has no phrases. Add them"
    ]


def test_a_question_twice_is_refused(broken_rules: Callable[..., Path]) -> None:
    again = "  - {id: footprint, subjects: [], answers: []}\n"
    at = line("  - id: training\n")
    found = refusals(broken_rules((FILE, "  - id: training\n", f"{again}  - id: training\n")))
    assert found == [f"{FILE}:{at}: id: `footprint` is written twice. Keep one"]
