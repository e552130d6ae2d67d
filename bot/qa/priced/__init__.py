"""Questions for a price or a cost that need no case: read, priced over the catalogue, and said with sources."""

from bot.qa.priced.asked import Priced

__all__ = ["Priced"]
