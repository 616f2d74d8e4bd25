"""Twilio as an SMS provider."""
