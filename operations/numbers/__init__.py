"""Phone numbers at their provider: connecting them, disconnecting them, and finding what drifted."""
