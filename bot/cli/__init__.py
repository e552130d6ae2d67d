"""The commands of the terminal: thin callers of engine, words from bot/templates."""
