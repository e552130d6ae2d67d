"""Signed requests at planned moments, whether or not earlier ones were answered; each acknowledgement is timed at this end."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

SECRET = "load" * 8
LIMIT_S = 3.0  # Slack gives up then
_IDLE_S = 1.0  # a server may close a connection that was idle for longer
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Request:
    """One interaction as Slack sends it, unsigned."""

    kind: str
    body: bytes
    content_type: str = FORM


@dataclass(frozen=True)
class Ack:
    """How it was answered. `status` is 0 where it was not within Slack's three seconds."""

    kind: str
    ms: float
    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class Run:
    """What one stretch of load measured."""

    acks: list[Ack] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    took_s: float = 0.0


class _Connection(asyncio.Protocol):
    """One request at a time; answers with a length or in chunks, as gunicorn writes both."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.closed = False
        self._received = b""
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, written: bytes) -> asyncio.Future[tuple[int, bytes]]:
        self._received = b""
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(written)
        return self._waiting

    def close(self) -> None:
        self.closed = True
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        answer = _answer(self._received)
        if answer is not None and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError())


def _answer(received: bytes) -> tuple[int, bytes] | None:
    """Status and body, once all of it is there."""
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return None
    status = int(head[9:12])
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        return (status, _unchunked(body)) if body.endswith(b"0\r\n\r\n") else None
    _, length, rest = lower.partition(b"content-length:")
    wanted = int(rest.partition(b"\r\n")[0]) if length else 0
    return (status, body) if len(body) >= wanted else None


def _unchunked(body: bytes) -> bytes:
    parts = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        parts, body = parts + rest[:length], rest[length + 2 :] if length else b""
    return parts


class Line:
    """Keeps as many connections to the bot as are needed at once. Several ports are replicas, taken in turn."""

    def __init__(self, ports: Sequence[int], host: str = "127.0.0.1") -> None:
        self._ports, self._host = ports, host
        self._idle: dict[int, list[_Connection]] = {port: [] for port in ports}
        self._sent = 0

    async def send(self, request: Request) -> Ack:
        start = time.monotonic()
        try:
            async with asyncio.timeout(LIMIT_S):
                status, body = await self._exchange(request)
        except (TimeoutError, OSError):
            status, body = 0, b""
        return Ack(request.kind, 1000 * (time.monotonic() - start), status, body)

    async def _exchange(self, request: Request) -> tuple[int, bytes]:
        self._sent += 1
        port = self._ports[self._sent % len(self._ports)]
        connection = await self._connection(port)
        try:
            answer = await connection.send(_written(request, f"{self._host}:{port}"))
        except BaseException:  # also when time is up: what comes late would answer the next request
            connection.close()
            raise
        connection.idle_since = time.monotonic()
        self._idle[port].append(connection)
        return answer

    async def _connection(self, port: int) -> _Connection:
        while self._idle[port]:
            kept = self._idle[port].pop()
            if not kept.closed and time.monotonic() - kept.idle_since < _IDLE_S:
                return kept
            kept.close()
        _, made = await asyncio.get_running_loop().create_connection(_Connection, self._host, port)
        return made

    async def hang_up(self) -> None:
        for kept in self._idle.values():
            for connection in kept:
                connection.close()
        await asyncio.sleep(0.01)  # a transport closes on the loop's next turns


def _written(request: Request, host: str) -> bytes:
    at = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), b"v0:" + at.encode() + b":" + request.body, hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: {host}\r\nContent-Type: {request.content_type}\r\nContent-Length: {len(request.body)}\r\n"
        f"X-Slack-Request-Timestamp: {at}\r\nX-Slack-Signature: v0={signature}\r\nUser-Agent: Slackbot 1.0\r\n\r\n"
    )
    return head.encode() + request.body


async def at_rate(per_s: float, seconds: float, begin: Callable[[], Awaitable[Ack]]) -> Run:
    """Open loop: what is planned for a moment begins then, however many still wait; how late it began is counted too."""
    run, tasks, start = Run(), set[asyncio.Future[None]](), time.monotonic()

    async def one(begun: Awaitable[Ack]) -> None:
        run.acks.append(await begun)

    for at in range(round(per_s * seconds)):
        planned = start + at / per_s
        while (early := planned - time.monotonic()) > 0:
            await asyncio.sleep(early)
        run.late_ms.append(1000 * (time.monotonic() - planned))
        task = asyncio.ensure_future(one(begin()))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    run.took_s = time.monotonic() - start
    return run
