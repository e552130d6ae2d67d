"""The code that the bot hands out can be pasted: it compiles, holds nothing that must stay out, and no value breaks out of its place."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import hcl2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.qa.setup import Snippet
from bot.qa.setup_book import SETUP_FOLDER, read_book
from bot.qa.setup_code import hcl_literal, python_literal, render, shell_literal, words
from bot.qa.setup_values import filled, plan_named
from tests.bot.qa.setup_cases import AWS, WANTED, every_snippet, rulebook, snippets

# -- code that can be pasted -------------------------------------------------------------------------------------------

PYTHON = [pytest.param(snippet, id=f"{snippet.id} of {case}") for case, snippet in every_snippet("python")]
SHELL = [pytest.param(snippet, id=f"{snippet.id} of {case}") for case, snippet in every_snippet("shell")]
EVERY = [pytest.param(s, id=f"{s.id} of {case}") for word in ("python", "terraform", "shell") for case, s in every_snippet(word)]


@pytest.mark.parametrize("snippet", PYTHON)
def test_python_compiles_and_says_what_it_is(snippet: Snippet) -> None:
    tree = ast.parse(snippet.code)
    assert (ast.get_docstring(tree) or "").strip()
    compile(tree, snippet.file_name, "exec")


@pytest.mark.parametrize("snippet", PYTHON)
def test_importing_it_does_nothing(snippet: Snippet) -> None:
    """No request, no file, no variable that must be set: a file defines its parts and runs them as a program only."""
    for node in ast.parse(snippet.code).body[1:]:
        quiet = isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
        constant = isinstance(node, ast.Assign) and not any(os_call(each) for each in ast.walk(node.value))
        program = isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"
        assert quiet or constant or program, ast.unparse(node)


def os_call(node: ast.AST) -> bool:
    """A call that does more than to look into the environment with a value at hand."""
    return isinstance(node, ast.Subscript) or (isinstance(node, ast.Call) and ast.unparse(node.func) != "os.environ.get")


@pytest.mark.parametrize("snippet", SHELL)
def test_shell_parses(snippet: Snippet) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash to parse it with")
    assert subprocess.run([bash, "-n"], input=snippet.code, text=True, timeout=30).returncode == 0


@pytest.mark.parametrize("snippet", EVERY)
def test_it_holds_no_id_no_fence_and_no_blank(snippet: Snippet) -> None:
    assert re.findall(r"\b\d{12}\b|AKIA[A-Z0-9]{8}|```|<account>|\bTODO\b|\bxxx", snippet.code, re.IGNORECASE) == []
    assert all(line == line.rstrip() for line in snippet.code.splitlines())
    assert "\n\n\n\n" not in snippet.code
    assert snippet.code.endswith("\n")
    assert max(map(len, snippet.code.splitlines())) <= 180


@pytest.mark.parametrize("case", WANTED)
def test_every_file_has_a_dated_source_and_real_claims(case: str) -> None:
    for snippet in snippets(case):
        assert any(source.as_of for source in snippet.sources)
        assert all(re.fullmatch(r"A([1-9]|[1-5]\d|6[0-6])|B([1-9]|[1-5]\d|60)", claim) for claim in snippet.claims)
        assert snippet.says.endswith(".")
        assert all(note.endswith(".") for note in snippet.notes)


def test_ruff_finds_nothing_in_the_python(tmp_path: Path) -> None:
    for number, (_, snippet) in enumerate(every_snippet("python")):
        (tmp_path / f"snippet_{number}.py").write_text(snippet.code)
    ruff = Path(sys.executable).parent / "ruff"
    command = [str(ruff), "check", "--isolated", "--no-cache", "--line-length=180", "--select=E,F,I,UP,B,SIM", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "All checks passed!\n")


# -- the script that trains --------------------------------------------------------------------------------------------


def trained(folder: Path, *words: str) -> int:
    file = folder / "train.py"
    file.write_text(WANTED["aws, managed"].code("src/train.py"))
    command = [sys.executable, str(file), "--checkpoints", str(folder / "kept"), "--model", str(folder / "model"), *words]
    return subprocess.run(command, cwd=folder, timeout=60).returncode


def test_the_script_goes_on_where_it_was(tmp_path: Path) -> None:
    assert trained(tmp_path, "--epochs", "2") == 0
    assert json.loads((tmp_path / "kept" / "state.json").read_text()) == {"epoch": 2, "loss": 0.25}
    assert trained(tmp_path, "--epochs", "3", "--unknown", "hyperparameter") == 0
    assert json.loads((tmp_path / "model" / "state.json").read_text()) == {"epoch": 3, "loss": 0.125}


def test_the_script_keeps_its_state_when_the_machine_is_taken(tmp_path: Path) -> None:
    """SIGTERM reaches it in the middle of an epoch: it ends that one, keeps it, and says that it was interrupted."""
    code = WANTED["aws, managed"].code("src/train.py")
    interrupted = code.replace(
        '    state["loss"] = state["loss"] / 2\n', '    state["loss"] = state["loss"] / 2\n    os.kill(os.getpid(), signal.SIGTERM)\n'
    )
    assert code != interrupted
    file = tmp_path / "train.py"
    file.write_text(interrupted)
    command = [sys.executable, str(file), "--checkpoints", str(tmp_path / "kept"), "--epochs", "5"]
    assert subprocess.run(command, cwd=tmp_path, timeout=60).returncode == 143
    assert json.loads((tmp_path / "kept" / "state.json").read_text()) == {"epoch": 1, "loss": 0.5}
    assert trained(tmp_path, "--epochs", "5") == 0
    assert json.loads((tmp_path / "model" / "state.json").read_text()) == {"epoch": 5, "loss": 0.03125}


# -- values that want to be code ---------------------------------------------------------------------------------------

HOSTILE = [
    'us-east-1"; import os; os.system("x") #', "'''", '"""', '${file("/etc/passwd")}', "%{for x in y}", "$(id)", "`id`", "a\nb", "\\",
    '\\"',    "\u202e\u2066", "\x00\x1b[2J", "{{ 7 * 7 }}", "#{x}", "$${", "end\u2028end", "*/", "EOT\n",
]  # fmt: skip


