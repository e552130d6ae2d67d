"""Answers in, advice out: rules, costs and explanations. No Slack, no clock, no environment, no provider by name."""
