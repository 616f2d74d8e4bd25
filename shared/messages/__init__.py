"""Messages, inbound and outbound, and the events that carry them."""
