"""Parked events: selecting them and replaying them."""
