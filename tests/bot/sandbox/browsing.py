"""A browser without a window: looks at the page of a local Slack and posts its forms. And a bot that only listens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.sandbox.server import LocalSlack
from tests.bot.sandbox.gallery import ALEX, ML
from tests.bot.sandbox.markup import Element, read

FINOPS, OLD, ANNOUNCE, BOARD = "C0FINOPS", "C0OLD", "C0ANNOUNCE", "C0BOARD"


@dataclass
class Browser:
    """Looks at a local Slack's page and posts its forms, as htmx would."""

    slack: LocalSlack
    http: httpx.Client

    def look(self, channel: str = ML, user: str = ALEX, **query: str) -> Element:
        answer = self.http.get(f"/client/{user}/{channel}", params=query)
        assert answer.status_code == 200, answer.text
        return read(answer.text)

    def post(self, act: str, user: str = ALEX, **form: Any) -> httpx.Response:
        answer = self.http.post(f"/act/{user}/{act}", data=form, headers={"HX-Request": "true"})
        assert answer.status_code == 204, answer.text
        return answer

    def press(self, element: Element, user: str = ALEX, **form: Any) -> httpx.Response:
        """Post what the attributes of a drawn element say."""
        assert element.attributes["hx-post"].startswith(f"/act/{user}/")
        return self.post(element.attributes["hx-post"].rpartition("/")[2], user, **json.loads(element.attributes["hx-vals"]), **form)

    def notice(self, user: str = ALEX) -> str:
        found = self.look(user=user).all(data_testid="notice")
        return found[0].one("span").text if found else ""


@dataclass
class Hearing:
    """A bot that acknowledges everything and keeps what it heard."""

    app: App
    heard: list[dict[str, Any]] = field(default_factory=list)

    def hear(self, ack: Ack, body: dict[str, Any]) -> None:
        self.heard.append(body)
        ack()


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser at a local Slack of its own."""
    with LocalSlack() as slack, httpx.Client(base_url=slack.page_url, timeout=10) as http:
        yield Browser(slack, http)


def listening(slack: LocalSlack) -> Hearing:
    """A bot at this local Slack that hears everything."""
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)
    hearing = Hearing(App(client=client, signing_secret=slack.signing_secret))
    app, anything = hearing.app, re.compile(".*")
    for listen in (app.action, app.command, app.view, app.view_closed, app.shortcut, app.event):
        listen(anything)(hearing.hear)
    slack.connect_app(app)
    return hearing
