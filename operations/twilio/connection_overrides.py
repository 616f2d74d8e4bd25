"""How Twilio is to call our webhooks: its connection overrides, which it reads from a URL's fragment.

Source: Twilio docs, "Webhooks: connection overrides".
"""

CONNECTION_OVERRIDES = "#ct=2000&rt=5000&tt=15000&rc=2&rp=ct,rt,5xx"
"""Milliseconds to connect, to answer and in total; two retries, also after a timeout or a 5xx, after which Twilio by
default makes none."""
