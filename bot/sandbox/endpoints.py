"""The addresses that the bot calls: Web API methods, upload addresses, response URLs. They read requests, apply faults, keep a record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox import responses, webapi
from bot.sandbox.faults import CallFault, Faults
from bot.sandbox.lines import Lines
from bot.sandbox.tickets import TicketError
from bot.sandbox.webapi import Recorded, Reply, Tokens
from bot.sandbox.webapi_call import Api, Arguments, SlackError
from bot.sandbox.webapi_files import receive_upload

BODY_BYTES = 32 * 1024 * 1024


class Endpoints:
    def __init__(self, api: Api, tokens: Tokens, faults: Faults, lines: Lines, record: Callable[[Recorded], None]) -> None:
        self._lines = lines
        self._api = api
        self._tokens = tokens
        self._faults = faults
        self._record = record

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/api/{method}", self.call, methods=["GET", "POST"]),
            Route("/upload/v1/{token}", self.upload, methods=["POST"]),
            Route("/response/{token}", self.respond, methods=["POST"]),
            Route("/archives/{channel}/p{digits}", self.archive),
        ]

    async def call(self, request: Request) -> Response:
        """One method of the Web API, with the fault that is set for it."""
        method = request.path_params["method"]
        body = await _body(request)
        if body is None:
            return PlainTextResponse("request entity too large", 413)
        args = _arguments(request, body)
        token = _token(request) or args.text("token")
        fault = self._faults.next_for(method) or CallFault()
        await asyncio.sleep(fault.delay_s)
        reply = await run_in_threadpool(self._answer, method, token, args, fault)
        if reply.body is None or fault.drop == "after":
            return await self._cut(request)
        return JSONResponse(_with_warnings(reply.body, request), reply.status, dict(reply.headers))

    async def upload(self, request: Request) -> Response:
        """The bytes of a file. A fault for `upload` meets them here."""
        return await self._disturbed(request, "upload", self._upload)

    async def respond(self, request: Request) -> Response:
        """A post to a response URL. A fault for `response_url` meets it here."""
        return await self._disturbed(request, "response_url", self._respond)

    async def archive(self, request: Request) -> Response:
        """A permalink leads to its thread on the page, as the first person who may see it."""
        world, digits = self._api.world, request.path_params["digits"]
        channel = world.channels.get(request.path_params["channel"])
        message = world.find(channel.id, f"{digits[:-6]}.{digits[-6:]}") if channel else None
        if channel is None or message is None:
            return PlainTextResponse("no such message", 404)
        viewer = next(person for person in world.people if person in channel.members)
        return RedirectResponse(f"/client/{viewer}/{channel.id}?thread={message.thread_ts or message.ts}")

    async def _disturbed(self, request: Request, name: str, act: Callable[[str, bytes], Response]) -> Response:
        """What is not a method of the Web API, with the fault that is set for it by name."""
        content = await _body(request)
        if content is None:
            return PlainTextResponse("request entity too large", 413)
        fault = self._faults.next_named(name) or CallFault()
        await asyncio.sleep(fault.delay_s)
        if fault.error:
            return PlainTextResponse(fault.error, fault.status if fault.status != 200 else 400)
        answer = Response() if fault.drop == "before" else await run_in_threadpool(act, request.path_params["token"], content)
        return await self._cut(request) if fault.drop else answer

    async def _cut(self, request: Request) -> Response:
        """End the connection without an answer. What is returned goes nowhere."""
        self._lines.cut(request.client)
        while not await request.is_disconnected():
            await asyncio.sleep(0)
        return Response()

    def _answer(self, method: str, token: str, args: Arguments, fault: CallFault) -> Reply:
        reply = self._faulty(method, args, fault) or webapi.answer(self._api, self._tokens, method, token, args)
        given = {name: value for name, value in args.given.items() if name != "token"}
        self._record(Recorded(method, _decoded(given), reply.body or {}, reply.status))
        return reply

    def _faulty(self, method: str, args: Arguments, fault: CallFault) -> Reply | None:
        if fault.drop == "before":
            return Reply(None, status=0)
        wait_s = self._faults.over_limit(self._api.world.team.id, method, args.text("channel"), self._api.world.clock.now())
        if wait_s is not None:
            fault = CallFault(error="ratelimited", status=429, retry_after_s=wait_s)
        if not fault.error:
            return None
        headers = {"retry-after": str(fault.retry_after_s)} if fault.retry_after_s is not None else {}
        return Reply({"ok": False, "error": fault.error}, fault.status, headers)

    def _upload(self, token: str, content: bytes) -> Response:
        refusal = receive_upload(self._api, token, content)
        return PlainTextResponse(refusal, 400) if refusal else PlainTextResponse(f"OK - {len(content)}")

    def _respond(self, token: str, body: bytes) -> Response:
        try:
            target = self._api.tickets.use_response_url(token)
            with self._api.world.lock:
                responses.publish(self._api, target, _json_object(body))
        except TicketError as error:
            return JSONResponse({"ok": False, "error": str(error)}, 404)
        except SlackError as error:
            return JSONResponse(error.answer(), 400)
        return PlainTextResponse("ok")


async def _body(request: Request) -> bytes | None:
    """The body; None when it is larger than anything that the bot may send."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _arguments(request: Request, body: bytes) -> Arguments:
    given: dict[str, Any] = dict(request.query_params)
    if _is_json(request):
        return Arguments(given | _json_object(body))
    return Arguments(given | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))


def _json_object(body: bytes) -> dict[str, Any]:
    """The body as an object; anything else counts as empty and then lacks what is needed."""
    try:
        given = json.loads(body or b"{}")
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _decoded(given: dict[str, Any]) -> dict[str, Any]:
    """A form's lists and objects as such, so that a record reads the same however the call was sent."""
    return {name: _json_or_text(value) for name, value in given.items()}


def _json_or_text(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/json")


def _with_warnings(body: dict[str, Any], request: Request) -> dict[str, Any]:
    """Slack warns of JSON that does not name its charset."""
    if not _is_json(request) or "charset" in request.headers.get("content-type", ""):
        return body
    metadata = {**body.get("response_metadata", {}), "warnings": ["missing_charset"]}
    return {**body, "warning": "missing_charset", "response_metadata": metadata}
