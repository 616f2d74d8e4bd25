"""Twilio as an SMS provider."""

NAME = "twilio"
ACCOUNT_COMMAND = "sms twilio set-account"
