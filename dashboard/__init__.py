"""The operator's page: shows what operations/ find out, and asks before they change something. Not deployed."""
