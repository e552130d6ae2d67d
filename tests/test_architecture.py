"""What must hold of the code as a whole: who may know what, and what must never be written down here."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parent.parent
ENGINE = sorted((ROOT / "engine").glob("**/*.py"))
BOT = sorted((ROOT / "bot").glob("**/*.py"))
SANDBOX = ROOT / "bot" / "sandbox"
PRODUCT = [path for path in BOT if SANDBOX not in path.parents]  # the local Slack plays Slack: it knows nothing of clouds
FOLDERS = [ROOT / "bot" / folder for folder in ("templates", "installing/templates", "sandbox/templates")]
TEMPLATES = [path for folder in FOLDERS for path in sorted(folder.iterdir())]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def lines_with(path: Path, pattern: str) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [f"{name(path)}:{at}: {line.strip()}" for at, line in enumerate(lines, 1) if re.search(pattern, line, re.IGNORECASE)]


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it, and what it fetches by name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(module: str, files: list[Path]) -> list[str]:
    return [name(path) for path in files if any(each == module or each.startswith(f"{module}.") for each in imports(path))]


def test_there_is_something_to_look_at() -> None:
    assert len(ENGINE) > 10
    assert len(BOT) > 5
    assert len(TEMPLATES) >= 3


# -- what the engine may know ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ENGINE, ids=name)
def test_the_engine_names_no_provider(path: Path) -> None:
    """In comments and docstrings neither: an example there is a fact about a provider that will be forgotten."""
    assert lines_with(path, r"aws|azure|amazon|microsoft|sagemaker|gcp|google") == []


@pytest.mark.parametrize("path", ENGINE, ids=name)
def test_the_engine_writes_no_dollars(path: Path) -> None:
    """A dollar sign is a word of a reply. Only the end of a pattern is spelt like one."""
    patterns = {
        id(n.args[0]) for n in ast.walk(tree(path)) if isinstance(n, ast.Call) and n.args and called(n) in ("re.compile", "re.match")
    }
    patterns |= {
        id(keyword.value) for n in ast.walk(tree(path)) if isinstance(n, ast.Call) for keyword in n.keywords if keyword.arg == "pattern"
    }
    texts = [n for n in ast.walk(tree(path)) if isinstance(n, ast.Constant) and isinstance(n.value, str) and "$" in n.value]
    assert [(n.lineno, n.value) for n in texts if id(n) not in patterns] == []
    assert lines_with(path, r"#.*\$") == []


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


@pytest.mark.parametrize("path", ENGINE, ids=name)
def test_the_engine_reads_no_clock_and_no_environment(path: Path) -> None:
    """The day is an argument, so that an old advice can be had again."""
    used = {ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
    clocks = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "os.environ", "os.getenv", "sys.argv", "sys.stdin")
    assert not used & set(clocks)
    banned = {"os", "time", "sys", "random", "socket", "urllib", "http", "requests", "subprocess", "secrets", "uuid", "logging", "locale"}
    assert not {module.partition(".")[0] for module in imports(path)} & banned


@pytest.mark.parametrize("path", ENGINE, ids=name)
def test_the_engine_imports_nothing_of_the_bot_nor_what_talks_to_people(path: Path) -> None:
    outside = {module.partition(".")[0] for module in imports(path)}
    assert not outside & {"bot", "tests", "slack_sdk", "slack_bolt", "slack", "click", "rich", "jinja2"}


@pytest.mark.parametrize(("module", "only"), [("yaml", ["engine/yamltree.py"]), ("pandas", ["engine/compare.py"])], ids=["YAML", "pandas"])
def test_one_module_alone_imports(module: str, only: list[str]) -> None:
    assert importers(module, ENGINE + BOT) == only


# -- what the bot may hold ---------------------------------------------------------------------------------------------

PRICE = re.compile(r"\$\s?\d|\b\d+\.\d+\b|\b0?\.\d+\b")
STEPS_OF_ROUNDING = re.compile(r"0?\.0*1")
ADDRESS = re.compile(r"(\d{1,3}\.){3}\d{1,3}")
NO_MONEY = {"bot/chart.py": "sizes of a picture", "bot/understanding/lexicon.py": "how near two spellings are"}


def docstrings(path: Path) -> set[int]:
    owners = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
    bodies = (node.body[0] for node in owners if node.body)
    return {id(first.value) for first in bodies if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)}


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_the_bot_holds_no_price(path: Path) -> None:
    """Steps of rounding are no prices; neither is the example in a docstring of how an amount is written."""
    prose = docstrings(path)
    constants = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and id(node) not in prose]
    values = [(n.lineno, n.value) for n in constants if not (isinstance(n.value, str) and ADDRESS.fullmatch(n.value))]
    if name(path) in NO_MONEY:
        values = [(at, value) for at, value in values if not isinstance(value, float)]
    assert [each for each in values if isinstance(each[1], float)] == []
    texts_with = [(at, v) for at, v in values if isinstance(v, str) and PRICE.search(v) and not STEPS_OF_ROUNDING.fullmatch(v)]
    assert texts_with == []


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_the_bot_names_no_instance(path: Path) -> None:
    assert lines_with(path, r"\bp[3-6]\w*\.\d*x?large|Standard_N|\bml\.") == []


@pytest.mark.parametrize("path", [p for p in TEMPLATES if p.suffix == ".j2"], ids=name)
def test_a_template_holds_no_price(path: Path) -> None:
    """Sizes in a style sheet are no prices."""
    text = re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert PRICE.findall(text) == []


# -- templates choose words --------------------------------------------------------------------------------------------

COMPUTED = re.compile(r"[\w\])\"']\s*(?:\*\*|//|[+*/%]|-(?=\s*[\w(])(?<=\s-))\s*[\w(\"']")


def expressions(text: str) -> list[str]:
    """What stands between the braces, without the texts in it."""
    found: list[str] = re.findall(r"\{\{-?(.*?)-?\}\}|\{%-?(.*?)-?%\}", text, re.DOTALL)
    return [re.sub(r"\"[^\"]*\"|'[^']*'", '""', "".join(pair)) for pair in found]


@pytest.mark.parametrize("path", [p for p in TEMPLATES if p.suffix == ".j2"], ids=name)
def test_a_template_never_computes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [each for each in expressions(text) if COMPUTED.search(each)] == []
    parsed = Environment(autoescape=True).parse(text)
    arithmetic = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg)
    assert [type(node).__name__ for node in parsed.find_all(arithmetic)] == []
    # `round`, `sum` and the like are arithmetic by another name.
    computing = {"sum", "round", "int", "float", "abs", "max", "min", "filesizeformat", "format"}
    assert not {node.name for node in parsed.find_all(nodes.Filter)} & computing


@pytest.mark.parametrize(
    ("text", "computes"),
    [
        ("{{ a + b }}", True),
        ("{{ a*2 }}", True),
        ("{% if a / b > 1 %}", True),
        ("{{ a - b }}", True),
        ("{{ '1 + 1' }}", False),
        ("{{ a ~ b }}", False),
        ("{% for a in b -%}", False),
        ("{{ a | f(b) }}", False),
    ],
)
def test_the_scan_knows_arithmetic_when_it_sees_it(text: str, computes: bool) -> None:
    assert any(COMPUTED.search(each) for each in expressions(text)) is computes


# -- what must not be in any file --------------------------------------------------------------------------------------


@cache
def texts() -> dict[str, str]:
    """Every text file that is kept or about to be."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git work tree: there is no list of the project's files")
    found = {}
    for each in filter(None, listed.split("\0")):
        path = ROOT / each
        try:
            found[each] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return found


