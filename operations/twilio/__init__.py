"""What only operators ask Twilio: its accounts, numbers and auth tokens."""
