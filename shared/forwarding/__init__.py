"""From the inbound queue to an agent's backend, and its answer to the outbound queue."""