def kept_lines(pattern: str) -> list[str]:
    seen = re.compile(pattern)
    return [
        f"{file}:{at}: {line.strip()[:120]}"
        for file, text in texts().items()
        for at, line in enumerate(text.splitlines(), 1)
        if seen.search(line)
    ]


# In pieces, so that this file does not hold what it looks for.
REGISTRIES = [
    ("pypi", "org"), ("files.python" + "hosted", "org"), ("registry.npm" + "js", "org"), ("registry.yarn" + "pkg", "com"),
    ("crates", "io"), ("proxy.go" + "lang", "org"), ("conda.ana" + "conda", "org"), ("ruby" + "gems", "org"), ("repo1.ma" + "ven", "org"),
]  # fmt: skip


@pytest.mark.parametrize("host", REGISTRIES, ids=lambda host: host[0].split(".")[-1])
def test_no_file_names_a_package_registry(host: tuple[str, str]) -> None:
    """Where packages come from is the business of whoever installs them."""
    assert kept_lines(re.escape(".".join(host))) == []


MACHINES = [r"(?<![\w.~])/" + folder + r"/" for folder in ("ho" + "me", "ro" + "ot", "Us" + "ers", "wo" + "rk", "m" + "nt", "sr" + "v")]


@pytest.mark.parametrize("folder", [*MACHINES, r"\b[A-Z]:\\\\?Us" + "ers"], ids=["home", "root", "Users", "work", "mnt", "srv", "Windows"])
def test_no_file_names_a_path_of_a_machine(folder: str) -> None:
    assert kept_lines(folder) == []


def test_nothing_reads_outside_the_repository() -> None:
    assert kept_lines(r"\.\./sha" + r"red|/sha" + r"red/(?:spec|data|reference)") == []


def test_no_file_is_marked_with_a_conflict() -> None:
    assert kept_lines(r"^(?:<{7} |>{7} |={7}$)") == []
