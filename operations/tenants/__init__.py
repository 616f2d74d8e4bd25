"""Tenants, credentials, accounts and agents as operators change them."""
