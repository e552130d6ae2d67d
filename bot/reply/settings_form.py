"""The settings of a workspace: what every new verdict in it starts from, and who may change that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot import ids
from bot.reply.elements import Block, context, input_block, modal, text_input
from bot.said import said_number
from bot.storage import WorkspaceSettings
from bot.words import Words, capitalize_first, number
from engine.case import parse_assumption, parse_field, parse_number
from engine.rulebook import Rulebook

EDITORS, _RETENTION, _SHORTEST, _LONGEST = "editors", "retention_days", 1, 36_500
_USER = re.compile(r"[UW][A-Z0-9]{1,20}")


def build_settings(settings: WorkspaceSettings, user: str, words: Words) -> Block:
    rulebook = words.rulebook
    blocks = [context("These hold for every new verdict in this workspace. Left empty, the value of the rules holds.")]
    for each in rulebook.case_assumptions:
        set_to = settings.assumptions.get(each.id, "")
        latest = number(each.values[max(each.values)].value)
        element = text_input(each.id, number(Decimal(set_to)) if set_to else "", f"of the rules: {latest}", most=40)
        label = f"{capitalize_first(each.name)}, {each.unit}"
        blocks.append(input_block(each.id, label, element, hint=f"{capitalize_first(each.help)}.", optional=True))
    for private in (each for each in rulebook.fields if each.private):
        element = text_input(private.id, settings.ea_discount_pct or "", most=40)
        hint = f"{capitalize_first(private.help)}. Private: used in every verdict, named and never shown in one."
        blocks.append(input_block(private.id, f"{capitalize_first(private.name)}, {private.unit}", element, hint=hint, optional=True))
    chosen = list(settings.editors) or [user]
    people = {"type": "multi_users_select", "action_id": EDITORS, "initial_users": chosen, "max_selected_items": 20}
    blocks.append(input_block(EDITORS, "Who may change these", people, hint="At least one person."))
    kept = text_input(_RETENTION, "" if settings.retention_days is None else str(settings.retention_days), most=10)
    hint = "Conversations that nobody touched for so many days are deleted with their verdicts."
    blocks.append(input_block(_RETENTION, "Keep conversations, days", kept, hint=hint, optional=True))
    return modal(ids.FORM_SETTINGS, "Settings", blocks, submit="Save", close="Cancel", metadata=str(settings.version))


def read_settings(view: Mapping[str, Any], before: WorkspaceSettings, rulebook: Rulebook) -> tuple[WorkspaceSettings, dict[str, str]]:
    """The settings as the form has them, and what is wrong with them, by block."""
    values, errors = view["state"]["values"], dict[str, str]()

    def typed(name: str) -> str:
        return (values.get(name, {}).get(name, {}).get("value") or "").strip()

    assumptions: dict[str, str] = {}
    discount, retention = None, None
    for each in rulebook.case_assumptions:
        try:
            if typed(each.id):
                assumptions[each.id] = str(parse_assumption(each, said_number(typed(each.id).removeprefix("$").removesuffix("%"))))
        except ValueError as error:
            errors[each.id] = str(error)
    for private in (each for each in rulebook.fields if each.private):
        try:
            if typed(private.id):
                discount = str(parse_field(private, said_number(typed(private.id).removesuffix("%")), rulebook))
        except ValueError:
            errors[private.id] = f"Give a number from {private.min} to {private.max} {private.unit}."  # the figure itself is not repeated
    try:
        if typed(_RETENTION):
            span = Decimal(_SHORTEST), Decimal(_LONGEST)
            retention = int(parse_number(said_number(typed(_RETENTION)), *span, "days", whole=True))
    except ValueError as error:
        errors[_RETENTION] = str(error)
    people = [user for user in values.get(EDITORS, {}).get(EDITORS, {}).get("selected_users") or [] if _USER.fullmatch(user)]
    if not people:
        errors[EDITORS] = "Choose at least one person."
    after = replace(before, assumptions=assumptions, ea_discount_pct=discount, editors=tuple(people), retention_days=retention)
    return after, errors
