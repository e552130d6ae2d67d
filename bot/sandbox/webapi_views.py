"""views.* of the Web API: modals, their stack, and the Home tab."""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.shown import view_shown
from bot.sandbox.tickets import TicketError, Trigger
from bot.sandbox.webapi_call import Answer, Api, Arguments, SlackError, invalid
from bot.sandbox.world import OpenView, View

STACKED = 3


def open_view(api: Api, args: Arguments) -> Answer:
    view = _checked_modal(api, args)
    trigger = _trigger(api, args)
    with api.world.changing():
        opened = stack(api, trigger.user, view, None)
    return {"ok": True, "view": view_shown(api.world, opened)}


def push(api: Api, args: Arguments) -> Answer:
    view = _checked_modal(api, args)
    trigger = _trigger(api, args)
    top = api.world.top_view(trigger.user)
    if trigger.view is None or top is None:
        raise invalid("the trigger_id must come from an open modal", "/trigger_id")
    with api.world.changing():
        pushed = stack(api, trigger.user, view, top)
    return {"ok": True, "view": view_shown(api.world, pushed)}


def update(api: Api, args: Arguments) -> Answer:
    current = _open(api, args)
    view = args.structure("view")
    view = api.view(view, "modal" if current.modal else "home")
    _same_hash(current, args)
    _unique_external_id(api, view, current)
    with api.world.changing():
        replace_view(api, current, view)
    return {"ok": True, "view": view_shown(api.world, current)}


def publish(api: Api, args: Arguments) -> Answer:
    user = args.needed("user_id")
    view = args.structure("view")
    if user not in api.world.people:
        raise invalid("user_not_found", "/user_id")
    if not api.world.manifest.get("features", {}).get("app_home", {}).get("home_tab_enabled"):
        raise SlackError("not_enabled")
    view = api.view(view, "home")
    home = api.world.homes.get(user)
    if home is not None:
        _same_hash(home, args)
    with api.world.changing():
        shown = _publish(api, user, view, home)
    return {"ok": True, "view": view_shown(api.world, shown)}


def stack(api: Api, user: str, view: View, below: OpenView | None) -> OpenView:
    """Open a modal, on top of the one below. The caller holds the world."""
    if len(api.world.stack_of(user)) >= STACKED:
        raise SlackError("push_limit_reached")
    _unique_external_id(api, view, None)
    view_id = api.world.new_id("V")
    named = {**view, "blocks": api.named_blocks(view["blocks"])}
    opened = OpenView(view_id, user, named, _new_hash(api), below.root_id if below else view_id, below.id if below else None)
    api.world.open_modal(opened)
    return opened


def replace_view(api: Api, current: OpenView, view: View) -> None:
    """Show something else in an open view. What was typed stays where block and action keep their ids. The caller holds the world."""
    blocks = api.named_blocks(view["blocks"])
    kept = {block["block_id"] for block in blocks}
    current.view = {**view, "blocks": blocks}
    current.values = {block_id: state for block_id, state in current.values.items() if block_id in kept}
    current.errors = {}
    current.hash = _new_hash(api)


def _publish(api: Api, user: str, view: View, home: OpenView | None) -> OpenView:
    if home is not None:
        replace_view(api, home, view)
        return home
    view_id = api.world.new_id("V")
    shown = OpenView(view_id, user, {**view, "blocks": api.named_blocks(view["blocks"])}, _new_hash(api), view_id)
    api.world.homes[user] = api.world.views[view_id] = shown
    return shown


def _checked_modal(api: Api, args: Arguments) -> View:
    view: Any = args.structure("view")
    if view is None:
        raise invalid("missing required field: view", "/view")
    return api.view(view, "modal")


def _trigger(api: Api, args: Arguments) -> Trigger:
    """The trigger, used up by this. It is looked at last, so that a refused view does not cost it."""
    try:
        return api.tickets.spend_trigger(args.text("trigger_id") or args.needed("interactivity_pointer"))
    except TicketError as error:
        raise SlackError(str(error)) from None


def _open(api: Api, args: Arguments) -> OpenView:
    """The view by its id or by the bot's own id for it, if it is still open."""
    external = args.text("external_id")
    view_id = args.text("view_id") if external else args.needed("view_id")
    found = api.world.views.get(view_id)
    if found is None and external:
        views = (view for view in api.world.views.values() if not view.closed)
        found = next((view for view in views if view.view.get("external_id") == external), None)
    if found is None or found.closed:
        raise SlackError("not_found")
    return found


def _same_hash(view: OpenView, args: Arguments) -> None:
    if args.text("hash") not in ("", view.hash):
        raise SlackError("hash_conflict")


def _unique_external_id(api: Api, view: View, but: OpenView | None) -> None:
    external = view.get("external_id")
    if not external:
        return
    if any(open_.view.get("external_id") == external for open_ in api.world.views.values() if open_ is not but and not open_.closed):
        raise SlackError("duplicate_external_id")


def _new_hash(api: Api) -> str:
    return f"{int(api.world.clock.now())}.{secrets.token_hex(4)}"
