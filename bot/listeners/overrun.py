"""What fair use refuses without a word is refused before Bolt looks up tokens and listeners: a flood then costs little, and the others are
answered as quickly as ever."""

from __future__ import annotations

from slack_bolt import BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.listeners.payload import Forged, Payload, part, where_of, word
from bot.metrics import fair_use
from bot.office import Office

_EVENTS = ("app_mention", "message")


class Overrun:
    """Whether a request need not be looked at. It takes nothing from any bucket: what is let through counts once, where it always did."""

    def __init__(self, office: Office) -> None:
        secret = office.settings.slack_signing_secret
        self._fairness = office.fairness
        self._signatures = SignatureVerifier(secret.get_secret_value()) if secret and office.settings.transport == "http" else None

    def __call__(self, request: BoltRequest) -> bool:
        body = request.body
        if not self._fairness.is_strained or not _is_counted(body):
            return False
        try:
            where = where_of(body)
        except Forged:
            return False
        scope = self._fairness.refuses(where.workspace, where.user)
        if scope is None or not self._is_signed(request):
            return False
        fair_use(scope)
        return True

    def _is_signed(self, request: BoltRequest) -> bool:
        """Else it is refused as what it is. What comes through a socket is Slack's."""
        if self._signatures is None:
            return True
        return self._signatures.is_valid_request(request.raw_body, {name: values[0] for name, values in request.headers.items()})


def _is_counted(body: Payload) -> bool:
    """What needs no answer to stay as it is: a form would close with what was typed."""
    return "command" in body or word(body, "type") == "block_actions" or word(part(body, "event"), "type") in _EVENTS
