"""Questions in free text: answered from knowledge, from the engine, or not at all. No Slack in here."""
