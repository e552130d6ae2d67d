"""A lean stand-in for Slack's Web API, run as a process of its own: it answers, remembers and tells a listener, and checks little.

The full local Slack reads every block, which is too slow for a load. What it keeps is enough to count from outside: which keys were
posted more than once, and which posts went to another workspace than that of their token or their thread.

    python stand_in.py PORT

Tokens name their workspace: `xoxb-T0007` may post to channels such as C0007X42; `xoxb-any` to all.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HOST = "127.0.0.1"
ANY, BOT_USER, BOT_ID, APP_ID = "any", "U0BOT", "B0BOT", "A0LOAD"
_SCOPES = "app_mentions:read,assistant:write,channels:history,chat:write,commands,files:write,groups:history,im:history"
Json = dict[str, Any]


class Refused(Exception):
    """An error as Slack names it."""


def team_of(place: str) -> str:
    """The workspace in the id of a channel or a person: C0007X42 -> T0007."""
    return f"T{place[1:].partition('X')[0]}"


class Workspaces:
    """Every message of every workspace, and what may never happen."""

    def __init__(self) -> None:
        self.listeners: list[asyncio.Transport] = []
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.times_posted: Counter[str] = Counter()
        self.foreign: list[str] = []
        self.threads: dict[tuple[str, str], list[Json]] = {}  # by channel and ts of the first message
        self._heads: dict[tuple[str, str], str] = {}  # the thread of every message
        self._last = 0

    def tally(self) -> Json:
        """What a driver asks for at the end."""
        doubled = sorted(key for key, times in self.times_posted.items() if times > 1)
        return {
            "calls": dict(self.calls), "refused": dict(self.refused), "posted": sum(self.times_posted.values()),
            "doubled": doubled, "foreign": self.foreign,
        }  # fmt: skip

    def tell(self, kind: str, **what: object) -> None:
        """One line to whoever listens, with the moment at which the call came."""
        if self.listeners:
            line = json.dumps({"kind": kind, "at": time.monotonic(), **what}).encode() + b"\n"
            for listener in self.listeners:
                listener.write(line)

    # -- methods of the Web API ------------------------------------------------------------------------------------

    def call(self, method: str, token: str, sent: Json) -> Json:
        self.calls[method] += 1
        try:
            if not token.startswith("xoxb-"):
                raise Refused("invalid_auth")
            return {"ok": True, **_METHODS[method](self, token.removeprefix("xoxb-"), sent)}
        except KeyError as error:
            found = "unknown_method" if method not in _METHODS else f"no_{error.args[0]}"
        except Refused as error:
            found = str(error)
        self.refused[f"{method}: {found}"] += 1
        return {"ok": False, "error": found}

    def auth_test(self, team: str, sent: Json) -> Json:
        own = "T0001" if team == ANY else team
        return {"url": f"https://{own.lower()}.slack.com/", "team": own, "user": "whichcloud", "team_id": own, "user_id": BOT_USER,
                "bot_id": BOT_ID, "is_enterprise_install": False}  # fmt: skip

    def post(self, team: str, sent: Json) -> Json:
        channel = self._channel(team, sent["channel"])
        thread = sent.get("thread_ts")
        if thread is not None and (channel, thread) not in self.threads and not channel.startswith("D"):
            self.foreign.append(f"{channel}: a thread of elsewhere")
        message = self._message(sent)
        head = str(thread or message["ts"])
        self.threads.setdefault((channel, head), []).append(message)
        self._heads[channel, message["ts"]] = head
        self.times_posted[_key(team_of(channel), channel, head if thread else "", message)] += 1
        if thread:
            message["thread_ts"] = thread
        self.tell("post", channel=channel, thread=head, message=message)
        return {"channel": channel, "ts": message["ts"], "message": message}

    def update(self, team: str, sent: Json) -> Json:
        channel, ts = self._channel(team, sent["channel"]), sent["ts"]
        head = self._heads.get((channel, ts))
        if head is None:
            raise Refused("message_not_found")
        message = next(each for each in self.threads[channel, head] if each["ts"] == ts)
        message |= {name: sent[name] for name in ("text", "metadata") if name in sent} | {"blocks": _with_ids(sent.get("blocks", []))}
        self.tell("update", channel=channel, thread=head, message=message)
        return {"channel": channel, "ts": ts, "text": message.get("text", ""), "message": message}

    def ephemeral(self, team: str, sent: Json) -> Json:
        channel = self._channel(team, sent["channel"])
        self.tell("ephemeral", channel=channel, user=sent["user"], text=sent.get("text", ""))
        return {"message_ts": self._new_ts()}

    def answered(self, place: str, sent: Json) -> None:
        """What came to a response URL: /response/CHANNEL/USER."""
        self.calls["response_url"] += 1
        channel, _, user = place.partition("/")
        self.tell("ephemeral", channel=channel, user=user, text=sent.get("text", ""))

    def open_view(self, team: str, sent: Json) -> Json:
        view = sent["view"] if isinstance(sent["view"], dict) else json.loads(sent["view"])
        shown = {**view, "blocks": _with_ids(view["blocks"]), "id": f"V{self._new_ts().replace('.', '')}", "team_id": team}
        self.tell("view", trigger=sent["trigger_id"], view=shown)
        return {"view": shown}

    def publish_view(self, team: str, sent: Json) -> Json:
        return {"view": {"id": f"V{self._new_ts().replace('.', '')}", "type": "home"}}

    def permalink(self, team: str, sent: Json) -> Json:
        return {"channel": sent["channel"], "permalink": f"https://slack.com/archives/{sent['channel']}/p{sent['message_ts']}"}

    def replies(self, team: str, sent: Json) -> Json:
        found = self.threads.get((self._channel(team, sent["channel"]), sent["ts"]))
        if found is None:
            raise Refused("thread_not_found")
        return {"messages": found, "has_more": False}

    def history(self, team: str, sent: Json) -> Json:
        channel = self._channel(team, sent["channel"])
        return {"messages": [found[0] for (where, _), found in self.threads.items() if where == channel][::-1], "has_more": False}

    # -- parts -----------------------------------------------------------------------------------------------------

    def _channel(self, team: str, place: str) -> str:
        """A person's id stands for the direct message with them. Slack shows no workspace the channels of another."""
        if team not in (ANY, team_of(place)):
            self.foreign.append(f"{place} with the token of {team}")
            raise Refused("channel_not_found")
        return f"D{place[1:]}" if place.startswith("U") else place

    def _message(self, sent: Json) -> Json:
        blocks = sent.get("blocks", [])
        blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
        message = {
            "type": "message",
            "ts": self._new_ts(),
            "user": BOT_USER,
            "bot_id": BOT_ID,
            "app_id": APP_ID,
            "text": sent.get("text", ""),
        }
        return {**message, "blocks": _with_ids(blocks)} | ({"metadata": sent["metadata"]} if "metadata" in sent else {})

    def _new_ts(self) -> str:
        """Microseconds that never repeat."""
        self._last = max(self._last + 1, time.time_ns() // 1_000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"


def _with_ids(blocks: list[Json]) -> list[Json]:
    """Slack names the blocks that a bot did not name."""
    return [{"block_id": f"b{at}", **block} for at, block in enumerate(blocks)]


def _key(team: str, channel: str, thread: str, message: Json) -> str:
    """What may be posted once: the key in the metadata, else the place and the words."""
    metadata = message.get("metadata") or {}
    metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
    if key := metadata.get("event_payload", {}).get("key"):
        return f"{team}:{key}"
    written = json.dumps([channel, thread, message["text"], message["blocks"]])
    return f"{team}:{channel}:{hashlib.sha256(written.encode()).hexdigest()[:16]}"


_METHODS: dict[str, Callable[[Workspaces, str, Json], Json]] = {
    "api.test": lambda *_: {},
    "auth.test": Workspaces.auth_test,
    "chat.postMessage": Workspaces.post,
    "chat.update": Workspaces.update,
    "chat.postEphemeral": Workspaces.ephemeral,
    "chat.getPermalink": Workspaces.permalink,
    "views.open": Workspaces.open_view,
    "views.publish": Workspaces.publish_view,
    "conversations.replies": Workspaces.replies,
    "conversations.history": Workspaces.history,
}


class Server(asyncio.Protocol):
    """HTTP/1.1 as far as the SDK speaks it: a request with its length, an answer, the next one."""

    def __init__(self, slack: Workspaces) -> None:
        self._slack = slack
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            first, *lines = self._received[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            whole = end + 4 + int(headers.get("content-length", 0))
            if len(self._received) < whole:
                return
            body, self._received = self._received[end + 4 : whole], self._received[whole:]
            self._serve(first.split(" ")[1], headers, body)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport in self._slack.listeners:
            self._slack.listeners.remove(self._transport)

    def _serve(self, target: str, headers: dict[str, str], body: bytes) -> None:
        url = urlsplit(target)
        if url.path == "/feed":
            self._slack.listeners.append(self._transport)
            self._transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
            return
        answer = self._answer(url.path, url.query, headers, body)
        close = headers.get("connection", "").lower() == "close"
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-oauth-scopes: {_SCOPES}\r\ncontent-length: {len(answer)}\r\n"
        self._transport.write(head.encode() + (b"connection: close\r\n\r\n" if close else b"\r\n") + answer)
        if close:
            self._transport.close()

    def _answer(self, path: str, query: str, headers: dict[str, str], body: bytes) -> bytes:
        if path == "/tally":
            return json.dumps(self._slack.tally()).encode()
        if path == "/slack/events":  # a bot that acknowledges everything: what the harness costs by itself
            return b""
        sent = _read(headers.get("content-type", ""), query, body)
        if path.startswith("/response/"):
            self._slack.answered(path.removeprefix("/response/"), sent)
            return b"ok"
        token = headers.get("authorization", "").removeprefix("Bearer ") or str(sent.get("token", ""))
        return json.dumps(self._slack.call(path.removeprefix("/api/"), token, sent)).encode()


def _read(kind: str, query: str, body: bytes) -> Json:
    if kind.startswith("application/json"):
        read: Json = json.loads(body or b"{}")
        return read
    return dict(parse_qsl(query) + parse_qsl(body.decode()))


async def main(port: int) -> None:
    slack = Workspaces()
    server = await asyncio.get_running_loop().create_server(lambda: Server(slack), HOST, port, backlog=1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
