"""From an API request to the outbound queue."""
