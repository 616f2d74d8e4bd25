"""The local stack: a local AWS, both stages deployed to it, an offline Twilio, phones and faults. Never deployed."""