def hostile_values(text: str) -> dict[str, object]:
    """The values of a case, with that text wherever there is one."""
    advice = WANTED["aws, managed"].advice()
    values = filled(rulebook(), advice, plan_named(advice, AWS), read_book(rulebook())).values
    assert values.training
    assert values.serving
    training = replace(values.training, region=text, machine=text, purchase_name=text)
    serving = replace(values.serving, region=text, machine=text)
    return replace(values, training=training, serving=serving, regions={"aws": text, "azure": text}, clouds=("aws", "azure")).shown()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_value_stays_a_string_of_python(text: str) -> None:
    values = hostile_values(text)
    for template in {entry.template for entry in read_book(rulebook()).written.snippets if entry.language == "python"}:
        named = {ast.unparse(node.targets[0]): node.value for node in ast.walk(ast.parse(render(SETUP_FOLDER, template, "python", values)))
                 if isinstance(node, ast.Assign)}  # fmt: skip
        for name in {"REGION", "INSTANCE_TYPE"} & set(named):
            assert text in [node.value for node in ast.walk(named[name]) if isinstance(node, ast.Constant)]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_value_stays_a_string_of_terraform(text: str) -> None:
    values = hostile_values(text)
    for template in {entry.template for entry in read_book(rulebook()).written.snippets if entry.language == "terraform"}:
        assert shape(hcl2.loads(render(SETUP_FOLDER, template, "terraform", values))) == harmless(template)


@cache
def harmless(template: str) -> object:
    return shape(hcl2.loads(render(SETUP_FOLDER, template, "terraform", hostile_values("harmless"))))


def shape(value: object) -> object:
    """A configuration without its texts."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items() if name != "__comments__"}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value)


@given(st.text())
def test_any_text_is_one_string_of_python(text: str) -> None:
    assert text == ast.literal_eval(python_literal(text))
    python_literal(text).encode("utf-8")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_one_string_of_terraform(text: str) -> None:
    literal = hcl_literal(text)
    inside = literal[1:-1]
    assert not re.search(r'(?<!\\)(\\\\)*"', inside)
    assert "${" not in inside
    assert "%{" not in inside
    assert literal.isprintable()
    unescaped = re.sub(
        r"\\(u[0-9a-f]{4}|U[0-9a-f]{8}|.)", lambda m: chr(int(m[1][1:], 16)) if m[1][0] in "uU" else PLAIN.get(m[1], m[1]), inside
    )
    assert text == unescaped


PLAIN = {"n": "\n", "r": "\r", "t": "\t"}


@given(st.text())
def test_any_text_is_one_word_of_a_shell(text: str) -> None:
    assert ["".join(sign for sign in text if sign.isprintable())] == shlex.split(shell_literal(text))


@given(st.text())
def test_any_text_stays_in_its_comment(text: str) -> None:
    said = words(text)
    assert "\n" not in said
    assert said.isprintable()
    assert ast.get_docstring(ast.parse(f'"""Before {said}."""')) is not None
    assert ast.parse(f"# {said}").body == []


LITERALS = [
    pytest.param(True, "True", "true", id="flag"),
    pytest.param(None, "None", "null", id="nothing"),
    pytest.param(4, "4", "4", id="number"),
    pytest.param(["a", 1], '["a", 1]', '["a", 1]', id="list"),
    pytest.param(Decimal("0.10"), "0.10", "0.10", id="decimal"),
    pytest.param("it's", '"it\'s"', '"it\'s"', id="text"),
]


@pytest.mark.parametrize(("value", "python", "terraform"), LITERALS)
def test_other_values_are_literals_too(value: object, python: str, terraform: str) -> None:
    assert (python, terraform) == (python_literal(value), hcl_literal(value))
