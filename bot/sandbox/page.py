"""The routes of the web page. What a window shows is in screen.py, what a form does in posts.py."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox.drawing import environment
from bot.sandbox.guards import Guard
from bot.sandbox.notices import Desk, notice_of
from bot.sandbox.posts import POSTS, Form
from bot.sandbox.screen import screen
from bot.sandbox.timeline import SHOWN
from bot.sandbox.world import World

if TYPE_CHECKING:
    from bot.sandbox.server import LocalSlack
    from bot.sandbox.workspaces import Workspace

STATIC = Path(__file__).resolve().parent / "static"
_STREAMS = 200
_BREATH_S = 1


def routes(slack: LocalSlack) -> list[BaseRoute]:
    """The page of this local Slack, closed to other hosts and other pages."""
    page = _Page(slack)
    guard = [Middleware(Guard, port=slack.port)]
    return [
        Route("/", page.entrance, middleware=guard),
        Route("/client/{user}/{channel}", page.window, middleware=guard),
        Route("/stream/{user}", page.stream, middleware=guard),
        Route("/files/{id}", page.file, middleware=guard),
        Route("/act/{user}/{act}", page.act, methods=["POST"], middleware=guard),
        Mount("/static", StaticFiles(directory=STATIC), middleware=guard),
    ]


class _Page:
    def __init__(self, slack: LocalSlack) -> None:
        self.slack, self.desk = slack, Desk()
        self.origin = slack.page_url.rstrip("/")
        self.limiter: CapacityLimiter | None = None

    def entrance(self, request: Request) -> Response:
        """The first person who may see the channel that is asked for, as permalinks do; else the first of all, where they begin."""
        channel, thread = request.query_params.get("channel"), request.query_params.get("thread")
        for world in [workspace.world for workspace in self.slack.workspaces.values()]:
            for user in world.people:
                if channel in {each.id for each in world.channels_of(user)}:
                    return RedirectResponse(f"/client/{user}/{channel}{f'?thread={quote(thread)}' if thread else ''}", 303)
        user = next(iter(self.slack.world.people))
        return RedirectResponse(f"/client/{user}/{self.slack.world.channels_of(user)[0].id}", 303)

    def window(self, request: Request) -> Response:
        workspace, user = self._person(request)
        channel = request.path_params["channel"]
        if channel not in {each.id for each in workspace.world.channels_of(user)}:
            raise HTTPException(404, "There is no such channel for this person.")
        query = request.query_params
        shown = screen(workspace.world, self.desk, self.origin, user, channel, query.get("thread"), query.get("tab", "messages"))
        return HTMLResponse(environment.get_template("page.html.j2").render(screen=shown), headers={"Cache-Control": "no-store"})

    def _person(self, request: Request) -> tuple[Workspace, str]:
        """Whose window it is, and the workspace that they are in."""
        user: str = request.path_params["user"]
        for workspace in [*self.slack.workspaces.values()]:
            if user in workspace.world.people:
                return workspace, user
        raise HTTPException(404, "There is no such person.")

    async def act(self, request: Request) -> Response:
        """Do it in a thread, since it waits for the bot; then have the window look again."""
        (workspace, user), post = self._person(request), POSTS.get(request.path_params["act"])
        if post is None:
            raise HTTPException(404, "There is no such act.")
        form: Form = await _form(request)
        before = _newest(workspace.world, user, form)
        outcome = await run_in_threadpool(post, workspace, user, form)
        notice = notice_of(outcome, workspace.world.bot.name)
        self.desk.tell(user, notice)
        events: dict[str, object] = {"moved": {}}
        if not notice and post is POSTS["say"]:
            events["sent"] = {"thread": _begun(workspace.world, user, form, before)}
        return Response(status_code=204, headers={"HX-Trigger": json.dumps(events)})

    def file(self, request: Request) -> Response:
        """Pictures are shown; everything else is saved, whatever it says that it is."""
        worlds = [workspace.world for workspace in self.slack.workspaces.values()]
        file = next((world.files[id] for world in worlds if (id := request.path_params["id"]) in world.files), None)
        if file is None or not file.complete:
            raise HTTPException(404, "There is no such file.")
        shown = file.mimetype in SHOWN
        place = "inline" if shown else "attachment"
        headers = {"Content-Disposition": f"{place}; filename*=UTF-8''{quote(file.name, safe='')}"}
        return Response(file.content, media_type=file.mimetype if shown else "application/octet-stream", headers=headers)

    async def stream(self, request: Request) -> Response:
        """Server-sent events: the revision of the world, whenever it moves."""
        workspace, _ = self._person(request)
        revisions = self._revisions(request, workspace.world)
        return StreamingResponse(revisions, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _revisions(self, request: Request, world: World) -> AsyncIterator[str]:
        limiter = self.limiter = self.limiter or CapacityLimiter(_STREAMS)
        seen = -1
        while not self.slack.stopping.is_set() and not await request.is_disconnected():
            revision = await to_thread.run_sync(self._moved, world, seen, limiter=limiter)
            yield ": still here\n\n" if revision == seen else f"data: {revision}\n\n"
            seen = revision

    def _moved(self, world: World, seen: int) -> int:
        """Wait a moment for the revision to differ. The wait is short, so that a window that was closed is noticed."""
        world.wait_for(lambda: world.revision != seen or self.slack.stopping.is_set(), _BREATH_S)
        return world.revision


def _newest(world: World, user: str, form: Form) -> str:
    """The last message of this person in the channel of the form."""
    messages = world.messages.get(next(iter(form.get("channel", ())), ""), ())
    return max((message.ts for message in messages if message.user == user), default="")


def _begun(world: World, user: str, form: Form, before: str) -> str:
    """The thread that a direct message has begun: the conversation goes on there, so the page opens it."""
    newest = _newest(world, user, form)
    direct = next(iter(form.get("channel", ())), "") == world.dm_of(user).id
    return newest if direct and newest > before and not next(iter(form.get("thread_ts", ())), "") else ""


async def _form(request: Request) -> dict[str, list[str]]:
    """The fields of a form as texts; files are not taken."""
    async with request.form(max_files=0) as form:
        return {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}
