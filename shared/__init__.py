"""The system: what a text is, who may send it, and where it goes."""
