"""uvicorn's server, but it ends when it is told to and not at its next look: the tests start a local Slack many hundred times."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

import uvicorn

GRACE_S = 1
_TICK_S = 1
_TICKS_A_SECOND = 10  # uvicorn's own; its date header changes with every tenth
_LOOK_S = 0.002


class Server(uvicorn.Server):
    """Runs in a thread of its own."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.running = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()

    def end(self) -> None:
        """Stop serving; called from another thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._over.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.running.set()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += _TICKS_A_SECOND
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _TICK_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is open, and wait a moment for what is being answered."""
        for server in self.servers:
            server.close()
        for connection in [*self.server_state.connections]:
            connection.shutdown()
        try:
            await asyncio.wait_for(self._all_closed(), GRACE_S)
        except TimeoutError:
            for task in [*self.server_state.tasks]:
                task.cancel()

    async def _all_closed(self) -> None:
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(_LOOK_S)
