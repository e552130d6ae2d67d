"""Broken files under rules/: the exact words of each refusal, and that all problems come at once.

Most rows edit one rule of our own, so that its lines are known here and the shipped rules may change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.case import make_case
from engine.errors import RulesError
from engine.load import RULES_FOLDER, load_rulebook
from engine.rulebook import Rulebook

Edit = tuple[str, str, str]
TRIAL = "decision/9-trial.yml"
RULE = """rules:
  - id: a-trial-of-the-managed-layer
    when: {mlops_capacity: no}
    recommend: {layer: managed}
    priority: 60
    because: Nobody is there to run raw machines.
    sources:
      - title: a page
        publisher: a publisher
        as_of: 2026-05-21
        url: "https://example.org/page"
    effective: {from: 2026-05-21}
    examples:
      - {name: nobody, given: {mlops_capacity: no}, fires: true}
      - {name: a team, given: {mlops_capacity: yes}, fires: false}
"""
SOURCES = RULE[RULE.index("    sources:") : RULE.index("    effective:")]
EXAMPLES = RULE[RULE.index("    examples:") :]
NAME = "a-trial-of-the-managed-layer"
ID = f"{TRIAL}:2"


def refusals(folder: Path) -> list[str]:
    """Every problem of a folder; none where it is sound. Any other error than ours is let through."""
    try:
        load_rulebook(folder)
    except RulesError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.fixture(scope="session")
def short_texts() -> dict[str, str]:
    """File -> text of the shipped rules, with fewer prices, errata and phrases: read in half the time, and broken in the same way."""
    paths = (path for path in RULES_FOLDER.rglob("*") if path.suffix in (".yml", ".csv"))
    texts = {path.relative_to(RULES_FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    errata, prices = texts["errata.yml"], texts["catalogue/prices.csv"]
    texts["errata.yml"] = errata[: errata.index("  - id: A12\n")]
    texts["catalogue/prices.csv"] = "".join(prices.splitlines(keepends=True)[:30])
    phrases = yaml.load(texts["phrases.yml"], yaml.BaseLoader)
    of_each_question = [_first_ones(question) for question in phrases["questions"]]
    texts["phrases.yml"] = yaml.safe_dump(_first_ones(phrases) | {"questions": of_each_question}, allow_unicode=True, default_style='"')
    return texts


def _first_ones(written: Any) -> Any:
    """The same with one item in each list."""
    if isinstance(written, dict):
        return {key: _first_ones(value) for key, value in written.items()}
    return written[:1] if isinstance(written, list) else written


@pytest.fixture
def short_rules(short_texts: dict[str, str], tmp_path: Path) -> Callable[..., Path]:
    """As `broken_rules`, on the short texts."""

    def break_rules(*edits: Edit) -> Path:
        texts = dict(short_texts)
        for file, old, new in edits:
            assert not old or old in texts[file], f"{file} no longer holds {old!r}: the edit would change nothing"
            texts[file] = texts[file].replace(old, new, 1) if old else new
        for file, text in texts.items():
            path = tmp_path / "rules" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return tmp_path / "rules"

    return break_rules


def trial(old: str, new: str) -> Edit:
    """Our own rule with one edit."""
    assert old in RULE
    return (TRIAL, "", RULE.replace(old, new, 1))


def test_the_shipped_rules_and_the_rule_of_our_own_are_sound(broken_rules: Callable[..., Path]) -> None:
    assert refusals(broken_rules((TRIAL, "", RULE))) == []


RULES_REFUSED: dict[str, tuple[Edit, tuple[str, ...]]] = {
    # The shape of a rule.
    "an unknown key": (
        trial("    because:", "    becuase:"),
        (f"{ID}: because: missing. Add it", f"{TRIAL}:6: becuase: unknown key. Did you mean `because`?"),
    ),
    "an unknown key far from all": (
        trial("    priority: 60", "    priority: 60\n    weight: 3"),
        (
            f"{TRIAL}:6: weight: unknown key. Known keys: because, caution, effective, examples, exclude, id, priority, "
            "recommend, sources, unless, when.",
        ),
    ),
    "an unknown key further in": (
        trial("        publisher:", "        pubisher:"),
        (
            f"{TRIAL}:8: publisher: missing. Add it",
            f"{TRIAL}:9: pubisher: unknown key. Did you mean `publisher`?",
        ),
    ),
    "an unknown decision": (
        trial("{layer: managed}", "{layr: managed}"),
        (f"{TRIAL}:4: layr: unknown key. Did you mean `layer`?",),
    ),
    "a key twice": (
        trial("    priority: 60", "    priority: 60\n    priority: 50"),
        (f"{TRIAL}:6: priority: is written twice. Keep one",),
    ),
    "no source": (trial(SOURCES, ""), (f"{ID}: sources: missing. Add it",)),
    "an empty list of sources": (
        trial(SOURCES, "    sources: []\n"),
        (f"{TRIAL}:7: sources: empty. At least one is needed",),
    ),
    "no examples": (trial(EXAMPLES, ""), (f"{ID}: examples: missing. Add it",)),
    "only an example that fires": (
        trial(EXAMPLES, EXAMPLES[: EXAMPLES.index("      - {name: a team")]),
        (f"{ID}: examples: {NAME}: needs one example that fires and one that does not",),
    ),
    "no example at all": (
        trial(EXAMPLES, "    examples: []\n"),
        (f"{ID}: examples: {NAME}: needs one example that fires and one that does not",),
    ),
    "an unknown value of a decision": (
        trial("{layer: managed}", "{layer: manged}"),
        (f"{TRIAL}:4: layer: unknown `manged`. Did you mean `managed`?",),
    ),
    "an id that is no claim": (
        trial(f"id: {NAME}", "id: Trial"),
        (
            f"{ID}: id: `Trial` does not have the form of such a value: it must match ^[a-z][a-z0-9]*(-[a-z0-9]+)+$",
        ),
    ),
    "an address that is not https": (
        trial("https:", "http:"),
        (
            f"{TRIAL}:11: url: `http://example.org/page` does not have the form of such a value: "
            r"it must match ^https://\S+$",
        ),
    ),
    # What it settles.
    "two decisions": (
        trial("{layer: managed}", "{layer: managed, basis: matrix}"),
        (f"{ID}: recommend: {NAME}: settles 2 decisions. It must settle exactly one",),
    ),
    "no decision": (
        trial("{layer: managed}", "{}"),
        (f"{ID}: recommend: {NAME}: settles 0 decisions. It must settle exactly one",),
    ),
    "two actions": (
        trial("    priority: 60", "    priority: 60\n    caution: Beware."),
        (f"{ID}: {NAME}: needs exactly one of recommend, exclude and caution",),
    ),
    "no action": (
        trial("    recommend: {layer: managed}\n", ""),
        (f"{ID}: {NAME}: needs exactly one of recommend, exclude and caution",),
    ),
    "no priority": (
        trial("    priority: 60\n", ""),
        (f"{ID}: priority: {NAME}: a rule that recommends needs one, and no other may have it",),
    ),
    "a priority where none is due": (
        trial("recommend: {layer: managed}", "caution: Beware."),
        (f"{ID}: priority: {NAME}: a rule that recommends needs one, and no other may have it",),
    ),
    "a priority above 100": (
        trial("priority: 60", "priority: 101"),
        (f"{TRIAL}:5: priority: `101`: a priority from 0 to 100 is needed",),
    ),
    "a priority below 0": (
        trial("priority: 60", "priority: -1"),
        (f"{TRIAL}:5: priority: `-1`: a priority from 0 to 100 is needed",),
    ),
    "a word for a priority": (
        trial("priority: 60", "priority: high"),
        (f"{TRIAL}:5: priority: `high`: a whole number is needed, in digits",),
    ),
    "an unknown provider": (
        trial("{layer: managed}", "{training: {provider: awz}}"),
        (f"{ID}: provider: {NAME}: unknown `awz`. Did you mean `aws`?",),
    ),
    "an unknown purchase": (
        trial("{layer: managed}", "{training: {provider: aws, purchase: sopt}}"),
        (f"{ID}: purchase: {NAME}: unknown `sopt`. Did you mean `spot`?",),
    ),
    "an unknown plan": (
        trial("recommend: {layer: managed}\n    priority: 60", "exclude: [hybrid-aws-azzure]"),
        (f"{TRIAL}:4: exclude: unknown plan `hybrid-aws-azzure`. Did you mean `hybrid-aws-azure`?",),
    ),
    # When it fires.
    "an unknown fact": (
        trial("when: {mlops_capacity: no}", "when: {mlops_capcity: no}"),
        (f"{TRIAL}:3: when: `mlops_capcity` is no fact. Did you mean `mlops_capacity`?",),
    ),
    "an unknown value of a fact": (
        trial("when: {mlops_capacity: no}", "when: {mlops_capacity: nope}"),
        (f"{TRIAL}:3: when: `mlops_capacity` cannot be `nope`. Did you mean `no`?",),
    ),
    "a boolean for a word": (
        trial("when: {mlops_capacity: no}", "when: {mlops_capacity: false}"),
        (f"{TRIAL}:3: when: `mlops_capacity` cannot be `False`",),
    ),
    "a list of nothing": (
        trial("when: {mlops_capacity: no}", "when: {mlops_capacity: []}"),
        (f"{TRIAL}:3: when: an empty list for `mlops_capacity` can never hold",),
    ),
    "a number tested on a word": (
        trial("when: {mlops_capacity: no}", "when: {mlops_capacity: {over: 3}}"),
        (f"{TRIAL}:3: when: `mlops_capacity`: the only test with a key is `over:` with a number, on a number",),
    ),
    "an unknown test": (
        trial("when: {mlops_capacity: no}", "when: {inference_regions: {under: 3}}"),
        (f"{TRIAL}:3: when: `inference_regions`: the only test with a key is `over:` with a number, on a number",),
    ),
    "a bound that is no number": (
        trial("when: {mlops_capacity: no}", "when: {inference_regions: {over: many}}"),
        (f"{TRIAL}:3: when: `inference_regions` is a number, not `many`",),
    ),
    "an infinite bound": (
        trial("when: {mlops_capacity: no}", "when: {inference_regions: {over: Infinity}}"),
        (f"{TRIAL}:3: when: `inference_regions` is a finite number, not `Infinity`",),
    ),
    "a fact of a later step": (
        trial("when: {mlops_capacity: no}", "when: {joined_leans_allowed: true}"),
        (
            f"{TRIAL}:3: when: `joined_leans_allowed` is computed after this step. "
            "Known here: footprint, inference_regions, microsoft_ea, mlops_capacity, training.",
        ),
    ),
    "a wrong line of unless": (
        trial("    recommend:", "    unless: {footprnt: aws}\n    recommend:"),
        (f"{TRIAL}:4: unless: `footprnt` is no fact. Did you mean `footprint`?",),
    ),
    "an example that lies": (
        trial("given: {mlops_capacity: no}", "given: {mlops_capacity: yes}"),
        (f"{ID}: examples: {NAME}: `nobody` does not fire, but says `fires: true`",),
    ),
    "an example that fires in secret": (
        trial("given: {mlops_capacity: yes}", "given: {mlops_capacity: no}"),
        (f"{ID}: examples: {NAME}: `a team` fires, but says `fires: false`",),
    ),
    "an example of an unknown fact": (
        trial("given: {mlops_capacity: no}", "given: {mlops_capcity: no}"),
        (f"{ID}: examples: {NAME}: nobody: `mlops_capcity` is no fact. Did you mean `mlops_capacity`?",),
    ),
    "an example of an unknown value": (
        trial("given: {mlops_capacity: no}", "given: {mlops_capacity: nope}"),
        (f"{ID}: examples: {NAME}: nobody: `mlops_capacity` cannot be `nope`. Did you mean `no`?",),
    ),
    "a tie of two rules": (
        trial("{layer: managed}", "{layer: raw}"),
        (
            f"{ID}: priority: {NAME}: can fire together with without-mlops-capacity-buy-the-managed-layer at the same "
            "priority, and they differ. Give one a higher priority",
        ),
    ),
    # When it is in force.
    "a month of 13": (
        trial("{from: 2026-05-21}", "{from: 2026-13-21}"),
        (f"{TRIAL}:12: from: `2026-13-21`: a date is needed, such as 2026-11-22",),
    ),
    "a word for a date": (
        trial("as_of: 2026-05-21", "as_of: yesterday"),
        (f"{TRIAL}:10: as_of: `yesterday`: a date is needed, such as 2026-11-22",),
    ),
    "until before from": (
        trial("{from: 2026-05-21}", "{from: 2026-05-21, until: 2026-05-20}"),
        (f"{ID}: effective: {NAME}: `until` is not after `from`",),
    ),
    "until the first day": (
        trial("{from: 2026-05-21}", "{from: 2026-05-21, until: 2026-05-21}"),
        (f"{ID}: effective: {NAME}: `until` is not after `from`",),
    ),
    # Its words.
    "an unknown placeholder": (
        trial("raw machines", "raw {matrix_plans}"),
        (f"{ID}: because: {NAME}: unknown placeholder `{{matrix_plans}}`. Did you mean `matrix_plan`?",),
    ),
    "words cut off at a hash": (
        trial("Nobody is there", "Nobody #1 is there"),
        (f"{TRIAL}:6: because: the text is cut off at `#1 is there to run r`. Quote it, or put it in a `>-` block",),
    ),
    "a second colon": (
        trial("Nobody is", "Nobody: is"),
        (f"{TRIAL}:6: a second `: ` in one line. Quote the text, or put it in a `>-` block",),
    ),
    "an octal number": (
        trial("priority: 60", "priority: 060"),
        (
            f"{TRIAL}:5: priority: `060`: a leading zero makes plain YAML read an octal number. Drop the zero, or quote it",
        ),
    ),
    "an unquoted decimal": (
        trial("when: {mlops_capacity: no}", "when: {inference_regions: {over: 3.5}}"),
        (f"{TRIAL}:3: over: `3.5`: a number with decimals is quoted, so that it is never a float",),
    ),
    # The file.
    "an empty file": ((TRIAL, "", ""), (f"{TRIAL}:1: the file is empty",)),
    "rules that are no list": (
        (TRIAL, "", "rules: hello\n"),
        (f"{TRIAL}:1: rules: `hello` does not fit here. Give a list",),
    ),
    # One problem a line, and of the two the one that names what was written.
    "no rules": ((TRIAL, "", "rule: []\n"), (f"{TRIAL}:1: rule: unknown key. Did you mean `rules`?", f"{TRIAL}:1: rules: missing. Add it")),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "problems"), RULES_REFUSED.values(), ids=RULES_REFUSED)
def test_a_broken_rule_says_where_and_how_to_mend_it(edit: Edit, problems: tuple[str, ...], short_rules: Callable[..., Path]) -> None:
    assert refusals(short_rules(edit)) == list(problems)


EMPTY = "empty. Give a value, or leave the key out: empty never means any"
EMPTIES = {
    "because": (trial("because: Nobody is there to run raw machines.", "because:"), 6),
    "priority": (trial("priority: 60", "priority: ~"), 5),
    "when": (trial("when: {mlops_capacity: no}", "when:"), 3),
    "url": (trial('url: "https://example.org/page"', "url: null"), 11),
}


@pytest.mark.parametrize(("field", "edit", "line"), [(f, *e) for f, e in EMPTIES.items()], ids=EMPTIES)
def test_nothing_after_the_colon_is_refused(field: str, edit: Edit, line: int, short_rules: Callable[..., Path]) -> None:
    assert f"{TRIAL}:{line}: {field}: {EMPTY}" in refusals(short_rules(edit))


@pytest.mark.parametrize(("field", "edit", "line"), [(f, *e) for f, e in EMPTIES.items()], ids=EMPTIES)
def test_one_empty_value_is_one_problem(field: str, edit: Edit, line: int, short_rules: Callable[..., Path]) -> None:
    assert refusals(short_rules(edit)) == [f"{TRIAL}:{line}: {field}: {EMPTY}"]


# Refused, whatever the words: the place and the field are what a person needs to find it.
MUST_BE_REFUSED: dict[str, tuple[Edit, str]] = {
    "a word where true or false is due": (trial("fires: true", "fires: yes"), f"{TRIAL}:14: fires: "),
    "a one where true or false is due": (trial("fires: true", "fires: 1"), f"{TRIAL}:14: fires: "),
    "a boolean for a priority": (trial("priority: 60", "priority: true"), f"{TRIAL}:5: priority: "),
    "a number of seconds for a date": (trial("{from: 2026-05-21}", "{from: 0}"), f"{TRIAL}:12: from: "),
    "a time for a date": (trial("{from: 2026-05-21}", '{from: "2026-05-21T00:00:00"}'), f"{TRIAL}:12: from: "),
    "a reason of spaces": (trial("because: Nobody is there to run raw machines.", 'because: "  "'), f"{TRIAL}:6: because: "),
    "a plan excluded by nobody": (
        trial("recommend: {layer: managed}\n    priority: 60", "exclude: []"), f"{TRIAL}:4: exclude: ",
    ),
    "a placeholder with a capital": (trial("raw machines", "raw {Matrix_plan}"), f"{ID}: because: "),
    "a placeholder with a space": (trial("raw machines", "raw {matrix plan}"), f"{ID}: because: "),
    "a number that plain YAML misreads": (
        trial("when: {mlops_capacity: no}", "when: {inference_regions: {over: 1_000.5}}"), f"{TRIAL}:3: over: ",
    ),
    "an example with a test": (
        trial("given: {mlops_capacity: no}", "given: {inference_regions: {over: 3}}"), f"{ID}: examples: ",
    ),
    "an example with several numbers": (
        trial("given: {mlops_capacity: no}", "given: {inference_regions: [3, 4]}"), f"{ID}: examples: ",
    ),
    "a list in a list": (trial("when: {mlops_capacity: no}", "when: {mlops_capacity: [[no]]}"), f"{TRIAL}:3: "),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "start"), MUST_BE_REFUSED.values(), ids=MUST_BE_REFUSED)
def test_what_is_no_such_value_is_refused(edit: Edit, start: str, short_rules: Callable[..., Path]) -> None:
    found = refusals(short_rules(edit))
    assert [problem[: len(start)] for problem in found] == [start]


@pytest.mark.parametrize(
    "edit",
    [
        trial("when: {mlops_capacity: no}", "when: {mlops_capacity: [[no]]}"),
        trial("when: {mlops_capacity: no}", "when: [mlops_capacity]"),
        (TRIAL, "", "hello\n"),
        (TRIAL, "", "rules: [hello]\n"),
    ],
    ids=["a list in a list", "a list of lines", "a word for a file", "a word for a rule"],
)
def test_a_wrong_shape_is_explained_without_the_words_of_a_program(edit: Edit, short_rules: Callable[..., Path]) -> None:
    text = "\n".join(refusals(short_rules(edit)))
    assert text
    for word in ("dict", "instance of", "str:", "bool:", "list["):
        assert word not in text


# --- The shipped files --------------------------------------------------------------------------------------------

# In these rows {line} is the line on which the new text begins.
FILES_REFUSED: dict[str, tuple[Edit, tuple[str, ...]]] = {
    "an unknown default": (
        ("workload.yml", "default: us-east\n", "default: us-esat\n"),
        ("workload.yml:{line}: region: default: `us-esat` is not accepted. Give one of: us-east, us-west, europe.",),
    ),
    "a default out of range": (
        ("workload.yml", "default: 8\n", "default: 100001\n"),
        (
            "workload.yml:{line}: gpus: default: `100001` is not accepted. "
            "Give a whole number from 0 to 100,000 accelerators.",
        ),
    ),
    "no default": (
        ("workload.yml", "- id: gpus\n    kind: whole\n    default: 8\n", "- id: gpus\n    kind: whole\n"),
        ("workload.yml:{line}: gpus: needs a default, or `optional: true`",),
    ),
    "a default without one of the answers": (
        ("workload.yml", "default: {by: training, continuous: 730, ", "default: {by: training, "),
        (
            "workload.yml:{line}: training_hours_per_month: default: "
            "needs a value for each of sporadic, continuous, none",
        ),
    ),
    "an unknown kind": (
        ("workload.yml", "kind: whole", "kind: hole"),
        ("workload.yml:{line}: kind: unknown `hole`. Did you mean `whole`?",),
    ),
    "a field that matters to an unknown fact": (
        ("workload.yml", "matters: {unless: {training: none}}", "matters: {unless: {trainng: none}}"),
        ("workload.yml:{line}: unless: `trainng` is no fact. Did you mean `training`?",),
    ),
    "a field that nothing computes": (
        ("workload.yml", "fields:\n", "fields:\n  - {id: colour, kind: boolean, name: colour, help: of the case, default: true}\n"),
        ("workload.yml:{next_line}: id: `colour` is computed nowhere. Remove it",),
    ),
    "an unknown skipped answer": (
        ("questions.yml", "if_skipped: sporadic\n", "if_skipped: sporadical\n"),
        ("questions.yml:{line}: if_skipped: `sporadical` is not accepted. Give one of: sporadic, continuous, none.",),
    ),
    "a question with two kinds of answers": (
        ("questions.yml", "- id: inference_regions\n", "- id: inference_regions\n    answers: [{id: many, name: Many}]\n"),
        ("questions.yml:{line}: inference_regions: needs either answers or whole_number",),
    ),
    "a bound that is no number": (
        ("questions.yml", "whole_number: {min: 0, max: 60}", "whole_number: {min: 0, max: sixty}"),
        ("questions.yml:{line}: max: `sixty`: a whole number is needed, in digits",),
    ),
    "a region map that is not complete": (
        ("providers.yml", "regions: {us-east: us-east-1, ", "regions: {"),
        ("providers.yml:{line}: regions: aws: needs one region for each of europe, us-east, us-west",),
    ),
    "a region map with one too many": (
        ("providers.yml", "regions: {us-east: us-east-1, ", "regions: {us-eest: us-east-1, us-east: us-east-1, "),
        ("providers.yml:{line}: regions: aws: needs one region for each of europe, us-east, us-west",),
    ),
    "a region without rates": (
        ("providers.yml", "regions: {us-east: us-east-1, ", "regions: {us-east: eu-wst-1, "),
        (
            "providers.yml:{line}: regions: aws: unknown `eu-wst-1`. Did you mean `eu-west-1`?",
        ),
    ),
    "an unknown starter endpoint": (
        ("providers.yml", "starter_endpoint: ml.c5.large", "starter_endpoint: ml.c5.lagre"),
        ("providers.yml:{line}: starter_endpoint: no endpoint rate for `ml.c5.lagre`. Did you mean `ml.c5.large`?",),
    ),
    "a discount under an unknown fact": (
        ("providers.yml", "when: {microsoft_ea: yes}", "when: {microsoft_e: yes}"),
        ("providers.yml:{line}: when: `microsoft_e` is no fact. Did you mean `microsoft_ea`?",),
    ),
    "a purchase under an unknown answer": (
        ("providers.yml", "when: {training: continuous}", "when: {training: continous}"),
        ("providers.yml:{line}: when: `training` cannot be `continous`. Did you mean `continuous`?",),
    ),
    "an equivalent of nothing": (
        ("accelerators.yml", 'accelerator: "H100 NVL"', 'accelerator: "H100 NVLL"'),
        ("accelerators.yml:{line}: accelerator: unknown accelerator `H100 NVLL`. Did you mean `H100 NVL`?",),
    ),
    "an erratum of no article": (
        ("errata.yml", "    article: numbers\n", "    article: number\n"),
        ("errata.yml:{line}: article: unknown article `number`. Did you mean `numbers`?",),
    ),
    "an unknown finding": (
        ("errata.yml", "    finding: unverified\n", "    finding: unverifed\n"),
        ("errata.yml:{line}: finding: unknown `unverifed`. Did you mean `unverified`?",),
    ),
    "an erratum shown for an unknown book": (
        ("errata.yml", "when: {price_book: article}", "when: {price_book: articel}"),
        ("errata.yml:{line}: when: `price_book` cannot be `articel`. Did you mean `article`?",),
    ),
    "an erratum twice": (
        ("errata.yml", "  - id: A5\n    article: numbers\n    about: [training", "  - id: A3\n    article: numbers\n    about: [training"),
        ("errata.yml:{line}: id: `A3` is used in errata.yml already. Choose another",),
    ),
    "a value that is no number": (
        ("assumptions.yml", 'value: "50000"', 'value: "lots"'),
        ('assumptions.yml:{line}: value: `lots`: a plain number is needed, such as 50000 or "0.02"',),
    ),
    "a value that is not finite": (
        ("assumptions.yml", 'value: "50000"', 'value: "NaN"'),
        ('assumptions.yml:{line}: value: `NaN`: a plain number is needed, such as 50000 or "0.02"',),
    ),
    "an unquoted decimal": (
        ("assumptions.yml", 'value: "50000"', "value: 50000.5"),
        ("assumptions.yml:{line}: value: `50000.5`: a number with decimals is quoted, so that it is never a float",),
    ),
    "an unknown kind of value": (
        ("assumptions.yml", "        kind: quoted\n", "        kind: quotd\n"),
        ("assumptions.yml:{line}: kind: unknown `quotd`. Did you mean `quoted`?",),
    ),
    "an assumption that is needed": (
        ("assumptions.yml", "id: stale_after_days_spot\n", "id: stale_after_days_spt\n"),
        ("assumptions.yml: stale_after_days_spot: missing. The cost model needs it",),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "problems"), FILES_REFUSED.values(), ids=FILES_REFUSED)
def test_a_broken_file_says_where_and_how_to_mend_it(edit: Edit, problems: tuple[str, ...], short_rules: Callable[..., Path]) -> None:
    file, _, new = edit
    folder = short_rules(edit)
    text = (folder / file).read_text(encoding="utf-8")
    line = text[: text.index(new)].count("\n") + 1
    assert refusals(folder) == [problem.format(line=line, next_line=line + 1) for problem in problems]


# As above, but for what is let through or badly explained: the file and the name that is wrong are due.
FILES_THAT_MUST_BE_REFUSED: dict[str, tuple[Edit, str, str]] = {
    "a discount on an unknown purchase": (
        ("providers.yml", "purchases: [on_demand], endpoints", "purchases: [on_demnad], endpoints"),
        "providers.yml:", "on_demnad",
    ),
    "an answer that computes as an unknown one": (
        ("questions.yml", "computes_as: no}", "computes_as: nope}"), "questions.yml:", "nope",
    ),
    "an answer twice": (
        ("questions.yml", "- {id: both, name: Both}\n", "- {id: both, name: Both}\n      - {id: both, name: Both again}\n"),
        "questions.yml:", "both",
    ),
    "a spelling of two accelerators": (
        ("accelerators.yml", "also_called: [tesla t4,", "also_called: [a100, tesla t4,"), "accelerators.yml:", "a100",
    ),
    "a spelling that two accelerators share": (
        ("accelerators.yml", "also_called: [tesla t4,", "also_called: [nvidia a100, tesla t4,"),
        "accelerators.yml:", "nvidia a100",
    ),
    "a value out of its own range": (
        ("assumptions.yml", 'value: "50000"', 'value: "-50000"'), "assumptions.yml:", "-50000",
    ),
    "an underscore in a quoted number": (
        ("assumptions.yml", 'value: "50000"', 'value: "50_000"'), "assumptions.yml:", "50_000",
    ),
    "an underscore in a number with decimals": (
        ("assumptions.yml", 'value: "50000"', "value: 50_000.5"), "assumptions.yml:", "50_000.5",
    ),
    "a word where true or false is due": (
        ("workload.yml", "optional: true", "optional: yes"), "workload.yml:", "optional",
    ),
    "a default that hangs on a later field": (
        ("workload.yml", "default: us-east\n", "default: {by: storage_tier, hot: us-east, infrequent: us-west}\n"),
        "workload.yml:", "storage_tier",
    ),
    "a default that hangs on an unknown answer": (
        ("workload.yml", "default: {by: training, continuous", "default: {by: trainng, continuous"),
        "workload.yml:", "trainng",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "file", "name"), FILES_THAT_MUST_BE_REFUSED.values(), ids=FILES_THAT_MUST_BE_REFUSED)
def test_knowledge_that_does_not_hold_together_is_refused(edit: Edit, file: str, name: str, short_rules: Callable[..., Path]) -> None:
    named = [problem for problem in refusals(short_rules(edit)) if problem.startswith(file) and name in problem]
    assert len(named) == 1


def test_a_question_without_answers_is_named_itself(short_rules: Callable[..., Path]) -> None:
    # Not only the rules that ask for one of its answers.
    folder = short_rules(("questions.yml", "    whole_number: {min: 0, max: 60}\n", ""))
    assert any(p.startswith("questions.yml:") and "inference_regions" in p for p in refusals(folder))


def test_a_question_that_is_missing_is_named_itself(short_rules: Callable[..., Path]) -> None:
    folder = short_rules(("questions.yml", "- id: footprint\n", "- id: footprnt\n"))
    assert "questions.yml: footprint: missing. The cost model needs it" in refusals(folder)


# --- Rules against each other -------------------------------------------------------------------------------------


@pytest.fixture
def layer_file() -> str:
    return "decision/1-layer.yml"


def test_a_sheet_without_an_answer_is_named(layer_file: str, short_rules: Callable[..., Path]) -> None:
    folder = short_rules()
    path = folder / layer_file
    path.write_text(RULE, encoding="utf-8")
    # 4 footprints, 3 agreements, and 3 schedules with 61 counts of regions less the one without either.
    assert refusals(folder) == [
        f"{layer_file}:2: layer: from 2026-05-21 no rule answers {4 * 3 * (3 * 61 - 1)} of {4 * 3 * (3 * 61 - 1) * 2} sheets, such as "
        "footprint: aws, training: sporadic, microsoft_ea: yes, inference_regions: 0, mlops_capacity: yes"
    ]


def test_two_rules_of_one_id_in_two_files_are_refused(short_rules: Callable[..., Path]) -> None:
    folder = short_rules((TRIAL, "", RULE), ("decision/8-other.yml", "", "# The same again.\n" + RULE))
    assert refusals(folder) == [f"{ID}: id: `{NAME}` is used in decision/8-other.yml already. Choose another"]


def test_two_rules_that_agree_are_no_tie(short_rules: Callable[..., Path]) -> None:
    assert refusals(short_rules((TRIAL, "", RULE))) == []


def test_two_rules_of_unequal_priority_are_no_tie(short_rules: Callable[..., Path]) -> None:
    text = RULE.replace("{layer: managed}", "{layer: raw}").replace("priority: 60", "priority: 59")
    assert refusals(short_rules((TRIAL, "", text))) == []


def test_two_rules_that_cannot_fire_together_are_no_tie(short_rules: Callable[..., Path]) -> None:
    text = RULE.replace("{layer: managed}", "{layer: raw}").replace("mlops_capacity: no}", "mlops_capacity: maybe}")
    text = text.replace("mlops_capacity: yes}", "mlops_capacity: no}").replace("maybe}", "yes}")
    assert refusals(short_rules((TRIAL, "", text))) == []


def dated(name: str, layer: str, effective: str) -> str:
    """Our own rule under another id, with another layer and period; without the line `rules:`."""
    text = RULE.replace(NAME, name).replace("layer: managed", f"layer: {layer}")
    return text.replace("{from: 2026-05-21}", effective).removeprefix("rules:\n")


def test_a_retired_rule_may_be_replaced_by_its_opposite(layer_file: str, short_rules: Callable[..., Path]) -> None:
    # "Add `until:` to retire it; never delete": the two are never in force on one day, so they are no tie.
    raw = RULE.replace(NAME, "with-a-team-run-raw-compute").replace("layer: managed", "layer: raw")
    raw = raw.replace("capacity: no}", "capacity: x}").replace("capacity: yes}", "capacity: no}").replace("x}", "yes}")
    old = dated("the-old-rule", "managed", "{from: 2026-05-21, until: 2026-08-01}")
    new = dated("the-new-rule", "raw", "{from: 2026-08-01}")
    assert refusals(short_rules((layer_file, "", raw + old + new))) == []


def test_a_gap_in_time_between_two_rules_is_refused(layer_file: str, short_rules: Callable[..., Path]) -> None:
    raw = RULE.replace(NAME, "with-a-team-run-raw-compute").replace("layer: managed", "layer: raw")
    raw = raw.replace("capacity: no}", "capacity: x}").replace("capacity: yes}", "capacity: no}").replace("x}", "yes}")
    old = dated("the-old-rule", "managed", "{from: 2026-05-21, until: 2026-07-01}")
    new = dated("the-new-rule", "managed", "{from: 2026-08-01}")
    found = refusals(short_rules((layer_file, "", raw + old + new)))
    assert any(problem.startswith(f"{layer_file}") and "2026-07-01" in problem for problem in found)


def test_a_lasting_rule_without_heirs_may_not_be_retired(layer_file: str, short_rules: Callable[..., Path]) -> None:
    folder = short_rules((layer_file, "effective: {from: 2026-05-21}", "effective: {from: 2026-05-21, until: 2026-06-21}"))
    assert refusals(folder) == [
        f"{layer_file}:3: layer: from 2026-06-21 no rule answers 2184 of 4368 sheets, such as "
        "footprint: aws, training: sporadic, microsoft_ea: yes, inference_regions: 0, mlops_capacity: no"
    ]


# --- Files that cannot be read, and everything at once ------------------------------------------------------------

NEEDED = (
    "questions.yml", "workload.yml", "assumptions.yml", "providers.yml", "accelerators.yml", "errata.yml", "phrases.yml",
    "catalogue/instances.csv", "catalogue/prices.csv", "catalogue/rates.csv",
)  # fmt: skip


@pytest.mark.parametrize("file", NEEDED)
def test_a_missing_file_is_named(file: str, short_rules: Callable[..., Path]) -> None:
    folder = short_rules()
    (folder / file).unlink()
    assert refusals(folder) == [f"{file}: cannot be read: No such file or directory"]


def test_every_missing_file_is_named(tmp_path: Path) -> None:
    missing = [f"{file}: cannot be read: No such file or directory" for file in NEEDED]
    assert refusals(tmp_path) == sorted([*missing, "decision: has no rule file. Put one there"])


@pytest.mark.parametrize("file", ["workload.yml", TRIAL])
def test_a_file_that_cannot_be_read_is_named(file: str, short_rules: Callable[..., Path]) -> None:
    # A folder in its place, because the permission to read means nothing to root.
    folder = short_rules()
    (folder / file).unlink(missing_ok=True)
    (folder / file).mkdir()
    assert refusals(folder) == [f"{file}: cannot be read: Is a directory"]


def test_a_file_that_is_not_utf_8_is_named(short_rules: Callable[..., Path]) -> None:
    folder = short_rules()
    (folder / TRIAL).write_bytes(b"rules: \xff\n")
    (problem,) = refusals(folder)
    assert problem.startswith(TRIAL)
    assert problem.endswith("byte 7 is not UTF-8. Save the file as UTF-8")


def test_a_decision_file_under_another_ending_is_not_passed_over_in_silence(short_rules: Callable[..., Path]) -> None:
    folder = short_rules(("decision/9-trial.yaml", "", RULE))
    (problem,) = refusals(folder)
    assert problem.startswith("decision/9-trial.yaml: ")


def test_three_broken_files_are_reported_at_once(short_rules: Callable[..., Path]) -> None:
    folder = short_rules(
        trial("    because:", "    becuase:"),
        ("decision/8-other.yml", "", "rules:\n  - {id: a-b, id: a-c}\n"),
        ("workload.yml", "kind: choice", "kind: chioce"),
    )
    assert refusals(folder) == [
        "decision/8-other.yml:2: id: is written twice. Keep one",
        f"{ID}: because: missing. Add it",
        f"{TRIAL}:6: becuase: unknown key. Did you mean `because`?",
        "workload.yml:6: kind: unknown `chioce`. Did you mean `choice`?",
    ]


def files_named(folder: Path) -> set[str]:
    return {problem.split(":")[0] for problem in refusals(folder)}


TOGETHER: dict[str, tuple[Edit, ...]] = {
    "a wrong key and a wrong price": (
        trial("    because:", "    becuase:"),
        ("catalogue/prices.csv", ",3.06,", ",0,"),
    ),
    "a wrong fact and a wrong default": (
        trial("when: {mlops_capacity: no}", "when: {mlops_capcity: no}"),
        ("workload.yml", "default: us-east\n", "default: us-esat\n"),
    ),
    "a wrong fact and a wrong equivalent": (
        trial("when: {mlops_capacity: no}", "when: {mlops_capcity: no}"),
        ("accelerators.yml", 'accelerator: "H100 NVL"', 'accelerator: "H100 NVLL"'),
    ),
    "a wrong price and a wrong default": (
        ("catalogue/prices.csv", ",3.06,", ",0,"),
        ("questions.yml", "if_skipped: sporadic\n", "if_skipped: sporadical\n"),
    ),
    "a wrong key and a wrong fact": (
        ("workload.yml", "kind: choice", "kind: chioce"),
        trial("when: {mlops_capacity: no}", "when: {mlops_capcity: no}"),
    ),
}


@pytest.mark.parametrize("edits", TOGETHER.values(), ids=TOGETHER)
def test_problems_of_different_kinds_are_reported_at_once(edits: tuple[Edit, ...], short_rules: Callable[..., Path]) -> None:
    assert {edit[0] for edit in edits} <= files_named(short_rules(*edits))


def test_a_missing_file_does_not_hide_the_problems_of_the_others(short_rules: Callable[..., Path]) -> None:
    folder = short_rules(trial("    because:", "    becuase:"))
    (folder / "errata.yml").unlink()
    assert files_named(folder) == {"errata.yml", TRIAL}


def test_the_version_changes_with_any_file(rulebook: Rulebook, broken_rules: Callable[..., Path]) -> None:
    folder = broken_rules()
    assert load_rulebook(folder).version == rulebook.version
    versions = {rulebook.version}
    for file in ("questions.yml", "decision/2-leans.yml", "catalogue/rates.csv"):
        path = folder / file
        # A line end more or less is another file, although it means the same.
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        versions.add(load_rulebook(folder).version)
    assert len(versions) == 4


@pytest.mark.parametrize(
    ("file", "changes"),
    [("catalogue/prices.csv", True), ("catalogue/rates.csv", True), ("catalogue/instances.csv", True), ("decision/2-leans.yml", False)],
)
def test_the_version_of_the_prices_changes_with_the_catalogue_alone(
    rulebook: Rulebook, broken_rules: Callable[..., Path], file: str, changes: bool
) -> None:
    folder = broken_rules()
    (folder / file).write_bytes((folder / file).read_bytes().replace(b"\n", b"\r\n"))
    changed = load_rulebook(folder)
    assert changed.version != rulebook.version
    assert (changed.prices_version != rulebook.prices_version) is changes


def test_rules_saved_on_windows_mean_the_same(rulebook: Rulebook, today: date, broken_rules: Callable[..., Path]) -> None:
    folder = broken_rules()
    for path in [*folder.glob("*.yml"), *folder.glob("*/*.yml"), *folder.glob("*/*.csv")]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    saved = load_rulebook(folder)
    answers = {"footprint": "none", "training": "none", "microsoft_ea": "no", "inference_regions": 2, "mlops_capacity": "yes"}
    assert make_case(saved, today, answers) == make_case(rulebook, today, answers)
    assert [rule.written for rule in saved.rules] == [rule.written for rule in rulebook.rules]
    assert saved.catalogue.prices == rulebook.catalogue.prices
