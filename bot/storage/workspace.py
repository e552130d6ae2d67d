"""Everything that is kept of one workspace, in one transaction."""

from __future__ import annotations

from bot.storage.forgetting import Forgetting
from bot.storage.installations import Installations
from bot.storage.jobs import Jobs, hashed
from bot.storage.posts import Posts
from bot.storage.reports import Reports
from bot.storage.schema import seen
from bot.storage.verdicts import Verdicts


class Workspace(Verdicts, Posts, Reports, Forgetting, Jobs, Installations):
    """The store bound to one workspace. Its transaction is committed where the `with` block ends, undone where it raises."""

    def first_time(self, key: str) -> bool:
        """True once for each event or click, whoever asks; undone with the transaction. Kept as a hash: a key may name a person."""
        return self._inserted(seen, workspace=self.id, key=hashed(key), at=self._clock())

    @property
    def enqueued(self) -> bool:
        """Whether this transaction left work for somebody."""
        return bool(self._enqueued)
