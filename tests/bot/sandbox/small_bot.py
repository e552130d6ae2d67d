"""A small Bolt app to try the local Slack with, and the three ways to reach it."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import httpx
import uvicorn
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.deliver import Outcome, Retry
from bot.sandbox.payloads import Delivery
from bot.sandbox.server import LocalSlack

Way = Literal["in process", "http", "socket"]
WAYS: tuple[Way, ...] = ("in process", "http", "socket")
Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str, text: str = "Press", value: str = "1") -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), "value": value}


QUESTION = [{"type": "actions", "block_id": "q1", "elements": [button("answer", "AWS", "aws"), button("more")]}]
MODAL = {
    "type": "modal",
    "callback_id": "numbers",
    "title": plain("Numbers"),
    "submit": plain("Save"),
    "private_metadata": "session-7",
    "notify_on_close": True,
    "blocks": [
        {"type": "input", "block_id": "gpus", "label": plain("GPUs"), "element": {"type": "plain_text_input", "action_id": "count"}}
    ],
}


# One for all requests that no Slack client makes: making one is dear. No connection outlives its request, nor the Slack it led to.
WEB = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False, timeout=10)


def client_of(slack: LocalSlack, token: str | None = None) -> WebClient:
    """A client that tries once."""
    return WebClient(token=token or slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=10)


@dataclass
class SmallBot:
    """Answers a command with a question, a click with an update, a form with errors until it holds a number. `heard` is what arrived."""

    app: App
    heard: list[tuple[str, Json]] = field(default_factory=list)

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.heard]


class Taking:
    """A bot that is no more than its answer: keeps what is delivered to it, and answers always the same."""

    def __init__(self, answer: Outcome) -> None:
        self.answer = answer
        self.attempts: list[Retry | None] = []
        self.payloads: list[Json] = []

    def send(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        self.payloads.append(delivery.payload)
        self.attempts.append(retry)
        return self.answer


def small_bot(slack: LocalSlack) -> SmallBot:
    app = App(client=client_of(slack), signing_secret=slack.signing_secret, logger=logging.getLogger("small-bot"))
    bot = SmallBot(app)
    app.command("/whichcloud")(lambda ack, body, client: _command(bot, ack, body, client))
    app.action("answer")(lambda ack, body, client: _answer(bot, ack, body, client))
    app.action("more")(lambda ack, body, client: _more(bot, ack, body, client))
    app.view("numbers")(lambda ack, body: _numbers(bot, ack, body))
    app.view_closed("numbers")(lambda ack, body: _note(bot, "closed", ack, body))
    app.shortcut("advise_message")(lambda ack, body: _note(bot, "shortcut", ack, body))
    for event in ("app_mention", "message", "app_home_opened", "tokens_revoked", "app_uninstalled"):
        app.event(event, middleware=[partial(_hear, bot)])(lambda: None)
    return bot


def _hear(bot: SmallBot, body: Json, request: BoltRequest, next: Callable[[], None]) -> None:
    """As a middleware: those run in the order of arrival, what Bolt does after an ack runs in any."""
    bot.heard.append((body["event"]["type"], {**body, "headers": request.headers}))
    next()


def _note(bot: SmallBot, kind: str, ack: Any, body: Json) -> None:
    ack()
    bot.heard.append((kind, body))


def _command(bot: SmallBot, ack: Any, body: Json, client: WebClient) -> None:
    bot.heard.append(("command", body))
    if body["text"] == "help":
        ack("Type /whichcloud to start.")
        return
    ack()
    client.chat_postMessage(channel=body["channel_id"], text="Where do you run?", blocks=QUESTION)


def _answer(bot: SmallBot, ack: Any, body: Json, client: WebClient) -> None:
    ack()
    bot.heard.append(("click", body))
    client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text=f"You run on {body['actions'][0]['value']}.")


def _more(bot: SmallBot, ack: Any, body: Json, client: WebClient) -> None:
    ack()
    bot.heard.append(("more", body))
    client.views_open(trigger_id=body["trigger_id"], view=MODAL)


def _numbers(bot: SmallBot, ack: Any, body: Json) -> None:
    bot.heard.append(("submission", body))
    if body["view"]["state"]["values"]["gpus"]["count"]["value"].isdigit():
        ack()
    else:
        ack(response_action="errors", errors={"gpus": "Give a whole number."})


@contextmanager
def reached(slack: LocalSlack, bot: SmallBot, way: Way) -> Iterator[None]:
    """The bot connected in one of three ways, and disconnected afterwards."""
    if way == "in process":
        slack.connect_app(bot.app)
        yield
    elif way == "http":
        with served(bot.app) as url:
            slack.connect(url)
            yield
    else:
        with socket_mode(slack, bot):
            yield


@contextmanager
def socket_mode(slack: LocalSlack, bot: SmallBot) -> Iterator[SocketModeHandler]:
    handler = SocketModeHandler(bot.app, slack.app_token, ping_interval=1)
    handler.client.connect()
    assert slack.wait_for(lambda: slack.sockets.connected == 1)
    try:
        yield handler
    finally:
        handler.client.auto_reconnect_enabled = handler.client.default_auto_reconnect_enabled = False
        # The client takes ten seconds to notice that it closed its own socket, but none to notice a lost one.
        slack.faults.drop_sockets()
        assert slack.wait_for(lambda: slack.sockets.connected == 0)
        handler.client.close()


@contextmanager
def served(app: App) -> Iterator[str]:
    """The request URL of the app on a free port."""
    handler = SlackRequestHandler(app)

    def events(request: Request) -> Any:
        return handler.handle(request)

    async def endpoint(request: Request) -> Response:
        response: Response = await events(request)
        return response

    listener = socket.create_server(("127.0.0.1", 0))
    routes = [Route("/slack/events", endpoint, methods=["POST"])]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off", access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
