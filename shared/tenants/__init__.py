"""Tenants: who owns API keys, provider accounts and agents."""
