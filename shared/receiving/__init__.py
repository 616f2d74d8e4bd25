"""From a provider's webhook to the inbound queue."""
