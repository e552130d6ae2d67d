"""What the bot says to one person alone: read once, and acted on as a person would."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from tests.chaos.accounts import Account
from tests.chaos.stage import Seat, Stage, offers, written

_AGAIN = ("Post it again", "Try again")
_TOLD_AGAIN = re.compile(r"ask again|press the button again|try again in", re.IGNORECASE)
_PROMISES = ("Still working", "will follow", "I go on trying")  # whoever hears one of these goes on waiting
_KEPT_CHARS = 200


@dataclass(frozen=True)
class Offer:
    """A button under words, for whoever sees that something is missing."""

    message: str
    action: str
    heard: float


@dataclass
class Hearing:
    stage: Stage
    seat: Seat
    account: Account
    offer: Offer | None = None
    _known: set[str] = field(default_factory=set)

    def listen(self) -> bool:
        """Reads what is new; whether the bot asked to be asked again."""
        again = False
        for message in self.stage.told(self.seat):
            if message.ts in self._known:
                continue
            self._known.add(message.ts)
            said = written(message)
            self.account.told.append(said[:_KEPT_CHARS])
            self.account.told_since_act += not any(promise in said for promise in _PROMISES)
            again = again or bool(_TOLD_AGAIN.search(said))
            for action, label in offers(message):
                if label in _AGAIN:
                    self.offer = Offer(message.ts, action, time.monotonic())
        return again

    def needed(self, since: float, patience_s: float) -> Offer | None:
        """What was offered, once nothing has come for so long."""
        if self.offer is None or time.monotonic() - max(since, self.offer.heard) < patience_s:
            return None
        return self.offer
