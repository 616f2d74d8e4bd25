"""How much Twilio takes in one message."""

TEXT_MAX = 1600
"""Twilio docs, error 21617. They do not say what they count: we count as UTF-16 does, an emoji twice."""

MEDIA_MAX = 10
"""Twilio docs, Messages resource, "MediaUrl"."""
