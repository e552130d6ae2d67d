"""The open TCP connections of the server, so that a fault can cut one without a word."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Address
from uvicorn.protocols.http.h11_impl import H11Protocol


class Lines:
    """Connections by the client's address; touched on the server's event loop only."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """uvicorn's own protocol, which also notes its connections here."""
        lines = self._open

        class Noted(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn itself narrows it
                super().connection_made(transport)
                lines[transport.get_extra_info("peername")[:2]] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                lines.pop(self.transport.get_extra_info("peername")[:2], None)
                super().connection_lost(exc)

        return Noted

    def cut(self, client: Address | None) -> None:
        if client is not None and (line := self._open.pop((client.host, client.port), None)):
            line.abort()

    def forget(self, client: Address | None) -> None:
        """A web socket's line has left the HTTP protocol that noted it."""
        if client is not None:
            self._open.pop((client.host, client.port), None)
