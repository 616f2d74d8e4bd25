"""Replacing a key or a token without losing a text."""
