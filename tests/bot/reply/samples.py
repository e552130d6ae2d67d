"""Cases, conversations and filled-in forms for the tests of builders. No Slack, no storage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.conversation import Conversation, Given
from bot.reply.elements import Message
from bot.words import Words
from engine.advice import Advice
from engine.advise import advise
from engine.case import Case, Value, make_case
from engine.rulebook import Rulebook
from tests.bot.payloads import Surface, validate_payload

DAY = date(2026, 11, 22)
ALEX, BO = "U0ALEX01", "U0BO0001"
ID = "0123456789abcdef01234567"
VERDICT = f"{ID}-1-1"
P6: Mapping[str, Value] = {
    "footprint": "aws",
    "training": "sporadic",
    "microsoft_ea": "yes",
    "inference_regions": 5,
    "mlops_capacity": "no",
}
QUESTIONS = tuple(P6)
LARGEST: Mapping[str, Value] = {
    "gpus": 100_000,
    "endpoints": 100_000,
    "egress_gb_per_month": 10**9,
    "inter_region_gb_per_month": 10**9,
    "inter_region_hops": 10,
    "artifact_gb_per_month": 10**9,
    "storage_gb": 10**9,
}


def case(rulebook: Rulebook, answers: Mapping[str, Value] = P6, workload: Mapping[str, Value] | None = None, **assumed: Value) -> Case:
    return make_case(rulebook, DAY, answers, workload, assumed)


def advice(rulebook: Rulebook, answers: Mapping[str, Value] = P6, workload: Mapping[str, Value] | None = None) -> Advice:
    return advise(case(rulebook, answers, workload), rulebook, DAY)


def public(rulebook: Rulebook) -> Words:
    """The words of the bot: whatever they say may be posted."""
    return Words(rulebook, shows_private=False)


def conversation(answers: Mapping[str, Value] = P6, workload: Mapping[str, Value] | None = None, **more: Any) -> Conversation:
    """One of Alex's in a channel, who gave every answer and number."""
    given = {name: Given(value, ALEX, "1.1") for name, value in answers.items()}
    numbers = {name: Given(value, ALEX, "1.2") for name, value in (workload or {}).items()}
    return Conversation(ID, "T1", "C0ML", "1.0", ALEX, private=False, answers=given, workload=numbers, **more)


def filled(view: Mapping[str, Any], **typed: str | list[str] | None) -> dict[str, Any]:
    """A form as it comes back: what stood in it when it opened, but for the fields named here. None empties a field."""
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    unknown = typed.keys() - {block["block_id"] for block in inputs}
    assert not unknown, unknown
    return {**view, "state": {"values": {block["block_id"]: _state(block, typed) for block in inputs}}}


def _state(block: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    element, name = block["element"], block["block_id"]
    if element["type"] == "static_select":
        option: Any = element.get("initial_option")
        if name in typed:
            option = next(o for o in element["options"] if o["value"] == typed[name]) if typed[name] is not None else None
        state: dict[str, Any] = {"selected_option": option}
    elif element["type"] == "multi_users_select":
        state = {"selected_users": typed.get(name, element.get("initial_users", []))}
    else:
        state = {"value": typed.get(name, element.get("initial_value"))}
    return {element["action_id"]: {"type": element["type"], **state}}


def fields(view: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The input blocks of a form by their names."""
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def stands(view: Mapping[str, Any]) -> dict[str, str]:
    """What stands in each field when the form opens; empty ones are left out."""
    found: dict[str, str] = {}
    for name, block in fields(view).items():
        element = block["element"]
        value = element.get("initial_value") or element.get("initial_option", {}).get("value")
        found |= {name: value} if value else {}
    return found


def problems(message: Message) -> list[str]:
    """What is wrong with a message in both its layouts."""
    layouts = [message.blocks] if message.plain is None else [message.blocks, message.plain]
    return [said for blocks in layouts for said in validate_payload({"text": message.text, "blocks": list(blocks)}, "message")]


def view_problems(view: Mapping[str, Any], surface: Surface = "modal") -> list[str]:
    return validate_payload(view, surface)


def texts(blocks: Any) -> str:
    """Every text in some blocks, line by line."""
    if isinstance(blocks, dict):
        own = [blocks["text"]] if isinstance(blocks.get("text"), str) else []
        return "\n".join(filter(None, own + [texts(value) for value in blocks.values() if not isinstance(value, str)]))
    return "\n".join(filter(None, map(texts, blocks))) if isinstance(blocks, list | tuple) else ""


def kinds(message: Message) -> list[str]:
    return [block["type"] for block in message.blocks]
