"""What the bot says to one person alone: read once, and acted on as a person would."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from tests.chaos.accounts import Account
from tests.chaos.stage import Seat, Stage, offers, written

_AGAIN = ("Post it again", "Try again")
_TOLD_AGAIN = re.compile(r"ask again|press the button again|try again in", re.IGNORECASE)
_NO_FORM = re.compile(r"open (the|a) form")  # of no use to whoever has the form before them, or sent it
_PROMISES = ("Still working", "will follow", "I go on trying")  # whoever hears one of these goes on waiting
_KEPT_CHARS = 200


@dataclass(frozen=True)
class Offer:
    """A button for whoever sees that something is missing; `quoted`: how it begins, where the bot says so."""

    message: str
    action: str
    quoted: str
    heard: float


@dataclass
class Hearing:
    stage: Stage
    seat: Seat
    account: Account
    offers: list[Offer] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def listen(self, *, opening: bool) -> bool:
        """Reads what is new; whether the bot asked to be asked again. `opening`: they wait for a form to come up."""
        again = False
        for message in self.stage.told(self.seat):
            if message.ts in self._known:
                continue
            self._known.add(message.ts)
            said = written(message)
            self.account.told.append(said[:_KEPT_CHARS])
            self.account.told_since_act += not any(promise in said for promise in _PROMISES)
            again = again or bool(_TOLD_AGAIN.search(said) and (opening or not _NO_FORM.search(said)))
            for each in offers(message):
                if each.label in _AGAIN:
                    self.offers.append(Offer(message.ts, each.action, each.beside.strip("*").removesuffix("…").strip(), time.monotonic()))
        return again

    def needed(self, since: float, patience_s: float) -> Offer | None:
        """What was offered and does not stand there, once nothing has come for so long."""
        if not self.offers or time.monotonic() - max(since, self.offers[-1].heard) < patience_s:
            return None
        stands = [written(each) for each in self.stage.thread(self.seat, self.account.thread) if each.ts not in self._known]
        self.offers = [each for each in self.offers if not each.quoted or not any(each.quoted in said for said in stands)]
        return self.offers[-1] if self.offers else None

    def done_since(self, began: float) -> None:
        """A whole step was done since `began`: what was offered before it was not missing."""
        self.offers = [each for each in self.offers if each.heard >= began]

    def taken_up(self, offer: Offer) -> None:
        """Once; a press that failed is tried again."""
        self.offers.remove(offer)
