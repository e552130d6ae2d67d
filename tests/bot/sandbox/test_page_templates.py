"""The templates of the local Slack choose words and places; they compute nothing, and hold nothing that the page's policy forbids."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest
from jinja2 import nodes

from bot.sandbox.drawing import TEMPLATES, environment
from bot.sandbox.page import STATIC

FILES = sorted(TEMPLATES.glob("*.j2"))
ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg)
COMPUTING = {"sum", "round", "int", "float", "abs", "max", "min", "filesizeformat", "format"}
CONSTANT_MARKUP = re.compile(r"'[^'{}]*'\|safe")


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_template_never_computes(path: Path) -> None:
    parsed = environment.parse(path.read_text(encoding="utf-8"))
    assert [type(node).__name__ for node in parsed.find_all(ARITHMETIC)] == []
    assert {node.name for node in parsed.find_all(nodes.Filter)} & COMPUTING == set()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_template_holds_no_script_no_style_and_nothing_unescaped(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)|https?://", text) == []
    assert "autoescape" not in text
    assert "|safe" not in CONSTANT_MARKUP.sub("", text)
    assert "| safe" not in text


def test_the_environment_escapes_and_is_strict() -> None:
    assert environment.from_string("{{ text }}").render(text="<b>") == "&lt;b&gt;"
    with pytest.raises(Exception, match="'missing' is undefined"):
        environment.from_string("{{ missing }}").render()


def test_the_pages_own_script_asks_for_nothing_that_the_policy_forbids() -> None:
    text = (STATIC / "page.js").read_text(encoding="utf-8")
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|https?://", text) == []


def test_vendored_files_are_those_that_are_written_down() -> None:
    folder = STATIC / "vendor"
    written = dict(re.findall(r"\| (\S+\.js) \| .* \| ([0-9a-f]{64}) \|", (folder / "README.md").read_text(encoding="utf-8")))
    assert {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.js")} == written
