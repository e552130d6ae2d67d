"""Hostile and merely careless YAML: every file ends in a tree or in problems with a line, soon, and never in a traceback."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.errors import Problems
from engine.yamltree import Node, Scalar, Sequence, plain, read_tree, typed


def tree_and_problems(text: str | bytes, *, strict: bool = True) -> tuple[Node | None, list[str]]:
    problems = Problems()
    tree = read_tree(text, "f.yml", problems, strict=strict)
    return tree, [str(problem) for problem in problems.found]


def problems_of(text: str | bytes, *, strict: bool = True) -> list[str]:
    return tree_and_problems(text, strict=strict)[1]


def value_of(text: str, *, strict: bool = True) -> object:
    tree, problems = tree_and_problems(text, strict=strict)
    assert problems == []
    assert tree is not None
    return plain(tree) if strict else typed(tree)


LAUGHS = 'a: &a ["lol"]\n' + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9))
DEEPER = "nested deeper than 20 levels"
ANCHORS = "anchors and aliases (`&`, `*`) are refused: text is read where it stands. Write it out"
MERGES = "merge keys (`<<`) are refused: text is read where it stands. Write it out"

UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "aliases that explode": (LAUGHS, f"f.yml:1: a: {ANCHORS}"),
    "an alias of nothing": ("a: 1\nb: *nobody\n", f"f.yml:2: b: {ANCHORS}"),
    "a tag that would run a program": (
        "a: 1\nb: !!python/object/apply:os.system ['true']\n",
        "f.yml:2: b: the tag `tag:yaml.org,2002:python/object/apply:os.system` is refused. Remove it",
    ),
    "a tag on a key": ("a: 1\n!!str b: 2\n", "f.yml:2: the tag `tag:yaml.org,2002:str` is refused. Remove it"),
    "a tag without a name": ("a: ! text\n", "f.yml:1: a: the tag `!` is refused. Remove it"),
    "a merge key": ("a: 1\n<<: {b: 2}\n", f"f.yml:2: {MERGES}"),
    "a merge key in a list": ("a:\n  - <<: [{b: 2}]\n", f"f.yml:2: a: {MERGES}"),
    "a key of 10 MB": ("k" * 10_000_000 + ": 1", "f.yml: the file has 10,000,003 bytes; at most 1,000,000 are read"),
    "a key of 900 kB": (
        "a: 1\n? " + "k" * 900_000 + "\n: 1", "f.yml:2: a key must be one word of at most 100 characters",
    ),
    "a list as a key": ("a: 1\n? [b]\n: 2\n", "f.yml:2: a key must be one word of at most 100 characters"),
    "100,000 open lists": ("[" * 100_000, f"f.yml:1: {DEEPER}"),
    "100,000 open dashes": ("- " * 100_000, f"f.yml:1: {DEEPER}"),
    "100,000 open mappings": ("{a: " * 100_000, f"f.yml:1: a: {DEEPER}"),
    "100,000 open keys": ("? " * 100_000, f"f.yml:1: {DEEPER}"),
    "stairs of keys": ("".join(" " * n + "a:\n" for n in range(900)), f"f.yml:21: a: {DEEPER}"),
    "an empty file": ("", "f.yml:1: the file is empty"),
    "only a comment": ("# nothing\n\n", "f.yml:1: the file is empty"),
    "a tab for indentation": ("a:\n\tb: 1\n", "f.yml:2: not YAML: found character that cannot start any token"),
    "a second colon": (
        "a: 1\nb: AI: The Numbers\n", "f.yml:2: a second `: ` in one line. Quote the text, or put it in a `>-` block",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_ends_in_one_problem(text: str | bytes, problem: str) -> None:
    tree, problems = tree_and_problems(text)
    assert tree is None
    assert [problem] == problems


NO_TEXT: dict[str, str | bytes] = {
    "a NUL": "a: 1\nb: \0\n",
    "a NUL in bytes": b"a: 1\nb: \0\n",
    "an escape character": "a: 1\nb: \x1b[31mred\n",
    "a byte that is not UTF-8": b"a: 1\nb: \xff\n",
    "a character cut in half": b"a: 1\nb: \xe2\x82\n",
    "half a surrogate pair": "a: 1\nb: \ud800\n",
}


@pytest.mark.parametrize("text", NO_TEXT.values(), ids=NO_TEXT)
def test_characters_that_are_no_text_are_refused(text: str | bytes) -> None:
    tree, problems = tree_and_problems(text)
    assert tree is None
    assert len(problems) == 1
    assert problems[0].isprintable()


@pytest.mark.parametrize("text", NO_TEXT.values(), ids=NO_TEXT)
def test_characters_that_are_no_text_are_refused_with_their_line(text: str | bytes) -> None:
    assert problems_of(text)[0].startswith("f.yml:2: ")


def test_another_encoding_is_refused_with_what_to_do() -> None:
    problem = problems_of("a: 1".encode("utf-16"))[0]
    assert problem.endswith("byte 0 is not UTF-8. Save the file as UTF-8")


MORE_DOCUMENTS = {"dashes": "a: 1\n---\nb: 2\n", "dots and dashes": "a: 1\n...\n---\nb: 2\n"}


@pytest.mark.parametrize("text", MORE_DOCUMENTS.values(), ids=MORE_DOCUMENTS)
def test_a_second_document_is_refused(text: str) -> None:
    tree, problems = tree_and_problems(text)
    assert tree is None
    assert problems[0].endswith(": the file has more than one document. Remove the `---` between them")


def test_a_second_document_is_refused_at_the_line_that_starts_it() -> None:
    assert problems_of("a: 1\n---\nb: 2\n") == ["f.yml:2: the file has more than one document. Remove the `---` between them"]


def test_one_document_may_be_marked_as_such() -> None:
    assert value_of("---\na: 1\n...\n") == {"a": "1"}


def test_a_hundred_thousand_small_values_are_read() -> None:
    tree = read_tree("[" + "1," * 100_000 + "]", "f.yml", Problems(), strict=True)
    assert isinstance(tree, Sequence)
    assert len(tree.items) == 100_000


TWICE = {
    "yaml": ("a: 1\nb: 2\na: 3\n", "f.yml:3: a: is written twice. Keep one"),
    "json": ('{"a": 1,\n "a": 2}', "f.yml:2: a: is written twice. Keep one"),
    "with and without quotes": ("a: 1\n'a': 2\n", "f.yml:2: a: is written twice. Keep one"),
    "further in": ("a:\n  b: 1\n  c: 2\n  b: 3\n", "f.yml:4: b: is written twice. Keep one"),
    "with control characters": ('"\\e[31m": 1\n"\\e[31m": 2\n', "f.yml:2: ?[31m: is written twice. Keep one"),
}


@pytest.mark.parametrize(("text", "problem"), TWICE.values(), ids=TWICE)
def test_a_key_that_stands_twice_is_refused(text: str, problem: str) -> None:
    assert [problem] == problems_of(text)


def test_every_trap_of_a_file_is_reported_at_once() -> None:
    assert problems_of("a: 010\nb: x\nb: y\nc:\n") == [
        "f.yml:1: a: `010`: a leading zero makes plain YAML read an octal number. Drop the zero, or quote it",
        "f.yml:3: b: is written twice. Keep one",
        "f.yml:4: c: empty. Give a value, or leave the key out: empty never means any",
    ]


UNDERSCORE = "an underscore in a number is read differently by different programs. Write the digits alone"
OCTAL = "a leading zero makes plain YAML read an octal number. Drop the zero, or quote it"
BASE_60 = "plain YAML reads this as a number in base 60. Quote it"
DECIMALS = "a number with decimals is quoted, so that it is never a float"
TRAPS = {
    "200_000": UNDERSCORE,
    "-1_0": UNDERSCORE,
    "1_000.5": UNDERSCORE,
    "010": OCTAL,
    "00": OCTAL,
    "-017": OCTAL,
    "12:30": BASE_60,
    "12:30:45": BASE_60,
    "190:20:30": BASE_60,
    "-12:30": BASE_60,
    "0.02": DECIMALS,
    "-.5": DECIMALS,
    "1.": DECIMALS,
    "1.5e3": DECIMALS,
}


@pytest.mark.parametrize(("word", "why"), TRAPS.items(), ids=TRAPS)
def test_a_number_that_plain_yaml_misreads_is_refused(word: str, why: str) -> None:
    assert [f"f.yml:1: id: `{word}`: {why}"] == problems_of(f"id: {word}\n")


@pytest.mark.parametrize("word", TRAPS)
def test_a_quoted_number_is_text_and_no_trap(word: str) -> None:
    assert {"id": word} == value_of(f'id: "{word}"\n')


@pytest.mark.parametrize("word", ["", " ~", " null", " Null", " NULL"], ids=repr)
def test_nothing_after_the_colon_is_refused(word: str) -> None:
    assert problems_of(f"id:{word}\n") == ["f.yml:1: id: empty. Give a value, or leave the key out: empty never means any"]


CUT = {
    "a value": ("a: 1\nb: spot #1\n", "f.yml:2: b: the text is cut off at `#1`. Quote it, or put it in a `>-` block"),
    "a list entry": ("a:\n  - spot #1\n", "f.yml:2: a: the text is cut off at `#1`. Quote it, or put it in a `>-` block"),
    "inside braces": ("a: {b: spot #1\n}\n", "f.yml:1: b: the text is cut off at `#1`. Quote it, or put it in a `>-` block"),
    "wide characters": ("a: é😀 #1\n", "f.yml:1: a: the text is cut off at `#1`. Quote it, or put it in a `>-` block"),
    "Windows line ends": ("a: 1\r\nb: spot #1\r\n", "f.yml:2: b: the text is cut off at `#1`. Quote it, or put it in a `>-` block"),
    "a byte order mark": ("\ufeffa: spot #1\n", "f.yml:1: a: the text is cut off at `#1`. Quote it, or put it in a `>-` block"),
    "old Macintosh line ends": ("a: spot #1\rb: 2\r", "f.yml:1: a: the text is cut off at `#1`. Quote it, or put it in a `>-` block"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), CUT.values(), ids=CUT)
def test_text_that_is_cut_off_at_a_hash_is_refused(text: str, problem: str) -> None:
    assert [problem] == problems_of(text)


NOT_CUT = {
    "quoted": ('a: "spot #1"\n', {"a": "spot #1"}),
    "a block": ("a: >-\n  spot #1\n", {"a": "spot #1"}),
    "a real comment": ("a: spot # the cheapest\n", {"a": "spot"}),
    "no space before it": ("a: spot#1\n", {"a": "spot#1"}),
}


@pytest.mark.parametrize(("text", "value"), NOT_CUT.values(), ids=NOT_CUT)
def test_a_hash_that_cuts_nothing_is_let_through(text: str, value: object) -> None:
    assert value == value_of(text)


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "n", "Yes", "NO", "On"])
@pytest.mark.parametrize("strict", [True, False], ids=["rules", "case"])
def test_yes_and_no_stay_words_as_values_and_as_keys(word: str, strict: bool) -> None:
    assert {"ea": word, word: "x"} == value_of(f"ea: {word}\n{word}: x\n", strict=strict)


@pytest.mark.parametrize(("word", "value"), [("true", True), ("false", False)])
@pytest.mark.parametrize("strict", [True, False], ids=["rules", "case"])
def test_true_and_false_are_the_only_booleans(word: str, value: bool, strict: bool) -> None:
    assert {"a": value, "b": word} == value_of(f'a: {word}\nb: "{word}"\n', strict=strict)


LINE_ENDS = {"unix": "\n", "windows": "\r\n", "old macintosh": "\r"}


@pytest.mark.parametrize("end", LINE_ENDS.values(), ids=LINE_ENDS)
def test_line_ends_change_neither_values_nor_lines(end: str) -> None:
    text = end.join(["a: x", "b:", "  - y", "c: 010", ""])
    tree, problems = tree_and_problems(text)
    assert tree is not None
    assert plain(tree) == {"a": "x", "b": ["y"], "c": "010"}
    assert [f"f.yml:4: c: `010`: {OCTAL}"] == problems


def test_a_line_separator_inside_a_text_hides_no_trap() -> None:
    # YAML 1.1 ends a line at U+2028; most programs that number lines do not.
    problems = problems_of('t: "x\u2028y"\na: spot #1\n')
    assert [p.split(": ", 2)[2] for p in problems] == ["the text is cut off at `#1`. Quote it, or put it in a `>-` block"]


@pytest.mark.parametrize("text", ["\ufeffa: x\n", b"\xef\xbb\xbfa: x\n"], ids=["text", "bytes"])
def test_a_byte_order_mark_is_no_part_of_the_first_key(text: str | bytes) -> None:
    tree, problems = tree_and_problems(text)
    assert problems == []
    assert tree is not None
    assert plain(tree) == {"a": "x"}


JSON = {
    "as printed": '{"a": 1, "b": {"c": [true, false, null]}, "d": "text"}',
    "without spaces": '{"a":1,"b":{"c":[true,false,null]},"d":"text"}',
    "indented with tabs": '{\n\t"a": 1,\n\t"b": {\n\t\t"c": [true, false, null]\n\t},\n\t"d": "text"\n}\n',
    "with Windows line ends": '{\r\n  "a": 1,\r\n  "b": {"c": [true, false, null]},\r\n  "d": "text"\r\n}\r\n',
}


@pytest.mark.parametrize("text", JSON.values(), ids=JSON)
def test_json_is_read_as_it_is_meant(text: str) -> None:
    assert {"a": Decimal(1), "b": {"c": [True, False, None]}, "d": "text"} == value_of(text, strict=False)


NUMBERS = {
    "8": Decimal(8),
    "-8": Decimal(-8),
    "+8": Decimal(8),
    "0": Decimal(0),
    "0.1": Decimal("0.1"),
    ".5": Decimal("0.5"),
    "1e3": Decimal(1000),
    "1E+400": Decimal("1E+400"),
    "0.10000000000000000555": Decimal("0.10000000000000000555"),
    "010": "010",
    "1_000": "1_000",
    "0x10": "0x10",
    "12:30": "12:30",
    ".nan": ".nan",
    ".inf": ".inf",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "2026-11-22": "2026-11-22",
}


@pytest.mark.parametrize(("word", "value"), NUMBERS.items(), ids=NUMBERS)
def test_a_word_of_a_case_is_an_exact_number_or_itself(word: str, value: object) -> None:
    assert {"a": value} == value_of(f"a: {word}\n", strict=False)


@pytest.mark.parametrize("word", ["1e9999999999999999999", "-1e9999999999999999999", "1e-9999999999999999999"])
def test_an_exponent_beyond_every_machine_is_no_traceback(word: str) -> None:
    tree = tree_and_problems(f"a: {word}\n", strict=False)[0]
    assert tree is not None
    assert {"a"} == set(typed(tree))  # type: ignore[arg-type]


def test_digits_of_other_scripts_are_words() -> None:
    # Half of this is a fullwidth two. Nobody types that on purpose where a number is due.
    assert value_of("a: 1\uff12\n", strict=False) == {"a": "1\uff12"}


def test_the_style_of_a_text_is_kept() -> None:
    tree = read_tree("a: x\nb: 'x'\nc: >-\n  x\n", "f.yml", Problems(), strict=True)
    assert tree is not None
    assert not isinstance(tree, Scalar)
    scalars = [item for item in tree.items.values() if isinstance(item, Scalar)]  # type: ignore[union-attr]
    assert [(s.text, s.quoted, s.line) for s in scalars] == [("x", False, 1), ("x", True, 2), ("x", True, 3)]
