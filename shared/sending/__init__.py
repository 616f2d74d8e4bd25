"""From the outbound queue to the provider."""
