"""The deployed stack, both stages, on the local AWS, texted by the twin of Twilio."""
