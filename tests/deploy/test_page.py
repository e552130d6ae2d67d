"""The page for operators names only what there is. Its commands are run by `make page-check`."""

from __future__ import annotations

import re
import subprocess

import pytest

from bot import metrics
from bot.cli.main import _COMMANDS
from bot.settings import Settings
from tests.deploy.files import COMPOSE, ROOT, UNIT, variables
from tests.deploy.page import AFTER_STOPPING, ELSEWHERE, UNTIL, Block, blocks, text

COMMANDS = [block for block in blocks() if block.language == "sh"]


def test_the_readme_leads_there() -> None:
    assert "(docs/operating.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_block_is_one_of_commands_and_says_how_it_is_run() -> None:
    assert len(blocks()) == text().count("```") / 2
    assert [block for block in blocks() if block.language != "sh"] == []
    known = ("", AFTER_STOPPING, *ELSEWHERE)
    assert [block.how for block in blocks() if block.how not in known and not block.how.startswith(UNTIL)] == []


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: f"{block.part}: {block.text.splitlines()[0][:60]}")
def test_a_shell_can_read_it(block: Block) -> None:
    read = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


def test_what_cannot_run_here_is_about_containers_and_systemd_alone() -> None:
    first = {re.sub(r".*\| ", "", line).split()[0] for block in COMMANDS if not block.runs_here for line in block.text.splitlines()}
    assert first <= {"docker", "sudo", "install", "journalctl"}


def test_every_file_of_the_project_that_it_names_is_there() -> None:
    named = set(re.findall(r"\bdeploy/[\w./-]*\w|\brequirements\.txt|(?<=\]\(\.\./)[\w./]+", text())) - {"deploy/.env"}
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_of_ours_that_it_names_is_one() -> None:
    named = set(re.findall(r"(?:`|bin/|bot )whichcloud ([a-z]+)", text()))
    assert named <= set(_COMMANDS)
    assert {"serve", "worker", "start", "doctor", "backup", "restore", "jobs", "manifest"} <= named


def test_every_variable_that_it_names_is_read() -> None:
    named = set(re.findall(r"\b(?:WHICHCLOUD|SLACK|POSTGRES)_[A-Z_]+\b", text()))
    assert named <= {each.name for each in variables()}


def test_every_metric_that_it_names_is_shown() -> None:
    named = set(re.findall(r"`((?:whichcloud|process)_[a-z_]+)", text()))
    source = (ROOT / "bot" / "metrics.py").read_text(encoding="utf-8")
    assert {name for name in named if f'"{name}"' not in source} == {"process_resident_memory_bytes"}
    assert b"process_resident_memory_bytes" in metrics.exposition(())[0]


def test_its_services_and_volumes_are_those_of_the_files() -> None:
    compose = COMPOSE.read_text(encoding="utf-8")
    assert [name for name in ("bot", "serve", "worker", "database", "cache") if f"\n  {name}:" not in compose] == []
    assert "-e 's/ serve$/ worker/' -e 's/^Type=notify/Type=exec/'" in text()
    unit = UNIT.read_text(encoding="utf-8").splitlines()
    assert [sum(line.endswith(" serve") for line in unit), unit.count("Type=notify")] == [1, 1]


def test_its_parts_are_where_its_first_lines_lead() -> None:
    headings = re.findall(r"^## (\d+)\. (.+)$", text(), re.MULTILINE)
    listed = re.findall(r"(\d+)\. \[(.+?)\]\(#(.+?)\)", text())
    assert [(number, title) for number, title, _ in listed] == headings
    assert [anchor for _, _, anchor in listed] == [f"{number}-{title.lower().replace(' ', '-')}" for number, title in headings]


def test_what_it_says_of_retention_and_fair_use_is_what_holds() -> None:
    from bot.fairness import PER_PERSON, PER_WORKSPACE

    assert (PER_PERSON.burst, PER_PERSON.per_second, PER_WORKSPACE.burst, PER_WORKSPACE.per_second) == (30, 2, 150, 5)
    assert "30 things at once and then two a second, a workspace 150 and then 5 a second" in text()
    assert Settings.model_fields["port"].default == 3000
