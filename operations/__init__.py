"""What operators do and find out, as plain functions for the command and for pages; no Lambda runs it."""
