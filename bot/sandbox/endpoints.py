"""The addresses that the bot calls: Web API methods, upload addresses, response URLs. They read requests, apply faults, keep a record."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox import responses, webapi
from bot.sandbox.faults import CallFault, Faults
from bot.sandbox.installing import Installations
from bot.sandbox.lines import Lines
from bot.sandbox.tickets import TicketError
from bot.sandbox.webapi import Recorded, Reply
from bot.sandbox.webapi_call import Api, Arguments, SlackError
from bot.sandbox.webapi_files import receive_upload

_SECRET = ("token", "client_secret", "refresh_token")
BODY_BYTES = 32 * 1024 * 1024


class Endpoints:
    def __init__(self, installations: Installations, faults: Faults, lines: Lines, record: Callable[[Recorded], None]) -> None:
        self._lines = lines
        self._installations = installations
        self._faults = faults
        self._record = record

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/api/{method}", self.call, methods=["GET", "POST"]),
            Route("/upload/v1/{team}/{token}", self.upload, methods=["POST"]),
            Route("/response/{team}/{token}", self.respond, methods=["POST"]),
            Route("/archives/{channel}/p{digits}", self.archive),
        ]

    async def call(self, request: Request) -> Response:
        """One method of the Web API, with the fault that is set for it."""
        method = request.path_params["method"]
        body = await _body(request)
        if body is None:
            return PlainTextResponse("request entity too large", 413)
        args = _arguments(request, body)
        fault = self._faults.next_for(method)
        await asyncio.sleep(fault.delay_s)
        reply = self._answer(method, args, fault)  # here and not in a thread: it is short, and the way there and back is not
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
        channel, digits = request.path_params["channel"], request.path_params["digits"]
        world = next((api.world for api in self._installations if channel in api.world.channels), None)
        message = world.find(channel, f"{digits[:-6]}.{digits[-6:]}") if world else None
        if world is None or message is None:
            return PlainTextResponse("no such message", 404)
        viewer = next(person for person in world.people if person in world.channels[channel].members)
        return RedirectResponse(f"/client/{viewer}/{channel}?thread={message.thread_ts or message.ts}")

    async def _disturbed(self, request: Request, name: str, act: Callable[[Api, str, bytes], Response]) -> Response:
        """What is not a method of the Web API, with the fault that is set for it by name."""
        content = await _body(request)
        if content is None:
            return PlainTextResponse("request entity too large", 413)
        fault = self._faults.next_named(name)
        await asyncio.sleep(fault.delay_s)
        api = self._installations.team(request.path_params["team"])
        if api is None:
            return PlainTextResponse("no such workspace", 404)
        fails = bool(fault.error) and not fault.late
        answer = None if fails or fault.drop == "before" else act(api, request.path_params["token"], content)
        self._record_post(name, api, content, answer)
        if fault.drop:
            return await self._cut(request)
        if answer is None or fault.late:
            status = fault.status if fault.status != 200 else 400
            return PlainTextResponse(fault.error, status, _retry_after(fault))
        return answer

    def _record_post(self, name: str, api: Api, content: bytes, answer: Response | None) -> None:
        """A post to a response URL beside the calls of the Web API, as it came and what became of it."""
        if name == "response_url":
            status = answer.status_code if answer else 0
            shown = {"ok": True} if status == 200 else {}
            self._record(Recorded(name, _json_object(content), shown, status, api.world.team.id))

    async def _cut(self, request: Request) -> Response:
        """End the connection without an answer. What is returned goes nowhere."""
        self._lines.cut(request.client)
        while not await request.is_disconnected():
            await asyncio.sleep(0)
        return Response()

    def _answer(self, method: str, args: Arguments, fault: CallFault) -> Reply:
        api = webapi.caller(self._installations, args)
        reply = self._faulty(api, method, args, fault) or webapi.answer(self._installations, method, args)
        came, status = reply.body or {}, fault.status if fault.late else reply.status
        self._record(Recorded(method, args.decoded(_SECRET), came, status, api.world.team.id if api else ""))
        return _failed(fault) if fault.late else reply

    def _faulty(self, api: Api | None, method: str, args: Arguments, fault: CallFault) -> Reply | None:
        if fault.drop == "before":
            return Reply(None, status=0)
        wait_s = self._faults.over_limit(api.world.team.id, method, args.text("channel"), api.world.clock.now()) if api else None
        if wait_s is not None:
            return _failed(CallFault(error="ratelimited", status=429, retry_after_s=wait_s))
        return _failed(fault) if fault.error and not fault.late else None

    def _upload(self, api: Api, token: str, content: bytes) -> Response:
        refusal = receive_upload(api, token, content)
        return PlainTextResponse(refusal, 400) if refusal else PlainTextResponse(f"OK - {len(content)}")

    def _respond(self, api: Api, token: str, body: bytes) -> Response:
        try:
            target = api.tickets.use_response_url(token)
            with api.world.lock:
                responses.publish(api, target, _json_object(body))
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
        return Arguments(given | _json_object(body), _token(request))
    return Arguments(
        given | _credentials(request) | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)), _token(request)
    )


def _json_object(body: bytes) -> dict[str, Any]:
    """The body as an object; anything else counts as empty and then lacks what is needed."""
    try:
        given = json.loads(body or b"{}")
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _failed(fault: CallFault) -> Reply:
    return Reply({"ok": False, "error": fault.error}, fault.status, _retry_after(fault))


def _retry_after(fault: CallFault) -> dict[str, str]:
    return {"retry-after": str(fault.retry_after_s)} if fault.retry_after_s is not None else {}


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _credentials(request: Request) -> dict[str, str]:
    """The app's id and secret, where they come by HTTP Basic authentication."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, client_secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": client_id, "client_secret": client_secret}


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/json")


def _with_warnings(body: dict[str, Any], request: Request) -> dict[str, Any]:
    """Slack warns of JSON that does not name its charset."""
    if not _is_json(request) or "charset" in request.headers.get("content-type", ""):
        return body
    metadata = {**body.get("response_metadata", {}), "warnings": ["missing_charset"]}
    return {**body, "warning": "missing_charset", "response_metadata": metadata}
