"""`prices …` and `cost …`, typed anywhere: the price list and the small calculator, as messages."""

from __future__ import annotations

import shlex

from bot.calculations import QUESTIONS, charge_of
from bot.desk import new_id
from bot.office import Office
from bot.pricing import beside_table, charge_table, figure_notes, prices_table, read_region
from bot.reply.elements import Message, escape, section
from bot.reply.notes import tables
from engine.calculator import QuestionError
from engine.errors import AdviceError, echo
from engine.pricelist import price_list

PRICES, COST = "prices", "cost"
# What a keyboard makes of -- and quotes. A backtick would end the code in which an error quotes what was typed.
_DASHES = str.maketrans({"—": "--", "–": "--", "“": '"', "”": '"', "‘": "'", "’": "'", "`": "'"})


def lookup(office: Office, text: str) -> list[Message]:
    """The messages that answer `prices …` or `cost …`; none for any other text. What is wrong is said in words."""
    try:
        words = split_words(text)
        if not words or words[0].lower() not in (PRICES, COST):
            return []
        return _prices(office, words[1:]) if words[0].lower() == PRICES else _cost(office, words[1:])
    except AdviceError as error:
        said = escape(str(error))
        return [Message(said, (section(said),))]


def split_words(text: str) -> list[str]:
    """Words as a command line has them; typographic dashes and quotes are what the keyboard made of plain ones."""
    plain = text.translate(_DASHES)
    try:
        return shlex.split(plain)
    except ValueError:
        return plain.split()  # a quote without its end


def _prices(office: Office, words: list[str]) -> list[Message]:
    """An accelerator, and a region choice where one is named; without an accelerator the cheapest of each family."""
    desk = office.desk
    regions = desk.rulebook.field["region"].choices
    named = [word for word in words if word.lower() in regions]
    rest = [word for word in words if word.lower() not in regions and word != "--region"]
    if len(rest) > 1:
        raise QuestionError(f"{echo(' '.join(rest))} is no accelerator. Ask for one, such as: prices {desk.rulebook.catalogue.families[0]}")
    region = read_region(named[0].lower() if named else None, desk.rulebook)
    listed = price_list(desk.rulebook, rest[0] if rest else None, region, desk.today())
    if not listed.rows:
        raise QuestionError(f"No price for {echo(rest[0] if rest else '')} in {region}. Unknown, not free: try {' or '.join(regions)}.")
    shown = [beside_table(listed.beside, desk.words, region)] if listed.beside else []
    shown += [prices_table(listed, region, desk.words)] if rest else []
    return tables(shown, [f"{family} is the nearest counterpart. {note}" for family, note in listed.nearest], new_id())


def _cost(office: Office, words: list[str]) -> list[Message]:
    if not words:
        raise QuestionError(f"Say what to price, such as: {COST} egress --from aws:us-east-1 --gb 20000. I know {', '.join(QUESTIONS)}.")
    charge = charge_of(words, office.desk.rulebook)
    table = charge_table(charge, office.desk.rulebook, office.desk.today())
    return tables([table], [*charge.notes, *figure_notes(charge)], new_id())
