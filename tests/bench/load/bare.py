"""The least that a Bolt app can be: it acknowledges everything. Served as the bot is, so that the two can be compared.

python bare.py PORT polled|direct API SIGNING_SECRET
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.app import LISTENERS

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_ANYTHING = re.compile(".*")


def build(how: str, api: str, secret: str) -> App:
    app = App(client=WebClient(token="xoxb-any", base_url=api), signing_secret=secret, process_before_response=how == "direct")
    app.command(_ANYTHING)(acknowledge)
    app.action(_ANYTHING)(acknowledge)
    app.view(_ANYTHING)(acknowledge)
    app.event("app_mention")(acknowledge)
    return app


def acknowledge(ack: Ack) -> None:
    ack()


class Served(BaseApplication):  # type: ignore[misc]
    def __init__(self, port: str, how: str, api: str, secret: str) -> None:
        self._port, self._how, self._api, self._secret = port, how, api, secret
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"127.0.0.1:{self._port}", "workers": 1, "worker_class": "gthread", "threads": LISTENERS, "loglevel": "warning",
            "control_socket_disable": True,
        }  # fmt: skip
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        handler = SlackRequestHandler(build(self._how, self._api, self._secret))

        def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if environ.get("PATH_INFO") == "/readyz":
                start_response("200 OK", [("content-length", "5")])
                return [b"ready"]
            return handler(environ, start_response)

        return app


if __name__ == "__main__":
    Served(*sys.argv[1:]).run()
