"""A local Slack: the Web API, the deliveries and a web page on this machine, to try and test the bot without a workspace."""
