"""`make run`: a person texts on the local stack, and each hop of the text is shown."""
