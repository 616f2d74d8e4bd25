"""What the terminal shows and asks: all of it passes through `terminal.gate`."""
