"""One deployed stage: its stack, and the state of its parts."""
