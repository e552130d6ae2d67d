"""The way in: a question and a day -> an answer, or None where it is no question for a price."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from bot.qa.answer import Answer
from bot.qa.priced import intent as intents
from bot.qa.priced.charges import Biller
from bot.qa.priced.hourly import Pricer
from bot.qa.priced.lexicon import Lexicon
from bot.qa.priced.phrases import Phrases, read_phrases
from bot.qa.priced.places import Nowhere, Unpriced
from bot.qa.priced.reading import Reading, read
from bot.qa.priced.records import Records
from bot.qa.priced.said import Voice
from engine.rulebook import Rulebook


class Priced:
    """Answers for one rulebook; its words are made ready when the first question comes."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook

    @cached_property
    def _phrases(self) -> Phrases:
        return read_phrases(self.rulebook)

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon(self.rulebook, self._phrases)

    @cached_property
    def _voice(self) -> Voice:
        return Voice(self.rulebook, self._phrases.settles)

    @cached_property
    def _records(self) -> Records:
        return Records(self.rulebook)

    def prepare(self) -> None:
        """Makes the words ready before the first question comes."""
        self._lexicon, self._voice  # noqa: B018 - reading them builds them
        read("", self._lexicon)

    def ask(self, text: str, day: date) -> Answer | None:
        """The answer, where the text clearly asks for a price or a cost of something in the catalogue."""
        reading = read(text, self._lexicon)
        intent = intents.intent_of(reading)
        if intent is None:
            return None
        try:
            answer = self._answer(intent, reading, day)
        except Unpriced as refused:
            return self._voice.no_region(intent, refused, reading)
        except Nowhere as refused:
            return self._voice.nowhere(intent, refused, reading)
        return self._voice.of_today(answer, reading, day) if answer and intent not in (intents.AGE, intents.SOURCE) else answer

    def _answer(self, intent: str, reading: Reading, day: date) -> Answer | None:
        if intent == intents.AGE:
            return self._voice.age(self._records.kinds(day, reading), day)
        if intent == intents.SOURCE:
            return self._voice.sources(self._records.origins)
        for found in reading.found:
            if found.has("unlisted"):
                return self._voice.no_machine(intent, found.text, found.values("unlisted")[0])
        pricer = Pricer(self.rulebook, tuple(self._phrases.usual_purchases), day)
        biller = Biller(self.rulebook, pricer, day)
        if intent == intents.COMPARE or (intent == intents.PRICE and not _by_the_bill(reading)):
            hourly = pricer.price(reading)
            if intent == intents.COMPARE or not hourly.managed_unknown:
                return self._voice.hourly(intent, hourly, day) if hourly.offers or hourly.not_sold else None
        bill = {
            intents.PRICE: biller.hour, intents.COMPUTE: biller.compute, intents.ENDPOINT: biller.endpoint,
            intents.EGRESS: biller.egress, intents.TRANSFER: biller.transfer, intents.STORAGE: biller.storage,
        }[intent]  # fmt: skip
        bills = bill(reading)
        return self._voice.bills(intent, bills, day) if bills and (bills.bills or bills.not_sold) else None


def _by_the_bill(reading: Reading) -> bool:
    """A managed machine that is bought in a way that has no managed price of its own, a size of endpoint, or several machines."""
    several = any(count > 1 for count in reading.counted) and reading.has("instance") and not reading.has("family")
    return reading.has("size") or several or (reading.managed and reading.has("purchase") and reading.has("instance", "group"))
