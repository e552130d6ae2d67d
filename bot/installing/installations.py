"""The installations: each sealed in a row of the workspace's, or of the organisation's that installed for all of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from slack_sdk.oauth.installation_store import Bot, Installation, InstallationStore

from bot.installing.sealing import CannotOpen, Seals
from bot.storage import Database, SealedInstallation, Workspace

_SEEN_FOR_S: Final = 10  # how long another process may go on with a token after it is gone
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """An installation and the row that it was read from. Where an organisation serves a workspace, the row is the organisation's."""

    row: SealedInstallation
    installation: Installation = field(repr=False)


@dataclass(frozen=True)
class Resealed:
    """How many rows were sealed anew, and whose rows no key opens."""

    moved: int
    unreadable: tuple[str, ...]


class EncryptedInstallations(InstallationStore):
    """One installation for each workspace or organisation, the newest one. Safe to share between threads."""

    def __init__(self, database: Database, seals: Seals, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._seals = seals
        self._monotonic = monotonic
        self._seen: dict[str, tuple[float, Found]] = {}
        self._writes = 0
        self._lock = threading.Lock()

    @property
    def logger(self) -> logging.Logger:
        return log

    # -- by workspace ----------------------------------------------------------------------------------------------

    def serving(self, workspace: str) -> Found | None:
        """The workspace's own installation, else that of its organisation. What this process changed is known at once."""
        with self._lock:
            at, seen = self._seen.get(workspace, (0, None))
            writes = self._writes
        if seen is not None and self._monotonic() - at < _SEEN_FOR_S:
            return seen
        found = self.read(workspace) or self._of_organisation(workspace)
        with self._lock:
            if found is not None and writes == self._writes:  # else it may be gone since it was read
                self._seen[workspace] = (self._monotonic(), found)
        return found

    def read(self, id: str) -> Found | None:
        """What stands in the row of a workspace or an organisation now."""
        with self._database.reading(id) as work:
            row = work.installation()
        return None if row is None else self._opened(row)

    def _of_organisation(self, workspace: str) -> Found | None:
        with self._database.reading(workspace) as work:
            organisation = work.organisation()
        found = self.read(organisation) if organisation else None
        return found if found and found.installation.is_enterprise_install else None

    def join(self, workspace: str, organisation: str) -> Found | None:
        """From now on the organisation's installation serves the workspace, if there is one: Slack has said that they belong together."""
        found = self.read(organisation)
        if found is None or not found.installation.is_enterprise_install:
            return None
        with self.writing(workspace) as work:
            work.join_organisation(organisation)
        return found

    @contextmanager
    def writing(self, id: str) -> Iterator[Workspace]:
        """A transaction after which this process believes nothing that it read before."""
        try:
            with self._database.workspace(id) as work:
                yield work
        finally:
            self.look_again()

    def look_again(self) -> None:
        with self._lock:
            self._writes += 1
            self._seen.clear()

    # -- as the SDK asks for it ------------------------------------------------------------------------------------

    def save(self, installation: Installation) -> None:
        row = row_of(installation)
        with self.writing(row) as work:
            work.keep_installation(self.sealed(row, installation), expiry(installation))

    def save_bot(self, bot: Bot) -> None:
        """The bot's part of an installation, which keeps who installed it."""
        found = self.read(row_of(bot))
        known = found.installation.to_dict_for_copying() if found else {"user_id": ""}
        self.save(Installation(**{**known, **bot.to_dict_for_copying()}))

    def find_bot(self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False) -> Bot | None:
        found = self.find_installation(enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install)
        return found.to_bot() if found else None

    def find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """That of the workspace, else that of the organisation; with a person's id, only where that person installed it."""
        own = self.serving(team_id) if team_id and not is_enterprise_install else None
        found = own or (self.read(enterprise_id) if enterprise_id else None)
        if found is None or (user_id and found.installation.user_id != user_id):
            return None
        return found.installation

    def delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        self.drop(team_id or enterprise_id or "")

    def delete_installation(self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None) -> None:
        """Of one person: the tokens are the bot's, no person has any here, so nothing ends."""
        if user_id is None:
            self.delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    def drop(self, id: str) -> None:
        with self.writing(id) as work:
            work.drop_installation()

    # -- under a key -----------------------------------------------------------------------------------------------

    def sealed(self, row: str, installation: Installation) -> str:
        return self._seals.seal(row, installation.to_dict_for_copying())

    def _opened(self, row: SealedInstallation) -> Found | None:
        try:
            return Found(row, Installation(**self._seals.opened(row.workspace, row.sealed)))
        except CannotOpen as why:
            log.error(
                "the installation of %s cannot be read: %s. Add the key it was kept with to WHICHCLOUD_KEYS, or install again",
                row.workspace,
                why,
            )
            return None

    def rows(self) -> list[SealedInstallation]:
        """All there are, unopened."""
        return self._database.installations()

    def reseal(self) -> Resealed:
        """Every row under the first key, so that the others can be taken away. Each may be in use meanwhile."""
        moved, unreadable = 0, []
        for row in self.rows():
            found = self._opened(row)
            if found is None:
                unreadable.append(row.workspace)
            elif not self._seals.is_by_first(row.sealed):
                with self.writing(row.workspace) as work:
                    moved += work.replace_sealed(row, self.sealed(row.workspace, found.installation))
        return Resealed(moved, tuple(unreadable))


def expiry(installation: Installation) -> datetime | None:
    """When the bot's token ends; None where it is good until it is revoked."""
    at = installation.bot_token_expires_at
    return None if at is None else datetime.fromtimestamp(at, UTC)


def row_of(installed: Installation | Bot) -> str:
    """The id of the workspace, or of the organisation whose workspaces it is for."""
    return (installed.enterprise_id if installed.is_enterprise_install else installed.team_id) or ""
