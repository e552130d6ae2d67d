"""What the bot asks of Slack, asked of a Slack that others wrote."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.app import build_client
from bot.chart import draw_png
from bot.delivering import Delivery, Place
from bot.postings import SlotClaims
from bot.startup import check_tokens
from tests.bot.emulate.conftest import Talk
from tests.bot.serving.people import VERDICT
from tests.bot.slack.harness import P6, action_ids, texts


@pytest.fixture(autouse=True)
def _nothing_is_complained_of(caplog: pytest.LogCaptureFixture) -> Any:
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def advised(talk: Talk) -> str:
    """A whole conversation; its thread."""
    talk.command()
    thread = str(talk.top()[-1]["ts"])
    for question, answer in P6.items():
        talk.press(thread, f"answer:{question}:{answer}")
    talk.press(thread, "typical")
    return thread


def test_the_token_is_taken(talk: Talk) -> None:
    assert check_tokens(build_client(talk.office.settings), None) == "Example Ltd"


def test_a_whole_conversation_is_posted_and_updated(talk: Talk) -> None:
    thread = advised(talk)
    head, replies = talk.top()[-1], talk.thread(thread)
    assert "Answer: Stay on AWS." in head["text"]
    assert len(replies) == len(P6) + 2
    assert [f"change:{question}" in action_ids(each["blocks"]) for question, each in zip(P6, replies, strict=False)] == [True] * 5
    assert replies[-1]["text"] == VERDICT
    assert {"table", "data_visualization", "context_actions"} <= {block["type"] for block in replies[-1]["blocks"]}
    assert all(each["text"] for each in replies)


def test_what_stands_behind_a_button_is_posted_once(talk: Talk) -> None:
    thread = advised(talk)
    before = len(talk.thread(thread))
    talk.press(thread, "detail:flip")
    assert len(talk.thread(thread)) == before + 1
    assert "What would flip it" in texts(talk.thread(thread)[-1]["blocks"])
    talk.press(thread, "detail:flip")
    assert len(talk.thread(thread)) == before + 1


def views(talk: Talk, kind: str) -> int:
    """How many views of a kind stand there, as the page of `emulate` lists them."""
    return httpx.get(talk.api.replace("/api/", "/?tab=views"), trust_env=False).text.count(f">{kind}<")


@pytest.mark.parametrize("action_id", ["numbers:refine", "ask", "report"])
def test_a_form_opens_once_with_its_trigger(talk: Talk, action_id: str) -> None:
    thread = advised(talk)
    before = views(talk, "modal")
    trigger = talk.press(thread, action_id)
    assert views(talk, "modal") == before + 1
    with pytest.raises(SlackApiError) as refused:
        talk.app.client.views_open(trigger_id=trigger, view={"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []})
    assert refused.value.response["error"] == "exchanged_trigger_id"


def test_the_home_tab_is_published(talk: Talk) -> None:
    talk.opens_home()
    assert views(talk, "app home") == 1


class RefusesBlocks(WebClient):
    """Slack as it would be without native charts: the first post is refused."""

    refused = False

    def chat_postMessage(self, **given: Any) -> SlackResponse:  # noqa: N802 - as the SDK names it
        if not self.refused:
            self.refused = True
            raise SlackApiError("refused", {"ok": False, "error": "invalid_blocks"})  # type: ignore[no-untyped-call]
        return super().chat_postMessage(**given)


def test_the_picture_of_the_chart_arrives_byte_for_byte(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    thread = advised(talk)
    with talk.office.desk.database.workspace(talk.team) as work:
        conversation = work.conversation_in(talk.channel, thread)
    assert conversation is not None
    message = talk.office.desk.verdict_message(conversation, 1)
    client = RefusesBlocks("xoxb-emulate-bot", base_url=talk.api)
    place = Place(talk.channel, thread)
    assert Delivery(client, place, "again", SlotClaims(talk.office.desk, conversation.workspace, conversation.id, "again")).deliver(message)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "blocks refused, sent in the plain layout: invalid_blocks"
    ]
    caplog.clear()
    assert "table" not in {block["type"] for block in talk.thread(thread)[-2]["blocks"]}
    files: list[dict[str, Any]] = talk.reader.files_list(channel=talk.channel)["files"]
    headers = {"authorization": "Bearer xoxp-emulate-reader"}
    content = httpx.get(files[0]["url_private_download"], headers=headers, trust_env=False).content
    chart = next(block for block in message.blocks if block["type"] == "data_visualization")
    assert (files[0]["name"], content) == ("cost-lines.png", draw_png(chart))
