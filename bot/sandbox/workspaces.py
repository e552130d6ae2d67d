"""The workspaces of one local Slack beside the first: each a world of its own, with its people's acts, delivered to the same bot."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.acts import Acts
from bot.sandbox.clock import Clock
from bot.sandbox.deliver import Courier
from bot.sandbox.faults import Faults
from bot.sandbox.installing import Installations, home_of
from bot.sandbox.payloads import Payloads
from bot.sandbox.seed import TEAM, Seat, seeded_world
from bot.sandbox.tickets import Tickets
from bot.sandbox.world import Team, World


class Workspace(Acts):
    """One workspace. `bot_token` is the newest that speaks for it, else the newest that did; empty where the app never was."""

    @property
    def name(self) -> str:
        return self.world.team.name

    @property
    def bot_token(self) -> str:
        newest = self.installations.tokens.newest(home_of(self._api))
        return newest.text if newest else ""


@dataclass
class Builder:
    """Makes workspaces that share a clock, a courier, faults and one app."""

    url: str
    manifest: Mapping[str, Any] | None
    scopes: frozenset[str] | None
    clock: Clock
    faults: Faults
    installations: Installations
    courier: Courier
    checks: bool = True
    verification_token: str = field(default_factory=lambda: secrets.token_hex(12))
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    seats: itertools.count[int] = field(default_factory=lambda: itertools.count(2))

    def world(self, seat: Seat) -> World:
        return seeded_world(self.manifest, self.scopes, seat, self.clock, self.ids)

    def payloads(self, world: World) -> Payloads:
        return Payloads(world, Tickets(self.clock, self.url, world.team.id), self.verification_token)

    def workspace(self, name: str, enterprise_id: str | None, *, installed: bool) -> Workspace:
        """A new one. In an organisation that has the app as a whole it has the app by that; else it gets a token of its own."""
        kin = [api.world for api in self.installations.places(enterprise_id)] if enterprise_id else []
        world = self.world(self._seat(name, enterprise_id, kin, installed))
        workspace = Workspace(world, self.payloads(world), self.courier, self.faults, self.installations, checks=self.checks)
        if installed and kin and kin[0].installation.org_wide:
            world.installation = kin[0].installation
        elif installed:
            self.installations.tokens.issue(world.team.id, self.clock.now(), rotating=False)
        return workspace

    def _seat(self, name: str, enterprise_id: str | None, kin: Sequence[World], installed: bool) -> Seat:
        suffix = f"W{next(self.seats)}"
        domain = f"{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}-{suffix.lower()}"
        team = Team(f"{TEAM.id}{suffix}", name, domain, enterprise_id, "Example Group" if enterprise_id else "")
        return Seat(team, suffix, kin[0].suffix if kin else suffix, installed)
