"""Installations as sealed text, which organisation serves a workspace, and the states of installations under way. No key is known here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select, update

from bot.storage.schema import installations, oauth_states, organisations
from bot.storage.scope import Scope

KEPT = (installations.c.workspace, installations.c.sealed, installations.c.installed_at, installations.c.expires_at)


@dataclass(frozen=True)
class SealedInstallation:
    """One row. `workspace` may be the id of an organisation; `expires_at` is None where the token is good until it is revoked."""

    workspace: str
    sealed: str = field(repr=False)
    installed_at: datetime
    expires_at: datetime | None


class Installations(Scope):
    """The installation of this workspace. Where an organisation installed, its id is the workspace."""

    def installation(self) -> SealedInstallation | None:
        row = self._connection.execute(select(*KEPT).where(self._here(installations))).first()
        return None if row is None else SealedInstallation(**row._mapping)

    def keep_installation(self, sealed: str, expires_at: datetime | None) -> None:
        """In place of an earlier one."""
        values = {"sealed": sealed, "installed_at": self._clock(), "expires_at": expires_at, "refreshing_until": None}
        kept = self._insert(installations).values(workspace=self.id, **values)
        self._connection.execute(kept.on_conflict_do_update(index_elements=["workspace"], set_=values))

    def claim_refresh(self, seen: SealedInstallation, until: datetime) -> bool:
        """True for one process alone, and only where the row is still the one that was seen."""
        nobody = or_(installations.c.refreshing_until.is_(None), installations.c.refreshing_until <= self._clock())
        claim = update(installations).where(self._here(installations), installations.c.sealed == seen.sealed, nobody)
        return self._connection.execute(claim.values(refreshing_until=until)).rowcount == 1

    def keep_refreshed(self, seen: SealedInstallation, sealed: str, expires_at: datetime | None) -> bool:
        """False where the app was uninstalled or installed anew since, or where a later token is kept already."""
        older = installations.c.expires_at <= expires_at
        change = update(installations).where(self._here(installations), installations.c.installed_at == seen.installed_at, older)
        return self._connection.execute(change.values(sealed=sealed, expires_at=expires_at, refreshing_until=None)).rowcount == 1

    def replace_sealed(self, seen: SealedInstallation, sealed: str) -> bool:
        """The same installation written otherwise; False where the row has changed since it was seen."""
        change = update(installations).where(self._here(installations), installations.c.sealed == seen.sealed)
        return self._connection.execute(change.values(sealed=sealed)).rowcount == 1

    def drop_installation(self) -> None:
        self._connection.execute(delete(installations).where(self._here(installations)))

    def organisation(self) -> str | None:
        """Whose installation serves this workspace."""
        return self._connection.execute(select(organisations.c.organisation).where(self._here(organisations))).scalar()

    def join_organisation(self, organisation: str) -> None:
        values = {"organisation": organisation}
        kept = self._insert(organisations).values(workspace=self.id, **values)
        self._connection.execute(kept.on_conflict_do_update(index_elements=["workspace"], set_=values))

    def leave_organisation(self) -> None:
        self._connection.execute(delete(organisations).where(self._here(organisations)))


def keep_state(connection: Connection, state: str, expires_at: datetime, now: datetime) -> None:
    """A hash of a state. Those that have expired go."""
    connection.execute(delete(oauth_states).where(oauth_states.c.expires_at <= now))
    connection.execute(insert(oauth_states).values(state=state, expires_at=expires_at))


def take_state(connection: Connection, state: str, now: datetime) -> bool:
    """True once for each state that was kept and has not expired."""
    taken = delete(oauth_states).where(oauth_states.c.state == state, oauth_states.c.expires_at > now)
    return connection.execute(taken).rowcount == 1
