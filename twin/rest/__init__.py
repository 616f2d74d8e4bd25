"""Twilio's REST API, as much of it as concerns texts."""
