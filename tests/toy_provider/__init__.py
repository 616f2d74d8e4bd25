"""A second SMS provider, made up, and as unlike Twilio as one can be: what it needs of us is in this folder.

It posts JSON, signs its bytes with SHA-256, counts a text's length and its links strictly, has statuses and errors of
its own, and reports opt-outs in another field. The domain's tests run with it as well: `TEST_PROVIDER=toy pytest …`.
"""

NAME = "toy"
ACCOUNT_COMMAND = "sms toy set-account"
