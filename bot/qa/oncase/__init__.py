"""Questions on the case that is open in a thread: why, why not, what would flip it, what a line is made of, where a price is from."""

from bot.qa.oncase.answering import OnCase, Wish
from bot.qa.oncase.opened import Assumed, OpenCase, Said

__all__ = ["Assumed", "OnCase", "OpenCase", "Said", "Wish"]
