"""`whichcloud ask`: five questions and the workload, by scripts on standard input and once in a real terminal."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bot.terminal import DAY, ROOT, Ran, run, start
from tests.bot.worked import CASES

QUESTIONS = ("footprint", "training", "microsoft_ea", "inference_regions", "mlops_capacity")
P6 = ("1", "1", "1", "5", "2")  # AWS; now and then; yes; five regions; no
TYPICAL = ""
OWN = "n"


def ask(*said: str, form: str = "json", save: Path | None = None) -> Ran:
    words = ["ask", "--format", form, "--as-of", DAY, *(["--save", str(save)] if save else [])]
    return run(*words, said="".join(f"{line}\n" for line in said))


def verdict_of(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)["verdict"]


def saved(*said: str, file: Path) -> str:
    """What a whole interview keeps; it must be a file that `advise` takes, with the verdict that was shown."""
    shown = verdict_of(ask(*said, save=file))
    again = run("advise", file, "--format", "json", "--as-of", DAY)
    assert verdict_of(again) == shown
    return file.read_text(encoding="utf-8")


def asked(ran: Ran) -> list[str]:
    """The numbers of the questions, in the order in which they were put; behind a prompt, as typed words are not echoed here."""
    return re.findall(r"^(?:.*[>:\]] )?(\d) of 5\.", ran.err, re.MULTILINE)


# -- the way through ---------------------------------------------------------------------------------------------------


def test_five_answers_and_a_typical_workload_give_the_worked_verdict() -> None:
    ran = ask(*P6, TYPICAL)
    advised = json.loads(run("advise", "-", "--format", "json", "--as-of", DAY, said=CASES["P6"].yaml()).answered())
    assert verdict_of(ran) == advised["verdict"]
    assert asked(ran) == ["1", "2", "3", "4", "5"]


def test_the_reply_is_on_standard_output_and_the_questions_are_not() -> None:
    ran = ask(*P6, TYPICAL, form="text")
    assert ran.out.startswith("Stay on AWS.")
    assert "of 5" not in ran.out
    assert "\x1b" not in ran.out + ran.err


def test_each_question_shows_its_answers_in_order_and_why_it_is_asked() -> None:
    err = ask(*P6, TYPICAL).err
    first = err[: err.index("2 of 5.")]
    places = [first.find(word) for word in ("1 AWS", "2 Azure", "3 Both", "4 Neither")]
    assert -1 not in places
    assert places == sorted(places)
    for reason in ("earn back", "Around the clock is bought reserved", "pay-as-you-go", "More than three regions", "premium"):
        assert reason in err


ANSWERS = {
    # the answer in several spellings, and what it is kept as
    "footprint": [("1", "aws"), ("AWS", "aws"), ("2", "azure"), ("both", "both"), ("4", "none"), ("Neither", "none"), ("none", "none")],
    "training": [("1", "sporadic"), ("now and then", "sporadic"), ("2", "continuous"), ("continuous", "continuous"), ("3", "none")],
    "microsoft_ea": [("y", "yes"), ("YES", "yes"), ("n", "no"), ("2", "no"), ("3", "unsure"), ("unsure", "unsure")],
    "inference_regions": [("0", "0"), ("1", "1"), ("60", "60"), ("5.0", "5")],
    "mlops_capacity": [("y", "yes"), ("1", "yes"), ("No", "no"), ("2", "no")],
}  # fmt: skip


@pytest.mark.parametrize(("question", "typed", "kept"), [(q, *pair) for q, pairs in ANSWERS.items() for pair in pairs])
def test_an_answer_is_taken_by_number_id_and_name(question: str, typed: str, kept: str) -> None:
    """Stopped right after the answer, so that what was kept is printed."""
    at = QUESTIONS.index(question)
    ran = ask(*P6[:at], typed)
    assert f"\n  {question}: {kept}\n" in ran.err
    assert asked(ran)[-1] == str(min(at + 2, 5))


BAD = ("frog", "", "9999", "-1", "2.5", "nan", "x" * 3000, "\x1b[31mred", "1 2")


@pytest.mark.parametrize("at", range(5), ids=QUESTIONS)
def test_bad_answers_are_explained_and_asked_again(at: int) -> None:
    ran = ask(*P6[:at], *BAD, P6[at])
    assert ran.code == 130
    assert ran.err.count("? explains the question.") == len(BAD)
    assert f"  {QUESTIONS[at]}: {CASES['P6'].answers[QUESTIONS[at]]}" in ran.err  # the last try was taken
    assert "\x1b" not in ran.err
    assert len(ran.err) < 6000


@pytest.mark.parametrize("at", range(5), ids=QUESTIONS)
def test_help_explains_and_waits_for_the_same_answer(at: int) -> None:
    plain, helped = ask(*P6[: at + 1]), ask(*P6[:at], "?", "help", "HELP", P6[at])
    assert asked(helped) == asked(plain)
    assert len(helped.err) > len(plain.err) + 3 * 40
    assert "I did not get" not in helped.err


# -- back --------------------------------------------------------------------------------------------------------------


def test_back_from_the_first_question_stays_there() -> None:
    ran = ask("back", "b", *P6, TYPICAL)
    assert verdict_of(ran)["plan"] == "aws"
    assert asked(ran) == ["1", "1", "1", "2", "3", "4", "5"]
    assert ran.err.count("first question") == 2


@pytest.mark.parametrize("at", range(1, 5), ids=QUESTIONS[1:])
def test_back_returns_to_the_question_before(at: int) -> None:
    ran = ask(*P6[:at], "back", *P6[at - 1 :], TYPICAL)
    assert verdict_of(ran)["basis"] == "stay"
    assert asked(ran) == [str(n) for n in (*range(1, at + 2), *range(at, 6))]


def test_back_from_the_workload_returns_to_question_five() -> None:
    ran = ask(*P6, "back", "y", TYPICAL)
    assert verdict_of(ran)["layer"] == "raw"
    assert asked(ran) == ["1", "2", "3", "4", "5", "5"]


def test_back_all_the_way_changes_the_first_answer(tmp_path: Path) -> None:
    kept = saved(*P6, *["back"] * 5, "azure", *P6[1:], TYPICAL, file=tmp_path / "case.yml")
    assert "footprint: azure" in kept


def test_typical_numbers_drop_the_own_numbers_given_before(tmp_path: Path) -> None:
    """Enter takes typical numbers for all of it, also after own numbers and a way back."""
    kept = saved(*P6, OWN, "", "", "", "64", *["back"] * 5, "n", TYPICAL, file=tmp_path / "case.yml")
    assert "gpus" not in kept


def test_rest_takes_the_default_of_every_field_that_is_left(tmp_path: Path) -> None:
    """Back at the GPUs, they and the hours are left again."""
    kept = saved(*P6, OWN, "", "", "", "64", "100", "back", "back", "rest", file=tmp_path / "case.yml")
    assert "gpus" not in kept
    assert "training_hours_per_month" not in kept


# -- skip --------------------------------------------------------------------------------------------------------------

SKIPPED = {"footprint": "none", "training": "sporadic", "microsoft_ea": "unsure", "inference_regions": "1", "mlops_capacity": "no"}


@pytest.mark.parametrize(("question", "word"), [*zip(QUESTIONS, ["skip", "s", "SKIP", "Not sure", "skip"], strict=True)])
def test_not_sure_computes_as_something_that_is_said(question: str, word: str) -> None:
    at = QUESTIONS.index(question)
    ran = ask(*P6[:at], word, *P6[at + 1 :])
    said = "no" if question == "microsoft_ea" else SKIPPED[question]
    assert f"computed as {said}" in ran.err
    assert f"\n  {question}: {SKIPPED[question]}\n" in ran.err


def test_a_skipped_question_is_listed_as_assumed() -> None:
    ran = ask(*["skip"] * 5, TYPICAL)
    assert set(QUESTIONS) <= set(json.loads(ran.out)["assumed"])


def test_everything_skipped_still_gives_a_verdict_that_can_be_asked_for_again(tmp_path: Path) -> None:
    saved(*["skip"] * 5, TYPICAL, file=tmp_path / "case.yml")


# -- the end in the middle ----------------------------------------------------------------------------------------------


def printed_case(ran: Ran) -> str:
    return ran.err[ran.err.index("answers:") :]


@pytest.mark.parametrize(
    ("given", "end"),
    [(1, ()), (2, ()), (3, ()), (4, ()), (5, ()), (1, ("quit",)), (3, ("q",)), (5, ("exit",))],
    ids=lambda value: f"after {value}" if isinstance(value, int) else " ".join(value) or "end of input",
)
def test_leaving_in_the_middle_keeps_what_was_said(given: int, end: tuple[str, ...]) -> None:
    """Exit 130, no reply, and the start of a case file that `advise` understands as far as it goes."""
    ran = ask(*P6[:given], *end)
    assert (ran.code, ran.out) == (130, "")
    taken = run("advise", "-", "--format", "json", "--as-of", DAY, said=printed_case(ran))
    if given == 5:
        assert verdict_of(taken)["plan"] == "aws"
    else:
        taken.refused(*[f"{name}: missing" for name in QUESTIONS[given:]])


def test_leaving_before_the_first_answer_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "case.yml"
    ran = ask(save=file)
    assert (ran.code, ran.out) == (130, "")
    assert "answers:" not in ran.err
    assert not file.exists()


def test_leaving_among_the_own_numbers_keeps_them_too(tmp_path: Path) -> None:
    file = tmp_path / "case.yml"
    ran = ask(*P6, OWN, "", "", "", "64", "quit", save=file)
    assert ran.code == 130
    assert "gpus: 64" in printed_case(ran)
    assert "gpus: 64" in file.read_text(encoding="utf-8")


# -- own numbers -------------------------------------------------------------------------------------------------------

# In the order of the specification: price book, region, accelerator, GPUs, hours, interruptible, endpoints, endpoint hours,
# endpoint accelerator, egress, inter-region, hops, artifacts, storage, tier, discount.
DEFAULTS = [""] * 16


def own(tmp_path: Path, *numbers: str, answers: tuple[str, ...] = P6) -> str:
    return saved(*answers, OWN, *numbers, file=tmp_path / "case.yml")


def test_enter_takes_every_default(tmp_path: Path) -> None:
    assert "workload" not in own(tmp_path, *DEFAULTS)


def test_each_own_number_is_kept(tmp_path: Path) -> None:
    kept = own(
        tmp_path, "current", "us-west", "A100-40GB", "16", "200.5", "n", "40", "365", "T4-16GB",
        "2,000", "60,000", "2", "50", "1,000,000", "infrequent", "12.5",
    )  # fmt: skip
    assert [line.strip() for line in kept.splitlines()][7:] == [
        "price_book: current", "region: us-west", "accelerator: A100-40GB", "gpus: 16", "training_hours_per_month: 200.5",
        "interruptible: false", "endpoints: 40", "endpoint_hours_per_month: 365", "endpoint_accelerator: T4-16GB",
        "egress_gb_per_month: 2000", "inter_region_gb_per_month: 60000", "inter_region_hops: 2", "artifact_gb_per_month: 50",
        "storage_gb: 1000000", "storage_tier: infrequent", "ea_discount_pct: 12.5",
    ]  # fmt: skip


def test_the_word_none_for_the_endpoint_accelerator_is_kept_so_that_advise_takes_it(tmp_path: Path) -> None:
    """The prompt offers none as the default, so people type it."""
    own(tmp_path, *[""] * 8, "none", "rest")


@pytest.mark.parametrize(("typed", "kept"), [("60%", "60"), ("60 %", "60"), ("12.50", "12.5"), ("0", "0"), ("1e1", "10")])
def test_a_number_in_another_spelling(tmp_path: Path, typed: str, kept: str) -> None:
    text = own(tmp_path, *[""] * 15, typed)
    line = next(line for line in text.splitlines() if "ea_discount_pct" in line)
    assert float(line.split(": ")[1]) == float(kept)


def test_bad_numbers_are_explained_with_their_range_and_asked_again(tmp_path: Path) -> None:
    bad = ("abc", "-5", "1e99", "nan", "inf", "1.5", "1_000", "0x10", "100,001", "true")
    ran = ask(*P6, OWN, "", "", "", *bad, "16", "rest", save=tmp_path / "case.yml")
    assert ran.code == 0
    assert ran.err.count("from 0 to 100,000") == len(bad)
    assert "gpus: 16" in (tmp_path / "case.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("misplaced", ["10,00", "1,5", "1,0000"])
def test_a_comma_that_does_not_separate_thousands_is_not_dropped(misplaced: str, tmp_path: Path) -> None:
    """Read as 1000, 15 and 10000 they would be wrong answers that nobody sees."""
    ask(*P6, OWN, "", "", "", misplaced, "16", "rest", save=tmp_path / "case.yml")
    assert "gpus: 16" in (tmp_path / "case.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "bad", "hint"),
    [
        (0, "list", "current, article"),
        (1, "mars", "us-east, us-west, europe"),
        (2, "A1000-40GB", "Did you mean `A100-40GB`?"),
        (5, "perhaps", ""),
    ],
    ids=["price book", "region", "accelerator", "interruptible"],
)
def test_a_bad_word_is_explained_and_asked_again(before: int, bad: str, hint: str) -> None:
    ran = ask(*P6, OWN, *[""] * before, bad, "rest")
    assert ran.code == 0
    assert f"`{bad}`" in ran.err
    assert hint in ran.err


def test_help_explains_a_field() -> None:
    ran = ask(*P6, OWN, "", "", "", "?", "rest")
    assert ran.code == 0
    assert "accelerators in use at once" in ran.err


def test_back_among_the_fields_returns_to_the_field_before(tmp_path: Path) -> None:
    kept = own(tmp_path, "", "", "", "64", "back", "16", "rest")
    assert "gpus: 16" in kept


def test_the_defaults_follow_the_answers_and_the_fields_before() -> None:
    """Continuous training takes 730 hours and sporadic 120; the article's book has a V100, today's an A100."""
    sporadic = ask(*P6, OWN, "", "", "", "", "quit").err
    continuous = ask("1", "2", "1", "5", "2", OWN, "article", "", "", "", "quit").err
    assert "[A100-40GB]" in sporadic
    assert "[120]" in sporadic
    assert "[V100-16GB]" in continuous
    assert "[730]" in continuous


def test_a_case_that_cannot_be_computed_keeps_what_was_said(tmp_path: Path) -> None:
    """No cloud sells MI300X in us-east; the answers are not lost with it."""
    file = tmp_path / "case.yml"
    ran = ask(*P6, OWN, "", "", "MI300X", "rest", save=file)
    assert (ran.code, ran.out) == (2, "")
    assert "`MI300X` is not offered" in ran.err
    assert "accelerator: MI300X" in printed_case(ran)
    assert "footprint: aws" in file.read_text(encoding="utf-8")


def test_neither_training_nor_inference_is_asked_about_again() -> None:
    """Five answers without anything to place lead back to the regions, before the workload is asked."""
    ran = ask("1", "3", "1", "0", "2", "2", "2", TYPICAL)
    assert ran.code == 0
    assert "nothing to place" in ran.err
    assert ran.out != ""


# -- keeping -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["missing/case.yml", "."], ids=["no such folder", "a folder"])
def test_a_place_that_cannot_be_written_loses_no_answer(name: str, tmp_path: Path) -> None:
    """Either said before the first question, or the answers are printed; never a traceback at the end."""
    ran = ask(*P6, TYPICAL, save=tmp_path / name)
    assert "Traceback" not in ran.err
    assert asked(ran) == [] or "footprint: aws" in ran.err


@pytest.mark.parametrize(
    "said",
    [(*P6, TYPICAL), ("azure", "2", "y", "0", "y", TYPICAL), ("both", "2", "y", "5", "y", OWN, *[""] * 6, "400", *[""] * 8, "30"),
     ("none", "3", "unsure", "5", "n", TYPICAL), ("none", "1", "n", "2", "y", OWN, "", "europe", "H100 NVL", "rest")],
    ids=["P6", "training only", "P7", "serving only", "a name of two words"],
)  # fmt: skip
def test_what_is_kept_gives_the_same_verdict_again(said: tuple[str, ...], tmp_path: Path) -> None:
    saved(*said, file=tmp_path / "case.yml")


def test_bytes_that_are_no_text_are_a_bad_answer() -> None:
    ran = start("ask", "--format", "json", "--as-of", DAY, said=b"\xff\xfe\n1\n1\n1\n5\n2\n\n", PYTHONIOENCODING="utf-8:strict")
    assert "Traceback" not in ran.err
    assert ran.code in (0, 2, 130)


# -- a real terminal ---------------------------------------------------------------------------------------------------


def terminal(*words: str) -> Any:
    """The command in a pseudo-terminal of 100 columns."""
    pexpect = pytest.importorskip("pexpect", reason="pexpect is not installed")
    if not hasattr(pexpect, "spawn"):
        pytest.skip("no pseudo-terminal on this system")
    try:
        return pexpect.spawn(
            sys.executable, ["-m", "bot.cli.main", *words], cwd=str(ROOT), timeout=20, encoding="utf-8", dimensions=(40, 100)
        )
    except (OSError, pexpect.ExceptionPexpect) as error:
        pytest.skip(f"no pseudo-terminal here: {error}")


def end_of_output() -> Any:
    return pytest.importorskip("pexpect").EOF


def test_an_interview_in_a_terminal() -> None:
    child = terminal("ask", "--as-of", DAY)
    for at, answer in enumerate(P6, 1):
        child.expect(f"{at} of 5\\.")
        child.expect("> ")
        child.sendline(answer)
    child.expect("Typical numbers")
    child.sendline("")
    child.expect("Stay on AWS")
    child.expect("10 times the volume")
    child.expect("--full")  # in a terminal the reply is the short one, and says how to get the rest
    child.expect_exact(end_of_output())
    child.close()
    assert child.exitstatus == 0


def test_an_interrupt_in_a_terminal_leaves_politely() -> None:
    child = terminal("ask", "--as-of", DAY)
    child.expect("1 of 5\\.")
    child.expect("> ")
    child.sendline("1")
    child.expect("2 of 5\\.")
    child.expect("> ")
    child.sendintr()
    child.expect_exact(end_of_output())
    child.close()
    assert child.exitstatus == 130
    assert "Traceback" not in child.before
    assert "footprint: aws" in child.before  # as at the end of input: what was said is not lost
