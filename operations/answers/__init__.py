"""Answers that come later: which texts wait for one, and sending a message as a program does."""
