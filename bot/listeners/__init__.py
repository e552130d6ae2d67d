"""Ties Slack's ids to functions. Callbacks are a few lines each: acknowledge, read, call, reply."""

from __future__ import annotations

from slack_bolt import App

from bot.listeners.clicks import register_clicks
from bot.listeners.commands import register_commands
from bot.listeners.errors import register_errors
from bot.listeners.home import register_home
from bot.listeners.leaving import register_leaving
from bot.listeners.messages import register_messages
from bot.listeners.submissions import register_submissions
from bot.office import Office


def register(app: App, office: Office) -> None:
    """Every listener there is. What comes most often stands first: Bolt tries them in this order."""
    register_clicks(app, office)
    register_submissions(app, office)
    register_commands(app, office)
    register_messages(app, office)
    register_home(app, office)
    register_leaving(app, office)
    register_errors(app, office)
