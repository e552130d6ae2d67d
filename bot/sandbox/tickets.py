"""What Slack lends for a while: trigger ids, response URLs, upload addresses, socket tickets. Each knows its age and its uses."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace

from bot.sandbox.clock import Clock

TRIGGER_LASTS_S = 3.0
RESPONSE_URL_LASTS_S = 30 * 60.0
RESPONSE_URL_USES = 5
SOCKET_TICKET_LASTS_S = 30.0


class TicketError(Exception):
    """A ticket that is unknown, too old or used up. The message is Slack's code for it."""


@dataclass(frozen=True)
class Trigger:
    """`view` is the modal from which it came, if any."""

    user: str
    view: str | None
    minted: float
    spent: bool = False


@dataclass(frozen=True)
class ResponseUrl:
    """Where an answer goes: the channel and the one person who sees ephemerals; `message_ts` is the message that was clicked."""

    channel: str
    user: str
    message_ts: str | None
    minted: float
    uses: int = 0


class Tickets:
    """Those of one workspace, whose id stands in the addresses."""

    def __init__(self, clock: Clock, url: str, team: str) -> None:
        self.url = url
        self._team = team
        self._clock = clock
        self._lock = threading.Lock()
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseUrl] = {}
        self._sockets: dict[str, float] = {}
        self._uploads: dict[str, str] = {}

    def new_trigger(self, user: str, view: str | None = None) -> str:
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        with self._lock:
            self._triggers[trigger_id] = Trigger(user, view, self._clock.now())
        return trigger_id

    def spend_trigger(self, trigger_id: str) -> Trigger:
        with self._lock:
            trigger = self._triggers.get(trigger_id)
            if trigger is None:
                raise TicketError("invalid_trigger_id")
            if trigger.spent:
                raise TicketError("exchanged_trigger_id")
            if self._clock.now() - trigger.minted > TRIGGER_LASTS_S:
                raise TicketError("expired_trigger_id")
            self._triggers[trigger_id] = replace(trigger, spent=True)
            return trigger

    def knows_trigger(self, trigger_id: str) -> bool:
        return trigger_id in self._triggers

    def new_response_url(self, channel: str, user: str, message_ts: str | None = None) -> str:
        token = secrets.token_hex(16)
        with self._lock:
            self._responses[token] = ResponseUrl(channel, user, message_ts, self._clock.now())
        return f"{self.url}response/{self._team}/{token}"

    def use_response_url(self, token: str) -> ResponseUrl:
        with self._lock:
            response = self._responses.get(token)
            if response is None or self._clock.now() - response.minted > RESPONSE_URL_LASTS_S:
                raise TicketError("expired_url")
            if response.uses >= RESPONSE_URL_USES:
                raise TicketError("used_url")
            self._responses[token] = replace(response, uses=response.uses + 1)
            return response

    def new_socket(self) -> str:
        ticket = secrets.token_hex(16)
        with self._lock:
            self._sockets[ticket] = self._clock.now()
        return ticket

    def spend_socket(self, ticket: str) -> bool:
        with self._lock:
            minted = self._sockets.pop(ticket, None)
        return minted is not None and self._clock.now() - minted <= SOCKET_TICKET_LASTS_S

    def new_upload(self, file_id: str) -> str:
        token = secrets.token_hex(16)
        with self._lock:
            self._uploads[token] = file_id
        return f"{self.url}upload/v1/{self._team}/{token}"

    def spend_upload(self, token: str) -> str | None:
        """The id of the file that belongs here; None when the address is unknown or was used."""
        with self._lock:
            return self._uploads.pop(token, None)
