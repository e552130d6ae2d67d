"""What is typed is understood, or asked back; at most one message in a hundred is taken for something else."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding import Heard, Listener
from engine.case import Value, parse_answer
from engine.load import load_rulebook
from engine.rulebook import Rulebook
from tests.bot.utterances import Utterance, utterances

ROWS = utterances()
LISTENER = Listener(load_rulebook())
QUESTIONS = ["footprint", "training", "microsoft_ea", "inference_regions", "mlops_capacity", None]
SILENT = ("unclear", "chatter")
ASKED_IN_VAIN = {"kept aside": 18}  # percent; nothing was changed for these


def said(heard: Heard) -> str:
    """What was heard, in the words of the table."""
    if heard.kind == "answer":
        return " ".join(f"{each.question}={each.value}{'!' * each.corrects}" for each in (heard, *heard.also))
    if heard.kind == "unclear" and heard.candidates:
        return f"unclear:{','.join(map(str, heard.candidates))}"
    return heard.command or heard.kind


def judged(row: Utterance, heard: Heard) -> str:
    """`understood`, `asked back` where it could have been understood, or `wrong`."""
    what = said(heard)
    expected = {"quiet": heard.kind in SILENT, "unclear": heard.kind == "unclear"}.get(row.heard, what == row.heard)
    if expected:
        return "understood"
    missed = heard.kind == "answer" and set(what.split()) < set(row.heard.split())
    return "asked back" if heard.kind in SILENT or missed else "wrong"


def hear(row: Utterance) -> str:
    return judged(row, LISTENER.hear(row.text, row.asked))


def test_the_table_is_large_enough() -> None:
    groups = Counter(row.group for row in ROWS)
    assert groups["must"] >= 100
    assert groups["unseen"] + groups["kept aside"] >= groups.total() // 6
    assert {row.asked for row in ROWS} == set(QUESTIONS)
    kinds = Counter(row.heard.partition(":")[0].partition("=")[0] for row in ROWS)
    assert (
        min(kinds[kind] for kind in ("unclear", "chatter", "unsure", "help", "back", "restart", "cancel", "typical", "numbers", "status"))
        >= 5
    )
    twice = [key for key, count in Counter((row.text, row.asked) for row in ROWS).items() if count > 1]
    answers = {(row.text, row.asked): row.heard for row in ROWS}
    assert [row.id for row in ROWS if (row.text, row.asked) in twice and answers[(row.text, row.asked)] != row.heard] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.group == "must"], ids=lambda row: row.id)
def test_what_the_issue_names_is_understood_to_the_letter(row: Utterance) -> None:
    heard = said(LISTENER.hear(row.text, row.asked))
    assert row.heard in (heard, heard.partition(":")[0])


def test_at_most_one_in_a_hundred_is_wrong_and_few_are_asked_back_in_vain() -> None:
    for group in {row.group for row in ROWS}:
        rows = [row for row in ROWS if row.group == group]
        wrong = [row.id for row in rows if hear(row) == "wrong"]
        assert len(wrong) * 100 <= len(rows), wrong
        asked = [row.id for row in rows if hear(row) == "asked back"]
        assert len(asked) * 100 <= len(rows) * ASKED_IN_VAIN.get(group, 5), asked


def test_another_answer_in_the_same_message_is_kept_in_the_order_of_the_questions() -> None:
    heard = LISTENER.hear("5 regions, AWS, no EA", "inference_regions")
    assert (heard.question, heard.value) == ("inference_regions", 5)
    assert [(each.question, each.value, each.corrects) for each in heard.also] == [("microsoft_ea", "no", True)]


def test_a_correction_is_told_from_an_answer_ahead() -> None:
    assert LISTENER.hear("we have an EA", "training") == Heard("answer", "microsoft_ea", "yes")
    assert LISTENER.hear("we have an EA", "mlops_capacity") == Heard("answer", "microsoft_ea", "yes", corrects=True)


@pytest.mark.parametrize(
    ("text", "question", "candidates"),
    [
        ("3-4 regions", "inference_regions", (3, 4)),
        ("3 – 4", "inference_regions", (3, 4)),
        ("between 3 and 5", "inference_regions", (3, 5)),
        ("maybe 5", "inference_regions", (5,)),
        ("twenty 1.000", "inference_regions", (20,)),
        ("AWS or Azure?", "footprint", ("aws", "azure")),
        ("probably AWS", "footprint", ("aws",)),
        ("GCP", "footprint", ("none",)),
        ("maybe weekly", "training", ("sporadic",)),
        ("yes and no", "microsoft_ea", ()),
        ("not AWS", "footprint", ()),
    ],
)
def test_what_is_too_close_to_call_is_offered_first(text: str, question: str, candidates: tuple[Value, ...]) -> None:
    assert Heard("unclear", question, candidates=candidates) == LISTENER.hear(text, question)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("<@U012ABC> <@U9|bob> AWS", "footprint=aws"),
        ("*AWS* &amp; _Azure_", "footprint=both"),
        ("~AWS~ Azure", "footprint=azure"),
        ("&gt; Where does it run?\nAWS", "footprint=aws"),
        ("<https://example.org/aws|aws.example.org>", "unclear"),
        ("`AWS`", "footprint=aws"),
        ("ＡＷＳ", "footprint=aws"),
        ("A W S" * 400, "unclear"),
    ],
    ids=["mentions", "bold and entities", "struck out", "quoted", "an address", "code", "full width", "too long"],
)
def test_slacks_markup_is_no_part_of_the_answer(text: str, heard: str) -> None:
    assert heard == said(LISTENER.hear(text, "footprint"))


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Azure, because AWS was too expensive", "footprint=azure"),
        ("AWS since 2016", "footprint=aws"),
        ("it was Azure, now AWS", "footprint=aws"),
        ("AWS, backups in Azure", "footprint=aws"),
        ("AWS was too expensive", "unclear:aws"),
        ("backups in Azure", "unclear:azure"),
        ("AWS, because Bob thinks so", "unclear:aws"),
    ],
    ids=["a reason", "a year", "what was", "what does not count", "only what was", "only what does not count", "a doubtful reason"],
)
def test_reasons_and_asides_are_no_part_of_an_answer_but_are_none_either(text: str, heard: str) -> None:
    assert heard == said(LISTENER.hear(text, "footprint"))


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("azrue", "footprint=azure"),
        ("Azzure", "footprint=azure"),
        ("everythin on azure", "footprint=azure"),
        ("yse", "unclear"),
        ("aws", "footprint=aws"),
    ],
)
def test_slips_in_long_words_are_mended_and_in_short_ones_never(text: str, heard: str) -> None:
    assert heard == said(LISTENER.hear(text, "footprint"))


# -- whatever is typed

anything = st.text(max_size=300) | st.text(alphabet=st.characters(codec=None), max_size=60)
words = st.sampled_from(sorted({word for row in ROWS for word in row.text.split()}))
open_question = st.sampled_from(QUESTIONS)


def sound(heard: Heard, rulebook: Rulebook) -> bool:
    """An answer is one that its question takes; nothing else carries a value."""
    if heard.kind != "answer":
        return heard.value is None and not heard.also
    question = rulebook.question[heard.question or ""]
    return parse_answer(question, heard.value) == heard.value and all(sound(each, rulebook) for each in heard.also)


@given(text=anything, asked=open_question)
def test_any_text_is_heard(text: str, asked: str | None, rulebook: Rulebook) -> None:
    assert sound(LISTENER.hear(text, asked), rulebook)


@given(parts=st.lists(words, max_size=12), asked=open_question)
@settings(max_examples=300)
def test_any_mixture_of_known_words_is_heard(parts: list[str], asked: str | None, rulebook: Rulebook) -> None:
    heard = LISTENER.hear(" ".join(parts), asked)
    assert sound(heard, rulebook)
    assert len({each.question for each in (heard, *heard.also)}) == 1 + len(heard.also)


@given(parts=st.lists(st.text(alphabet="bcdfghjkqvwxz", min_size=6, max_size=12), max_size=8), asked=open_question)
def test_words_that_nobody_knows_never_answer(parts: list[str], asked: str | None) -> None:
    assert LISTENER.hear(" ".join(parts), asked).kind in SILENT


@pytest.mark.parametrize(
    "text",
    [
        "a" * 40_000,
        "AWS, " * 8_000,
        "\0" * 40_000,
        "\ud800" * 1_000,
        "\ud800 AWS",
        "~" * 999,
        "<@" * 499,
        ":" * 999,
        "-" * 999,
        "no " * 333,
        "9" * 999,
        "1," * 499,
        "\n>" * 499,
    ],
    ids=[
        "one word",
        "a list",
        "NULs",
        "surrogates",
        "a surrogate",
        "tildes",
        "mentions",
        "colons",
        "dashes",
        "noes",
        "digits",
        "numbers",
        "quotes",
    ],
)
@pytest.mark.parametrize("asked", QUESTIONS)
def test_long_and_broken_texts_do_no_harm(text: str, asked: str | None, rulebook: Rulebook) -> None:
    heard = LISTENER.hear(text, asked)
    assert sound(heard, rulebook)
    assert heard.kind in (*SILENT, "answer")
