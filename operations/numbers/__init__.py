"""Phone numbers at their provider: reading them, connecting and disconnecting them, and finding what drifted."""
