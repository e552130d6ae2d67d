"""Reports for other channels, the form that posts them, and what is said around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.reply import report as reply
from bot.reply.elements import Message
from bot.reply.report import Opening, Reported, Standing, Update
from bot.reply.verdict import verdict
from bot.storage import Report
from bot.view import view_of
from engine.rulebook import Rulebook
from tests.bot.reply import samples
from tests.bot.reply.samples import ALEX, BO, DAY, ID, P6, VERDICT, kinds, problems, texts, view_problems

REPORT = "f" * 24
URL = "https://slack.example/archives/C0ML/p1?thread_ts=1.0&cid=C0ML"
DISCOUNT = Decimal("17.25")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def said(rulebook: Rulebook) -> Reported:
    """Case P6 as Alex asked for it."""
    return reported(rulebook, {})


def reported(rulebook: Rulebook, workload: dict[str, Any]) -> Reported:
    words, advice = samples.public(rulebook), samples.advice(rulebook, P6, workload)
    return Reported(view_of(advice, words), reply.basis_of(advice), reply.private_names(advice, words), ALEX, DAY, url=URL)


def drawn(said: Reported, rulebook: Rulebook) -> Message:
    return reply.report(said, REPORT, "key", samples.public(rulebook))


def kept(**more: Any) -> Report:
    made = Report(REPORT, ID, VERDICT, "C0FINOPS", BO, NOON, "", "", "", None, "", None, "", "waiting", NOON)
    return replace(made, **more)


# -- the report --------------------------------------------------------------------------------------------------------

EVERY_REPORT: dict[str, dict[str, Any]] = {
    "as it was asked for": {},
    "posted by somebody else": {"posted_by": BO},
    "from a direct message": {"url": ""},
    "of somebody who was forgotten": {"asked_by": "", "posted_by": ""},
    "with a note": {"note": "For the board.\n\nRead the *cautions*."},
    "with the longest note": {"note": "& < > " * 50},
    "updated": {"update": Update(BO, date(2026, 11, 23), "Move to Azure.", ("Changed: GPUs 8 → 64.", "AWS $1 → $2 a month."))},
    "updated with the same case": {"update": Update("", date(2026, 11, 23), "Stay on AWS.", ("The advice is the same.",))},
}


@pytest.mark.parametrize("workload", [{}, dict(samples.LARGEST)], ids=["typical", "largest"])
@pytest.mark.parametrize("more", EVERY_REPORT.values(), ids=EVERY_REPORT)
def test_every_report_may_be_sent(more: dict[str, Any], workload: dict[str, Any], rulebook: Rulebook) -> None:
    message = drawn(replace(reported(rulebook, workload), **more), rulebook)
    assert problems(message) == []
    read = texts(message.blocks)
    for slip in ("None", "..", "  ", " .", "!", "{{", "()", " ,"):
        assert slip not in read.replace("!channel", ""), (slip, read)


def test_a_report_has_the_table_the_chart_and_the_cautions_of_its_verdict(said: Reported, rulebook: Rulebook) -> None:
    message, first_screen = drawn(said, rulebook), verdict(said.view, VERDICT)

    def named(of: Message, kind: str) -> Any:
        return [{name: part for name, part in block.items() if name != "block_id"} for block in of.blocks if block["type"] == kind]

    for kind in ("table", "data_visualization"):
        assert named(message, kind) == named(first_screen, kind) != []
    cautions = [f"• {line}" for line in said.view.first_cautions]
    assert (cautions != [], [line for line in cautions if line not in texts(message.blocks)]) == (True, [])
    assert (message.text, message.alt) == (first_screen.text, first_screen.alt)


def test_a_report_says_who_asked_when_and_where_its_thread_is(said: Reported, rulebook: Rulebook) -> None:
    assert texts(drawn(said, rulebook).blocks[0]) == (
        f"*AWS or Azure for our AI workload?* <@{ALEX}> asked on 2026-11-22. <{URL}|The thread with every number.>"
    )
    assert texts(drawn(replace(said, posted_by=BO, url=""), rulebook).blocks[0]) == (
        f"*AWS or Azure for our AI workload?* <@{ALEX}> asked on 2026-11-22, <@{BO}> posted it here."
    )


BASES = {
    "some stale": (
        {"prices": 12, "stale": 3, "sources": 5, "oldest": "2025-11-18", "newest": "2026-09-06"},
        "Computed on 2026-11-22 from 12 prices of 5 sources, 2025-11-18 to 2026-09-06; 3 older than their limit. Rules 1a2b3c4.",
    ),
    "one price, stale": (
        {"prices": 1, "stale": 1, "sources": 1, "oldest": "2025-11-18", "newest": "2025-11-18"},
        "Computed on 2026-11-22 from 1 price of 1 source, 2025-11-18; 1 older than its limit. Rules 1a2b3c4.",
    ),
    "none stale": (
        {"prices": 1_200, "stale": 0, "sources": 2, "oldest": "2026-09-05", "newest": "2026-09-06"},
        "Computed on 2026-11-22 from 1,200 prices of 2 sources, 2026-09-05 to 2026-09-06; all within their age limits. Rules 1a2b3c4.",
    ),
}


@pytest.mark.parametrize(("basis", "reads"), BASES.values(), ids=BASES)
def test_a_report_says_on_which_prices_it_rests(basis: dict[str, Any], reads: str, said: Reported, rulebook: Rulebook) -> None:
    message = drawn(replace(said, basis=reply.Basis(DAY, rules="1a2b3c4", **basis)), rulebook)
    assert reads in texts(message.blocks).splitlines()


def test_the_basis_is_counted_from_the_prices_used(rulebook: Rulebook) -> None:
    advice = samples.advice(rulebook)
    basis = reply.basis_of(advice)
    days = sorted(price.figure.as_of for price in advice.prices if price.figure.as_of)
    assert (basis.day, basis.prices, basis.rules) == (DAY, len(advice.prices), advice.rules_version[:7])
    assert (basis.oldest, basis.newest) == (str(days[0]), str(days[-1]))
    assert basis.stale == len([price for price in advice.prices if price.stale]) > 0
    assert basis.sources == len({price.figure.source for price in advice.prices}) > 1


def test_a_private_figure_is_named_and_not_shown(rulebook: Rulebook) -> None:
    said = reported(rulebook, {"ea_discount_pct": DISCOUNT, "gpus": 64})
    message = drawn(said, rulebook)
    assert " Counted and not shown, because private: EA discount.\n" in texts(message.blocks)
    form = reply.report_form(said, Opening(), samples.public(rulebook))
    for shown in (str(message), str(form)):
        assert [each for each in ("17.25", "82.75", "0.8275") if each in shown] == []


def test_what_somebody_wrote_to_it_is_quoted_under_their_name(said: Reported, rulebook: Rulebook) -> None:
    message = drawn(replace(said, posted_by=BO, note="Look <!channel>\n\n> & <https://x.example|decide>"), rulebook)
    assert texts(message.blocks[1]).splitlines() == [
        f"*<@{BO}> adds:*",
        "&gt; Look &lt;!channel&gt;",
        "&gt; &gt; &amp; &lt;https://x.example|decide&gt;",
    ]


def test_an_update_says_what_was_and_what_changed(said: Reported, rulebook: Rulebook) -> None:
    update = Update(BO, date(2026, 11, 23), "Move to Azure.", ("Changed: GPUs 8 → 64.", "AWS $3,488 → $11,100 a month."))
    lines = [
        f"*Updated on 2026-11-23* by <@{BO}>; was: *Move to Azure.*",
        "Changed: GPUs 8 → 64.",
        "AWS $3,488 → $11,100 a month.",
    ]
    assert texts(drawn(replace(said, update=update), rulebook).blocks[1]).splitlines() == lines
    reply_to_it = reply.changed(update, samples.public(rulebook))
    assert (problems(reply_to_it), texts(reply_to_it.blocks).splitlines()) == ([], lines)


def test_a_report_has_a_way_to_update_it_and_to_its_prices(said: Reported, rulebook: Rulebook) -> None:
    *_, buttons = drawn(said, rulebook).blocks
    assert [(each["text"]["text"], each["action_id"], each["value"]) for each in buttons["elements"]] == [
        ("Update", "reported:update", REPORT),
        ("Lines and prices", "reported:lines", REPORT),
    ]


# -- the form ----------------------------------------------------------------------------------------------------------

STANDS = (
    Standing("C0FINOPS", f"<@{BO}>", DAY, same=True, url="https://slack.example/p5"),
    Standing("D0BO0001", f"<@{BO}>", DAY, same=False),
)
EVERY_OPENING = {
    "plain": Opening(f"{VERDICT}:C0ML:1.0"),
    "with everything": Opening("m", True, "C0ML", "#fin<ops>", "a note", STANDS),
}


@pytest.mark.parametrize("opening", EVERY_OPENING.values(), ids=EVERY_OPENING)
def test_every_form_may_be_opened(opening: Opening, said: Reported, rulebook: Rulebook) -> None:
    assert view_problems(reply.report_form(said, opening, samples.public(rulebook))) == []


def test_the_form_chooses_no_channel_by_itself(said: Reported, rulebook: Rulebook) -> None:
    words = samples.public(rulebook)
    plain, chosen = (samples.fields(reply.report_form(said, opening, words)) for opening in EVERY_OPENING.values())
    assert plain["channel"]["element"] == {
        "type": "conversations_select",
        "action_id": "channel",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    assert chosen["channel"]["element"]["initial_conversation"] == "C0ML"
    assert (plain["note"]["optional"], plain["note"]["element"]["max_length"]) == (True, 300)


def test_the_preview_is_what_will_stand_there(said: Reported, rulebook: Rulebook) -> None:
    """But for the table and the chart, which no form may hold: the table stands there as fields."""
    words = samples.public(rulebook)
    form, message = reply.report_form(said, Opening(), words), drawn(said, rulebook)
    assert message.plain is not None
    *shown, _buttons = message.plain
    assert form["blocks"][-len(shown) :] == shown
    assert {"table", "data_visualization"} & {block["type"] for block in form["blocks"]} == set()


def test_the_form_says_what_a_person_should_know_before(said: Reported, rulebook: Rulebook) -> None:
    words = samples.public(rulebook)
    quiet, loud = (texts(reply.report_form(said, opening, words)["blocks"]).splitlines() for opening in EVERY_OPENING.values())
    assert quiet[0] == "Post to"
    assert loud[:4] == [
        "*This verdict is in your direct message with me.* Posting it shows it, its lines and its prices to everybody in that channel. "
        "No link into the direct message goes with it.",
        f"This verdict stands in <#C0FINOPS> already, posted by <@{BO}> on 2026-11-22: <https://slack.example/p5|show it>.",
        f"An earlier verdict of this conversation stands in your direct message already, posted by <@{BO}> on 2026-11-22. "
        "To change that one, press *Update* on it.",
        "I cannot look up #fin&lt;ops&gt; by its name. Choose the channel here.",
    ]


# -- around a report ---------------------------------------------------------------------------------------------------

REFUSED = {
    "outside": (
        {"why": "outside", "updating": False},
        "Slack would not let me post in <#C0FINOPS>: I am not a member. Nothing is lost. "
        "Invite me there with `/invite @whichcloud` and press *Try again*, or have it sent to you.",
        ["reported:again", "report:choose", "reported:direct"],
    ),
    "closed": (
        {"why": "closed", "updating": False},
        "<#C0FINOPS> does not take posts from me (archived, or only some may post). Your report is safe here: choose another channel.",
        ["report:choose", "reported:direct"],
    ),
    "doubtful": (
        {"why": "unknown", "updating": False},
        "Slack did not say whether it took the report for <#C0FINOPS>. Look there; if it is missing, press *Try again*.",
        ["reported:again", "report:choose", "reported:direct"],
    ),
    "an update from outside": (
        {"why": "outside", "updating": True},
        "Slack would not let me change the report in <#C0FINOPS>: I am not a member. Nothing is lost. "
        "Invite me there with `/invite @whichcloud` and press *Try again*.",
        ["reported:update", "report:choose"],
    ),
    "an update where nothing is taken": (
        {"why": "closed", "updating": True},
        "<#C0FINOPS> does not take posts from me (archived, or only some may post). "
        "The report there stays as it is: choose another channel.",
        ["report:choose"],
    ),
}


@pytest.mark.parametrize(("how", "reads", "buttons"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_says_what_to_do_and_has_the_buttons_for_it(how: Any, reads: str, buttons: list[str], rulebook: Rulebook) -> None:
    message = reply.not_taken(kept(), private=False, words=samples.public(rulebook), **how)
    assert problems(message) == []
    assert texts(message.blocks[0]) == reads
    assert [each["action_id"] for each in message.blocks[1]["elements"]] == buttons


def test_who_has_the_verdict_in_a_direct_message_is_not_sent_it_there(rulebook: Rulebook) -> None:
    message = reply.not_taken(kept(), "outside", updating=False, private=True, words=samples.public(rulebook))
    assert [each["action_id"] for each in message.blocks[1]["elements"]] == ["reported:again", "report:choose"]
    assert texts(message.blocks[0]).endswith("press *Try again*.")


def test_a_new_verdict_names_the_reports_that_show_an_earlier_one(said: Reported, rulebook: Rulebook) -> None:
    newest = f"{ID}-1-2"
    reports = [kept(id="a" * 24, ts="5.5"), kept(id="b" * 24, ts="5.6", verdict=newest), kept(id="c" * 24)]
    (block,) = reply.outdated(reports, newest, samples.public(rulebook))
    assert texts(block["text"]) == "The report in <#C0FINOPS> shows the verdict before this one."
    assert (block["accessory"]["action_id"], block["accessory"]["value"]) == ("reported:update", "a" * 24)
    message = verdict(said.view, newest, reports=[block])
    assert problems(message) == []
    assert kinds(message)[-3:] == ["section", "actions", "context_actions"]
