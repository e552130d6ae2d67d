"""What the bot shows, as Slack's blocks: pure builders, data in and plain dicts out. No client, no clock, no storage."""
