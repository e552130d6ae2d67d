"""Entries of knowledge: every claim is covered, each can be read out, and what is wrong with one is said with its file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.qa.entries import Library, check_entries
from bot.words import Words
from engine.entries import KNOWLEDGE_FOLDER, Entry, load_entries
from engine.errors import RulesError
from engine.rulebook import Rulebook

DAY = date(2026, 11, 22)
CLAIMS = {*(f"A{at}" for at in range(1, 67)), *(f"B{at}" for at in range(1, 61))}
FILE = "egress/egress-aws-or-azure.md"


@pytest.fixture(scope="module")
def entries(rulebook: Rulebook) -> tuple[Entry, ...]:
    return load_entries(rulebook)


def test_every_claim_of_both_articles_has_an_entry(entries: tuple[Entry, ...]) -> None:
    assert {claim for entry in entries for claim in entry.covers} == CLAIMS


def test_each_is_read_out_with_its_sources(rulebook: Rulebook, entries: tuple[Entry, ...]) -> None:
    library = Library(Words(rulebook, shows_private=False), entries)
    check_entries(library, DAY)
    for entry in entries:
        answer = library.answer(entry, DAY)
        assert 15 <= len(answer.text.split()) <= 200, entry.id
        assert {source.title for source in entry.sources} <= {cited.title for cited in answer.sources}


def test_a_claim_that_does_not_hold_is_corrected_first(rulebook: Rulebook, entries: tuple[Entry, ...]) -> None:
    """Not with the article's own figure in the first sentence."""
    library = Library(Words(rulebook), entries)
    first = library.answer(library.by_id["one-tb-a-day-three-regions"], DAY).text.split(". ")[0]
    assert first == "Twice what the article says, if all of it crosses both borders"


# -- what is wrong is said -------------------------------------------------------------------------------------------------


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


BROKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "no front matter": (lambda text: text.removeprefix("---\n"), "has no front matter"),
    "an unknown key": (replaced("checked: ", "chekced: "), "chekced: unknown key. Did you mean `checked`?"),
    "an unknown finding": (replaced("checked: holds", "checked: true-ish"), "checked: unknown `true-ish`"),
    "a claim that is none": (replaced("covers: [A33", "covers: [C33"), "covers"),
    "another id than the file": (replaced("id: egress-aws-or-azure", "id: egress-both"), "the file of this entry is egress/egress-both.md"),
    "money that is typed": (replaced("\n---\n", "\n---\nIt costs $5. "), "an amount of money is typed"),
    "a price that is not there": (
        lambda text: text + '{{ price("aws", "p9.large", "us-east-1", "spot") }}',
        "no price aws p9.large us-east-1 spot",
    ),
    "something that computes": (lambda text: text + "{{ 2 * 3 }}", "one call with constant arguments"),
    "something that is called on a value": (lambda text: text + '{{ "".__class__ }}', "one call with constant arguments"),
    "a statement": (lambda text: text + "{% for x in y %}{% endfor %}", "only paragraphs"),
    "a form that another has": (
        replaced("asked_as:\n", "asked_as:\n  - When does a reserved GPU beat on demand?\n"),
        "stands in",
    ),
    "an entry to go on to that is not there": (replaced("see: [", "see: [no-such-entry, "), "unknown `no-such-entry`"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_with_an_entry_is_said_with_its_file(name: str, tmp_path: Path, rulebook: Rulebook) -> None:
    change, said = BROKEN[name]
    folder = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE_FOLDER, folder)
    path = folder / FILE
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(RulesError) as raised:
        check_entries(Library(Words(rulebook), load_entries(rulebook, folder)), DAY)
    assert said in str(raised.value)
    assert "egress" in str(raised.value) or "reserved" in str(raised.value)
