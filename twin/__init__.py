"""The twin: an offline Twilio that calls webhooks the way Twilio does."""
