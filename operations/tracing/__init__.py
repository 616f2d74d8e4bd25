"""What became of a text, from the lines that the functions log."""
