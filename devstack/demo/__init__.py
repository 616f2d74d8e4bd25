"""`make run`: a person texts, and each hop of the text is shown, on the local stack."""
