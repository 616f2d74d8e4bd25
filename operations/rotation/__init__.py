"""Replacing an API key or an auth token without losing a text."""
