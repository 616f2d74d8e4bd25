"""The local stack: a local AWS with both stages deployed, an offline Twilio, phones and faults. Never deployed."""
