"""Usage: how much each agent and number received, sent and failed at, by day."""
