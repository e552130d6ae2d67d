from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.storage import Database, rulebook_from, snapshot
from engine.errors import RulesError
from engine.load import RULES_FOLDER, load_rulebook
from engine.rulebook import Rulebook


def archive(*entries: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name, content in entries:
            file.writestr(zipfile.ZipInfo(name), content)
    return written.getvalue()


def test_a_rulebook_comes_back_from_the_database_as_it_was(database: Database, broken_rules: Callable[..., Path]) -> None:
    folder = broken_rules()
    rulebook = load_rulebook(folder)
    with database.workspace("T1") as work:
        work.keep_rulebook(rulebook.version, rulebook.prices_version, snapshot(folder))
        kept = work.rulebook_snapshot(rulebook.version)
    assert kept is not None
    again = rulebook_from(kept)
    assert (again.version, again.prices_version) == (rulebook.version, rulebook.prices_version)
    assert again.catalogue.prices == rulebook.catalogue.prices
    assert [rule.written for rule in again.rules] == [rule.written for rule in rulebook.rules]


def test_an_old_rulebook_is_the_old_one(rulebook: Rulebook, broken_rules: Callable[..., Path]) -> None:
    folder = broken_rules(("questions.yml", "if_skipped: sporadic\n", "if_skipped: none\n"))
    old = rulebook_from(snapshot(folder))
    assert old.version != rulebook.version
    assert old.prices_version == rulebook.prices_version
    assert old.question["training"].if_skipped == "none"


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    shutil.copytree(RULES_FOLDER, tmp_path / "rules", copy_function=shutil.copyfile)
    assert snapshot(tmp_path / "rules") == snapshot(RULES_FOLDER)
    assert len(snapshot(RULES_FOLDER)) < 60_000


NAMES = [
    "../escaped.yml", "/escaped.yml", "decision/../../escaped.yml", "decision/deeper/escaped.yml", "..\\escaped.yml", "C:escaped.yml",
    "catalogue//escaped.csv", "escaped.py", "decision/", ".yml/escaped.yml", "",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_has_no_place_in_a_rulebook_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(RulesError, match="is no file of a rulebook"):
        rulebook_from(archive((name, b"escaped")))
    assert list(tmp_path.iterdir()) == []
    assert not (tmp_path.parent / "escaped.yml").exists()


BROKEN = {
    "empty": (b"", "cannot be read"),
    "no archive": (b"questions:\n", "cannot be read"),
    "cut off": (snapshot(RULES_FOLDER)[:-40], "cannot be read"),
    "one bit off": (archive(("questions.yml", b"abc")).replace(b"abc", b"abd", 1), "cannot be read"),
    "too many files": (archive(*((f"{n}.yml", b"") for n in range(1_001))), "is too large"),
    "no rules in it": (archive(), "cannot be read"),
}


@pytest.mark.parametrize(("kept", "words"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_snapshot_says_so(kept: bytes, words: str) -> None:
    with pytest.raises(RulesError, match=words):
        rulebook_from(kept)


def test_a_snapshot_that_would_fill_the_disk_is_refused() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("questions.yml", bytes(50_000_001))
    with pytest.raises(RulesError, match="the snapshot: is too large for a rulebook"):
        rulebook_from(written.getvalue())
