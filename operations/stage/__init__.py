"""One deployed stage: its stack, and what AWS tells about it."""
