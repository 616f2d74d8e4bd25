"""The parts of Twilio's API that only operators use: accounts, numbers and auth tokens."""
