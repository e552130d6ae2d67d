"""A dimensions.yml that does not hold together is refused, with file, line and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.dimensions import load_dimensions
from engine.entries import Entry
from engine.errors import RulesError
from engine.knowledge import Source
from engine.rulebook import Rulebook

FILE = "dimensions.yml"
SMALL = """dimensions:
  - id: kitchens
    name: kitchens
    title: Kitchens
    differ: One cooks on gas, one does not.
    claims: [B1]
    entries: [gas-or-not]
    sources:
      - {title: a cook book, publisher: a publisher, as_of: 2026-05-21}
    questions:
      - id: flame
        name: flame
        ask: Do you need a flame?
        why_asked: Some do.
        help: Look at your pans.
        answers:
          - id: yes
            name: "Yes"
            speaks_for: aws
            because: It has one.
            claims: [B2]
            entries: [flames]
            sources:
              - {title: a cook book, publisher: a publisher, as_of: 2026-05-21}
          - id: no
            name: "No"
            speaks_for: neither
            because: Then either does.
            claims: [B1]
            entries: [gas-or-not]
            sources:
              - {title: a cook book, publisher: a publisher, as_of: 2026-05-21}
    reused:
      - question: footprint
        answers:
          - id: azure
            speaks_for: azure
            because: You have its pans.
            judgement: true
            claims: [B1]
            entries: [gas-or-not]
            sources:
              - {title: a cook book, publisher: a publisher, as_of: 2026-05-21}
"""
QUESTION = SMALL[SMALL.index("      - id: flame") : SMALL.index("    reused:")]


def entry(name: str, *covers: str) -> Entry:
    source = Source.model_validate({"title": "a cook book", "publisher": "a publisher", "as_of": "2026-05-21"})
    return Entry.model_construct(id=name, covers=list(covers), sources=[source])


KNOWN = (entry("gas-or-not", "B1"), entry("flames", "B2"))


def refusals(rulebook: Rulebook, folder: Path, text: str) -> list[str]:
    (folder / FILE).write_text(text, encoding="utf-8")
    try:
        load_dimensions(rulebook, folder, KNOWN)
    except RulesError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_the_small_one_is_sound(rulebook: Rulebook, tmp_path: Path) -> None:
    assert refusals(rulebook, tmp_path, SMALL) == []


def test_it_can_be_read_without_the_knowledge(rulebook: Rulebook, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(SMALL, encoding="utf-8")
    assert [question.id for question in load_dimensions(rulebook, tmp_path).questions] == ["flame"]


REFUSED: dict[str, tuple[str, str, str]] = {
    # what is wrong: the text, what stands in its place, the refusal
    "an unknown key": ("    differ:", "    difers:", "5: difers: unknown key. Did you mean `differ`?"),
    "an unknown provider": ("speaks_for: aws", "speaks_for: awz", "19: speaks_for: unknown `awz`. Did you mean `aws`?"),
    "an unknown provider of a reused answer": (
        "speaks_for: azure", "speaks_for: gcp", "37: speaks_for: unknown `gcp`. Known: aws, azure, neither.",
    ),
    "an unknown entry": ("[flames]", "[flame]", "22: entries: unknown `flame`. Did you mean `flames`?"),
    "an unknown claim": ("claims: [B2]", "claims: [B7]", "21: claims: `B7` is covered by none of its entries. Name one that covers it"),
    "no claim at all": (
        "claims: [B2]", "claims: [C2]", "21: claims: `C2` does not have the form of such a value: it must match ^[AB][1-9][0-9]?$",
    ),
    "a source that no entry has": (
        "entries: [flames]\n            sources:\n              - {title: a cook book, publisher: a publisher, as_of: 2026-05-21}",
        "entries: [flames]\n            sources:\n              - {title: a cook book, publisher: a publisher, as_of: 2026-05-22}",
        "24: sources: `a cook book` of 2026-05-22 is no source of its entries. Cite what they cite",
    ),
    "a source without a day": (", as_of: 2026-05-21}", "}", "9: as_of: missing. Add it"),
    "an unknown question of the five": (
        "question: footprint", "question: footprints", "34: question: `footprints` is no question with a list of answers. "
        "Did you mean `footprint`?",
    ),
    "a question that takes a number": (
        "question: footprint", "question: inference_regions", "34: question: `inference_regions` is no question with a list of answers. "
        "Known: footprint, microsoft_ea, mlops_capacity, training.",
    ),
    "an unknown answer to one of the five": ("- id: azure", "- id: azur", "36: id: unknown answer `azur`. Did you mean `azure`?"),
    "a question named as one of the five": ("- id: flame", "- id: training", "11: id: `training` is used already. Choose another"),
    "the same answer twice": ("- id: no\n", "- id: yes\n", "25: id: `yes` is used already. Choose another"),
    "the same button twice": ('name: "No"', 'name: "Yes"', "26: name: `Yes` is used already. Choose another"),
    "a question that decides nothing": (
        "speaks_for: aws", "speaks_for: neither", "11: answers: no answer to `flame` speaks for a provider. It need not be asked",
    ),
    "a button that is too long": (
        'name: "No"', f'name: "{"No" * 21}"', f"26: name: `{'No' * 21}`: 42 characters; at most 40 fit",
    ),
    "a word for a flag": ("judgement: true", "judgement: perhaps", "39: judgement: `perhaps`: true or false is needed, without quotes"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_hold_together_is_refused(name: str, rulebook: Rulebook, tmp_path: Path) -> None:
    old, new, refusal = REFUSED[name]
    assert old in SMALL
    found = refusals(rulebook, tmp_path, SMALL.replace(old, new, 1))
    assert f"{FILE}:{refusal}" in found


def test_more_than_two_questions_of_a_dimension_are_refused(rulebook: Rulebook, tmp_path: Path) -> None:
    three = QUESTION + "".join(QUESTION.replace("id: flame", f"id: flame{at}") for at in (2, 3))
    assert any("questions" in problem for problem in refusals(rulebook, tmp_path, SMALL.replace(QUESTION, three)))


def test_more_than_six_questions_are_refused(rulebook: Rulebook, tmp_path: Path) -> None:
    one = SMALL.removeprefix("dimensions:\n")
    many = "".join(one.replace("id: flame", f"id: flame{at}").replace("id: kitchens", f"id: kitchen{at}") for at in range(7))
    text = f"{FILE}:1: questions: 7 questions; more than 6 are not answered. Leave out the weakest"
    assert text in refusals(rulebook, tmp_path, "dimensions:\n" + many)


def test_all_problems_come_at_once(rulebook: Rulebook, tmp_path: Path) -> None:
    broken = SMALL.replace("speaks_for: aws", "speaks_for: awz").replace("[flames]", "[flame]").replace("- id: azure", "- id: azur")
    assert [problem.split(":")[1] for problem in refusals(rulebook, tmp_path, broken)] == ["19", "21", "22", "24", "36"]


def test_a_missing_file_is_named(rulebook: Rulebook, tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"dimensions.yml: cannot be read: No such file or directory"):
        load_dimensions(rulebook, tmp_path)


def test_the_version_of_the_rules_is_of_what_a_verdict_rests_on(rulebook: Rulebook, broken_rules: Callable[..., Path]) -> None:
    """A reworded reason of a dimension changes no verdict, so verdicts made before are not outdated by it."""
    from engine.load import load_rulebook

    folder = broken_rules((FILE, "Who should hold the rights", "Who shall hold the rights"))
    assert load_rulebook(folder).version == rulebook.version
