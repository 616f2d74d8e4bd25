"""Changing tenants with their credentials, accounts and agents."""
