"""The forms of the local Slack's page: what they do, and what reaches the bot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.sandbox.server import LocalSlack
from bot.sandbox.world import Message
from tests.bot.sandbox import gallery
from tests.bot.sandbox.browsing import ANNOUNCE, BOARD, FINOPS, OLD, Browser, Hearing, browsing, listening
from tests.bot.sandbox.gallery import ALEX, BO, BOT, DM, GENERAL, ML


@pytest.fixture
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


@pytest.fixture
def bot(browser: Browser) -> Hearing:
    return listening(browser.slack)


def last(slack: LocalSlack, channel: str = ML) -> Message:
    return slack.world.messages[channel][-1]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("hi there", "hi there"),
        ("@whichcloud compare @bo #general", f"<@{BOT}> compare <@{BO}> <#{GENERAL}|general>"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel> <@U0BO0001>", "&lt;!channel&gt; &lt;@U0BO0001&gt;"),
        ("bo@example.com @nobody #none", "bo@example.com @nobody #none"),
        (" /etc is no command", "/etc is no command"),
    ],
    ids=["plain", "mentions", "escaped", "no forged mention", "no mention", "led by a space"],
)  # fmt: skip
def test_what_is_typed_is_sent_as_slack_writes_it(browser: Browser, typed: str, stored: str) -> None:
    browser.post("say", channel=ML, text=typed)
    assert (last(browser.slack).text, last(browser.slack).user) == (stored, ALEX)


def test_a_reply_goes_into_its_thread(browser: Browser) -> None:
    parent = gallery.fill_conversation(browser.slack.world)
    browser.post("say", BO, channel=ML, thread_ts=parent, text="five regions")
    assert (last(browser.slack).thread_ts, last(browser.slack).user) == (parent, BO)


def test_a_direct_message_opens_its_thread(browser: Browser) -> None:
    answer = browser.post("say", channel=DM, text="compare")
    assert json.loads(answer.headers["HX-Trigger"]) == {"moved": {}, "sent": {"thread": last(browser.slack, DM).ts}}


def test_a_slash_command_reaches_the_bot(browser: Browser, bot: Hearing) -> None:
    browser.post("say", channel=ML, text="/whichcloud prices A100")
    assert [(each["command"], each["text"], each["user_id"]) for each in bot.heard] == [("/whichcloud", "prices A100", ALEX)]
    assert browser.notice() == ""


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"text": "/nothing"}, "/nothing is not a valid command. Begin with a space to send it as a message."),
        (
            {"text": "/whichcloud", "thread_ts": "1.000001"},
            "/whichcloud is not supported in threads. Slack takes slash commands in the channel only.",
        ),
        ({"text": "  "}, "There is nothing to send."),
        ({"text": "x", "channel": BOARD, "user": BO}, "You are not in that channel."),
        ({"text": "x", "channel": OLD}, "This channel is archived (is_archived)."),
        ({"text": "x", "channel": ANNOUNCE, "user": BO}, "Only admins may write in this channel (restricted_action)."),
    ],
    ids=["unknown command", "command in a thread", "nothing", "private", "archived", "restricted"],
)
def test_what_slack_would_refuse_is_said_to_the_person_alone(browser: Browser, form: dict[str, str], says: str) -> None:
    user = form.pop("user", ALEX)
    answer = browser.post("say", user, **{"channel": ML, **form})
    assert json.loads(answer.headers["HX-Trigger"]) == {"moved": {}}
    assert browser.notice(user) == says
    assert browser.notice("U0CLEO01") == ""


def test_a_notice_can_be_dismissed(browser: Browser) -> None:
    browser.post("say", channel=ML, text="/nothing")
    browser.post("dismiss")
    assert browser.notice() == ""


def test_without_a_bot_a_click_says_so(browser: Browser) -> None:
    gallery.post(browser.slack.world, BOT, "q", gallery.QUESTION)
    browser.press(browser.look().one("button", data_action_id="answer:aws"))
    assert browser.notice() == "whichcloud is not connected to this local Slack (dispatch_unreachable). Is the bot running?"


def test_a_click_reaches_the_bot_as_slack_would_send_it(browser: Browser, bot: Hearing) -> None:
    ts = gallery.post(browser.slack.world, BOT, "q", gallery.QUESTION)
    browser.press(browser.look(user=BO).one("button", data_action_id="answer:azure"), BO)
    (body,) = bot.heard
    assert (body["type"], body["user"]["id"], body["message"]["ts"]) == ("block_actions", BO, ts)
    (action,) = body["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("answer:azure", "q1-answers", "answer:azure")


@pytest.mark.parametrize(
    ("action_id", "block_id", "form", "told"),
    [
        ("region", "accessory-select", {"accessory-select/region": "us"}, {"selected_option": gallery.option("us", "United States")}),
        ("more", "accessory-overflow", {"option": "delete"}, {"selected_option": gallery.option("delete", "Delete")}),
        ("day", "mixed", {"mixed/day": "2027-01-31"}, {"selected_date": "2027-01-31"}),
        ("what", "mixed", {"mixed/what": ["train", "forged"]}, {"selected_options": [gallery.option("train", "Training")]}),
        ("what", "mixed", {}, {"selected_options": []}),
        ("how", "mixed", {"mixed/how": "reserved"}, {"selected_option": gallery.option("reserved", "Reserved")}),
    ],
    ids=["select", "overflow", "date", "ticks", "no ticks", "radio"],
)
def test_choices_reach_the_bot(
    browser: Browser, bot: Hearing, action_id: str, block_id: str, form: dict[str, Any], told: dict[str, Any]
) -> None:
    ts = gallery.post(browser.slack.world, BOT, "e", gallery.ELEMENTS)
    browser.post("click", channel=ML, ts=ts, action_id=action_id, block_id=block_id, **form)
    (action,) = bot.heard[0]["actions"]
    assert {key: action[key] for key in told} == told


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"action_id": "forged", "block_id": "q1-answers"}, "That button is gone. The message has changed meanwhile."),
        ({"action_id": "answer:aws", "block_id": "forged"}, "That button is gone. The message has changed meanwhile."),
        ({"action_id": "answer:aws", "block_id": "q1-answers", "ts": "1.000001"}, "That message is gone."),
        ({"action_id": "answer:aws", "block_id": "q1-answers", "channel": GENERAL}, "That message is gone."),
    ],
    ids=["action", "block", "message", "channel"],
)
def test_a_click_on_what_is_not_there_goes_nowhere(browser: Browser, bot: Hearing, form: dict[str, str], says: str) -> None:
    ts = gallery.post(browser.slack.world, BOT, "q", gallery.QUESTION)
    browser.post("click", **{"channel": ML, "ts": ts, **form})
    assert (bot.heard, browser.notice()) == ([], says)


def test_another_persons_message_to_one_alone_takes_no_click(browser: Browser, bot: Hearing) -> None:
    ts = gallery.post(browser.slack.world, BOT, "q", gallery.QUESTION, ephemeral_to=ALEX)
    browser.post("click", BO, channel=ML, ts=ts, action_id="answer:aws", block_id="q1-answers")
    assert (bot.heard, browser.notice(BO)) == ([], "That message is gone.")


FILLED: dict[str, Any] = {
    "footprint/footprint": "Azure",
    "purchase/purchase": "all-day",
    "layers/layers": ["raw", "managed"],
    "gpus/gpus": "64",
    "discount/discount": "9",
    "hours/hours": "120",
    "endpoints/endpoints": "20",
    "regions/regions": "5",
    "egress/egress": "1",
    "transfer/transfer": "1",
    "storage/storage": "1",
    "threshold/threshold": "1",
    "growth/growth": "1",
    "notes/notes": "one\r\ntwo",
    "where/where": GENERAL,
    "name/name": "Q1 report",
    "forged/forged": "x",
}


def test_a_modal_is_submitted_with_what_stands_in_it(browser: Browser, bot: Hearing) -> None:
    view = gallery.open_modal(browser.slack.world)
    browser.post("submit", view_id=view.id, **FILLED)
    (body,) = bot.heard
    state = {block: next(iter(states.values())) for block, states in body["view"]["state"]["values"].items()}
    assert "forged" not in state
    assert state["footprint"] == {"type": "static_select", "selected_option": gallery.option("Azure")}
    assert [each["value"] for each in state["layers"]["selected_options"]] == ["managed", "raw"]
    assert (state["gpus"]["value"], state["notes"]["value"]) == ("64", "one\ntwo")
    assert (state["where"]["selected_conversation"], state["from"]["selected_date"], state["mail"]["value"]) == (GENERAL, None, None)
    assert view.closed


def test_an_incomplete_form_never_reaches_the_bot(browser: Browser, bot: Hearing) -> None:
    view = gallery.open_modal(browser.slack.world)
    browser.post("submit", view_id=view.id, **{**FILLED, "gpus/gpus": "", "footprint/footprint": ""})
    modal = browser.look().one(data_testid="modal")
    assert [each.text for each in modal.all(data_testid="field-error")] == ["Please complete this required field."] * 2
    assert modal.one("input", name="name/name").attributes["value"] == "Q1 report"
    assert (bot.heard, browser.notice()) == ([], "")


def test_a_modal_of_another_person_cannot_be_submitted_or_closed(browser: Browser, bot: Hearing) -> None:
    view = gallery.open_modal(browser.slack.world)
    for act in ("submit", "close"):
        browser.post(act, BO, view_id=view.id, **FILLED)
        assert browser.notice(BO) == "That view is closed (not_found)."
    browser.post("view-click", BO, view_id=view.id, action_id="gpus", block_id="gpus")
    assert (view.closed, bot.heard) == (False, [])


def test_a_modal_is_closed(browser: Browser) -> None:
    view = gallery.open_modal(browser.slack.world)
    browser.post("close", view_id=view.id)
    assert view.closed
    assert browser.look().all(data_testid="modal") == []


def test_a_click_on_the_home_tab_reaches_the_bot(browser: Browser, bot: Hearing) -> None:
    gallery.publish_home(browser.slack.world)
    browser.press(browser.look(DM, tab="home").one("button", data_action_id="start"))
    assert (bot.heard[0]["view"]["id"], bot.heard[0]["actions"][0]["action_id"]) == ("V0HOME", "start")


def test_a_shortcut_reaches_the_bot_with_its_message(browser: Browser, bot: Hearing) -> None:
    ts = gallery.post(browser.slack.world, BO, "what would this cost?")
    browser.press(browser.look().one("button", data_callback_id="advise_message"))
    assert (bot.heard[0]["callback_id"], bot.heard[0]["message"]["ts"]) == ("advise_message", ts)


@pytest.mark.parametrize("tab", ["home", "messages"])
def test_opening_a_tab_of_the_app_is_told(browser: Browser, bot: Hearing, tab: str) -> None:
    window = browser.look(DM, tab=tab)
    browser.press(window.one("span", id=f"opened-{tab}"))
    assert browser.slack.wait_for(lambda: bool(bot.heard))
    assert bot.heard[0]["event"]["tab"] == tab


def test_the_bot_is_added_where_it_is_a_stranger(browser: Browser) -> None:
    browser.press(browser.look(FINOPS).one(data_testid="invite"))
    assert BOT in browser.slack.world.channels[FINOPS].members
    assert browser.look(FINOPS).all(data_testid="invite") == []


@pytest.mark.parametrize(("step", "seconds"), [("hour", 3600), ("day", 86_400), ("month", 2_592_000)])
def test_the_clock_moves_on(browser: Browser, step: str, seconds: int) -> None:
    moved: list[float] = []
    browser.slack.world.clock.call_at(browser.slack.world.clock.now() + seconds, lambda: moved.append(seconds))
    browser.press(browser.look().one("button", data_testid=f"advance-{step}"))
    assert moved == [seconds]


def test_the_app_can_be_removed(browser: Browser) -> None:
    browser.post("uninstall")
    assert browser.slack.world.installation.ended == "account_inactive"
    assert browser.look().all(class_="sidebar-foot") == []


def test_an_unknown_act_is_not_there(browser: Browser) -> None:
    assert browser.http.post(f"/act/{ALEX}/forged", headers={"HX-Request": "true"}).status_code == 404
