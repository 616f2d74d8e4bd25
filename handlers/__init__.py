"""Entry points, one file a Lambda: AWS's shape to ours, one call, and back. No rule about texting is here."""
