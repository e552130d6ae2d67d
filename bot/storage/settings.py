"""What a workspace set for all its conversations."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select, update

from bot.storage.errors import Stale
from bot.storage.records import WorkspaceSettings
from bot.storage.schema import settings
from bot.storage.scope import Scope

_SETTINGS = [column for column in settings.c if column.name != "workspace"]


class Settings(Scope):
    """One row a workspace; each save knows the version that it changes."""

    def settings(self) -> WorkspaceSettings:
        """The defaults where nothing was saved."""
        row = self._connection.execute(select(*_SETTINGS).where(self._here(settings))).first()
        if row is None:
            return WorkspaceSettings()
        read = WorkspaceSettings(**row._mapping)
        return replace(read, editors=tuple(read.editors))

    def save_settings(self, changed: WorkspaceSettings) -> WorkspaceSettings:
        """The settings as they are kept now. Raises Stale where somebody else saved since they were read."""
        saved = replace(changed, version=changed.version + 1)
        values = {column.name: getattr(saved, column.name) for column in _SETTINGS} | {"editors": list(saved.editors)}
        if changed.version == 0:
            done = self._inserted(settings, workspace=self.id, **values)
        else:
            change = update(settings).where(self._here(settings), settings.c.version == changed.version)
            done = self._connection.execute(change.values(**values)).rowcount == 1
        if not done:
            raise Stale
        return saved
